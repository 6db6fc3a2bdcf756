//! Which rule is meant.

use std::path::{Path, PathBuf};

use trailhound_rule_engine::{CorrelationIndex, Lists, Metadata, RuleIndex, yaml::suggestion};

use super::Refusal;
use crate::{
    arguments::ExplainArguments,
    exit_status::ExitStatus,
    output::{Output, printable},
    rule_files::{self, RuleFiles},
};

/// So many rules of a file are named where one has to be chosen.
const NAMED: usize = 5;

/// Loads the rules among which the one is, with the named lists of a configuration; `None` after it has been said
/// why they do not load.
pub(super) fn load(arguments: &ExplainArguments, configured: Lists, output: &Output) -> Option<RuleFiles> {
    let mut paths = arguments.rules.paths.clone();
    paths.extend(file(arguments));
    let files = rule_files::load_configured(&paths, &arguments.rules.lists.files, configured);
    files.report_unreadable(output);
    files.report_diagnostics(output);
    if files.status() == ExitStatus::Clean {
        return Some(files);
    }
    output.error("nothing is explained, because the rules could not be loaded");
    None
}

/// The rule as a file, where it is one.
fn file(arguments: &ExplainArguments) -> Option<PathBuf> {
    let path = Path::new(&arguments.rule);
    let looks_like_a_file = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
    (path.is_file() || looks_like_a_file).then(|| path.to_owned())
}

/// What is to be explained.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chosen {
    Rule(RuleIndex),
    Correlation(CorrelationIndex),
}

pub(super) fn rule(arguments: &ExplainArguments, files: &RuleFiles) -> Result<Chosen, Refusal> {
    match file(arguments) {
        Some(file) => only_rule(&file, files).map(Chosen::Rule),
        None => named_rule(&arguments.rule, files),
    }
}

fn only_rule(file: &Path, files: &RuleFiles) -> Result<RuleIndex, Refusal> {
    let name = file.display().to_string();
    let in_file: Vec<(RuleIndex, &Metadata)> = files
        .loaded
        .rules
        .iter()
        .filter(|(_, rule)| rule.source().name() == name)
        .map(|(index, rule)| (index, rule.metadata()))
        .collect();
    match in_file.as_slice() {
        [(index, _)] => Ok(*index),
        [] => Err(format!("{}: the file holds no rule for CloudTrail records", printable(&name))),
        several => {
            let names: Vec<String> =
                several.iter().take(NAMED).map(|(_, rule)| format!("`{}`", printable(rule.handle()))).collect();
            Err(format!(
                "{0}: the file holds {1} rules; choose one with `--rules {0}` and its name, such as {2}",
                printable(&name),
                several.len(),
                names.join(", ")
            ))
        }
    }
}

fn named_rule(name: &str, files: &RuleFiles) -> Result<Chosen, Refusal> {
    let rules = &files.loaded.rules;
    let is_called = |metadata: &Metadata| {
        let is_id = metadata.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name));
        is_id || metadata.name.as_deref() == Some(name) || metadata.title == name
    };
    if let Some((index, _)) = rules.iter().find(|(_, rule)| is_called(rule.metadata())) {
        return Ok(Chosen::Rule(index));
    }
    if let Some((index, _)) = rules.correlations().find(|(_, known)| is_called(known.metadata())) {
        return Ok(Chosen::Correlation(index));
    }
    if Path::new(name).is_dir() {
        return Err(format!("{0}: a folder; name it with `--rules`, and a rule in it by its name", printable(name)));
    }
    let handles = files.carriers().map(|known| known.metadata.handle());
    let help = suggestion(name, handles).unwrap_or_else(|| "`trailhound rules` lists them".to_owned());
    Err(format!("there is no rule file and no rule `{}`; {}", printable(name), printable(&help)))
}
