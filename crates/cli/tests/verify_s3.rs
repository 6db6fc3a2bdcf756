//! `trailhound verify s3://…` against a server on loopback: a bucket that is listed in small pages, and the
//! public keys as CloudTrail gives them. A copy in a folder and the bucket have to read the same.

use std::{
    collections::BTreeMap,
    net::TcpStream,
    process::Output,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    loopback::{JSON, Request, listen, respond, trailhound},
    trail::{BUCKET, Encoding, FINGERPRINT, Signer, Trail},
    verify::{compare, tampered, text},
};

/// Keys of one page of a listing.
const PAGE: usize = 7;

/// What is served, and what was asked for.
#[derive(Default)]
struct Served {
    objects: BTreeMap<String, Vec<u8>>,
    signatures: BTreeMap<String, String>,
    /// What CloudTrail says when it is asked for keys.
    keys: String,
    /// Objects of which so many have to be asked for before any is given.
    together: usize,
    asked: Mutex<Vec<String>>,
    waiting: (Mutex<usize>, Condvar),
}

impl Served {
    fn of(trail: &Trail, signer: &Signer) -> Self {
        // As the service sends it: times are numbers.
        let mut keys: Value = serde_json::from_str(&signer.key_file(Encoding::Spki)).unwrap();
        for time in ["ValidityStartTime", "ValidityEndTime"] {
            keys["PublicKeyList"][0][time] = 1_772_323_200.into();
        }
        let (objects, signatures) = (trail.objects.clone(), trail.signatures.clone());
        Served { objects, signatures, keys: keys.to_string(), ..Served::default() }
    }

    /// Serves until the test process ends.
    fn start(self) -> (String, Arc<Self>) {
        let (listener, endpoint) = listen();
        let served = Arc::new(self);
        let shared = Arc::clone(&served);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let served = Arc::clone(&shared);
                thread::spawn(move || served.answer(&mut stream.unwrap()));
            }
        });
        (endpoint, served)
    }

    fn answer(&self, stream: &mut TcpStream) {
        let Request { target, body } = Request::read(stream);
        let path = target.split('?').next().unwrap().trim_start_matches('/');
        let path = path.trim_start_matches(BUCKET).trim_start_matches('/').to_owned();
        self.asked.lock().unwrap().push(if body.is_empty() { target.clone() } else { body.clone() });
        let (status, head, content) = if !body.is_empty() {
            let status = if self.keys.contains("__type") { "400 Bad Request" } else { "200 OK" };
            (status, JSON.to_owned(), self.keys.clone().into_bytes())
        } else if target.contains("list-type=2") {
            ("200 OK", String::new(), self.page(&target).into_bytes())
        } else if let Some(bytes) = self.objects.get(&path) {
            self.wait();
            let signature = self.signatures.get(&path);
            let head = signature.map(|signature| format!("x-amz-meta-signature: {signature}\r\n"));
            ("200 OK", head.unwrap_or_default(), bytes.clone())
        } else {
            ("404 Not Found", String::new(), b"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>".to_vec())
        };
        respond(stream, (status, &head), content.len(), &content);
    }

    fn page(&self, target: &str) -> String {
        let value = |name: &str| {
            let parameters = target.split(['?', '&']).find_map(|pair| pair.strip_prefix(name));
            parameters.unwrap_or_default().replace("%2F", "/")
        };
        let (prefix, after) = (value("prefix="), value("continuation-token="));
        let mut keys = self.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
        let page: Vec<_> = keys.by_ref().take(PAGE).collect();
        let entry = |(key, bytes): &(&String, &Vec<u8>)| {
            format!("<Contents><Key>{key}</Key><Size>{}</Size></Contents>", bytes.len())
        };
        let contents: String = page.iter().map(entry).collect();
        let next = keys
            .next()
            .and(page.last())
            .map_or(String::new(), |(last, _)| format!("<NextContinuationToken>{last}</NextContinuationToken>"));
        format!("<ListBucketResult>{next}{contents}</ListBucketResult>")
    }

    /// Waits for others, so that whoever asks for one object after the other gets none.
    fn wait(&self) {
        let (number, arrived) = &self.waiting;
        let mut number = number.lock().unwrap();
        *number += 1;
        arrived.notify_all();
        let (number, timeout) =
            arrived.wait_timeout_while(number, Duration::from_secs(20), |number| *number < self.together).unwrap();
        assert!(!timeout.timed_out(), "only {number} asked for at a time");
    }
}

fn verify(endpoint: &str, arguments: &[&str]) -> Output {
    let address = format!("s3://{BUCKET}/AWSLogs/");
    trailhound(endpoint, &[&["verify", &address], arguments].concat())
}

#[test]
fn a_bucket_reads_as_a_copy_of_it_does() {
    let signer = Signer::new(FINGERPRINT);
    let intact = Trail::of_hours(&signer, 2..6);
    let broken = tampered(&signer);
    for (trail, name, arguments, code) in [
        (&intact, "intact.txt", &[][..], 0),
        (&broken, "broken.txt", &[], 1),
        (&broken, "broken.json", &["--format", "json"], 1),
        (&broken, "range.txt", &["--since", "2026-03-10T08:30:00Z", "--until", "2026-03-10T12:00:00Z"], 1),
    ] {
        let (endpoint, served) = Served::of(trail, &signer).start();
        let output = verify(&endpoint, arguments);
        compare(name, &output);
        assert_eq!(output.status.code(), Some(code), "{name}");
        let asked = served.asked.lock().unwrap();
        let keys: Vec<Value> = asked
            .iter()
            .filter(|asked| asked.starts_with('{'))
            .map(|body| serde_json::from_str(body).unwrap())
            .collect();
        // From an hour before the first digest to an hour after the last one, once for the region.
        let last = if name == "intact.txt" { 1_773_122_430 } else { 1_773_136_830 };
        assert_eq!((keys.len(), keys[0]["EndTime"].as_i64()), (1, Some(last)), "{name}");
    }
}

#[test]
fn several_objects_are_read_at_a_time() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..10);
    let (endpoint, _served) = Served { together: 5, ..Served::of(&trail, &signer) }.start();
    let output = verify(&endpoint, &["--threads", "5"]);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    let (endpoint, served) = Served { together: 16, ..Served::of(&trail, &signer) }.start();
    let address = format!("s3://{BUCKET}/AWSLogs/");
    let output = trailhound(&endpoint, &["scan", &address, "--rules", "tests/data/rules", "--format", "ndjson"]);
    assert!(text(&output.stdout).contains(r#""objects":16,"records":16,"#), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("8 objects passed over"), "{}", text(&output.stderr));
    let asked = served.asked.lock().unwrap();
    assert!(
        !asked.iter().any(|asked| asked.contains("CloudTrail-Digest") && !asked.contains("list-type")),
        "{asked:?}"
    );
}

#[test]
fn of_a_time_only_its_objects_are_read() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..10);
    let (endpoint, served) = Served::of(&trail, &signer).start();
    let range = ["--since", "2026-03-10T04:00:30Z", "--until", "2026-03-10T05:00:30Z"];
    let output = verify(&endpoint, &range);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    let asked = served.asked.lock().unwrap();
    let logs = asked.iter().filter(|asked| asked.contains("/CloudTrail/") && asked.contains(".json.gz")).count();
    // Those of the two digests whose time meets the limits.
    assert_eq!(logs, 4, "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.contains("20260310T030030Z")), "{asked:?}");
}

#[test]
fn without_keys_or_bucket_nothing_is_said() {
    let signer = Signer::new(FINGERPRINT);
    let trail = Trail::of_hours(&signer, 2..4);
    let refusal = r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned();
    let (endpoint, _served) = Served { keys: refusal, ..Served::of(&trail, &signer) }.start();
    let output = verify(&endpoint, &[]);
    let message = text(&output.stderr);
    assert!(message.starts_with("error: cloudtrail:ListPublicKeys is not allowed; let a policy allow"), "{message}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let output = trailhound("http://127.0.0.1:1", &["verify", "-"]);
    assert!(text(&output.stderr).contains("name a folder or `s3://BUCKET/PREFIX`"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(2));
}
