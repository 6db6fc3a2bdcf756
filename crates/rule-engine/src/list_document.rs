//! Named lists written in a rule file or a file of their own.
//!
//! ```yaml
//! lists:
//!   own_accounts: ['111122223333', '444455556666']
//!   trusted_networks: [192.0.2.0/24]
//! ```

use crate::{
    code::Code,
    diagnostic::{Diagnostic, Problems},
    limits::Limits,
    lists::Lists,
    source::Source,
    syntax::{self, Data, Entry, Node},
    transform,
};

/// Reads a file of lists: a map of names to lists, bare or under the key `lists`; YAML or JSON.
pub(crate) fn read_file(source: &Source, limits: &Limits, lists: &mut Lists) -> Vec<Diagnostic> {
    let mut problems = Problems::new(source);
    for document in syntax::parse(source.text(), limits, &mut problems) {
        match &document.data {
            Data::Map(entries) => match entries.iter().find(|entry| entry.key == "lists") {
                Some(entry) => read(entry, lists, &mut problems),
                None => fill(entries, lists, &mut problems),
            },
            Data::Scalar(_) | Data::List(_) => wrong(&document, "a file of lists must be a map", &mut problems),
        }
    }
    problems.into_diagnostics()
}

/// Reads the value of `lists`.
pub(crate) fn read(entry: &Entry, lists: &mut Lists, problems: &mut Problems) {
    match &entry.value.data {
        Data::Map(entries) => fill(entries, lists, problems),
        Data::Scalar(_) | Data::List(_) => wrong(&entry.value, "`lists` must be a map", problems),
    }
}

fn fill(entries: &[Entry], lists: &mut Lists, problems: &mut Problems) {
    for entry in entries {
        if !transform::is_name(&entry.key) {
            let message = format!("`{}` cannot name a list", entry.key);
            problems
                .error(Code::InvalidList, entry.key_span, message)
                .help("use letters, digits, `_`, `-` and `.`, without percent signs");
        } else if let Some(values) = values(&entry.value, problems) {
            lists.insert(&entry.key, values);
        }
    }
}

fn values(node: &Node, problems: &mut Problems) -> Option<Vec<String>> {
    let Data::List(members) = &node.data else {
        wrong(node, "a list of values is needed", problems);
        return None;
    };
    let mut texts = Vec::new();
    for member in members {
        match &member.data {
            Data::Scalar(scalar) => texts.push(scalar.text.clone()),
            Data::List(_) | Data::Map(_) => {
                wrong(member, "a value must be a single text", problems);
                return None;
            }
        }
    }
    Some(texts)
}

fn wrong(node: &Node, what: &str, problems: &mut Problems) {
    problems.error(Code::InvalidList, node.span, format!("{what}, this is {}", node.kind()));
}
