#!/usr/bin/env python3
"""Writes catalog.txt: what names CloudTrail uses.

    make-catalog.py EVENT_PATHS.tsv BOTOCORE.whl > catalog.txt

EVENT_PATHS.tsv holds, by tabs: event source, event name, records seen, of these with an error, of these
without request, field path, JSON types. BOTOCORE.whl is the wheel of botocore, of which only the names of
operations are taken. What trailhound has seen in its own rules is added with `trailhound catalog learn`.
"""

import collections
import gzip
import json
import re
import sys
import zipfile

# Names of the common part of a record: the CloudTrail user guide, "CloudTrail record contents".
RECORD = """
additionalEventData - addendum.reason s addendum.updatedFields s addendum.originalRequestID s
addendum.originalEventID s apiVersion s awsRegion s errorCode s errorMessage s eventCategory s eventContext -
eventID s eventName s eventSource s eventTime s eventType s eventVersion s insightDetails - managementEvent b
readOnly b recipientAccountId s requestID s requestParameters - resources.ARN s resources.ARNPrefix s
resources.accountId s resources.type s responseElements - serviceEventDetails - sessionCredentialFromConsole s
sharedEventID s sourceIPAddress s tlsDetails.cipherSuite s tlsDetails.clientProvidedHostHeader s
tlsDetails.keyExchange s tlsDetails.tlsVersion s userAgent s edgeDeviceDetails - vpcEndpointId s
vpcEndpointAccountId s userIdentity.accessKeyId s userIdentity.accountId s userIdentity.arn s
userIdentity.credentialId s userIdentity.identityProvider s userIdentity.identityStoreArn s
userIdentity.inScopeOf.credentialsIssuedTo s userIdentity.inScopeOf.issuerType s userIdentity.inScopeOf.sourceAccount s
userIdentity.inScopeOf.sourceArn s userIdentity.invokedBy s userIdentity.invokedByDelegate.accountId s
userIdentity.onBehalfOf.identityStoreArn s userIdentity.onBehalfOf.userId s userIdentity.principalId s
userIdentity.sessionContext.attributes.creationDate s userIdentity.sessionContext.attributes.mfaAuthenticated s
userIdentity.sessionContext.assumedRoot s userIdentity.sessionContext.ec2RoleDelivery s
userIdentity.sessionContext.ec2IssuedInVpc s userIdentity.sessionContext.sessionIssuer.accountId s
userIdentity.sessionContext.sessionIssuer.arn s userIdentity.sessionContext.sessionIssuer.principalId s
userIdentity.sessionContext.sessionIssuer.type s userIdentity.sessionContext.sessionIssuer.userName s
userIdentity.sessionContext.sourceIdentity s userIdentity.sessionContext.webIdFederationData -
userIdentity.type s userIdentity.userName s
""".split()

# Sources that log more names than their API has, or only such: unknown names prove nothing there.
PARTIAL = {"bedrock", "cloudshell", "signin", "sso", "sso-directory", "sso-oauth", "ssm", "secretsmanager", "es"}
PARTIAL |= {"billingconsole", "discovery-marketplace", "agreement-marketplace", "support", "s3-outposts", "s3express"}
PARTIAL |= {"ec2messages", "ssmmessages", "quicksight", "lambda", "aws-marketplace", "console", "notifications", "workmail", "tagging", "rds"}

# Sources without an API of their own name, or whose API is signed under another.
SOURCES = {"signin", "sso-directory", "cloudshell", "billingconsole", "s3express", "console", "sso-oauth"}
SOURCES |= {"ec2messages", "ssmmessages", "portal.sso", "cur", "aws-marketplace", "marketplacecommerceanalytics", "chatbot", "controltower"}

# Names as they are logged, where they differ from those of the API (shown by real records).
LOGGED = {
    "s3": {
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
        "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
        "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
        "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    },
}
SEEN = {
    "s3": ["GetAccountPublicAccessBlock", "PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"],
    "signin": ["ConsoleLogin", "CheckMfa", "SwitchRole", "ExitRole", "RenewRole", "GetSigninToken", "UserAuthentication"]
    + ["PasswordUpdated", "PasswordRecoveryRequested", "PasswordRecoveryCompleted", "ExternalIdPDirectoryLogin"]
    + ["CredentialChallenge", "CredentialVerification", "EmailUpdated"],
    "ec2": ["SharedSnapshotCopyInitiated", "SharedSnapshotVolumeCreated"],
    "cloudshell": ["CreateEnvironment", "CreateSession", "PutCredentials", "GetEnvironmentStatus"],
}
TYPES = {"str": "s", "int": "i", "float": "f", "bool": "b"}


def operations(wheel):
    names = collections.defaultdict(set)
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            if not re.match(r"botocore/data/[^/]+/[^/]+/service-2\.json\.gz$", entry):
                continue
            service = json.loads(gzip.decompress(archive.read(entry)))
            metadata = service["metadata"]
            source = metadata.get("signingName", metadata["endpointPrefix"])
            for operation in service["operations"].values():
                name = operation["name"]
                if source == "cloudfront":
                    name = re.sub(r"20\d\d_\d\d_\d\d$", "", name)
                    name += operation["http"]["requestUri"].split("/")[1].replace("-", "_")
                names[source].add(LOGGED.get(source, {}).get(name, name))
    return names


def observed(table):
    samples, paths = {}, collections.defaultdict(dict)
    with open(table, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            source, name, seen, _, _, path, types = line.rstrip("\n").split("\t")
            source = source.removesuffix(".amazonaws.com")
            samples[source, name] = int(seen)
            if path:
                kinds = {TYPES.get(kind, "-") for kind in re.split(r"[|,/ ]+", types)}
                paths[source, name][path.replace("[]", "")] = "".join(sorted(kinds))
    return samples, paths


def main():
    samples, paths = observed(sys.argv[1])
    names = operations(sys.argv[2])
    complete = set(names) - PARTIAL
    for source, name in samples:
        names[source].add(name)
    for source in SOURCES:
        names[source] |= set(SEEN.get(source, []))
    for source, more in SEEN.items():
        names[source] |= set(more)
    # A name that is logged with a date is not logged without.
    for source in names:
        for name in [name for name in names[source] if re.search(r"20\d{6}(v\d)?$", name)]:
            names[source].discard(re.sub(r"20\d{6}(v\d)?$", "", name))
    print("# Event sources, event names and field paths of CloudTrail. Made by make-catalog.py; see catalog.rs.")
    for path, kind in sorted(zip(RECORD[::2], RECORD[1::2])):
        print(f"record {path} {kind}")
    for source in sorted(names):
        print(f"source {source}{' complete' if source in complete else ''}")
        plain = sorted(name for name in names[source] if (source, name) not in samples)
        for start in range(0, len(plain), 8):
            print("names " + " ".join(plain[start : start + 8]))
        for name in sorted(name for name in names[source] if (source, name) in samples):
            print(f"event {name} {samples[source, name]}")
            for path, kinds in sorted(paths[source, name].items()):
                print(f"{path.replace('requestParameters.', '<', 1).replace('responseElements.', '>', 1)} {kinds}")


main()
