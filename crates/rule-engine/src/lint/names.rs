//! Event sources and event names that no record has.

use std::{cell::LazyCell, cmp::Reverse};

use crate::{
    catalog::{Catalog, EventSource, without_host},
    code::Code,
    derived::without_date,
    diagnostic::{Problems, nearest},
    pattern::Matcher,
};

use super::{
    Document,
    alternatives::{Alternative, Places, value_matcher},
    model::{Logic, Test, Written},
};

/// IAM permissions whose call is logged under another name; an empty name where no call is.
const PERMISSIONS: [(&str, &str, &str); 15] = [
    ("s3", "ListAllMyBuckets", "ListBuckets"),
    ("s3", "ListBucket", "ListObjects"),
    ("s3", "ListBucketVersions", "ListObjectVersions"),
    ("s3", "GetObjectVersion", "GetObject"),
    ("s3", "DeleteObjectVersion", "DeleteObject"),
    ("s3", "PutLifecycleConfiguration", "PutBucketLifecycle"),
    ("s3", "GetLifecycleConfiguration", "GetBucketLifecycle"),
    ("s3", "PutEncryptionConfiguration", "PutBucketEncryption"),
    ("s3", "GetEncryptionConfiguration", "GetBucketEncryption"),
    ("s3", "PutReplicationConfiguration", "PutBucketReplication"),
    ("s3", "GetReplicationConfiguration", "GetBucketReplication"),
    ("s3", "PutInventoryConfiguration", "PutBucketInventoryConfiguration"),
    ("s3", "PutMetricsConfiguration", "PutBucketMetricsConfiguration"),
    ("lambda", "InvokeFunction", "Invoke"),
    ("iam", "PassRole", ""),
];

pub(super) fn judge(
    logic: &Logic<'_>,
    (alternatives, places): (&[Alternative<'_, '_>], &Places<'_, '_, '_>),
    document: &Document<'_>,
    problems: &mut Problems,
) {
    let catalog = document.catalog;
    for test in logic.tests().into_iter().filter(|test| test.is_text()) {
        let sources = LazyCell::new(|| sources(test, places, catalog));
        for value in test.values.iter().filter(|value| !value.is_null()) {
            match test.field.as_str() {
                "eventSource" => judge_source(test, value, catalog, problems),
                "eventName" => judge_name((test, value), &sources, catalog, problems),
                "trailhound.event" => judge_event(value, catalog, problems),
                _ => {}
            }
        }
    }
    if !document.is_filter() {
        judge_missing_source(logic, alternatives, catalog, problems);
    }
}

fn judge_source(test: &Test<'_>, value: &Written<'_>, catalog: &Catalog, problems: &mut Problems) {
    let wanted = value_matcher(test, value);
    if catalog.sources().any(|source| wanted.matches(&source.host)) {
        return;
    }
    let text = value.text();
    let known = catalog.source(text).or_else(|| catalog.nearest_source(text));
    problems
        .lint(Code::UnknownEventSource, value.span, format!("no known event source fits `{text}`"))
        .maybe_help(known.map(|source| format!("did you mean `{}`?", source.host)));
}

/// The sources that a test on event names is asked of, and whether those are all.
struct Sources<'c> {
    known: Vec<&'c EventSource>,
    is_pinned: bool,
}

fn sources<'c>(test: &Test<'_>, places: &Places<'_, '_, 'c>, catalog: &'c Catalog) -> Sources<'c> {
    let about = places.with(test);
    let pinned: Option<Vec<_>> = about.iter().map(|place| place.sources.as_deref()).collect();
    match pinned {
        Some(sources) if !about.is_empty() => {
            Sources { known: sources.into_iter().flatten().copied().collect(), is_pinned: true }
        }
        _ => Sources { known: catalog.sources().collect(), is_pinned: false },
    }
}

fn judge_name(
    (test, value): (&Test<'_>, &Written<'_>),
    sources: &Sources<'_>,
    catalog: &Catalog,
    problems: &mut Problems,
) {
    let text = value.text();
    if let Some((_, name)) = text.split_once(':') {
        problems
            .lint(Code::PermissionName, value.span, format!("`{text}` is written as an IAM permission"))
            .help(format!("event names have no service before them: write `{name}`"));
        return;
    }
    let wanted = value_matcher(test, value);
    let known = &sources.known;
    let fits = |name: &str| wanted.matches(name);
    if known.is_empty() || known.iter().any(|source| source.events.values().any(|event| fits(&event.name))) {
        return;
    }
    let dated = known.iter().flat_map(|source| source.events.values()).find(|event| {
        let plain = without_date(&event.name);
        plain.len() < event.name.len() && fits(plain)
    });
    if let Some(dated) = dated {
        problems
            .lint(Code::DateSuffix, value.span, format!("CloudTrail writes a date behind `{text}`"))
            .help(format!("write `{}`, or compare `trailhound.event`, which has no date", dated.name));
        return;
    }
    if let Some((_, _, logged)) = permission(text, known) {
        let help = if logged.is_empty() {
            "using it is not logged; look for the call that it is used in".to_owned()
        } else {
            format!("the call is logged as `{logged}`")
        };
        problems
            .lint(Code::PermissionName, value.span, format!("`{text}` is an IAM permission, no event name"))
            .help(help);
        return;
    }
    report_unknown(value, sources, &logging(&wanted, catalog), problems);
}

fn permission(text: &str, sources: &[&EventSource]) -> Option<(&'static str, &'static str, &'static str)> {
    let mut known = PERMISSIONS.into_iter();
    known.find(|(service, name, _)| {
        name.eq_ignore_ascii_case(text) && sources.iter().any(|source| source.name == *service)
    })
}

/// The hosts of sources that log such an event, those first where it was seen; at most four.
fn logging(wanted: &Matcher, catalog: &Catalog) -> Vec<String> {
    let seen = |source: &EventSource| {
        source.events.values().filter(|event| wanted.matches(&event.name)).map(|event| event.seen).max()
    };
    let mut logging: Vec<_> =
        catalog.sources().filter_map(|source| Some((Reverse(seen(source)?), source.host.clone()))).collect();
    logging.sort();
    logging.into_iter().map(|(_, host)| host).take(4).collect()
}

fn report_unknown(value: &Written<'_>, sources: &Sources<'_>, elsewhere: &[String], problems: &mut Problems) {
    let text = value.text();
    let names = sources.known.iter().flat_map(|source| source.events.values()).map(|event| event.name.as_str());
    let near = nearest(text, names);
    // Where only some names are known, another one proves nothing, unless it looks misspelt.
    if near.is_none() && !sources.known.iter().all(|source| source.is_complete) {
        return;
    }
    let message = match sources.known.as_slice() {
        [source] => format!("no event of {} fits `{text}`", source.host),
        _ if sources.is_pinned => format!("no event of these sources fits `{text}`"),
        _ => format!("no known event fits `{text}`"),
    };
    let help = match (elsewhere, near) {
        ([], near) => near.map(|name| format!("did you mean `{name}`?")),
        (hosts, _) => Some(format!("it is an event of {}", hosts.join(", "))),
    };
    problems.lint(Code::UnknownEventName, value.span, message).maybe_help(help);
}

fn judge_event(value: &Written<'_>, catalog: &Catalog, problems: &mut Problems) {
    let text = value.text();
    let Some((service, name)) = text.split_once(':') else { return };
    if service.contains(['*', '?']) || name.contains(['*', '?']) {
        return;
    }
    let Some(source) = catalog.source(service).filter(|_| without_host(service) == service) else {
        problems
            .lint(Code::UnknownEventSource, value.span, format!("no known event source fits `{service}`"))
            .maybe_help(
                catalog.nearest_source(service).map(|source| format!("did you mean `{}:{name}`?", source.name)),
            );
        return;
    };
    if source.events.values().any(|event| without_date(&event.name).eq_ignore_ascii_case(name)) {
        return;
    }
    let near = nearest(name, source.events.values().map(|event| without_date(&event.name)));
    if near.is_some() || source.is_complete {
        problems
            .lint(Code::UnknownEventName, value.span, format!("no event of {} fits `{name}`", source.host))
            .maybe_help(near.map(|name| format!("did you mean `{service}:{name}`?")));
    }
}

/// Event names that some alternative asks of any service.
fn judge_missing_source(
    logic: &Logic<'_>,
    alternatives: &[Alternative<'_, '_>],
    catalog: &Catalog,
    problems: &mut Problems,
) {
    let tests = logic.tests();
    let names = tests.into_iter().filter(|test| test.field == "eventName" && !test.has("neq"));
    for test in names {
        let unpinned = |known: &Alternative<'_, '_>| known.holds(test) && !known.names_sources();
        let Some(first) = test.values.iter().find(|value| !value.is_null() && value.text() != "*") else { continue };
        if !alternatives.iter().any(unpinned) {
            continue;
        }
        let wanted = value_matcher(test, first);
        let hosts = logging(&wanted, catalog);
        let help = match hosts.as_slice() {
            [] => "say which service it is about: `eventSource: ….amazonaws.com`".to_owned(),
            [host] => format!("write `eventSource: {host}` beside it"),
            hosts => format!("`{}` is an event of {}", first.text(), hosts.join(", ")),
        };
        problems
            .lint(
                Code::MissingEventSource,
                test.key_span,
                "an event name without its `eventSource` is that of any service",
            )
            .help(help);
    }
}
