//! `allow`: lints that a rule takes back, each with a reason.

use crate::{
    code::Code,
    diagnostic::{Diagnostic, Problems},
    source::Span,
    syntax::{Data, Node},
};

use super::{Document, members};

const HELP: &str = "write `allow: [{lint: TH1011, reason: …}]`";

/// A lint that is taken back.
struct Allowed {
    code: Code,
    span: Span,
}

/// The problems without those that the document allows, and what is wrong with what it allows.
pub(super) fn apply(document: &Document<'_>, found: Problems) -> Vec<Diagnostic> {
    let mut problems = Problems::new(found.source());
    let allowed: Vec<Allowed> = document
        .get("allow")
        .map(|entry| members(&entry.value).iter().filter_map(|member| read(member, &mut problems)).collect())
        .unwrap_or_default();
    let found = found.into_diagnostics();
    for unneeded in allowed.iter().filter(|allowed| !found.iter().any(|problem| problem.code() == allowed.code)) {
        problems
            .lint(Code::UnneededAllow, unneeded.span, format!("{} finds nothing in this rule", unneeded.code))
            .help("remove the entry");
    }
    let left = found.into_iter().filter(|problem| !allowed.iter().any(|allowed| allowed.code == problem.code()));
    let mut left: Vec<Diagnostic> = left.collect();
    left.extend(problems.into_diagnostics());
    left
}

fn read(node: &Node, problems: &mut Problems) -> Option<Allowed> {
    let Data::Map(entries) = &node.data else {
        let message = format!("an entry of `allow` is a map, this is {}", node.kind());
        problems.lint(Code::InvalidAllow, node.span, message).help(HELP);
        return None;
    };
    let text = |key: &str| {
        entries.iter().find(|entry| entry.key == key).and_then(|entry| match &entry.value.data {
            Data::Scalar(scalar) if !scalar.text.trim().is_empty() => Some((scalar.text.as_str(), entry.value.span)),
            _ => None,
        })
    };
    let Some((name, span)) = text("lint") else {
        problems.lint(Code::InvalidAllow, node.span, "an entry of `allow` names no `lint`").help(HELP);
        return None;
    };
    if text("reason").is_none() {
        problems.lint(Code::InvalidAllow, node.span, format!("`{name}` is allowed without a `reason`")).help(HELP);
        return None;
    }
    let code = name.parse::<Code>().ok().filter(|code| is_allowable(*code));
    if code.is_none() {
        problems.lint(Code::InvalidAllow, span, format!("`{name}` is no lint that can be allowed")).help(HELP);
    }
    code.map(|code| Allowed { code, span })
}

/// Two rules have the same title together, and an entry of `allow` speaks for one.
fn is_allowable(code: Code) -> bool {
    code.is_lint() && !matches!(code, Code::InvalidAllow | Code::UnneededAllow | Code::DuplicateTitle)
}
