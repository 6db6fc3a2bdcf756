//! What the policies in an event allow.

use serde_json::Value;

use super::{conditions::Condition, documented::document, identity::is_word};

/// A policy in the parameters of a call, as an object or as a text.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) path: String,
    document: Value,
}

/// The policies of an event.
pub(super) fn policies(event: &Value) -> Vec<Policy> {
    let mut found = Vec::new();
    if let Some(parameters) = event.get("requestParameters") {
        collect(parameters, "requestParameters", &mut found);
    }
    found
}

fn collect(value: &Value, path: &str, found: &mut Vec<Policy>) {
    match value {
        Value::Object(members) if members.contains_key("Statement") => {
            found.push(Policy { path: path.to_owned(), document: value.clone() });
        }
        Value::Object(members) => {
            for (key, member) in members {
                collect(member, &format!("{path}.{key}"), found);
            }
        }
        Value::String(text) => {
            let policy = document(text).filter(|document| document.get("Statement").is_some());
            found.extend(policy.map(|document| Policy { path: path.to_owned(), document }));
        }
        _ => {}
    }
}

impl Policy {
    /// What the most open of the statements that allow something says, but for whom it names.
    pub(super) fn conditions(&self) -> Vec<Condition> {
        let statements = members(self.document.get("Statement"));
        let allowing = statements.iter().filter(|statement| statement.get("Effect").is_some_and(|it| it == "Allow"));
        let closed =
            |statement: &&Value| (everybody(statement).is_none(), !action(statement).is_some_and(is_open_action));
        let Some(chosen) = allowing.min_by_key(closed) else { return Vec::new() };
        let effect = Some(("Effect", "Allow"));
        let action = action(chosen).map(|action| ("Action", action));
        let said = [effect, everybody(chosen).map(|field| (field, "*")), action];
        let condition = |(field, value): (&str, &str)| {
            Condition::new(&format!("{}.Statement.{field}", self.path), value.to_owned().into())
        };
        said.into_iter().flatten().map(condition).collect()
    }
}

/// The field in which a statement is for everybody.
fn everybody(statement: &Value) -> Option<&'static str> {
    let principal = statement.get("Principal")?;
    let is_all = |value: Option<&Value>| members(value).contains(&Value::from("*"));
    if is_all(Some(principal)) { Some("Principal") } else { is_all(principal.get("AWS")).then_some("Principal.AWS") }
}

/// The action that allows most, as far as it is seen from its name.
fn action(statement: &Value) -> Option<&str> {
    let actions = members(statement.get("Action")).iter().filter_map(Value::as_str);
    actions.filter(|action| *action == "*" || is_word(action)).min_by_key(|action| !is_open_action(action))
}

fn is_open_action(action: &str) -> bool {
    action == "*" || action.ends_with(":*")
}

/// The members of a list, or the value alone: policies have either.
fn members(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(members)) => members,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}
