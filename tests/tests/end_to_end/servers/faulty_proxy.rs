//! A proxy before moto that spoils some of the calls.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::moto;
use super::process::wait_for;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    S3,
    Sns,
    DynamoDb,
    Other,
}

/// A call, as far as the proxy understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// How many calls came before it.
    pub(crate) number: usize,
    pub(crate) service: Service,
    /// Such as `PutItem` or `PublishBatch`; of S3, method and path.
    pub(crate) operation: String,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is answered with this status, type of content and body, and the server never hears of it.
    Refused(u16, &'static str, &'static str),
    /// The connection is closed, and the server never hears of it.
    HungUp,
    /// The server does what is asked, and the connection is closed without an answer.
    AnswerLost,
    /// The server does what is asked, and its answer breaks off in the middle of the body.
    BrokenOff,
    /// No answer ever comes, and the server never hears of it.
    Silence,
    /// The server does what is asked, and no answer ever comes.
    SilenceAfter,
}

impl Fault {
    /// Whether the server has done what was asked.
    pub(crate) fn is_after(self) -> bool {
        matches!(self, Fault::AnswerLost | Fault::BrokenOff | Fault::SilenceAfter)
    }
}

/// Runs until the process ends.
pub(crate) struct FaultyProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What is done to a call, if anything.
type Plan = dyn Fn(&Call) -> Option<Fault> + Send + Sync;

struct Shared {
    plan: Box<Plan>,
    calls: Mutex<Vec<(Call, Option<Fault>)>>,
    held: AtomicUsize,
}

impl FaultyProxy {
    /// A proxy before both of moto's servers: DynamoDB's calls go to the one that works off one after the other.
    pub(crate) fn start(plan: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { plan: Box::new(plan), calls: Mutex::default(), held: AtomicUsize::new(0) });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&served);
                thread::spawn(move || shared.serve(&stream.unwrap()));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All calls so far, and what was done to them.
    pub(crate) fn calls(&self) -> Vec<(Call, Option<Fault>)> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Waits until a call is kept without an answer.
    pub(crate) fn wait_until_silent(&self) {
        wait_for("a call without an answer", || self.is_silent().then_some(()));
    }

    /// Whether a call was kept without an answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.shared.held.load(Ordering::SeqCst) > 0
    }
}

/// A plan that spoils the first so many calls that fit.
pub(crate) fn first(
    count: usize,
    fault: Fault,
    fits: impl Fn(&Call) -> bool + Send + Sync,
) -> impl Fn(&Call) -> Option<Fault> + Send + Sync {
    let left = AtomicUsize::new(count);
    move |call| {
        let take = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        (fits(call) && take()).then_some(fault)
    }
}

impl Shared {
    /// Serves one request and hangs up.
    fn serve(&self, client: &TcpStream) {
        let Some(request) = Request::read(client) else { return };
        let (call, fault) = self.decide(&request);
        // The client may be gone at any time, which is its right.
        match fault {
            None => drop((&*client).write_all(&request.pass_on(&call))),
            Some(Fault::Refused(status, content_type, body)) => {
                let head =
                    format!("HTTP/1.1 {status} Refused\r\nContent-Type: {content_type}\r\nConnection: close\r\n");
                let _ = write!(&*client, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
            }
            Some(Fault::HungUp) => {}
            Some(Fault::AnswerLost) => drop(request.pass_on(&call)),
            Some(Fault::BrokenOff) => {
                let answer = request.pass_on(&call);
                let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
                let _ = (&*client).write_all(&answer[..body + (answer.len() - body) / 2]);
            }
            Some(Fault::Silence) => self.hold(client),
            Some(Fault::SilenceAfter) => {
                drop(request.pass_on(&call));
                self.hold(client);
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    fn decide(&self, request: &Request) -> (Call, Option<Fault>) {
        let (service, operation) = request.call();
        let mut calls = self.calls.lock().unwrap();
        let call = Call { number: calls.len(), service, operation };
        let fault = (self.plan)(&call);
        calls.push((call.clone(), fault));
        (call, fault)
    }

    /// Until the client has had enough.
    fn hold(&self, client: &TcpStream) {
        self.held.fetch_add(1, Ordering::SeqCst);
        let _ = (&*client).read(&mut [0]);
    }
}

struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn read(client: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(client);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut request = Self { head, body: Vec::new() };
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        request.body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn call(&self) -> (Service, String) {
        let service = |name: &str| if name.starts_with("DynamoDB") { Service::DynamoDb } else { Service::Other };
        if let Some((name, operation)) = self.header("x-amz-target").and_then(|target| target.split_once('.')) {
            return (service(name), operation.to_owned());
        }
        let body = String::from_utf8_lossy(&self.body);
        if let Some(operation) = body.split('&').find_map(|field| field.strip_prefix("Action=")) {
            return (Service::Sns, operation.to_owned());
        }
        (Service::S3, self.head.split(' ').take(2).collect::<Vec<_>>().join(" "))
    }

    /// What the server answers; it is asked to close behind its answer.
    fn pass_on(&self, call: &Call) -> Vec<u8> {
        let server = if call.service == Service::DynamoDb { moto::serial_address() } else { moto::address() };
        let mut server = TcpStream::connect(server.strip_prefix("http://").unwrap()).unwrap();
        write!(server, "{}\r\nConnection: close\r\n\r\n", self.head.trim_end()).unwrap();
        server.write_all(&self.body).unwrap();
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).unwrap();
        answer
    }
}
