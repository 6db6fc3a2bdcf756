//! The alert about what is broken.

use std::collections::BTreeMap;

use trailhound_cloudtrail::ObjectKey;
use trailhound_rule_engine::Level;

use super::{breach::Breach, check::Checked};
use crate::{
    AlertId, GroupKey, ObjectRef,
    limits::NAMED_BREACHES,
    render::{Account, AlertKind, AlertView, Phrase, Row, Section, SectionForm},
    routing::notice,
};

/// One alert for all that a digest shows to be broken; `None` if nothing is.
pub(super) fn view(object: &ObjectRef, checked: &Checked, account: impl Fn(&str) -> Account) -> Option<AlertView> {
    let breaches = &checked.breaches;
    if breaches.is_empty() {
        return None;
    }
    let key = ObjectKey::parse(&object.key);
    let trail = key.digest.map(|digest| digest.trail);
    let is_meant = breaches.iter().all(Breach::may_be_meant);
    let what: Vec<&str> = rows(breaches).into_keys().collect();
    let sentence = Phrase::default()
        .words("The digests of CloudTrail show that logs are not as they were delivered: ")
        .words(what.join(", "))
        .maybe(", trail ", trail)
        .maybe(", in account ", key.account)
        .maybe(", ", key.region)
        .words(".");
    // The same digest checked again is the same alert, unless more has been broken since.
    let identity: Vec<String> = breaches
        .iter()
        .filter(|breach| breach.is_lasting())
        .map(|breach| format!("{} {}", breach.what(), breach.which()))
        .collect();
    let place = format!("{}/{}", object.bucket, object.key);
    Some(AlertView {
        kind: AlertKind::Integrity,
        id: AlertId::new("integrity", key.account, Some(&format!("{place}\n{}", identity.join("\n"))), ""),
        group: GroupKey::new("integrity", key.account, trail),
        level: if is_meant { Level::High } else { Level::Critical },
        account: key.account.map(account),
        region: key.region.map(str::to_owned),
        identity: [("digest", Some(place)), ("trail", trail.map(str::to_owned))]
            .into_iter()
            .filter_map(|(name, value)| Some(Row::new(name, value?)))
            .collect(),
        evidence: evidence(breaches),
        sections: sections(is_meant),
        ..notice("integrity", ["", ""], headline(is_meant), sentence)
    })
}

fn headline(is_meant: bool) -> &'static str {
    if is_meant { "The chain of digests was begun anew" } else { "Logs are not as CloudTrail delivered them" }
}

/// What was found, by what it is.
fn rows(breaches: &[Breach]) -> BTreeMap<&'static str, Vec<String>> {
    let mut rows: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for breach in breaches {
        rows.entry(breach.what()).or_default().push(breach.which());
    }
    rows
}

fn evidence(breaches: &[Breach]) -> Vec<Row> {
    let row = |(name, mut values): (&str, Vec<String>)| {
        let more = values.len().saturating_sub(NAMED_BREACHES);
        values.truncate(NAMED_BREACHES);
        Row { name: name.to_owned(), values, more }
    };
    rows(breaches).into_iter().map(row).collect()
}

fn sections(is_meant: bool) -> Vec<Section> {
    let why = "Whoever can write to the log bucket can hide what they did. CloudTrail signs what it delivers, and \
               what is here does not fit its signatures.";
    let restart = "Nothing proves what happened in that time: logging, or the making of digests, was off.";
    let steps = [
        "Run `trailhound verify` over the bucket: it says what else is broken, and since when.",
        "Look in the S3 data events and in CloudTrail for DeleteObject, PutObject, StopLogging and UpdateTrail at \
         that time.",
        "Restore older versions where the bucket keeps them, and treat what happened in that time as unknown.",
    ];
    let prose = if is_meant { restart } else { why };
    vec![
        Section { title: "Why it matters", form: SectionForm::Prose, entries: vec![prose.to_owned()] },
        Section { title: "First steps", form: SectionForm::Steps, entries: steps.map(str::to_owned).into() },
    ]
}
