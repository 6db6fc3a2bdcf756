//! The result for people: counts of what is well, names of what is not. Keys are not broken, whatever the width.

use std::io;

use super::report::{ChainReport, HoleReport, ObjectReport, Report, State, Summary, Verdict, count};
use crate::output::{Output, Paint, printable};

pub(super) fn print(report: &Report, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    for line in lines(report, paint) {
        output.line(line)?;
    }
    Ok(())
}

fn lines(report: &Report, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for chain in &report.chains {
        lines.extend(of_chain(chain, paint));
        lines.push(String::new());
    }
    if !report.unproven.is_empty() {
        lines.extend(of_unproven(&report.unproven, paint));
        lines.push(String::new());
    }
    lines.extend(of_summary(&report.summary, paint));
    lines
}

fn of_chain(chain: &ChainReport, paint: Paint) -> Vec<String> {
    let ChainReport { account, region, trail, home_region, .. } = chain;
    let backfill = if chain.kind == "backfill" { ", backfills" } else { "" };
    let mut lines = vec![
        paint.bold(printable(&format!("{account} {region} {trail}{backfill}"))).to_string(),
        format!("  trail with home region {}", printable(home_region)),
    ];
    lines.extend(chain.buckets.iter().map(|bucket| format!("  s3://{}", printable(bucket))));
    if let (Some(from), Some(until)) = (chain.from, chain.until) {
        lines.push(format!("  {from} to {until}"));
    }
    if chain.earlier.is_some() && chain.kind == "regular" {
        lines.push("  there were digests before; they are not here".to_owned());
    }
    lines.push(format!("  digests  {}", counts(&chain.digests, &[State::Valid, State::Unsigned, State::Invalid])));
    lines.push(format!("  logs     {}", counts(&chain.logs, &[State::Valid, State::Invalid, State::Missing])));
    lines.extend(of_objects("digest", &chain.digests, paint));
    lines.extend(of_objects("log", &chain.logs, paint));
    lines.extend(chain.holes.iter().flat_map(|hole| of_hole(hole, paint)));
    lines
}

fn of_objects(what: &str, objects: &[ObjectReport], paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for ObjectReport { path, state, reason } in objects.iter().filter(|object| object.state != State::Valid) {
        lines.push(format!("  {} {what}", word(*state, paint)));
        lines.push(format!("    {}", printable(path)));
        lines.extend(reason.iter().map(|reason| format!("    {}", printable(reason))));
    }
    lines
}

fn of_hole(hole: &HoleReport, paint: Paint) -> Vec<String> {
    let HoleReport { from, until, expected_digests, .. } = hole;
    let about = if *expected_digests == 1 { "1 digest" } else { &format!("{expected_digests} digests") };
    let why = match hole.cause {
        "missing" => format!("about {about} missing"),
        "invalid" => format!("about {about} not valid"),
        "restart" => "logging or validation was switched off and on again".to_owned(),
        "times" => "the digests are linked, but their times do not meet".to_owned(),
        _ => "no valid digest after it".to_owned(),
    };
    let mut lines = vec![format!("  {} {from} to {until}", paint.error("hole")), format!("    {why}")];
    lines.extend(hole.named.iter().map(|named| format!("    the last one is {}", printable(named))));
    lines
}

fn of_unproven(objects: &[ObjectReport], paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.bold("Logs in no valid digest").to_string()];
    lines.push(format!("  logs     {}", counts(objects, &[State::Unlisted, State::Uncovered, State::Unknown])));
    for object in objects.iter().filter(|object| object.state == State::Unlisted) {
        lines.extend(of_objects("log", std::slice::from_ref(object), paint));
    }
    lines
}

fn of_summary(summary: &Summary, paint: Paint) -> Vec<String> {
    let Summary { digests_valid, digests_unsigned, digests_invalid, holes, unreadable, .. } = summary;
    let Summary { logs_valid, logs_invalid, logs_missing, logs_unlisted, logs_uncovered, logs_unknown, .. } = summary;
    let verdict = match summary.verdict {
        Verdict::Intact => paint.good("intact"),
        Verdict::Broken => paint.error("broken"),
        Verdict::Unknown => paint.warning("unknown"),
    };
    let mut lines = vec![
        format!("Verdict  {verdict}"),
        format!("Digests  {digests_valid} valid, {digests_unsigned} unsigned, {digests_invalid} invalid"),
        format!(
            "Logs     {logs_valid} valid, {logs_invalid} invalid, {logs_missing} missing, {logs_unlisted} unlisted, \
             {logs_uncovered} not covered"
        ),
        format!("Holes    {holes}"),
    ];
    if *logs_unknown > 0 {
        lines.push(format!("Unknown  {logs_unknown} logs of accounts or regions without any valid digest"));
    }
    if *unreadable > 0 {
        lines.push(format!("Files    {unreadable} that could not be read"));
    }
    lines
}

/// How many objects are in each of the states, and in others if there are any.
fn counts(objects: &[ObjectReport], states: &[State]) -> String {
    let unreadable = count(objects, State::Unreadable);
    let mut counts: Vec<String> =
        states.iter().map(|&state| format!("{} {}", count(objects, state), name(state))).collect();
    if unreadable > 0 {
        counts.push(format!("{unreadable} unreadable"));
    }
    counts.join(", ")
}

fn word(state: State, paint: Paint) -> String {
    match state {
        State::Valid => paint.good(name(state)).to_string(),
        State::Unsigned | State::Uncovered | State::Unknown => paint.warning(name(state)).to_string(),
        State::Invalid | State::Missing | State::Unlisted | State::Unreadable => paint.error(name(state)).to_string(),
    }
}

fn name(state: State) -> &'static str {
    match state {
        State::Valid => "valid",
        State::Unsigned => "unsigned",
        State::Invalid => "invalid",
        State::Missing => "missing",
        State::Unlisted => "unlisted",
        State::Uncovered => "not covered",
        State::Unknown => "unknown",
        State::Unreadable => "unreadable",
    }
}
