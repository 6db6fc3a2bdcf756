//! The checks of one trail.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use trailhound_aws::trails::{LookError, Owner, Scope, Selectors, Status, Trail};

use super::{
    super::management::{self, Extent, Recorded},
    Check, Examined, Question, Subject, TrailReport,
};

/// A digest covers an hour and comes after it, so it may be older than what was delivered by this much.
const DIGEST_PERIOD: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn judge<'f>(examined: &'f Examined, question: &Question<'_>) -> TrailReport<'f> {
    let Examined { trail, status, selectors } = examined;
    let mut checks = vec![
        told(Subject::Logging, status, |status| logging(trail, status)),
        told(Subject::Delivery, status, |status| delivery(status, question)),
        validation(trail, status, question),
        regions(trail),
        told(Subject::ManagementEvents, selectors, |selectors| management_events(trail, selectors)),
        encryption(trail),
    ];
    checks.extend(question.bucket.map(|wanted| bucket(trail, wanted)));
    TrailReport {
        name: &trail.name,
        arn: &trail.arn,
        home_region: &trail.home_region,
        bucket: &trail.bucket,
        prefix: trail.prefix.as_deref(),
        kms_key: trail.key.as_deref(),
        organization: trail.owner == Owner::Organization,
        checks,
    }
}

/// The check of an answer; unknown if there is none.
fn told<T>(subject: Subject, answer: &Result<T, LookError>, check: impl FnOnce(&T) -> Check) -> Check {
    match answer {
        Ok(answer) => check(answer),
        Err(error) => Check::unknown(subject, error.reason(), error.advice()),
    }
}

fn logging(trail: &Trail, status: &Status) -> Check {
    let since = |time: Option<Timestamp>| time.map_or(String::new(), |time| format!(" since {time:.0}"));
    if status.logging {
        return Check::ok(Subject::Logging, format!("logging is on{}", since(status.started)));
    }
    let command = format!("aws cloudtrail start-logging --region {} --name {}", trail.home_region, trail.name);
    Check::problem(
        Subject::Logging,
        format!("logging is off{}", since(status.stopped)),
        format!("start it{}: `{command}`; then find out who made the call StopLogging", in_owner(trail)),
    )
}

fn delivery(status: &Status, question: &Question<'_>) -> Check {
    let subject = Subject::Delivery;
    if let Some(error) = &status.delivery_error {
        return Check::problem(subject, format!("the latest delivery failed: {error}"), MEND_BUCKET);
    }
    let limit = question.stale_after;
    match (status.delivered, status.started) {
        (Some(delivered), _) if question.age(delivered) <= limit => {
            Check::ok(subject, format!("the latest object was delivered {} ago", words(question.age(delivered))))
        }
        (Some(delivered), _) => Check::problem(
            subject,
            format!(
                "the latest object was delivered {} ago, and `--stale-after` is {limit:#}",
                words(question.age(delivered))
            ),
            "see that logging is on and that the account makes calls at all; for a quiet one raise `--stale-after`",
        ),
        (None, Some(started)) if status.logging && question.age(started) <= limit => Check::warning(
            subject,
            format!("nothing has been delivered yet; logging was started {} ago", words(question.age(started))),
            "look again in a quarter of an hour",
        ),
        (None, _) => Check::problem(
            subject,
            "nothing has ever been delivered",
            "see that logging is on and that the policy of the bucket lets cloudtrail.amazonaws.com write",
        ),
    }
}

const MEND_BUCKET: &str = "see that the bucket is there and that its policy, and that of the KMS key, let \
                           cloudtrail.amazonaws.com write; what waits is delivered for 30 days";

fn validation(trail: &Trail, status: &Result<Status, LookError>, question: &Question<'_>) -> Check {
    let subject = Subject::Validation;
    if !trail.validates {
        return Check::problem(
            subject,
            "log file validation is off: an object that is changed or deleted leaves no trace",
            update(trail, "--enable-log-file-validation"),
        );
    }
    told(subject, status, |status| match (&status.digest_error, status.digest_delivered) {
        (Some(error), _) => {
            Check::problem(subject, format!("the latest digest was not delivered: {error}"), MEND_BUCKET)
        }
        (None, Some(delivered)) if question.age(delivered) <= question.stale_after.saturating_add(DIGEST_PERIOD) => {
            let age = words(question.age(delivered));
            Check::ok(subject, format!("log file validation is on; the latest digest was delivered {age} ago"))
        }
        (None, Some(delivered)) => Check::problem(
            subject,
            format!("the latest digest was delivered {} ago; one is due every hour", words(question.age(delivered))),
            "see that logging is on; if it is, ask AWS Support why digests are not delivered",
        ),
        (None, None) => Check::warning(
            subject,
            "log file validation is on; no digest has been delivered yet",
            "look again in two hours: the first digest comes about an hour after validation is switched on",
        ),
    })
}

fn regions(trail: &Trail) -> Check {
    let subject = Subject::Regions;
    match (trail.scope, trail.global_services) {
        (Scope::AllRegions, true) => Check::ok(subject, "events of all regions and of global services are recorded"),
        (Scope::AllRegions, false) => Check::problem(
            subject,
            "events of global services, such as IAM, are not recorded",
            update(trail, "--include-global-service-events"),
        ),
        (Scope::HomeRegion, _) => Check::problem(
            subject,
            format!("only events of {} are recorded", trail.home_region),
            update(trail, "--is-multi-region-trail --include-global-service-events"),
        ),
    }
}

fn management_events(trail: &Trail, selectors: &Selectors) -> Check {
    let subject = Subject::ManagementEvents;
    if trail.has_own_selectors && *selectors == Selectors::Basic(Vec::new()) {
        let seen = "the trail has event selectors, but CloudTrail does not tell them";
        return Check::unknown(subject, seen, "look at the event selectors in the console");
    }
    let Recorded { reads, writes } = management::recorded(selectors);
    let seen = match (&reads, &writes) {
        (Extent::All, Extent::All) => {
            return Check::ok(subject, "all management events are recorded, reads and writes");
        }
        (Extent::None, Extent::None) => "management events are not recorded".to_owned(),
        (reads, writes) if reads == writes => format!("of management events, {}", extent(reads)),
        (reads, writes) => {
            format!("of reading management events, {}; of writing ones, {}", extent(reads), extent(writes))
        }
    };
    let advice = format!(
        "record all of them{}; the console has this under `Management events`, or see `aws cloudtrail put-event-selectors`",
        in_owner(trail)
    );
    Check::problem(subject, seen, advice)
}

fn extent(extent: &Extent) -> String {
    match extent {
        Extent::All => "all are recorded".to_owned(),
        Extent::Without(services) => {
            let services: Vec<&str> = BTreeSet::iter(services).map(String::as_str).collect();
            format!("those of {} are left out", services.join(", "))
        }
        Extent::Some => "only a selection is recorded".to_owned(),
        Extent::None => "none are recorded".to_owned(),
    }
}

fn encryption(trail: &Trail) -> Check {
    match &trail.key {
        Some(key) => {
            // Without what is before it in the ARN: that would not fit in a line.
            let name = key.rsplit('/').next().unwrap_or(key);
            Check::ok(Subject::Encryption, format!("objects are encrypted with the KMS key {name}"))
        }
        None => Check::warning(
            Subject::Encryption,
            "the trail names no KMS key, so whoever may read the bucket can read the logs",
            "give the trail a KMS key, and let Trailhound's role use it: kms:Decrypt",
        ),
    }
}

fn bucket(trail: &Trail, wanted: &str) -> Check {
    let is = &trail.bucket;
    if is == wanted {
        return Check::ok(Subject::Bucket, format!("objects go to the bucket `{is}`"));
    }
    Check::problem(
        Subject::Bucket,
        format!("objects go to the bucket `{is}` and not to `{wanted}`"),
        format!("let Trailhound read `{is}`, or find out who changed the bucket of the trail"),
    )
}

fn update(trail: &Trail, options: &str) -> String {
    let Trail { name, home_region, .. } = trail;
    format!(
        "switch it on{}: `aws cloudtrail update-trail --region {home_region} --name {name} {options}`",
        in_owner(trail)
    )
}

/// Where a change has to be made, if not in any account that sees the trail.
fn in_owner(trail: &Trail) -> &'static str {
    match trail.owner {
        Owner::Organization => " in the management account of the organization",
        Owner::Account => "",
    }
}

impl Question<'_> {
    /// How long ago that was. A time that is still to come counts as now: clocks differ.
    fn age(&self, time: Timestamp) -> SignedDuration {
        self.now.duration_since(time).max(SignedDuration::ZERO)
    }
}

/// A duration as people say it, rounded down.
pub(super) fn words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let (number, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    crate::output::count(number, unit)
}
