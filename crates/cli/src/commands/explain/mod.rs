//! `trailhound explain`: why a rule matches an event or does not, and what becomes of a match.

mod alert;
mod choose;
mod correlation;
mod counted;
mod fate;
mod growth;

use std::io;

use serde::Serialize;
use serde_json::Value;
use trailhound_pipeline::configuration::Configuration;
use trailhound_rule_engine::{Rule, RuleIndex, RuleSet, explain::Explanation, oracle::Json};

use self::{choose::Chosen, fate::Fate, growth::Growth};
use crate::{
    arguments::{ExplainArguments, Format},
    chosen_record::{self, Found},
    exit_status::ExitStatus,
    explained::{self, Miss},
    output::{Output, printable},
    wire::RuleLabel,
};

/// What keeps an explanation from being given, in words.
type Refusal = String;

#[derive(Debug, Serialize)]
struct Document<'d> {
    rule: RuleLabel<'d>,
    file: &'d str,
    line: usize,
    event: EventPlace<'d>,
    matches: bool,
    /// Whether the condition of the rule holds, whatever the filters say.
    holds: bool,
    nearest_miss: Option<Miss>,
    condition: Value,
    fate: &'d Fate<'d>,
}

/// What comes out.
enum Explained {
    Rule(RuleIndex, Found, Explanation),
    Correlation(Growth),
}

#[derive(Debug, Serialize)]
struct EventPlace<'d> {
    path: &'d str,
    index: u64,
    event_id: Option<&'d str>,
}

pub(crate) fn run(arguments: &ExplainArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let Ok(destination) = alert::destination(arguments, output) else { return Ok(ExitStatus::CouldNotRun) };
    let lists = destination.as_ref().map(Configuration::named_lists).unwrap_or_default();
    let Some(files) = choose::load(arguments, lists, output) else { return Ok(ExitStatus::CouldNotRun) };
    let rules = &files.loaded.rules;
    let result = choose::rule(arguments, &files).and_then(|chosen| match chosen {
        Chosen::Correlation(index) => growth::of(arguments, &files, index, output).map(Explained::Correlation),
        Chosen::Rule(index) => {
            let found = record(arguments, output)?;
            let explanation = explain(rules, index, &found)?;
            Ok(Explained::Rule(index, found, explanation))
        }
    });
    let (index, found, explanation) = match result {
        Ok(Explained::Rule(index, found, explanation)) => (index, found, explanation),
        Ok(Explained::Correlation(growth)) => {
            match arguments.format {
                Format::Text => growth.print(output)?,
                Format::Json => output.json_document(&growth)?,
            }
            return Ok(ExitStatus::Clean);
        }
        Err(refusal) => {
            output.error(refusal);
            return Ok(ExitStatus::CouldNotRun);
        }
    };
    let Some(rule) = rules.get(index) else { return Ok(ExitStatus::CouldNotRun) };
    let fate = Fate::of(rules, index, (&explanation, &found), destination.as_ref());
    match arguments.format {
        Format::Text => print_text(rule, &found, &explanation, &fate, output)?,
        Format::Json => output.json_document(&document(rule, &found, &explanation, &fate))?,
    }
    Ok(ExitStatus::Clean)
}

fn record(arguments: &ExplainArguments, output: &Output) -> Result<Found, Refusal> {
    chosen_record::find(&arguments.event, &arguments.logs, output).map_err(|refusal| {
        let may_be_an_id = arguments.logs.is_empty() && !chosen_record::is_place(&arguments.event);
        let hint = if may_be_an_id { "; to look for an eventID, name the logs behind it" } else { "" };
        format!("{refusal}{hint}")
    })
}

fn explain(rules: &RuleSet, index: RuleIndex, found: &Found) -> Result<Explanation, Refusal> {
    let record = Json::record(&found.record).map_err(|error| format!("{}: {error}", printable(&found.place())))?;
    Explanation::within(rules, index, &record).ok_or_else(|| "the rule is gone".to_owned())
}

fn document<'d>(rule: &'d Rule, found: &'d Found, explanation: &Explanation, fate: &'d Fate<'d>) -> Document<'d> {
    Document {
        rule: rule.metadata().into(),
        file: rule.source().name(),
        line: rule.position().line,
        event: EventPlace { path: &found.path, index: found.index, event_id: found.event_id.as_deref() },
        matches: explanation.matches(),
        holds: explanation.rule.held,
        nearest_miss: Miss::of(explanation),
        condition: explained::json_tree(&explanation.rule, rule.source()),
        fate,
    }
}

fn print_text(
    rule: &Rule,
    found: &Found,
    explanation: &Explanation,
    fate: &Fate<'_>,
    output: &mut Output,
) -> io::Result<()> {
    let paint = output.paint();
    let verdict = match (explanation.matches(), explanation.rule.held) {
        (true, _) => paint.good("MATCHES").to_string(),
        (false, true) => paint.warning("SUPPRESSED").to_string(),
        (false, false) => paint.error("DOES NOT MATCH").to_string(),
    };
    output.line(format_args!("{verdict}  {}", paint.bold(printable(&rule.metadata().title))))?;
    output.line(format_args!("rule   {}:{}", printable(rule.source().name()), rule.position().line))?;
    output.line(format_args!("event  {}\n", printable(&found.place())))?;
    for line in explained::tree(&explanation.rule, rule.source(), paint, 0) {
        output.line(line)?;
    }
    if let Some(miss) = explanation.nearest_miss() {
        output.line("")?;
        for line in explained::sentence_lines(&miss, 0) {
            output.line(line)?;
        }
    }
    output.line("")?;
    fate.print(output)
}
