"""What the function costs without the network: its start, its memory, and the processor time of one object's records.

    cargo build --release -p trailhound-lambda
    cargo run --release -p trailhound-benches --bin bench-corpus -- /tmp/one 1 500
    python3 benches/function.py target/release/bootstrap /tmp/one

Plays Lambda's Runtime API on loopback, and S3 with one object; the same records are handed over inside
events as well, where nothing is fetched. No route takes an alert, so that nothing is published. Linux only:
it reads /proc.
"""

import argparse
import base64
import gzip
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"


class RuntimeApi:
    """One connection at a time, which is how the runtime asks."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.open = []

    def request(self):
        """The next request: its connection, its first line, its body."""
        while True:
            if not self.open:
                self.open.append(self.listener.accept()[0].makefile("rwb"))
            stream = self.open[0]
            line = stream.readline()
            if line:
                break
            self.open.pop(0)
        length = 0
        while (header := stream.readline().strip()):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return stream, line.decode(), stream.read(length)

    def close(self):
        self.listener.close()


def answer(stream, status: str, headers: dict, body: bytes) -> None:
    lines = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in headers.items()]
    stream.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
    stream.flush()


class ObjectStore(threading.Thread):
    """Gives the same object to whoever asks for anything."""

    def __init__(self, content: bytes):
        super().__init__(daemon=True)
        self.content = content
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "http://127.0.0.1:%d" % self.listener.getsockname()[1]

    def run(self) -> None:
        while True:
            stream = self.listener.accept()[0].makefile("rwb")
            # One client, which keeps its connection.
            while stream.readline():
                while stream.readline().strip():
                    pass
                answer(stream, "200 OK", {"ETag": '"0"', "Content-Type": "application/x-gzip"}, self.content)


def start(executable: Path, api: RuntimeApi, store: str = "http://127.0.0.1:9") -> subprocess.Popen:
    settings = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "trailhound",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ENDPOINT_URL": store,
        "TRAILHOUND_TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:none",
        "TRAILHOUND_ROUTES": "[{match: {level: critical, rule: none}, to: default}]",
        "TRAILHOUND_LOG": "error",
    }
    null = subprocess.DEVNULL
    return subprocess.Popen([executable], env=settings, stdin=null, stdout=null, stderr=null)


def status(process: subprocess.Popen, name: str) -> int:
    """A size of the process in KiB."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def processor_time(process: subprocess.Popen) -> float:
    """Seconds of processor that the threads of the process have had, user and system."""
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def measure_starts(executable: Path, times: int):
    taken, sizes, processor = [], [], []
    for _ in range(times):
        api = RuntimeApi()
        begin = time.perf_counter()
        process = start(executable, api)
        api.request()
        taken.append((time.perf_counter() - begin) * 1e3)
        sizes.append(status(process, "VmRSS") / 1024)
        processor.append(processor_time(process) * 1e3)
        process.kill()
        process.wait()
        api.close()
    return taken, sizes, processor


def first_object(folder: Path) -> bytes:
    return next(path for path in sorted(folder.rglob("*.gz"))).read_bytes()


def notification() -> bytes:
    """A message of the queue: S3 says that there is an object."""
    key = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10/111122223333_CloudTrail_eu-west-1_20260310T0805Z_a.json.gz"
    created = {"Records": [{"eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
                            "eventTime": "2026-05-01T10:05:12.345Z", "eventName": "ObjectCreated:Put",
                            "s3": {"bucket": {"name": "logs"}, "object": {"key": key, "size": 1, "sequencer": "0065F0"}}}]}
    return json.dumps({"Records": [{"messageId": "m1", "receiptHandle": "r", "body": json.dumps(created), "attributes": {},
                                    "messageAttributes": {}, "eventSource": "aws:sqs",
                                    "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:logs", "awsRegion": "eu-west-1"}]}).encode()


def nothing() -> bytes:
    """What S3 sends when a notification is configured: the price of an invocation."""
    return json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs", "Time": "2026-05-01T10:05:12.345Z",
                       "RequestId": "R", "HostId": "H"}).encode()


def plain(records: list) -> bytes:
    """The records as they are, in a document."""
    return json.dumps({"Records": records}, separators=(",", ":")).encode()


def subscription(records: list) -> bytes:
    """The records as CloudWatch Logs sends them: each as a text in a document, packed."""
    events = [{"id": str(number), "timestamp": 0, "message": json.dumps(record)} for number, record in enumerate(records)]
    data = {"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "trail", "logStream": "one",
            "subscriptionFilters": ["all"], "logEvents": events}
    packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
    return json.dumps({"awslogs": {"data": packed}}).encode()


def measure_work(executable: Path, event: bytes, store: str, times: int):
    api = RuntimeApi()
    process = start(executable, api, store)
    before, taken = 0.0, []
    # The first hundred warm up caches, the allocator, and the regular expressions.
    for number in range(times + 100):
        stream, line, body = api.request()
        assert "/next" in line, line
        if number == 100:
            before = processor_time(process)
        headers = {"Lambda-Runtime-Aws-Request-Id": f"r{number}", "Lambda-Runtime-Trace-Id": TRACE,
                   "Lambda-Runtime-Deadline-Ms": int((time.time() + 60) * 1e3),
                   "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:111122223333:function:trailhound",
                   "Content-Type": "application/json"}
        begin = time.perf_counter()
        answer(stream, "200 OK", headers, event)
        stream, line, body = api.request()
        taken.append((time.perf_counter() - begin) * 1e3)
        if not line.startswith("POST") or "/response" not in line or b"itemIdentifier" in body:
            sys.exit(f"the function failed: {line} {body.decode()}")
        answer(stream, "202 Accepted", {}, b"{}")
    api.request()
    spent = (processor_time(process) - before) / times * 1e3
    peak = status(process, "VmHWM") / 1024
    process.kill()
    process.wait()
    return spent, taken[100:], peak


def row(name: str, values: list, unit: str) -> None:
    ordered = sorted(values)
    print(f"| {name} | {ordered[0]:.1f} | {statistics.median(ordered):.1f} | {ordered[int(len(ordered) * 0.95)]:.1f} | {unit} |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bootstrap", type=Path)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--starts", type=int, default=50)
    arguments.add_argument("--invocations", type=int, default=1000)
    given = arguments.parse_args()
    taken, sizes, processor = measure_starts(given.bootstrap.resolve(), given.starts)
    content = first_object(given.corpus)
    records = json.loads(gzip.decompress(content))["Records"]
    store = ObjectStore(content)
    store.start()
    print("| | least | median | 95 % | |\n|---|---|---|---|---|")
    row(f"process start to first request for work, {given.starts} starts", taken, "ms")
    row("processor time until then", processor, "ms")
    row("memory then", sizes, "MiB")
    events = {
        "an event without work": nothing(),
        f"an object of {len(records)} records, announced by the queue": notification(),
        f"{len(records)} records in a document": plain(records),
        f"{len(records)} records of a subscription, packed": subscription(records),
    }
    for name, event in events.items():
        spent, walls, peak = measure_work(given.bootstrap.resolve(), event, store.address, given.invocations)
        row(f"{name}, {len(event):,} bytes: answer", walls, "ms")
        print(f"| processor time of it, mean of {given.invocations} | | {spent:.2f} | | ms |")
        print(f"| memory, at most | | {peak:.1f} | | MiB |")
    print(f"| executable | | {given.bootstrap.stat().st_size / 1e6:.1f} | | MB |")


if __name__ == "__main__":
    main()
