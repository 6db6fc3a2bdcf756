//! Lambda's Runtime API: hands events to the function and takes its answers.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::process::PATIENCE;

/// The trace that every invocation belongs to.
pub(crate) const TRACE_ID: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

/// How much time the function is told to have unless a test says otherwise.
pub(crate) const TIME: Duration = Duration::from_mins(1);

/// What the function sent back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// It answered.
    Response(Value),
    /// It failed on the event: `errorType` and `errorMessage`.
    Error(Value),
    /// It could not start.
    InitError(Value),
}

struct Invocation {
    id: String,
    event: String,
    /// How much the function has, from when it takes the event.
    time: Duration,
}

#[derive(Default)]
struct Waiting {
    invocations: Mutex<VecDeque<Invocation>>,
    arrived: Condvar,
}

/// The API for one function process.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    waiting: Arc<Waiting>,
    replies: Receiver<Reply>,
    invoked: usize,
}

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let waiting = Arc::new(Waiting::default());
        let (sender, replies) = channel();
        let served = Arc::clone(&waiting);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (waiting, sender) = (Arc::clone(&served), sender.clone());
                thread::spawn(move || serve(&stream.unwrap(), &waiting, &sender));
            }
        });
        Self { address, waiting, replies, invoked: 0 }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is set to.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Hands one event to the function and waits for what comes back.
    pub(crate) fn invoke(&mut self, event: &Value) -> Reply {
        self.invoke_within(event, TIME)
    }

    /// As [`RuntimeApi::invoke`]; the function is told that it has this much time.
    pub(crate) fn invoke_within(&mut self, event: &Value, time: Duration) -> Reply {
        self.invoke_with_text(event.to_string(), time)
    }

    /// As [`RuntimeApi::invoke_within`], with an event that is handed over as it is written.
    pub(crate) fn invoke_with_text(&mut self, event: String, time: Duration) -> Reply {
        self.begin(event, time);
        self.reply()
    }

    /// Hands one event to the function, which is told that it has this much time, and does not wait.
    pub(crate) fn begin(&mut self, event: String, time: Duration) {
        self.invoked += 1;
        let id = format!("request-{}", self.invoked);
        let invocation = Invocation { id, event, time };
        self.waiting.invocations.lock().unwrap().push_back(invocation);
        self.waiting.arrived.notify_one();
    }

    /// Whether the function has said something that nobody has asked for yet, which is gone then.
    pub(crate) fn has_replied(&self) -> bool {
        self.replies.try_recv().is_ok()
    }

    /// The next thing the function says of itself.
    pub(crate) fn reply(&self) -> Reply {
        self.replies.recv_timeout(PATIENCE).expect("the function did not answer")
    }
}

/// Serves one connection, request after request, until the function hangs up.
fn serve(stream: &TcpStream, waiting: &Waiting, replies: &Sender<Reply>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut reader) {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let answer = match path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default() {
            "invocation/next" => next(waiting),
            "init/error" => accept(Reply::InitError(body), replies),
            path if path.ends_with("/response") => accept(Reply::Response(body), replies),
            path if path.ends_with("/error") => accept(Reply::Error(body), replies),
            other => panic!("the function asked for `{other}`"),
        };
        // The function may be gone, which is the test's business.
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn next(waiting: &Waiting) -> String {
    let mut invocations = waiting.invocations.lock().unwrap();
    let Invocation { id, event, time } = loop {
        match invocations.pop_front() {
            Some(invocation) => break invocation,
            None => invocations = waiting.arrived.wait(invocations).unwrap(),
        }
    };
    let deadline = (SystemTime::now() + time).duration_since(UNIX_EPOCH).unwrap().as_millis();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Lambda-Runtime-Trace-Id: {TRACE_ID}\r\nLambda-Runtime-Aws-Request-Id: {id}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:111122223333:function:trailhound\r\n\r\n{event}",
        event.len()
    )
}

fn accept(reply: Reply, replies: &Sender<Reply>) -> String {
    // Nobody listens any more when the test is over.
    let _ = replies.send(reply);
    "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}".to_owned()
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<(String, Value)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, serde_json::from_slice(&body).unwrap_or_default()))
}
