"""Checks infra/template.yaml: as written, and as SAM translates it to plain CloudFormation.

The linter sees more in the translated template: misspelt response types, wrong SQS actions and
runtimes pass it inside SAM's own resource types. What no linter looks for is asserted here, with
parameters worked out in every way that matters.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from template import ROOT, TEMPLATE, Stack, role_policy, translated

BACKFILL = ROOT / "infra" / "backfill" / "template.yaml"
WATCHED_PLACE = ROOT / "infra" / "watched-place.yaml"
LOGS = {"LogBucketName": "my-trail-bucket"}
NEW_TRAIL = LOGS | {"CreateTrail": "organization", "OrganizationId": "o-abc1234567"}
WAYS_IN = {
    "bucket": LOGS,
    "bucket of another account": LOGS | {"LogBucketAccountId": "444455556666"},
    "event bus": LOGS | {"ObjectsAnnouncedBy": "event-bus"},
    "topic": LOGS | {"ObjectsAnnouncedBy": "topic", "ObjectTopicArn": "arn:aws:sns:eu-west-1:444455556666:objects"},
    "new trail": NEW_TRAIL,
}
# What has no resource to name.
ABOUT_EVERYTHING = {"cloudtrail:ListPublicKeys"}
# What AWS emits, as its documentation names it, with the dimensions it has.
AWS_METRICS = {
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}, [{"QueueName"}]),
    "AWS/Lambda": ({"Errors", "Throttles", "Invocations", "ConcurrentExecutions"}, [{"FunctionName"}]),
    "AWS/DynamoDB": (
        {"ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"},
        [{"TableName"}, {"TableName", "Operation"}],
    ),
}


class Promises:
    """Collects what is not as promised."""

    def __init__(self):
        self.broken: list = []

    def expect(self, condition, what: str) -> None:
        if not condition:
            self.broken.append(what)


def lint(path: Path) -> bool:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, "--regions", "eu-west-1", "--", path], check=False)
    return result.returncode == 0


def metrics_of_the_function() -> set:
    """The table in docs/operations.md, which a test of the function holds to what it emits."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page[page.index("| metric | unit |") :].split("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def settings_of_the_function() -> set:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(TRAILHOUND_[A-Z0-9_]+)`", page))


def queue_keeps_what_failed(plain: dict, promises: Promises) -> None:
    for timeout in plain["Parameters"]["FunctionTimeout"]["AllowedValues"]:
        stack = Stack(LOGS | {"FunctionTimeout": timeout}, plain)
        queues = stack.resources("AWS::SQS::Queue")
        queue, dead = queues["LogQueue"], queues["DeadLetterQueue"]
        [mapping] = stack.resources("AWS::Lambda::EventSourceMapping").values()
        visible = int(queue["VisibilityTimeout"])
        promises.expect(visible >= 6 * int(timeout) + int(mapping.get("MaximumBatchingWindowInSeconds", 0)),
                        f"with a timeout of {timeout} s messages come back while they are worked on")
        age = int(stack.resources("AWS::CloudWatch::Alarm")["BacklogAlarm"]["Threshold"])
        promises.expect(visible < age < int(queue["MessageRetentionPeriod"]), f"the alarm on a backlog, timeout {timeout} s")
        promises.expect(int(queue["RedrivePolicy"]["maxReceiveCount"]) >= 5, "five receives before the dead-letter queue")
        promises.expect(queue["RedrivePolicy"]["deadLetterTargetArn"].endswith("DeadLetterQueue"), "a dead-letter queue")
        promises.expect(dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"], "dead letters are kept longer")
        promises.expect(mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"], "failures item by item")
        promises.expect(mapping["BatchSize"] <= 10 or "MaximumBatchingWindowInSeconds" in mapping, "a batch and its window")
        promises.expect(int(mapping["ScalingConfig"]["MaximumConcurrency"]) >= 2, "concurrency at the source")


def only_the_logs_come_in(way: str, stack: Stack, promises: Promises) -> None:
    [policy] = stack.resources("AWS::SQS::QueuePolicy").values()
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    promises.expect(len(allowed) == 1, f"{way}: one sender may send to the queue")
    for statement in allowed:
        condition = json.dumps(statement["Condition"])
        promises.expect("aws:SourceArn" in condition, f"{way}: only what the stack knows may send")
        if statement["Principal"] == {"Service": "s3.amazonaws.com"}:
            account = stack.parameters["LogBucketAccountId"] or stack.pseudo["AWS::AccountId"]
            source = statement["Condition"].get("StringEquals", {}).get("aws:SourceAccount")
            promises.expect(source == account, f"{way}: a bucket of that name in another account may not send")


def policies_come_first(plain: dict, promises: Promises) -> None:
    wanted = {"TrailBucket": "LogQueuePolicy", "ObjectSubscription": "LogQueuePolicy", "Trail": "TrailBucketPolicy"}
    alarms = [name for name, one in plain["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    for name, first in (wanted | dict.fromkeys(alarms, "OperationsTopicPolicy")).items():
        after = plain["Resources"][name].get("DependsOn", [])
        promises.expect(first in (after if isinstance(after, list) else [after]), f"{name} waits for {first}")


def everything_is_encrypted(stack: Stack, promises: Promises) -> None:
    checks = {
        "AWS::SQS::Queue": lambda one: one.get("SqsManagedSseEnabled") is True,
        "AWS::SNS::Topic": lambda one: one.get("KmsMasterKeyId"),
        "AWS::DynamoDB::Table": lambda one: one["SSESpecification"]["SSEEnabled"] is True,
        "AWS::S3::Bucket": lambda one: one.get("BucketEncryption") and all(one["PublicAccessBlockConfiguration"].values()),
        "AWS::CloudTrail::Trail": lambda one: one.get("KMSKeyId") and one["EnableLogFileValidation"] and one["IsMultiRegionTrail"],
        "AWS::KMS::Key": lambda one: one.get("EnableKeyRotation") is True,
    }
    for kind, check in checks.items():
        resources = stack.resources(kind)
        promises.expect(resources, f"a resource {kind}")
        for name, properties in resources.items():
            promises.expect(check(properties), f"{name} is encrypted, closed and validated")


def what_must_last_stays(plain: dict, promises: Promises) -> None:
    for name in ("StateTable", "FunctionLogGroup", "TrailBucket", "TrailKey"):
        resource = plain["Resources"][name]
        kept = [resource.get(which) for which in ("DeletionPolicy", "UpdateReplacePolicy")]
        promises.expect(kept == ["Retain", "Retain"], f"{name} outlives the stack")
    table = plain["Resources"]["StateTable"]["Properties"]
    promises.expect(table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, "the table forgets by `ttl`")
    keys = {one["KeyType"]: one["AttributeName"] for one in table["KeySchema"]}
    promises.expect(keys == {"HASH": "pk", "RANGE": "sk"}, "the keys of the table are those of the function")


def metrics_in(value) -> list:
    """Namespace, name and dimensions of each metric of an alarm."""
    if "Metrics" in value:
        metrics = [one["MetricStat"]["Metric"] for one in value["Metrics"] if "MetricStat" in one]
    else:
        metrics = [value]
    return [(one["Namespace"], one["MetricName"], {name["Name"] for name in one["Dimensions"]}) for one in metrics]


def metrics_on(dashboard: dict) -> list:
    metrics = [one for widget in json.loads(dashboard["DashboardBody"])["widgets"] for one in widget["properties"]["metrics"]]
    texts = [[part for part in one if isinstance(part, str)] for one in metrics]
    return [(one[0], one[1], set(one[2::2])) for one in texts]


def every_metric_is_emitted(stack: Stack, promises: Promises) -> None:
    known = AWS_METRICS | {"Trailhound": (metrics_of_the_function(), [{"FunctionName"}])}
    named = [(name, metric) for name, alarm in stack.resources("AWS::CloudWatch::Alarm").items() for metric in metrics_in(alarm)]
    named += [("Dashboard", metric) for metric in metrics_on(stack.resources("AWS::CloudWatch::Dashboard")["Dashboard"])]
    for who, (namespace, name, dimensions) in named:
        names, shapes = known.get(namespace, (set(), []))
        promises.expect(name in names and dimensions in shapes, f"{who}: nobody emits {namespace} {name} by {sorted(dimensions)}")
    environment = stack.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
    promises.expect(environment["TRAILHOUND_METRICS_NAMESPACE"] == "Trailhound", "the namespace is that of the alarms")


def alarms_are_heard(stack: Stack, promises: Promises) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    operations = stack.attribute("OperationsTopic", "Ref")
    for name, alarm in stack.resources("AWS::CloudWatch::Alarm").items():
        promises.expect(operations in alarm["AlarmActions"], f"{name} tells the topic of operations")
        promises.expect(f"### {name}" in page, f"{name} has a runbook in docs/operations.md")
    dead = stack.resources("AWS::CloudWatch::Alarm")["DeadLetterAlarm"]
    queue = stack.attribute("DeadLetterQueue", "QueueName")
    promises.expect(dead["Dimensions"] == [{"Name": "QueueName", "Value": queue}], "the alarm watches the dead-letter queue")


def role_is_narrow(way: str, stack: Stack, promises: Promises) -> None:
    for statement in role_policy(stack)["Statement"]:
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        is_named = "*" not in resources or set(actions) <= ABOUT_EVERYTHING
        promises.expect(is_named, f"{way}: {statement['Sid']} is about something named")
        promises.expect(not any(action.endswith(":*") for action in actions), f"{way}: {statement['Sid']} allows something named")


def settings_are_known(stack: Stack, promises: Promises) -> None:
    variables = stack.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
    for name, value in variables.items():
        promises.expect(name in settings_of_the_function(), f"the function knows no {name}")
        promises.expect(value != "", f"{name} is set to something")


def notes_go_to_one_queue(plain: dict, promises: Promises) -> None:
    stack = Stack(LOGS | {"QuarantineQueueName": "notes"}, plain)
    where = f"{stack.pseudo['AWS::Region']}:{stack.pseudo['AWS::AccountId']}:notes"
    senders = [one["Resource"] for one in role_policy(stack)["Statement"] if "sqs:SendMessage" in one["Action"]]
    promises.expect(senders == [f"arn:aws:sqs:{where}"], "the role may send to the queue of the quarantine and to no other")
    variables = stack.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
    promises.expect(variables["TRAILHOUND_QUARANTINE"].endswith("/notes"), "the function knows the queue of the quarantine")


def canaries_come_out(plain: dict, promises: Promises) -> None:
    for way, parameters in {"one topic": {}, "topics by level": {"TopicPerLevel": "yes"}}.items():
        stack = Stack(LOGS | parameters | {"NotificationEmail": "a@example.com"}, plain)
        topic = stack.attribute("CanaryTopic", "Ref")
        variables = stack.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
        promises.expect(variables["TRAILHOUND_CANARIES"] == "[canary]", f"{way}: the function knows who gets canaries")
        promises.expect(f'canary: "{topic}"' in variables["TRAILHOUND_TOPICS"], f"{way}: the function knows the topic of canaries")
        subscribed = [one["TopicArn"] for one in stack.resources("AWS::SNS::Subscription").values()]
        promises.expect(topic not in subscribed, f"{way}: nobody hears of canaries")
        [target] = stack.resources("AWS::Events::Rule")["CanarySchedule"]["Targets"]
        promises.expect(json.loads(target["Input"]) == {"trailhound": "canary"}, f"{way}: the schedule asks for a canary")
        permission = stack.resources("AWS::Lambda::Permission")["CanaryPermission"]
        promises.expect(permission["SourceArn"] == stack.attribute("CanarySchedule", "Arn"), f"{way}: the schedule may call")
        alarm = stack.resources("AWS::CloudWatch::Alarm")["CanaryAlarm"]
        promises.expect(alarm["TreatMissingData"] == "breaching", f"{way}: a function that does not run is an alarm")
    configured = Stack(LOGS | {"ConfigurationObject": "rules/trailhound.yml"}, plain)
    variables = configured.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
    promises.expect("TRAILHOUND_TOPICS" not in variables, "the topics of a configuration are not replaced")
    without = Stack(LOGS | {"Canary": "no"}, plain)
    promises.expect(not any("anary" in name for name in without.resources()), "without canaries there is nothing of them")


def keys_are_asked_for_by_choice(plain: dict, promises: Promises) -> None:
    for choice in plain["Parameters"]["Integrity"]["AllowedValues"]:
        stack = Stack(LOGS | {"Integrity": choice}, plain)
        variables = stack.resources("AWS::Lambda::Function")["Function"]["Environment"]["Variables"]
        asks = any("cloudtrail:ListPublicKeys" in one["Action"] for one in role_policy(stack)["Statement"])
        told = variables.get("TRAILHOUND_INTEGRITY", "off")
        alarmed = "IntegrityAlarm" in stack.resources("AWS::CloudWatch::Alarm")
        promises.expect((told, asks, alarmed) == (choice, choice != "off", choice != "off"), f"digests are checked: {choice}")


def broken_promises(plain: dict) -> list:
    promises = Promises()
    everything = Stack(NEW_TRAIL | {"TopicPerLevel": "yes", "NotificationEmail": "a@example.com", "LogKeyPrefix": "logs",
                                    "Integrity": "logs"}, plain)
    queue_keeps_what_failed(plain, promises)
    policies_come_first(plain, promises)
    what_must_last_stays(plain, promises)
    notes_go_to_one_queue(plain, promises)
    canaries_come_out(plain, promises)
    keys_are_asked_for_by_choice(plain, promises)
    for way, parameters in WAYS_IN.items():
        stack = Stack(parameters, plain)
        only_the_logs_come_in(way, stack, promises)
        role_is_narrow(way, Stack(parameters | {"Integrity": "logs"}, plain), promises)
        settings_are_known(stack, promises)
    for check in (everything_is_encrypted, every_metric_is_emitted, alarms_are_heard, settings_are_known):
        check(everything, promises)
    return promises.broken


def main() -> int:
    sound = True
    for path in (TEMPLATE, BACKFILL, WATCHED_PLACE):
        sound = lint(path) and sound
        plain = translated(path)
        with tempfile.TemporaryDirectory() as folder:
            translation = Path(folder) / "translated.json"
            translation.write_text(json.dumps(plain, indent=1), encoding="utf-8")
            sound = lint(translation) and sound
    for promise in broken_promises(translated()):
        print(f"infra/template.yaml: not as promised: {promise}", file=sys.stderr)
        sound = False
    print("infra/template.yaml: " + ("sound" if sound else "has problems"))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
