//! A server on loopback that gives prepared answers, one a connection.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// An answer and how much of it is sent.
pub(crate) enum Answer {
    /// Status, header lines and body.
    Whole(u16, &'static str, Vec<u8>),
    /// Announces the whole body, sends only so many bytes of it and hangs up.
    Cut(Vec<u8>, usize),
    /// Takes the request and hangs up.
    HangUp,
    /// Takes the request and never answers.
    Silence,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    /// What is no text in it, as of CBOR, stands there as replacement characters.
    pub(crate) body: String,
}

/// Runs until the process ends; the last answer is repeated.
pub(crate) struct StubServer {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl StubServer {
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // A name and not a number: only for names does it matter whether buckets become part of the host.
        let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut answers: VecDeque<Answer> = answers.into_iter().collect();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                seen.lock().unwrap().push(read_request(&stream));
                let answer = answers.pop_front().unwrap();
                send(&mut stream, &answer);
                if answers.is_empty() {
                    answers.push_back(answer);
                }
            }
        });
        Self { address, requests }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "the request broke off");
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    Request { head, body: String::from_utf8_lossy(&body).into_owned() }
}

fn send(stream: &mut TcpStream, answer: &Answer) {
    // The client may be gone already, which is its right.
    let _ = match answer {
        Answer::Whole(status, headers, body) => {
            write_head(stream, *status, headers, body.len()).and_then(|()| stream.write_all(body))
        }
        Answer::Cut(body, sent) => {
            write_head(stream, 200, "", body.len()).and_then(|()| stream.write_all(&body[..*sent]))
        }
        Answer::HangUp => Ok(()),
        Answer::Silence => {
            thread::sleep(Duration::from_secs(2));
            Ok(())
        }
    };
}

fn write_head(stream: &mut TcpStream, status: u16, headers: &str, length: usize) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status} Stub\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")
}
