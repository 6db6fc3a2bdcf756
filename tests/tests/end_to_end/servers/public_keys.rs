//! CloudTrail as far as it gives public keys, which moto does not.

use std::io::Write;
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use super::recorder::read_request;

/// Answers every request with these keys, until the process ends; gives its address.
pub(crate) fn serve(keys: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body = keys.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if read_request(&stream).is_some() {
                // The client may be gone, which is its right.
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    address
}
