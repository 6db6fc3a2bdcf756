//! A proxy that has work done and loses the answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Passes one request a connection on to a server.
pub(crate) struct Lossy {
    address: String,
    losses: Arc<AtomicUsize>,
}

impl Lossy {
    /// A proxy in front of the server at `target`, such as `http://127.0.0.1:5000`.
    pub(crate) fn start(target: &str) -> Self {
        let target = target.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let losses = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&losses);
        thread::spawn(move || {
            for stream in listener.incoming() {
                pass_on(stream.unwrap(), &target, &left);
            }
        });
        Self { address, losses }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The answers to the next `count` requests get lost, once the server has done what they ask.
    pub(crate) fn lose(&self, count: usize) {
        self.losses.store(count, Ordering::SeqCst);
    }

    /// Whether all that should get lost has been lost.
    pub(crate) fn has_lost(&self) -> bool {
        self.losses.load(Ordering::SeqCst) == 0
    }
}

fn pass_on(mut client: TcpStream, target: &str, losses: &AtomicUsize) {
    let mut server = TcpStream::connect(target).unwrap();
    server.write_all(&request(&client)).unwrap();
    let mut answer = Vec::new();
    // The server closes the connection after its answer.
    server.read_to_end(&mut answer).unwrap();
    if losses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        return;
    }
    // The client may have lost its patience.
    let _ = client.write_all(&answer).and_then(|()| client.shutdown(Shutdown::Write));
}

fn request(client: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(client);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(reader.read_until(b'\n', &mut head).unwrap(), 0, "the request broke off");
    }
    let text = String::from_utf8(head.clone()).unwrap().to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    [head, body].concat()
}
