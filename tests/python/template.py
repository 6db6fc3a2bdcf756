"""infra/template.yaml as CloudFormation would see it.

`translated` gives it as SAM translates it; `Stack` works out parameters, conditions and references, so
that what the template says can be applied to a server or given to a simulator of policies.
"""

import json
import logging
import os
import re
from pathlib import Path

from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
STACK = "trailhound"
# It says at the end that it has not told its makers how it is used.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

# What AWS::NoValue stands for: the property, or the entry of the list, is not there.
ABSENT = object()


def translated(path: Path = TEMPLATE) -> dict:
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://deployment-artifacts/trailhound.zip"
    return transform(template, {}, ManagedPolicyLoader(None))


class Stack:
    """The template with these parameters. Names of resources are those that `name` makes."""

    def __init__(self, parameters: dict, plain: dict | None = None, stack: str = STACK):
        self.plain = plain or translated()
        self.stack = stack
        # Names that a server has chosen, by logical names.
        self.chosen: dict = {}
        self.parameters = {name: str(what.get("Default", "")) for name, what in self.plain["Parameters"].items()}
        unknown = parameters.keys() - self.parameters.keys()
        if unknown:
            raise KeyError(f"no such parameters: {sorted(unknown)}")
        self.parameters.update(parameters)
        self._check_patterns()
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::StackName": stack,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": ABSENT,
        }

    def _check_patterns(self) -> None:
        for name, what in self.plain["Parameters"].items():
            value = self.parameters[name]
            if "AllowedPattern" in what and not re.search(what["AllowedPattern"], value):
                raise ValueError(f"{name}: {value!r} is not of the pattern {what['AllowedPattern']}")
            if "AllowedValues" in what and value not in map(str, what["AllowedValues"]):
                raise ValueError(f"{name}: {value!r} is none of {what['AllowedValues']}")

    def resources(self, kind: str | None = None) -> dict:
        """Properties of the resources that are created, worked out, by their logical names."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self.plain["Resources"].items()
            if (kind is None or resource["Type"] == kind) and self.is_created(resource)
        }

    def is_created(self, resource: dict) -> bool:
        return "Condition" not in resource or self.holds(resource["Condition"])

    def holds(self, condition: str) -> bool:
        return self.resolve(self.plain["Conditions"][condition])

    def name(self, logical: str) -> str:
        """What the resource is called, where the template leaves that to CloudFormation."""
        if logical in self.chosen:
            return self.chosen[logical]
        if self.plain["Resources"][logical]["Type"] == "AWS::KMS::Key":
            # An identifier of the shape that AWS gives.
            return f"00000000-0000-4000-8000-{sum(logical.encode()):012}"
        return f"{self.stack}-{logical}"

    def resolve(self, value):
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            function = FUNCTIONS.get(name)
            # `Condition` is a function only where it names a condition; in a policy it is a block.
            if function and not (name == "Condition" and not isinstance(argument, str)):
                return function(self, argument)
        items = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not ABSENT}

    def reference(self, name: str):
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            value = self.parameters[name]
            is_list = self.plain["Parameters"][name]["Type"] == "CommaDelimitedList"
            return value.split(",") if is_list else value
        return self.attribute(name, "Ref")

    def attribute(self, logical: str, attribute: str) -> str:
        resource = self.plain["Resources"][logical]
        properties, kind, made = resource.get("Properties", {}), resource["Type"], self.name(logical)
        regional = f"{REGION}:{ACCOUNT}"
        if kind == "AWS::S3::Bucket":
            bucket = self.resolve(properties["BucketName"])
            return {"Ref": bucket, "Arn": f"arn:aws:s3:::{bucket}"}[attribute]
        known = {
            "AWS::SQS::Queue": {
                "Ref": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{made}",
                "Arn": f"arn:aws:sqs:{regional}:{made}",
                "QueueName": made,
            },
            "AWS::SNS::Topic": {"Ref": f"arn:aws:sns:{regional}:{made}"},
            "AWS::KMS::Key": {"Ref": made, "Arn": f"arn:aws:kms:{regional}:key/{made}"},
            "AWS::DynamoDB::Table": {"Ref": made, "Arn": f"arn:aws:dynamodb:{regional}:table/{made}"},
            "AWS::Lambda::Function": {"Ref": made, "Arn": f"arn:aws:lambda:{regional}:function:{made}"},
            "AWS::Logs::LogGroup": {"Ref": made, "Arn": f"arn:aws:logs:{regional}:log-group:{made}:*"},
            "AWS::IAM::Role": {"Ref": made, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{made}"},
            "AWS::Events::Rule": {"Ref": made, "Arn": f"arn:aws:events:{regional}:rule/{made}"},
        }
        return known[kind][attribute]

    def substitute(self, argument) -> str:
        text, local = argument if isinstance(argument, list) else (argument, {})

        def put(match: re.Match) -> str:
            name = match[1]
            if name in local:
                return str(self.resolve(local[name]))
            logical, dot, attribute = name.partition(".")
            return str(self.attribute(logical, attribute) if dot else self.reference(name))

        return re.sub(r"\$\{([^!][^}]*)\}", put, text)

    def find(self, argument: list):
        mapping, first, second = (self.resolve(part) for part in argument)
        return self.plain["Mappings"][mapping][str(first)][second]

    def choose(self, argument: list):
        condition, then, otherwise = argument
        return self.resolve(then if self.holds(condition) else otherwise)

    def equals(self, argument: list) -> bool:
        left, right = (str(self.resolve(side)) for side in argument)
        return left == right

    def join(self, argument: list) -> str:
        separator, items = argument
        return separator.join(self.resolve(items))

    def get_attribute(self, argument) -> str:
        logical, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return self.attribute(logical, attribute)


FUNCTIONS = {
    "Ref": Stack.reference,
    "Fn::GetAtt": Stack.get_attribute,
    "Fn::Sub": Stack.substitute,
    "Fn::If": Stack.choose,
    "Fn::FindInMap": Stack.find,
    "Fn::Join": Stack.join,
    "Fn::Equals": Stack.equals,
    "Fn::Not": lambda stack, argument: not stack.resolve(argument[0]),
    "Fn::And": lambda stack, argument: all(stack.resolve(argument)),
    "Fn::Or": lambda stack, argument: any(stack.resolve(argument)),
    "Condition": Stack.holds,
}


def role_policy(stack: Stack, role: str = "FunctionRole") -> dict:
    """All statements of the role of the function in one policy."""
    policies = stack.resources("AWS::IAM::Role")[role]["Policies"]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    return {"Version": "2012-10-17", "Statement": statements}


if __name__ == "__main__":
    print(json.dumps(translated(), indent=1))
