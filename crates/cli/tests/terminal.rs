//! A terminal at which the program is used, and somebody who reads and types there.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read as _, Write as _},
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags},
    io::FdFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, tcgetattr},
};

/// How long is waited for anything at all.
const PATIENCE: Duration = Duration::from_mins(2);

/// The program at a terminal of its own.
pub(crate) struct Terminal {
    program: Child,
    keyboard: File,
    screen: Arc<Screen>,
    /// So many bytes of what is on the screen have been read.
    read: usize,
}

/// What the program has written.
#[derive(Default)]
struct Screen {
    shown: Mutex<Shown>,
    has_changed: Condvar,
}

#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    is_over: bool,
}

impl Terminal {
    /// Starts the program in a folder.
    pub(crate) fn start(arguments: &[&str], folder: &Path) -> Self {
        let (program, ours) = launch(arguments, folder);
        let screen = Arc::new(Screen::default());
        watch(ours.try_clone().unwrap(), Arc::clone(&screen));
        Terminal { program, keyboard: File::from(ours), screen, read: 0 }
    }

    /// Reads on until this is there.
    pub(crate) fn expect(&mut self, text: &str) {
        let read = self.read;
        let found = |shown: &Shown| {
            let new = &shown.bytes[read..];
            new.windows(text.len()).position(|window| window == text.as_bytes()).map(|place| read + place + text.len())
        };
        let until = Instant::now() + PATIENCE;
        let mut shown = self.screen.shown.lock().unwrap();
        loop {
            if let Some(place) = found(&shown) {
                self.read = place;
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!shown.is_over && !left.is_zero(), "no `{text}` in {}", String::from_utf8_lossy(&shown.bytes));
            shown = self.screen.has_changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits for a question, and types.
    pub(crate) fn answer(&mut self, question: &str, keys: &str) {
        self.expect(question);
        wait_until_keys_are_read(&self.keyboard);
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether keys are gathered to lines, as a shell expects it.
    pub(crate) fn gathers_lines(&self) -> bool {
        gathers_lines(&self.keyboard)
    }

    /// Waits for the end; how it was, and all that was shown.
    pub(crate) fn end(&mut self) -> (ExitStatus, String) {
        let status = wait(&mut self.program);
        let shown = self.screen.shown.lock().unwrap();
        let (shown, _) = self.screen.has_changed.wait_timeout_while(shown, PATIENCE, |shown| !shown.is_over).unwrap();
        (status, String::from_utf8_lossy(&shown.bytes).into_owned())
    }
}

/// Starts the program, waits until it asks for something, and takes the terminal away; how it ended.
pub(crate) fn hung_up(arguments: &[&str], folder: &Path) -> ExitStatus {
    let (mut program, ours) = launch(arguments, folder);
    wait_until_keys_are_read(&ours);
    drop(ours);
    wait(&mut program)
}

/// The program with the far end of a terminal, and the near end.
fn launch(arguments: &[&str], folder: &Path) -> (Child, OwnedFd) {
    // Whatever another test starts meanwhile must not keep it open.
    #[cfg(target_os = "linux")]
    let at_once = OpenptFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let at_once = OpenptFlags::empty();
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | at_once).unwrap();
    rustix::io::fcntl_setfd(&ours, FdFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let path = ptsname(&ours, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = rustix::fs::open(Path::new(OsStr::from_bytes(path.to_bytes())), flags, Mode::empty()).unwrap();
    let stream = || Stdio::from(theirs.try_clone().unwrap());
    let program = Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .args(arguments)
        .current_dir(folder)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(stream())
        .stdout(stream())
        .stderr(stream())
        .spawn()
        .unwrap();
    // With ours open, the terminal would outlive the program.
    drop(theirs);
    (program, ours)
}

fn gathers_lines(terminal: impl AsFd) -> bool {
    tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ICANON)
}

/// Until then, Ctrl-C and Ctrl-D would mean something to the terminal instead.
fn wait_until_keys_are_read(terminal: impl AsFd) {
    let start = Instant::now();
    while gathers_lines(&terminal) {
        assert!(start.elapsed() < PATIENCE, "the program does not ask for keys");
        thread::yield_now();
    }
}

fn wait(program: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = program.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            program.kill().unwrap();
            panic!("the program does not end");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Keeps what comes on the screen until the program is gone.
fn watch(terminal: OwnedFd, screen: Arc<Screen>) {
    thread::spawn(move || {
        let mut terminal = File::from(terminal);
        let mut piece = [0; 4096];
        loop {
            // At the end there is nothing more on macOS, and an error on Linux.
            let read = terminal.read(&mut piece).unwrap_or(0);
            let mut shown = screen.shown.lock().unwrap();
            shown.bytes.extend_from_slice(&piece[..read]);
            shown.is_over = read == 0;
            screen.has_changed.notify_all();
            if shown.is_over {
                return;
            }
        }
    });
}
