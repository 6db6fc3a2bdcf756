//! A proxy before a server that spoils some of its answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What happens to a request that names the spoilt thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The first answer breaks off in the middle of its body.
    CutOnce,
    /// No answer ever comes.
    Silence,
}

/// Runs until the process ends.
pub(crate) struct FaultyProxy {
    address: SocketAddr,
}

struct Rules {
    server: String,
    spoilt: String,
    fault: Fault,
    was_cut: AtomicBool,
}

impl FaultyProxy {
    /// A proxy before the server at this address, `http://…`; requests whose path holds `spoilt` are spoilt.
    pub(crate) fn start(server: &str, spoilt: &str, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let rules = Arc::new(Rules {
            server: server.strip_prefix("http://").unwrap().to_owned(),
            spoilt: spoilt.to_owned(),
            fault,
            was_cut: AtomicBool::new(false),
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                let rules = Arc::clone(&rules);
                thread::spawn(move || rules.serve(&stream.unwrap()));
            }
        });
        Self { address }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Rules {
    /// Serves one request and hangs up.
    fn serve(&self, client: &TcpStream) {
        let Some(request) = read_request(client) else { return };
        let path = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
        let is_spoilt = String::from_utf8_lossy(path).contains(&self.spoilt);
        if is_spoilt && self.fault == Fault::Silence {
            // Until the client has had enough.
            let _ = (&*client).read(&mut [0]);
            return;
        }
        let mut server = TcpStream::connect(&self.server).unwrap();
        server.write_all(&request).unwrap();
        let mut answer = Vec::new();
        // The server closes behind its answer.
        server.read_to_end(&mut answer).unwrap();
        if is_spoilt && !self.was_cut.swap(true, Ordering::SeqCst) {
            let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            answer.truncate(body + (answer.len() - body) / 2);
        }
        // The client may be gone, which is its right.
        let _ = (&*client).write_all(&answer);
    }
}

/// A whole request, made to ask for the connection to be closed.
fn read_request(client: &TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let head = format!("{}\r\nConnection: close\r\n\r\n", head.trim_end());
    Some([head.into_bytes(), body].concat())
}
