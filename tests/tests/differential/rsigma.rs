//! rsigma, behind the few words that the comparison needs.

use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::{SigmaRule, parse_sigma_yaml};
use serde_json::Value;

/// A rule file as rsigma reads it: the titles of its rules, each compiled alone or refused.
pub(crate) struct Rules {
    rules: Vec<(String, Result<Engine, String>)>,
    /// Why documents of the file could not be read at all; their titles are not known.
    unread: Vec<String>,
}

impl Rules {
    pub(crate) fn read(text: &str) -> Self {
        let collection = parse_sigma_yaml(text).unwrap();
        let rules = collection.rules.iter().map(|rule| (rule.title.clone(), compile(rule))).collect();
        Rules { rules, unread: collection.errors }
    }

    /// The rule with this title, or why there is none.
    pub(crate) fn get(&self, title: &str) -> Result<&Engine, String> {
        match self.rules.iter().find(|(known, _)| known == title) {
            Some((_, compiled)) => compiled.as_ref().map_err(Clone::clone),
            None => Err(self.unread.join("; ")),
        }
    }
}

fn compile(rule: &SigmaRule) -> Result<Engine, String> {
    let mut engine = Engine::new();
    engine.add_rule(rule).map(|()| engine).map_err(|error| error.to_string())
}

/// Whether the rule of this engine matches a record.
pub(crate) fn matches(engine: &Engine, record: &Value) -> bool {
    !engine.evaluate(&JsonEvent::borrow(record)).is_empty()
}
