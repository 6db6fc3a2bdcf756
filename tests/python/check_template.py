"""Checks infra/template.yaml: as written, and as SAM translates it to plain CloudFormation.

The linter sees more in the translated template: misspelt response types, wrong SQS actions and
runtimes pass it inside SAM's own resource types.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"


def lint(path: Path) -> bool:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, "--regions", "eu-west-1", "--", path], check=False)
    return result.returncode == 0


def translated() -> dict:
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://deployment-artifacts/trailhound.zip"
    return transform(template, {}, ManagedPolicyLoader(None))


def expect(condition: bool, what: str, failures: list) -> None:
    if not condition:
        failures.append(what)


def assertions(resources: dict) -> list:
    """What no linter looks for, and what would lose messages in silence."""
    failures: list = []

    def of_type(kind: str) -> list:
        return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]

    mappings = of_type("AWS::Lambda::EventSourceMapping")
    expect(len(mappings) == 1, "one event source mapping", failures)
    for mapping in mappings:
        expect(
            mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"],
            "the mapping reports failures item by item",
            failures,
        )
    queues = [queue for queue in of_type("AWS::SQS::Queue") if "RedrivePolicy" in queue]
    expect(len(queues) == 1, "one queue in front of the function has a dead-letter queue", failures)
    for queue in queues:
        expect(int(queue["RedrivePolicy"]["maxReceiveCount"]) >= 5, "five receives before the dead-letter queue", failures)
    policies = of_type("AWS::SQS::QueuePolicy")
    text = json.dumps(policies)
    expect("aws:SourceArn" in text and "aws:SourceAccount" in text, "only the log bucket may send to the queue", failures)
    quarantine(of_type, failures)
    return failures


def quarantine(of_type, failures: list) -> None:
    """A queue for notes is named to the function, and the role may send to that queue alone."""
    queue = "sqs:${AWS::Region}:${AWS::AccountId}:${QuarantineQueueName}"
    statements = [
        chosen["Fn::If"][1] if "Fn::If" in chosen else chosen
        for role in of_type("AWS::IAM::Role")
        for policy in role["Policies"]
        for chosen in policy["PolicyDocument"]["Statement"]
    ]
    senders = [statement["Resource"] for statement in statements if "sqs:SendMessage" in statement["Action"]]
    expect(
        senders == [{"Fn::Sub": "arn:${AWS::Partition}:" + queue}],
        "the role may send to the queue of the quarantine and to no other",
        failures,
    )
    variables = [function["Environment"]["Variables"] for function in of_type("AWS::Lambda::Function")]
    places = json.dumps([known.get("TRAILHOUND_QUARANTINE") for known in variables])
    expect("/${AWS::AccountId}/${QuarantineQueueName}" in places, "the function knows the queue of the quarantine", failures)


def main() -> int:
    sound = lint(TEMPLATE)
    plain = translated()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "translated.json"
        path.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        sound = lint(path) and sound
    for failure in assertions(plain["Resources"]):
        print(f"infra/template.yaml: not as promised: {failure}", file=sys.stderr)
        sound = False
    print("infra/template.yaml: " + ("sound" if sound else "has problems"))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
