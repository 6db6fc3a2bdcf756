//! What the tests share: rules, records, gzip, and a pipeline over the memory twins.

use std::{io::Write as _, sync::Arc, time::Duration};

use flate2::{Compression, write::GzEncoder};
use proptest::{arbitrary::any, collection::vec, sample::Index, strategy::Strategy};
use serde_json::{Value, json};
use trailhound_pipeline::{
    Clock, Delivery, DeliveryOutcome, InspectLimits, Inspector, ManualClock, ObjectRef, Pipeline, PipelineSettings,
    Ports,
    memory::{MemoryNotifier, MemoryObjects, MemoryState},
};
use trailhound_rule_engine::{Limits, RuleSet, Source};

pub(crate) const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/\
                              111122223333_CloudTrail_eu-west-1_20260501T1005Z_AbCdEfGhIjKlMnOp.json.gz";

pub(crate) const LEASE: Duration = Duration::from_mins(15);

const STOPPED: &str = "
title: CloudTrail logging was stopped
id: 4db60cc0-36fb-42b7-9b58-a5b53019fb74
name: trail_stopped
level: high
description: |
  Stopping a trail hides what follows.
  Attackers do it before anything else.
fields:
  - requestParameters.name
  - userIdentity.sessionContext.attributes.mfaAuthenticated
falsepositives:
  - A trail is being replaced; ask the team that owns it.
response:
  - Start the trail again.
  - |
    Look at what the caller did next.
    It will not be in this trail.
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
";

const ANY_IAM: &str = "
title: IAM was used
level: low
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: iam.amazonaws.com}
  condition: selection
";

const TRAILS: &str = "
title: A trail was touched
id: 11111111-36fb-42b7-9b58-a5b53019fb74
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com}
  condition: selection
";

pub(crate) fn rules(texts: &[&str]) -> Arc<RuleSet> {
    let sources = texts.iter().enumerate().map(|(index, text)| Source::new(format!("rule{index}.yml"), *text));
    let loaded = RuleSet::load(sources, &Limits::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    Arc::new(loaded.rules)
}

pub(crate) fn inspector() -> Inspector {
    Inspector::new(rules(&[STOPPED, ANY_IAM]), InspectLimits::default())
}

/// Two of these rules match the stopping of a trail.
pub(crate) fn overlapping_inspector() -> Inspector {
    Inspector::new(rules(&[STOPPED, ANY_IAM, TRAILS]), InspectLimits::default())
}

pub(crate) fn stop_logging(event_id: &str) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:mallory",
            "arn": "arn:aws:sts::111122223333:assumed-role/admin/mallory",
            "accountId": "111122223333",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": "admin"},
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-05-01T09:00:00Z"}
            }
        },
        "eventTime": "2026-05-01T10:00:00Z",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
        "responseElements": null,
        "eventID": event_id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management"
    })
}

pub(crate) fn list_users() -> Value {
    json!({"eventSource": "iam.amazonaws.com", "eventName": "ListUsers", "eventID": "list"})
}

pub(crate) fn assume_role() -> Value {
    json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "eventID": "assume"})
}

pub(crate) fn document(records: &[Value]) -> Vec<u8> {
    json!({"Records": records}).to_string().into_bytes()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A document of three records, packed or not, of which some bytes are others and the end may be gone.
pub(crate) fn damaged_document() -> impl Strategy<Value = Vec<u8>> {
    let flips = vec((any::<Index>(), any::<u8>()), 0..4);
    (flips, any::<Option<Index>>(), any::<bool>()).prop_map(|(flips, cut, packed)| {
        let plain = document(&[stop_logging("one"), list_users(), assume_role()]);
        let mut bytes = if packed { gzip(&plain) } else { plain };
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    })
}

pub(crate) fn object(key: &str) -> ObjectRef {
    ObjectRef { bucket: "logs".to_owned(), key: key.to_owned(), version: None }
}

/// Each alert is sent on its own.
pub(crate) fn ungrouped() -> PipelineSettings {
    PipelineSettings { grouping: None, ..PipelineSettings::default() }
}

/// A pipeline over the memory twins, and handles to these.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) objects: Arc<MemoryObjects>,
    pub(crate) state: Arc<MemoryState>,
    pub(crate) notifier: Arc<MemoryNotifier>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let leases: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        World { clock, objects: Arc::default(), state: Arc::new(MemoryState::new(leases)), notifier: Arc::default() }
    }

    pub(crate) fn with_object(bytes: Vec<u8>) -> Self {
        let world = World::new();
        world.objects.put(object(KEY), bytes);
        world
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports {
            objects: Arc::<MemoryObjects>::clone(&self.objects),
            state: Arc::<MemoryState>::clone(&self.state),
            notifier: Arc::<MemoryNotifier>::clone(&self.notifier),
            clock: Arc::<ManualClock>::clone(&self.clock),
            quarantine: None,
        }
    }

    pub(crate) fn pipeline(&self) -> Pipeline {
        Pipeline::new(inspector(), self.ports(), ungrouped())
    }

    pub(crate) async fn deliver(&self) -> DeliveryOutcome {
        self.pipeline().deliver(&Delivery::Object(object(KEY))).await
    }
}
