"""Runs sam, checkov and parliament over the templates of infra/."""

import json
import os
import subprocess
import sys
from pathlib import Path

import parliament
from check_template import BACKFILL, LOGS, NEW_TRAIL, WATCHED_PLACE, WAYS_IN
from template import ROOT, TEMPLATE, Stack, translated

BIN = Path(sys.executable).parent
# None of them is to call home, or to ask where it runs.
OFFLINE = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
# What parliament says where it is wrong, by the place of the policy.
NO_FAULTS = {
    # A key's policy is about that key, which is what `*` means there.
    "KeyPolicy": {"RESOURCE_STAR"},
    # Who may take a role has no resource; parliament takes that for malformed.
    "AssumeRolePolicyDocument": {"MALFORMED"},
}


def run(*command: str) -> bool:
    result = subprocess.run([str(BIN / command[0]), *command[1:]], env=os.environ | OFFLINE, check=False,
                            capture_output=True, text=True)
    if result.returncode != 0:
        print(result.stdout, result.stderr, file=sys.stderr)
    return result.returncode == 0


def sam() -> bool:
    return all([run("sam", "validate", "--lint", "--template-file", str(path)) for path in (TEMPLATE, BACKFILL)])


def checkov() -> bool:
    files = [str(path) for path in (TEMPLATE, BACKFILL, WATCHED_PLACE)]
    configuration = ROOT / "infra" / "checkov.yaml"
    return run("checkov", "--config-file", str(configuration), "--file", *files)


def policies(stack: Stack):
    """Every policy of the stack by the name of its resource."""
    for name, resource in stack.plain["Resources"].items():
        if not stack.is_created(resource):
            continue
        properties = stack.resolve(resource.get("Properties", {}))
        for key in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"):
            if key in properties:
                yield name, key, properties[key]
        for policy in properties.get("Policies", []):
            yield name, "Policies", policy["PolicyDocument"]


def policy_linter() -> bool:
    everything = {
        "TopicPerLevel": "yes", "ConfigurationObject": "my-rules/trailhound.yml", "RulesObject": "my-rules/rules.yml",
        "QuarantinePrefix": "my-rules/notes", "MoreTopicArns": "arn:aws:sns:eu-west-1:123456789012:more",
        "Integrity": "logs",
    }
    key = {"TrailKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
    plain, old = translated(), translated(BACKFILL)
    stacks = [Stack(way, plain) for way in [*WAYS_IN.values(), NEW_TRAIL | everything, LOGS | everything | key]]
    stacks.append(Stack(LOGS | key | {"JobBucketName": "my-jobs"}, old))
    found = set()
    for stack in stacks:
        for name, kind, policy in policies(stack):
            analyzed = parliament.analyze_policy_string(json.dumps(policy), ignore_private_auditors=True)
            found |= {f"{name} {kind}: {finding}" for finding in analyzed.findings
                      if finding.issue not in NO_FAULTS.get(kind, set())}
    for finding in sorted(found):
        print(f"parliament: {finding}", file=sys.stderr)
    return not found


def main() -> int:
    results = {linter.__name__: linter() for linter in (sam, checkov, policy_linter)}
    for name, sound in results.items():
        print(f"{name}: {'clean' if sound else 'has something to say'}")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
