"""Applies a template of infra/ to a server that stands for AWS, piece by piece.

    deploy.py ENDPOINT TEMPLATE STACK PARAMETERS        TEMPLATE: its path in infra/; PARAMETERS: JSON

moto's CloudFormation skips policies, notifications and more without a word; a stack there would prove
nothing. Here each resource is created from the translated template by the call of its own service, in the
order in which CloudFormation would have to. Prints what the tests need as JSON. A bucket that the template
takes for granted is made as well, and told what the stack's output says.
"""

import json
import sys

import boto3
from template import REGION, ROOT, Stack, role_policy, translated


class Deployment:
    def __init__(self, endpoint: str, stack: Stack):
        self.endpoint, self.stack = endpoint, stack

    def client(self, service: str):
        # The credentials are no secret: the server takes any.
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test")

    def keys(self) -> None:
        for logical in self.stack.resources("AWS::KMS::Key"):
            # The policy of a key may name what comes after it; names are chosen by then.
            self.stack.chosen[logical] = self.client("kms").create_key()["KeyMetadata"]["KeyId"]
        for logical, key in self.stack.resources("AWS::KMS::Key").items():
            policy = json.dumps(key["KeyPolicy"])
            self.client("kms").put_key_policy(KeyId=self.stack.name(logical), PolicyName="default", Policy=policy)

    def queues(self) -> None:
        queues = self.stack.resources("AWS::SQS::Queue")
        # A redrive policy names a queue that is there.
        for logical, queue in sorted(queues.items(), key=lambda item: "RedrivePolicy" in item[1]):
            attributes = {name: value if isinstance(value, str) else json.dumps(value) for name, value in queue.items()}
            self.client("sqs").create_queue(QueueName=self.stack.name(logical), Attributes=attributes)
        for policy in self.stack.resources("AWS::SQS::QueuePolicy").values():
            for url in policy["Queues"]:
                document = json.dumps(policy["PolicyDocument"])
                self.client("sqs").set_queue_attributes(QueueUrl=self.queue_url(url), Attributes={"Policy": document})

    def queue_url(self, url: str) -> str:
        return self.client("sqs").get_queue_url(QueueName=url.rsplit("/", 1)[1])["QueueUrl"]

    def topics(self) -> None:
        for logical, topic in self.stack.resources("AWS::SNS::Topic").items():
            self.client("sns").create_topic(Name=self.stack.name(logical), Attributes=topic)
        for policy in self.stack.resources("AWS::SNS::TopicPolicy").values():
            for arn in policy["Topics"]:
                self.client("sns").set_topic_attributes(
                    TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy["PolicyDocument"]))

    def table(self) -> None:
        dynamodb = self.client("dynamodb")
        for logical, table in self.stack.resources("AWS::DynamoDB::Table").items():
            name = self.stack.name(logical)
            wanted = {key: table[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema")}
            dynamodb.create_table(TableName=name, SSESpecification={"Enabled": table["SSESpecification"]["SSEEnabled"]}, **wanted)
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=table["TimeToLiveSpecification"])
            if recovery := table.get("PointInTimeRecoverySpecification"):
                dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)

    def role(self) -> None:
        iam = self.client("iam")
        for logical, role in self.stack.resources("AWS::IAM::Role").items():
            name = self.stack.name(logical)
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
            for policy in role["Policies"]:
                document = json.dumps(policy["PolicyDocument"])
                iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)

    def new_trail(self) -> None:
        s3 = self.client("s3")
        for bucket in self.stack.resources("AWS::S3::Bucket").values():
            name = bucket["BucketName"]
            self.bucket(name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=bucket["VersioningConfiguration"])
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=bucket["PublicAccessBlockConfiguration"])
            queues = [notification(one) for one in bucket["NotificationConfiguration"]["QueueConfigurations"]]
            s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"QueueConfigurations": queues})
        for policy in self.stack.resources("AWS::S3::BucketPolicy").values():
            # moto forgets the conditions of a statement: what denies plain HTTP would deny everything.
            document = policy["PolicyDocument"]
            document["Statement"] = [one for one in document["Statement"] if one["Effect"] == "Allow"]
            s3.put_bucket_policy(Bucket=policy["Bucket"], Policy=json.dumps(document))
        for trail in self.stack.resources("AWS::CloudTrail::Trail").values():
            cloudtrail = self.client("cloudtrail")
            settings = {("Name" if key == "TrailName" else "KmsKeyId" if key == "KMSKeyId" else key): value
                        for key, value in trail.items() if key != "IsLogging"}
            cloudtrail.create_trail(**settings)
            cloudtrail.start_logging(Name=trail["TrailName"])

    def bucket(self, name: str) -> None:
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def existing_bucket(self) -> None:
        """What the template takes for granted, and what infra/README.md has people do to it."""
        s3, name, way = self.client("s3"), self.stack.parameters["LogBucketName"], self.stack.parameters.get("ObjectsAnnouncedBy")
        self.bucket(name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if way is None:
            # Nobody announces objects that are there already.
            return
        if way == "bucket":
            output = self.stack.resolve(self.stack.plain["Outputs"]["NotificationConfiguration"]["Value"])
            configuration = json.loads(output)
        elif way == "event-bus":
            configuration = {"EventBridgeConfiguration": {}}
        else:
            topic = self.stack.parameters["ObjectTopicArn"]
            self.client("sns").create_topic(Name=topic.rsplit(":", 1)[1])
            configuration = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)

    def ways_round(self) -> None:
        events = self.client("events")
        for logical, rule in self.stack.resources("AWS::Events::Rule").items():
            if "EventPattern" in rule:
                name = self.stack.name(logical)
                events.put_rule(Name=name, EventPattern=json.dumps(rule["EventPattern"]))
                events.put_targets(Rule=name, Targets=rule["Targets"])
        for subscription in self.stack.resources("AWS::SNS::Subscription").values():
            if subscription["Protocol"] == "sqs":
                self.client("sns").subscribe(
                    TopicArn=subscription["TopicArn"], Protocol="sqs", Endpoint=subscription["Endpoint"],
                    Attributes={"RawMessageDelivery": json.dumps(subscription["RawMessageDelivery"])})

    def alarms(self) -> None:
        for logical, alarm in self.stack.resources("AWS::CloudWatch::Alarm").items():
            # Parameters are texts, of which CloudFormation makes numbers.
            numbers = {"EvaluationPeriods": int(alarm["EvaluationPeriods"]), "Threshold": float(alarm["Threshold"])}
            self.client("cloudwatch").put_metric_alarm(AlarmName=self.stack.name(logical), **(alarm | numbers))

    def apply(self) -> None:
        steps = [self.keys, self.queues, self.topics, self.table, self.role]
        for step in steps:
            step()
        if self.stack.resources("AWS::CloudTrail::Trail"):
            self.new_trail()
        else:
            self.existing_bucket()
        self.ways_round()
        self.alarms()

    def summary(self) -> dict:
        stack = self.stack
        [(name, function)] = stack.resources("AWS::Lambda::Function").items()
        schedule = stack.resources("AWS::Events::Rule").get("CanarySchedule")
        topics = {
            logical: {"arn": stack.attribute(logical, "Ref"), "key": self.key_arn(topic["KmsMasterKeyId"])}
            for logical, topic in stack.resources("AWS::SNS::Topic").items()
        }
        return {
            "function": stack.name(name),
            "environment": function["Environment"]["Variables"],
            "bucket": stack.parameters["LogBucketName"],
            "queues": {logical: stack.name(logical) for logical in stack.resources("AWS::SQS::Queue")},
            "topics": topics,
            "canary": schedule["Targets"][0]["Input"] if schedule else None,
            "log_group": stack.attribute("FunctionLogGroup", "Arn"),
            "trail_key": stack.attribute("TrailKey", "Arn") if stack.resources("AWS::CloudTrail::Trail") else stack.parameters["TrailKeyArn"],
            "policy": role_policy(stack),
        }

    def key_arn(self, key: str) -> str:
        return self.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"]


def notification(one: dict) -> dict:
    """A notification as CloudFormation writes it, as S3 wants it."""
    rules = one["Filter"]["S3Key"]["Rules"]
    return {"QueueArn": one["Queue"], "Events": [one["Event"]], "Filter": {"Key": {"FilterRules": rules}}}


def main() -> None:
    endpoint, template, name, parameters = sys.argv[1:]
    plain = translated(ROOT / "infra" / template)
    deployment = Deployment(endpoint, Stack(json.loads(parameters), plain, name))
    deployment.apply()
    print(json.dumps(deployment.summary()))


main()
