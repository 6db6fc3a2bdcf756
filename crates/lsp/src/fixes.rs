//! Quick fixes: what the help of a diagnostic says exactly.

use std::collections::HashMap;

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Range, TextEdit, WorkspaceEdit};

use crate::{
    address, symbols,
    workspace::{Open, Workspace},
};

pub(crate) fn actions(workspace: &Workspace, open: &Open, range: Range) -> Vec<CodeActionOrCommand> {
    let name = address::name(&open.uri);
    let mut actions = Vec::new();
    for found in workspace.diagnostics(&name) {
        let place = open.text.range(found.span());
        let touches = place.start <= range.end && range.start <= place.end;
        let Some((span, new)) = found.replacement().filter(|_| touches) else { continue };
        let edit = TextEdit { range: open.text.range(span), new_text: new.to_owned() };
        let edit = WorkspaceEdit {
            changes: Some(HashMap::from([(open.uri.clone(), vec![edit])])),
            ..WorkspaceEdit::default()
        };
        actions.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: format!("Write `{new}`"),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![symbols::diagnostic(found, &open.text)]),
            is_preferred: Some(true),
            edit: Some(edit),
            ..CodeAction::default()
        }));
    }
    actions
}
