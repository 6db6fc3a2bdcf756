//! A proxy before moto that writes down what is asked of AWS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// Runs until the process ends.
pub(crate) struct Recorder {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<Value>>>,
}

impl Recorder {
    /// A proxy before the server at this address, `http://…`.
    pub(crate) fn start(server: &str) -> Self {
        let server = server.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&calls);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, calls) = (server.clone(), Arc::clone(&recorded));
                thread::spawn(move || pass_on(&stream.unwrap(), &server, &calls));
            }
        });
        Self { address, calls }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls so far: `service`, `operation`, `resource` as the request names it, `status` of the
    /// answer, and `key`, the KMS key of an object.
    pub(crate) fn calls(&self) -> Vec<Value> {
        self.calls.lock().unwrap().clone()
    }
}

/// Serves one request and hangs up.
fn pass_on(client: &TcpStream, server: &str, calls: &Mutex<Vec<Value>>) {
    let Some((head, body)) = read_request(client) else { return };
    let mut server = TcpStream::connect(server).unwrap();
    let closing = format!("{}\r\nConnection: close\r\n\r\n", head.trim_end());
    server.write_all(&[closing.as_bytes(), &body].concat()).unwrap();
    let mut answer = Vec::new();
    // The server closes behind its answer.
    server.read_to_end(&mut answer).unwrap();
    calls.lock().unwrap().extend(call(&head, &body, &answer));
    // The client may be gone, which is its right.
    let _ = (&*client).write_all(&answer);
}

/// Head and body; `None` where the client hangs up first.
pub(super) fn read_request(client: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut body = vec![0; header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// What a request asks for. One that is not signed asks nothing of AWS.
fn call(head: &str, body: &[u8], answer: &[u8]) -> Option<Value> {
    // `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`
    let signed = header(head, "authorization")?;
    let service = signed.split('/').nth(3)?.to_owned();
    let target = head.split(' ').nth(1)?;
    let (operation, resource) = match service.as_str() {
        "s3" => of_storage(target)?,
        "sns" => of_form(body)?,
        _ => of_json(&header(head, "x-amz-target")?, body)?,
    };
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
    let answered = String::from_utf8_lossy(answer.get(..end)?).into_owned();
    Some(json!({
        "service": service, "operation": operation, "resource": resource,
        "status": answered.split(' ').nth(1)?.parse::<u16>().ok()?,
        "key": header(&answered, "x-amz-server-side-encryption-aws-kms-key-id"),
    }))
}

/// `/bucket/key?versionId=1&x-id=GetObject`. The keys of these tests need no decoding.
fn of_storage(target: &str) -> Option<(String, String)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut parameters = query.split('&').filter_map(|parameter| parameter.split_once('='));
    let operation = parameters.clone().find(|(name, _)| *name == "x-id").map(|(_, value)| value)?;
    let version = if parameters.any(|(name, _)| name == "versionId") { "Version" } else { "" };
    Some((format!("{operation}{version}"), path.trim_start_matches('/').to_owned()))
}

/// `Action=PublishBatch&TopicArn=…`
fn of_form(body: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(body).ok()?;
    let parameter = |wanted: &str| {
        let mut parameters = text.split('&').filter_map(|parameter| parameter.split_once('='));
        parameters.find(|(name, _)| *name == wanted).map(|(_, value)| value.replace("%3A", ":"))
    };
    Some((parameter("Action")?, parameter("TopicArn")?))
}

/// `X-Amz-Target: DynamoDB_20120810.PutItem`, and a body that names a table or a queue, if anything.
fn of_json(target: &str, body: &[u8]) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let named = ["TableName", "QueueUrl"].into_iter().find_map(|name| body[name].as_str());
    let table = || body["RequestItems"].as_object()?.keys().next().map(String::as_str);
    let operation = target.rsplit('.').next()?;
    // Keys are of a region, and no resource.
    let keys = || (operation == "ListPublicKeys").then_some("*");
    Some((operation.to_owned(), named.or_else(table).or_else(keys)?.to_owned()))
}
