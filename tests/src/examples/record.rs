//! One call and the CloudTrail record it leaves.

use serde_json::{Value, json};

use super::actors::{Actor, Channel};
use super::company::{ACCOUNT, Region, arn};
use super::moment::Moment;
use super::random::Random;

/// A finished record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// `eventTime`.
    pub(crate) time: Moment,
    /// `awsRegion`, which decides about the object that carries the record.
    pub(crate) region: Region,
    /// The part of `eventSource` before the first dot.
    pub(crate) service: String,
    /// The record as one line of JSON, its fields in CloudTrail's order.
    pub(crate) text: String,
}

/// The records of one kind of traffic, and the generator of their ids.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// For intervals and choices of this kind of traffic.
    pub(crate) random: Random,
    records: Vec<Record>,
}

impl Traffic {
    /// Traffic whose invented parts depend on `name`.
    pub(crate) fn named(name: &str) -> Self {
        Self { random: Random::named(name), records: Vec::new() }
    }

    /// Writes down the call.
    pub(crate) fn send(&mut self, call: Call<'_>) {
        let record = call.into_record(&mut self.random);
        self.records.push(record);
    }

    /// All that was written down.
    pub(crate) fn into_records(self) -> Vec<Record> {
        self.records
    }
}

/// A call under construction. What is not said is what most records have.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    actor: &'a Actor,
    service: &'a str,
    name: &'a str,
    time: Moment,
    region: Region,
    request: Value,
    response: Value,
    error: Option<(&'a str, String)>,
    additional: Option<Value>,
    resources: Option<Value>,
    details: Option<Value>,
    event_type: &'a str,
}

/// Services whose records appear in Virginia wherever the caller is.
const GLOBAL_SERVICES: &[&str] = &["iam", "cloudfront", "route53", "organizations", "ce", "health"];
/// How the names of calls begin that change nothing.
const READING: &[&str] =
    &["Describe", "Get", "List", "Lookup", "BatchGet", "BatchCheck", "Assume", "Decrypt", "GenerateDataKey", "Head"];
/// Services that keep the parameters of a denied call.
const KEEPS_DENIED_REQUEST: &[&str] = &["ec2", "s3", "guardduty", "eks"];

impl<'a> Call<'a> {
    /// A call of `event`, written `service:Name`, in the region where it would be recorded.
    pub(crate) fn new(actor: &'a Actor, event: &'a str, time: Moment) -> Self {
        let (service, name) = event.split_once(':').unwrap_or((event, ""));
        let global = GLOBAL_SERVICES.contains(&service);
        Self {
            actor,
            service,
            name,
            time,
            region: if global { Region::Virginia } else { Region::Ireland },
            request: Value::Null,
            response: Value::Null,
            error: None,
            additional: None,
            resources: None,
            details: None,
            event_type: "AwsApiCall",
        }
    }

    /// Recorded in this region.
    pub(crate) fn region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// `requestParameters`.
    pub(crate) fn request(mut self, request: Value) -> Self {
        self.request = request;
        self
    }

    /// `responseElements`.
    pub(crate) fn response(mut self, response: Value) -> Self {
        self.response = response;
        self
    }

    /// `additionalEventData`.
    pub(crate) fn additional(mut self, additional: Value) -> Self {
        self.additional = Some(additional);
        self
    }

    /// One entry of `resources`.
    pub(crate) fn resource(mut self, kind: &str, resource_arn: &str) -> Self {
        let resource = json!({"accountId": ACCOUNT, "type": kind, "ARN": resource_arn});
        self.resources = Some(json!([resource]));
        self
    }

    /// A call that failed for another reason than permissions.
    pub(crate) fn failed(mut self, code: &'a str, message: &str) -> Self {
        self.error = Some((code, message.to_owned()));
        self
    }

    /// A call that was denied: `action` is the permission that was missing.
    pub(crate) fn denied(self, action: &str, resource: &str) -> Self {
        let reason = format!("because no identity-based policy allows the {action} action");
        self.denied_because(action, resource, &reason)
    }

    /// A call that was denied for the reason that AWS names.
    pub(crate) fn denied_because(mut self, action: &str, resource: &str, reason: &str) -> Self {
        let who = self.actor.arn();
        let on = if resource.is_empty() { String::new() } else { format!("on resource: {resource} ") };
        let said = format!("User: {who} is not authorized to perform: {action} {on}{reason}");
        self.error = Some(match self.service {
            "ec2" => {
                let message = format!("You are not authorized to perform this operation. {said}");
                ("Client.UnauthorizedOperation", message)
            }
            _ => ("AccessDenied", said),
        });
        if !KEEPS_DENIED_REQUEST.contains(&self.service) {
            self.request = Value::Null;
        }
        self
    }

    /// An event that a service reports of itself, with its details.
    pub(crate) fn service_event(mut self, details: Value) -> Self {
        self.event_type = "AwsServiceEvent";
        self.details = Some(details);
        self
    }

    /// A sign-in at the console.
    pub(crate) fn sign_in(mut self) -> Self {
        self.event_type = "AwsConsoleSignIn";
        self
    }

    fn into_record(mut self, random: &mut Random) -> Record {
        if self.service == "s3" {
            self.add_what_s3_adds(random);
        }
        let (time, region, service) = (self.time, self.region, self.service.to_owned());
        let fields: Vec<String> =
            self.fields(random).into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Record { time, region, service, text: format!("{{{}}}", fields.join(",")) }
    }

    /// The fields in the order in which CloudTrail writes them.
    fn fields(self, random: &mut Random) -> Vec<(&'static str, Value)> {
        let read_only = READING.iter().any(|start| self.name.starts_with(start));
        let (tls, console) = (self.tls_details(), self.actor.channel == Channel::Console);
        let api_call = self.event_type == "AwsApiCall";
        let shared = self.actor.channel == Channel::Service && self.resources.is_some();
        let mut fields = vec![
            ("eventVersion", json!("1.11")),
            ("userIdentity", self.actor.identity.clone()),
            ("eventTime", json!(self.time.rfc3339())),
            ("eventSource", json!(format!("{}.amazonaws.com", self.service))),
            ("eventName", json!(self.name)),
            ("awsRegion", json!(self.region.name())),
            ("sourceIPAddress", json!(self.actor.address)),
            ("userAgent", json!(agent_as_logged(self.service, self.actor))),
        ];
        if let Some((code, message)) = self.error {
            // A failed sign-in has a message and no code.
            if !code.is_empty() {
                fields.push(("errorCode", json!(code)));
            }
            fields.push(("errorMessage", json!(message)));
        }
        fields.push(("requestParameters", self.request));
        fields.push(("responseElements", self.response));
        fields.extend(self.additional.map(|value| ("additionalEventData", value)));
        if api_call {
            fields.push(("requestID", json!(request_id(self.service, random))));
        }
        fields.push(("eventID", json!(random.uuid())));
        fields.push(("readOnly", json!(read_only)));
        fields.extend(self.resources.map(|value| ("resources", value)));
        fields.push(("eventType", json!(self.event_type)));
        fields.push(("managementEvent", json!(true)));
        fields.push(("recipientAccountId", json!(ACCOUNT)));
        if shared {
            fields.push(("sharedEventID", json!(random.uuid())));
        }
        fields.extend(self.details.map(|value| ("serviceEventDetails", value)));
        fields.push(("eventCategory", json!("Management")));
        fields.extend(tls.map(|value| ("tlsDetails", value)));
        if console && api_call {
            fields.push(("sessionCredentialFromConsole", json!("true")));
        }
        fields
    }

    /// S3 names the bucket in three places and reports bytes and signature.
    fn add_what_s3_adds(&mut self, random: &mut Random) {
        let region = self.region.name();
        let bucket = self.request.get("bucketName").and_then(Value::as_str).map(str::to_owned);
        let host = bucket.as_ref().map_or_else(
            || format!("s3.{region}.amazonaws.com"),
            |bucket| format!("{bucket}.s3.{region}.amazonaws.com"),
        );
        if self.request.is_null() {
            self.request = json!({});
        }
        if let Some(request) = self.request.as_object_mut() {
            request.insert("Host".to_owned(), json!(host));
        }
        if let Some(bucket) = bucket {
            let arn = format!("arn:aws:s3:::{bucket}");
            self.resources = Some(json!([{"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": arn}]));
        }
        self.additional = Some(json!({
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": format!("{}=", random.alphanumeric(27)),
            "bytesTransferredOut": random.between(200, 900),
        }));
    }

    fn tls_details(&self) -> Option<Value> {
        let region = self.region.name();
        if self.actor.channel == Channel::Service {
            return None;
        }
        let host = match self.service {
            "iam" | "cloudfront" | "route53" | "organizations" => {
                format!("{}.amazonaws.com", self.service)
            }
            "signin" => format!("{region}.signin.aws.amazon.com"),
            "ecr" => format!("api.ecr.{region}.amazonaws.com"),
            service => format!("{service}.{region}.amazonaws.com"),
        };
        Some(json!({
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": host,
        }))
    }
}

/// S3 writes the user agent of a client in brackets, other services as it came.
fn agent_as_logged(service: &str, actor: &Actor) -> String {
    if service == "s3" && actor.channel != Channel::Service {
        format!("[{}]", actor.agent)
    } else {
        actor.agent.clone()
    }
}

fn request_id(service: &str, random: &mut Random) -> String {
    if service == "s3" { random.upper(16) } else { random.uuid() }
}

/// The ARN of an IAM user, as messages about denied calls name it.
pub(crate) fn user_arn(user: &str) -> String {
    arn("iam", "", &format!("user/{user}"))
}
