//! Rule files made of anything.

use trailhound_rule_engine::{Diagnostic, Limits, Lists, RuleSet, Source, report};

/// Loads the bytes as a rule file and as a file of lists. Neither may panic, and every problem has to
/// point into the text and be renderable.
pub fn check(bytes: &[u8]) {
    let source = Source::new("fuzz.yml", String::from_utf8_lossy(bytes));
    let loaded = RuleSet::load([source.clone()], &Limits::default());
    check_diagnostics(&loaded.diagnostics, &source);
    for (_, rule) in loaded.rules.iter() {
        assert!(rule.metadata().title.chars().count() <= 256, "a title of any length");
        assert!(rule.metadata().logsource.covers_cloudtrail(), "a rule for other logs");
    }
    check_diagnostics(&Lists::default().read(&source, &Limits::default()), &source);
}

/// A problem says where it is, and both renderers can show it.
pub(crate) fn check_diagnostics(diagnostics: &[Diagnostic], source: &Source) {
    for diagnostic in diagnostics {
        let span = diagnostic.span();
        let covered = diagnostic.source().text().get(span.start..span.end);
        assert!(covered.is_some(), "{span:?} of {} is no stretch of the text", diagnostic.code().as_str());
        assert_eq!(diagnostic.source().text(), source.text());
        for words in [Some(diagnostic.message()), diagnostic.help()].into_iter().flatten() {
            assert!(!words.is_empty() && !words.contains(char::is_control), "{words:?} is no line");
        }
        assert!(diagnostic.position() <= diagnostic.end_position());
        serde_json::to_string(diagnostic).expect("a diagnostic is data");
    }
    report::text(diagnostics, report::Color::Never);
    report::text(diagnostics, report::Color::Always);
}
