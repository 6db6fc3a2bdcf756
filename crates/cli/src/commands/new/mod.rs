//! `trailhound new`: a rule from an event, from flags, or from answers.

mod conditions;
mod dialogue;
mod documented;
mod draft;
mod identity;
mod limits;
mod near_miss;
mod neighbours;
mod policy;
mod seed;
#[cfg(test)]
mod tests;
mod write;
mod yaml;

use std::{io, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use trailhound_pipeline::unique_token;
use trailhound_rule_engine::{
    Diagnostic, Loaded, RuleSet, Settings, Severity, Source, Tests, catalog::Catalog, oracle, report, suite,
};

use self::{
    conditions::Condition,
    draft::Draft,
    near_miss::NearMiss,
    neighbours::{BuiltIn, Neighbours},
};
use crate::{
    arguments::{NewArguments, Outcome},
    chosen_record,
    exit_status::ExitStatus,
    output::{Output, printable},
    rule_files,
};

/// Why there is no rule, in words.
type Refusal = String;

/// A rule that was checked and whose tests were run.
#[derive(Debug)]
struct Written {
    text: String,
    draft: Draft,
    neighbours: Neighbours,
    /// What `check` has to say to it, none of it an error.
    lints: Vec<Diagnostic>,
}

impl Written {
    /// What about it is probably not meant.
    fn doubts(&self) -> impl Iterator<Item = &Diagnostic> {
        self.lints.iter().filter(|lint| lint.severity() >= Severity::Warning)
    }
}

pub(crate) fn run(arguments: &NewArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let answers = match dialogue::answers(arguments, output) {
        Ok(answers) => answers,
        Err(refusal) => {
            output.error(refusal);
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    let arguments = answers.as_ref().unwrap_or(arguments);
    let written = record(arguments, output).and_then(|record| {
        let built_in = rule_files::load(&[], &[], Tests::Read);
        written(arguments, &record, &BuiltIn::new(&built_in.loaded))
    });
    match written {
        Ok(written) if arguments.stdout => {
            output.text(&written.text)?;
            let doubtful: Vec<Diagnostic> = written.doubts().cloned().collect();
            if !doubtful.is_empty() {
                output.diagnostics(&doubtful);
            }
            Ok(ExitStatus::Clean)
        }
        Ok(written) => write::write(arguments, &written, output),
        Err(refusal) => {
            output.error(refusal);
            Ok(ExitStatus::CouldNotRun)
        }
    }
}

/// The event to start from, as it was.
fn record(arguments: &NewArguments, output: &Output) -> Result<Value, Refusal> {
    if let (Some(source), Some(event)) = (&arguments.source, &arguments.event) {
        let mut record = seed::event(source, event);
        for (field, value) in &arguments.conditions {
            seed::set(&mut record, field, &typed(value));
        }
        return Ok(seed::with_outcome(record, arguments.outcome.unwrap_or(Outcome::Success)));
    }
    let from = arguments.from.as_deref().ok_or("name an event: `--from EVENT`, or `--source` and `--event`")?;
    let found = chosen_record::find(from, &[], output)?;
    serde_json::from_str(&found.record).map_err(|_| format!("{}: the record is no JSON", printable(&found.place())))
}

fn written(arguments: &NewArguments, record: &Value, built_in: &BuiltIn<'_>) -> Result<Written, Refusal> {
    let neighbours = built_in.neighbours(record);
    let draft = draft(arguments, record, (built_in, &neighbours))?;
    let text = draft.text();
    let loaded = load(&text, &built_in.catalog);
    let (_, rule) = loaded
        .rules
        .iter()
        .next()
        .filter(|_| !loaded.has_errors())
        .ok_or_else(|| format!("with these words it is no valid rule:\n{}", errors(&loaded).trim_end()))?;
    let none = |_: &str| Err("the tests name no files".to_owned());
    if let Some(failed) = suite::run(rule, &none).into_iter().find(|test| !test.passed()) {
        return Err(format!("the rule does not pass its test `{}`; name its conditions with `--where`", failed.name));
    }
    if !oracle::Json::record(&record.to_string()).is_ok_and(|json| oracle::matches(rule, &json)) {
        return Err("the rule does not match the event itself; name its conditions with `--where`".to_owned());
    }
    Ok(Written { text, draft, neighbours, lints: loaded.diagnostics })
}

fn draft(
    arguments: &NewArguments,
    record: &Value,
    (built_in, neighbours): (&BuiltIn<'_>, &Neighbours),
) -> Result<Draft, Refusal> {
    let mut event = documented::documented(record, &neighbours.values);
    let mut conditions = conditions::of_event(&event);
    if conditions.is_empty() {
        return Err("the record names no event source and no event name".to_owned());
    }
    conditions.extend(parameters(arguments, record, &mut event, (built_in, neighbours))?);
    let seen = seed::outcome(record);
    let outcome = arguments.outcome.unwrap_or(seen);
    if ![seen, Outcome::Any].contains(&outcome) {
        let went = seen.word().unwrap_or("no call");
        return Err(format!("the outcome of the event is `{went}`; leave `--outcome` out, or say `any`"));
    }
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (service, name) = (text("eventSource"), text("eventName"));
    let mut draft = Draft {
        title: arguments.title.clone().unwrap_or_else(|| Draft::title_of(&service, &name, outcome)),
        id: random_id(),
        name: Draft::name_of(&service, &name, outcome),
        description: arguments.description.clone().unwrap_or_else(|| description(&service, &name, outcome)),
        author: arguments.author.clone(),
        date: Timestamp::now().to_zoned(TimeZone::UTC).date().to_string(),
        references: neighbours.references.clone(),
        tags: if arguments.tags.is_empty() { neighbours.tags.clone() } else { arguments.tags.clone() },
        level: arguments.level,
        conditions,
        outcome,
        false_positives: false_positives(arguments),
        event,
        near_misses: Vec::new(),
    };
    draft.near_misses = near_misses(&draft, &built_in.catalog);
    Ok(draft)
}

/// The conditions that are asked for, else those that the event proposes.
fn parameters(
    arguments: &NewArguments,
    record: &Value,
    event: &mut Value,
    (built_in, neighbours): (&BuiltIn<'_>, &Neighbours),
) -> Result<Vec<Condition>, Refusal> {
    if arguments.conditions.is_empty() {
        return Ok(conditions::of_parameters((record, event), &built_in.catalog, neighbours));
    }
    let mut conditions = Vec::new();
    for (field, wanted) in &arguments.conditions {
        let leaves = conditions::all_leaves(record);
        let is_it = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned) == *wanted;
        let found = leaves.iter().find(|leaf| leaf.path == *field && is_it(&leaf.value));
        let value = found.map(|leaf| leaf.value.clone().into_owned());
        let value = value.ok_or_else(|| format!("the event has no `{}` with this value", printable(field)))?;
        // Whoever names a value wants it in the rule, and so in its test.
        seed::set(event, field, &value);
        conditions.push(Condition::new(field, value));
    }
    Ok(conditions)
}

/// Those of the possible near misses that miss.
fn near_misses(draft: &Draft, catalog: &Arc<Catalog>) -> Vec<NearMiss> {
    let loaded = load(&draft.text(), catalog);
    let Some((_, rule)) = loaded.rules.iter().next() else { return Vec::new() };
    let misses =
        |event: &Value| oracle::Json::record(&event.to_string()).is_ok_and(|json| !oracle::matches(rule, &json));
    let of_outcome = near_miss::of_outcome(&draft.event, draft.outcome);
    let of_conditions = draft.conditions.iter().rev();
    let of_conditions = of_conditions.map(|condition| near_miss::of_condition(&draft.event, condition));
    of_outcome.into_iter().chain(of_conditions).filter(|near_miss| misses(&near_miss.event)).collect()
}

fn load(text: &str, catalog: &Arc<Catalog>) -> Loaded {
    let settings = Settings { catalog: Some(Arc::clone(catalog)), ..Settings::default() };
    RuleSet::load_with([Source::new("new.yml", text)], &settings)
}

fn errors(loaded: &Loaded) -> String {
    let is_error = |found: &&Diagnostic| found.severity() == Severity::Error;
    let errors: Vec<Diagnostic> = loaded.diagnostics.iter().filter(is_error).cloned().collect();
    report::text(&errors, report::Color::Never)
}

fn description(service: &str, event: &str, outcome: Outcome) -> String {
    let went = match outcome {
        Outcome::Success => "Failed and denied calls do not count.",
        Outcome::Denied => "Only denied calls count.",
        Outcome::Failed => "Only failed calls count.",
        Outcome::Any => "Failed and denied calls count as well.",
    };
    format!("Somebody called {event} of {service}. Say here why that matters in your accounts. {went}")
}

fn false_positives(arguments: &NewArguments) -> Vec<String> {
    if arguments.false_positives.is_empty() {
        vec!["Planned work of administrators or of automation; exclude its role by ARN.".to_owned()]
    } else {
        arguments.false_positives.clone()
    }
}

/// A value as the event would have it.
fn typed(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ => text.into(),
    }
}

/// A random UUID, version 4.
fn random_id() -> String {
    let token = unique_token();
    let digits: Vec<char> = token.chars().take(32).collect();
    let mut id = String::new();
    for (place, digit) in digits.into_iter().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(match place {
            12 => '4',
            16 => '8',
            _ => digit,
        });
    }
    id
}
