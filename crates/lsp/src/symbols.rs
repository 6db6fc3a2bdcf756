//! The file as the editor shows it beside the text: diagnostics, symbols, lenses.

use lsp_types::{
    CodeLens, Command, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DocumentSymbol, Location,
    NumberOrString, Range, SymbolKind,
};
use serde_json::json;
use trailhound_rule_engine::{Severity, Span};

use crate::{
    address,
    outline::{Entry, Outline},
    runs::RUN_TESTS,
    text::Text,
    workspace::Open,
};

/// The name under which the editor lists what is found.
pub(crate) const SOURCE: &str = "trailhound";

pub(crate) fn diagnostic(found: &trailhound_rule_engine::Diagnostic, text: &Text) -> Diagnostic {
    let message = match found.help() {
        Some(help) => format!("{}\n{help}", found.message()),
        None => found.message().to_owned(),
    };
    Diagnostic {
        range: text.range(found.span()),
        severity: Some(match found.severity() {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(found.code().to_string())),
        source: Some(SOURCE.to_owned()),
        message,
        related_information: related(found),
        ..Diagnostic::default()
    }
}

/// The place that was there first, as the engine read it.
fn related(found: &trailhound_rule_engine::Diagnostic) -> Option<Vec<DiagnosticRelatedInformation>> {
    let (source, span) = found.related()?;
    let range = Text::new(source.text().to_owned()).range(span);
    let location = Location { uri: address::uri(source.name())?, range };
    Some(vec![DiagnosticRelatedInformation { location, message: "the first one stands here".to_owned() }])
}

pub(crate) fn symbols(open: &Open) -> Vec<DocumentSymbol> {
    let outline = Outline::of(&open.text);
    outline.documents().filter_map(|first| symbol_of_document(&outline, first, &open.text)).collect()
}

fn symbol_of_document(outline: &Outline<'_>, first: &Entry<'_>, text: &Text) -> Option<DocumentSymbol> {
    let of_document = || outline.entries.iter().filter(|entry| entry.document == first.document);
    let end = of_document().map(|entry| entry.value_span.end.max(entry.key_span.end)).max()?;
    let title = outline.top(first.document, "title");
    let mut parts = Vec::new();
    for (key, kind) in [("detection", SymbolKind::FIELD), ("filter", SymbolKind::FIELD), ("tests", SymbolKind::EVENT)] {
        let below = outline.top(first.document, key).into_iter().flat_map(|body| outline.below(body));
        for entry in below {
            let name = match (key, entry.key) {
                ("tests", Some("name")) => entry.value,
                ("tests", _) | (_, None | Some("condition")) => continue,
                (_, Some(key)) => key,
            };
            parts.extend(symbol(name, kind, (line_of(entry, text), Vec::new())));
        }
    }
    let name = title.map_or("rule without title", |title| title.value);
    let range = Range { start: text.position(text.line_start(first.line)), end: text.position(end) };
    let mut symbol = symbol(name, SymbolKind::CLASS, (range, parts))?;
    symbol.selection_range = title.map_or(line_of(first, text), |title| line_of(title, text));
    Some(symbol)
}

fn symbol(name: &str, kind: SymbolKind, (range, parts): (Range, Vec<DocumentSymbol>)) -> Option<DocumentSymbol> {
    #[expect(deprecated, reason = "the protocol's type still has the member")]
    let symbol = DocumentSymbol {
        name: name.to_owned(),
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range,
        selection_range: range,
        children: Some(parts),
    };
    // Editors refuse a symbol without a name.
    (!symbol.name.trim().is_empty()).then_some(symbol)
}

fn line_of(entry: &Entry<'_>, text: &Text) -> Range {
    let start = if entry.key.is_some() { entry.key_span.start } else { entry.value_span.start };
    text.range(Span::new(start, entry.value_span.end.max(entry.key_span.end)))
}

/// "Run tests" above each rule that has some.
pub(crate) fn lenses(open: &Open) -> Vec<CodeLens> {
    let outline = Outline::of(&open.text);
    let mut lenses = Vec::new();
    for first in outline.documents() {
        let Some(tests) = outline.top(first.document, "tests") else { continue };
        let count = outline.below(tests).filter(|entry| entry.dash.is_some()).count();
        if count > 0 {
            let command = Command {
                title: format!("Run tests ({count})"),
                command: RUN_TESTS.to_owned(),
                arguments: Some(vec![json!(open.uri), json!(first.line)]),
            };
            lenses.push(CodeLens { range: line_of(first, &open.text), command: Some(command), data: None });
        }
    }
    lenses
}
