//! Fields whose values are known: widening a value changes nothing where no other known value fits it.

use std::collections::BTreeSet;

use crate::{
    detection::{Detection, Field, Search, Test, Value},
    oracle::Json,
    pattern::{Matcher, Pattern},
    rule::Rule,
};

/// The names that AWS gives to event sources and events, as far as they are known, in lower case.
///
/// Nobody else chooses them, so a value that is widened means the same where no other name fits.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Source and name of events.
    events: BTreeSet<(String, String)>,
}

/// Fields with a few values, with those values.
const CLOSED: &[(&str, &[&str])] = &[
    ("trailhound.outcome", &["success", "denied", "failed"]),
    ("trailhound.actor_type", &["human", "role", "service", "root", "account", "anonymous"]),
    ("trailhound.credential", &["long-term", "temporary", "console"]),
    ("trailhound.cross_account", BOOLEANS),
    ("userIdentity.type", IDENTITIES),
    ("userIdentity.sessionContext.sessionIssuer.type", &["Role", "IAMUser", "Root"]),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", BOOLEANS),
    ("additionalEventData.MFAUsed", &["Yes", "No"]),
    ("responseElements.ConsoleLogin", &["Success", "Failure"]),
    ("eventCategory", &["Management", "Data", "Insight", "NetworkActivity"]),
    ("eventType", EVENT_TYPES),
    ("Effect", &["Allow", "Deny"]),
    ("readOnly", BOOLEANS),
];

const BOOLEANS: &[&str] = &["true", "false"];

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
const IDENTITIES: &[&str] = &[
    "Root",
    "IAMUser",
    "AssumedRole",
    "Role",
    "FederatedUser",
    "Directory",
    "AWSAccount",
    "AWSService",
    "IdentityCenterUser",
    "SAMLUser",
    "WebIdentityUser",
    "Unknown",
];

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
const EVENT_TYPES: &[&str] =
    &["AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsVpceEvent", "AwsCloudTrailInsight"];

impl Names {
    /// Learns that an event of this source and name exists.
    pub fn add(&mut self, source: &str, event: &str) {
        self.events.insert((source.to_lowercase(), event.to_lowercase()));
    }

    /// Learns the names that a rule says in so many words, and those of the records that it has to match.
    /// Those of near misses may be made up.
    pub fn add_rule(&mut self, rule: &Rule, files: &dyn Fn(&str) -> Result<String, String>) {
        let named = Literals::of(rule.detection());
        for source in &named.sources {
            for event in &named.events {
                self.add(source, event);
            }
        }
        for (service, event) in named.qualified.iter().filter_map(|qualified| qualified.split_once(':')) {
            self.add(&format!("{service}.amazonaws.com"), event);
        }
        let records = rule
            .tests()
            .iter()
            .filter(|test| test.expects_match())
            .filter_map(|test| test.records(files).ok())
            .flatten();
        for record in records.filter_map(|record| Json::record(&record).ok()) {
            if let [Some(source), Some(event)] = ["eventSource", "eventName"].map(|key| record.text_at(key)) {
                self.add(source, event);
            }
        }
    }
}

/// What is known about the values of the fields that a detection names.
pub(super) struct Closed<'n> {
    names: &'n Names,
    /// The event sources that the detection names; none if it leaves them open.
    sources: BTreeSet<String>,
}

impl<'n> Closed<'n> {
    pub(super) fn new(names: &'n Names, detection: &Detection) -> Self {
        Closed { names, sources: Literals::of(detection).sources }
    }

    /// Whether a pattern on a field means the same when it is widened, as far as is known.
    pub(super) fn same(&self, field: &Field, exact: &Pattern, wider: &Pattern) -> bool {
        let (exact, wider) = (Matcher::new(exact), Matcher::new(wider));
        let same = |value: &str| exact.matches(value) || !wider.matches(value);
        let of_rule = |source: &String| self.sources.is_empty() || self.sources.contains(source);
        let mut events = self.names.events.iter();
        match field_name(field).as_str() {
            // Only AWS writes the names of services there.
            "eventSource" | "userIdentity.invokedBy" => events.all(|(source, _)| same(source)),
            "eventName" => events.filter(|(source, _)| of_rule(source)).all(|(_, event)| same(event)),
            "trailhound.event" => events.all(|(source, event)| {
                let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
                same(&format!("{service}:{event}"))
            }),
            name => {
                let of_field = |closed: &str| name == closed || name.ends_with(&format!(".{closed}"));
                let known = CLOSED.iter().find(|(closed, _)| of_field(closed));
                known.is_some_and(|(_, values)| values.iter().all(|value| same(value)))
            }
        }
    }
}

/// The names that a detection asks for in so many words, in lower case.
#[derive(Default)]
struct Literals {
    sources: BTreeSet<String>,
    events: BTreeSet<String>,
    /// Values of `trailhound.event`.
    qualified: BTreeSet<String>,
}

impl Literals {
    fn of(detection: &Detection) -> Self {
        let mut literals = Literals::default();
        for identifier in &detection.identifiers {
            literals.add(&identifier.search);
        }
        literals
    }

    fn add(&mut self, search: &Search) {
        let item = match search {
            Search::All(searches) | Search::Any(searches) => return searches.iter().for_each(|inner| self.add(inner)),
            Search::Block(_) => return,
            Search::Item(item) => item,
        };
        let (Some(field), Test::Values { values, .. }) = (&item.field, &item.test) else { return };
        let texts = values.iter().filter_map(|value| match value {
            Value::Text(pattern) => pattern.literal(),
            _ => None,
        });
        let names = match field_name(field).as_str() {
            "eventSource" => &mut self.sources,
            "eventName" => &mut self.events,
            "trailhound.event" => &mut self.qualified,
            _ => return,
        };
        names.extend(texts.map(str::to_lowercase));
    }
}

fn field_name(field: &Field) -> String {
    match field {
        Field::Path(path) => path.to_string(),
        Field::Derived(derived) => derived.name().to_owned(),
    }
}
