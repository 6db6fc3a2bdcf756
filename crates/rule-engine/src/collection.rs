//! Collections: the older way to share parts between the rules of a file.
//!
//! `action: global` is a template for the detection rules that follow, `action: reset` drops it, and
//! `action: repeat` stands for the rule before it with changes. Where both say something, the document
//! wins over the template.

use crate::{
    code::Code,
    diagnostic::{Problems, suggestion},
    syntax::{Data, Entry, Node},
};

pub(crate) const ACTIONS: [&str; 3] = ["global", "reset", "repeat"];

/// Merges templates and repetitions into the rules they are meant for.
pub(crate) fn resolve(documents: Vec<Node>, problems: &mut Problems) -> Vec<Node> {
    let mut template: Option<Node> = None;
    let mut resolved: Vec<Node> = Vec::new();
    for mut document in documents {
        match take_action(&mut document, problems) {
            Action::None if is_detection_rule(&document) => {
                resolved.push(template.iter().fold(document, |document, template| merged(template, document)));
            }
            Action::None => resolved.push(document),
            Action::Global => template = Some(document),
            Action::Reset => template = None,
            Action::Repeat => resolved.extend(repeated(&resolved, document, problems)),
            Action::Unknown => {}
        }
    }
    resolved
}

fn repeated(earlier: &[Node], document: Node, problems: &mut Problems) -> Option<Node> {
    let Some(rule) = earlier.iter().rev().find(|earlier| is_detection_rule(earlier)) else {
        problems.error(Code::InvalidAction, document.span, "`action: repeat` with no rule before it");
        return None;
    };
    Some(merged(rule, document))
}

enum Action {
    None,
    Global,
    Reset,
    Repeat,
    /// Reported.
    Unknown,
}

fn take_action(document: &mut Node, problems: &mut Problems) -> Action {
    let Data::Map(entries) = &mut document.data else { return Action::None };
    let Some(position) = entries.iter().position(|entry| entry.key == "action") else { return Action::None };
    let entry = entries.remove(position);
    let word = match &entry.value.data {
        Data::Scalar(scalar) => scalar.text.as_str(),
        Data::List(_) | Data::Map(_) => "",
    };
    match word {
        "global" => Action::Global,
        "reset" => Action::Reset,
        "repeat" => Action::Repeat,
        _ => {
            let help = suggestion(word, ACTIONS).unwrap_or_else(|| format!("the actions are {}", ACTIONS.join(", ")));
            problems.error(Code::InvalidAction, entry.value.span, format!("`{word}` is no action")).help(help);
            Action::Unknown
        }
    }
}

fn is_detection_rule(document: &Node) -> bool {
    match &document.data {
        Data::Map(entries) => {
            !entries.iter().any(|entry| ["correlation", "filter", "lists"].contains(&entry.key.as_str()))
        }
        Data::Scalar(_) | Data::List(_) => false,
    }
}

/// `document` with everything of `template` that it does not say itself, maps merged level by level.
fn merged(template: &Node, document: Node) -> Node {
    let Data::Map(defaults) = &template.data else { return document };
    let span = document.span;
    let entries = match document.data {
        Data::Map(entries) => entries,
        data => return Node { span, data },
    };
    let mut all: Vec<Entry> = Vec::new();
    for entry in entries {
        match defaults.iter().find(|default| default.key == entry.key) {
            Some(default) => all.push(Entry { value: merged(&default.value, entry.value), ..entry }),
            None => all.push(entry),
        }
    }
    let missing: Vec<Entry> =
        defaults.iter().filter(|default| !all.iter().any(|entry| entry.key == default.key)).cloned().collect();
    all.extend(missing);
    Node { span, data: Data::Map(all) }
}
