//! What a server on loopback needs that stands for AWS, and the program that asks it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Output, Stdio},
};

/// The header of what services say that speak JSON.
pub(crate) const JSON: &str = "Content-Type: application/x-amz-json-1.1\r\n";

/// A request as it came in.
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        Request { target, body: String::from_utf8(body).unwrap() }
    }
}

/// Somewhere to listen, and how the program calls it.
pub(crate) fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// Answers a request. `sent` is what comes of the `length` bytes that are announced; `headers` end their lines.
pub(crate) fn respond(stream: &mut TcpStream, (status, headers): (&str, &str), length: usize, sent: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    // The client may be gone already, which is its right.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
}

/// Runs the program with nothing in its environment but what lets it ask the server.
pub(crate) fn trailhound(endpoint: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trailhound"))
        .args(arguments)
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_ENDPOINT_URL", endpoint)])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}
