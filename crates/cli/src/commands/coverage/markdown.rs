//! The coverage as a page.

use std::fmt::Write as _;

use super::measure::{Coverage, Covered};
use crate::output::{count, printable, wrapped};

/// Columns of texts; tables keep within them as far as names allow it.
const WIDTH: usize = 80;

pub(super) fn page(coverage: &Coverage) -> String {
    let mut page = Page { text: String::new() };
    page.line("# Coverage\n");
    page.paragraph(&format!(
        "{} and correlations of level {} and above{}. ATT&CK version {}.",
        count(coverage.rules, "rule"),
        coverage.level,
        match coverage.rules_below_level {
            0 => String::new(),
            below => format!("; {below} below it, which do not count"),
        },
        coverage.attack_version
    ));
    page.tactics(coverage);
    page.table("Techniques", "technique", &coverage.techniques);
    page.table("CIS AWS Foundations Benchmark, section 4", "control", &coverage.cis);
    page.table("Stratus Red Team", "technique", &coverage.stratus);
    page.table("Event sources", "event source", &coverage.event_sources);
    if coverage.any_source > 0 {
        page.paragraph(&format!("Without an event source: {}.", count(coverage.any_source, "rule")));
    }
    page.gaps(coverage);
    page.text
}

struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrapped(text, WIDTH) {
            self.line(&line);
        }
        self.line("");
    }

    fn tactics(&mut self, coverage: &Coverage) {
        self.line("## Tactics\n\n| tactic | | rules |\n|---|---|---|");
        for tactic in &coverage.tactics {
            // Writing into a string cannot fail, here and below.
            let _ = writeln!(self.text, "| {} | {} | {} |", tactic.id, tactic.name, number(tactic.rules));
        }
        self.line("");
    }

    fn table(&mut self, heading: &str, column: &str, things: &[Covered]) {
        if things.is_empty() {
            return;
        }
        let named = things.iter().any(|thing| thing.name.is_some());
        let covered = things.iter().filter(|thing| !thing.rules.is_empty()).count();
        let of = if covered == things.len() { String::new() } else { format!(": {covered} of {}", things.len()) };
        let _ = writeln!(self.text, "## {heading}{of}\n");
        self.line(&if named {
            format!("| {column} | | rules |\n|---|---|---|")
        } else {
            format!("| {column} | rules |\n|---|---|")
        });
        for thing in things {
            let name = if named { format!(" {} |", thing.name.unwrap_or_default()) } else { String::new() };
            let id = printable(&thing.id).replace('|', "\\|");
            let _ = writeln!(self.text, "| {id} |{name} {} |", number(thing.rules.len()));
        }
        self.line("");
    }

    fn gaps(&mut self, coverage: &Coverage) {
        let gaps = &coverage.gaps;
        self.line("## Gaps\n");
        let texts = |names: &[&'static str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        self.gap("Tactics", &texts(&gaps.tactics));
        self.gap("CIS controls", &gaps.cis);
        self.gap("CIS controls that only rules below the level name", &gaps.cis_below_level);
        self.gap("Rules without a tag of ATT&CK", &gaps.untagged);
        let short = gaps.event_sources.iter().map(|host| host.trim_end_matches(".amazonaws.com").to_owned());
        self.gap("Event sources", &short.collect::<Vec<String>>());
        if self.text.ends_with("## Gaps\n\n") {
            self.line("None.");
        }
    }

    fn gap(&mut self, what: &str, missing: &[String]) {
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(|name| printable(name)).collect();
            self.paragraph(&format!("**{what}** ({}): {}.", missing.len(), missing.join(", ")));
        }
    }
}

/// No rules stand out.
fn number(rules: usize) -> String {
    if rules == 0 { "**none**".to_owned() } else { rules.to_string() }
}
