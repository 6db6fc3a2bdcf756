//! What becomes of a match: filters, correlations, level.

use std::io;

use serde::Serialize;
use serde_json::Value;
use trailhound_rule_engine::{Filter, Level, RuleIndex, RuleSet, explain::Explanation};

use crate::{
    explained,
    output::{Output, printable},
};

/// From this level on `scan` shows matches unless it is told otherwise.
const SHOWN_FROM: Level = Level::Low;

/// Blanks before the tree of a filter.
const TREE_INDENT: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct Fate<'r> {
    filters: Vec<Applied<'r>>,
    correlations: Vec<About<'r>>,
    /// Whether the rule is there for correlations alone.
    silent: bool,
    level: Level,
    /// Whether a match would alert.
    alerts: bool,
}

/// A filter that is joined to the rule.
#[derive(Debug, Serialize)]
struct Applied<'r> {
    title: &'r str,
    file: &'r str,
    line: usize,
    lets_through: bool,
    owner: Option<&'r str>,
    reason: Option<&'r str>,
    expires: Option<String>,
    condition: Value,
    #[serde(skip)]
    filter: &'r Filter,
    #[serde(skip)]
    part: &'r trailhound_rule_engine::explain::Part,
}

/// A correlation about the rule.
#[derive(Debug, Serialize)]
struct About<'r> {
    name: &'r str,
    title: &'r str,
    file: &'r str,
    line: usize,
}

impl<'r> Fate<'r> {
    pub(super) fn of(rules: &'r RuleSet, index: RuleIndex, explanation: &'r Explanation) -> Self {
        let filter = |wanted| rules.filters().find(|(index, _)| *index == wanted).map(|(_, filter)| filter);
        let filters = explanation.filters.iter().filter_map(|(index, part)| {
            let filter = filter(*index)?;
            let suppression = filter.suppression();
            Some(Applied {
                title: &filter.metadata().title,
                file: filter.source().name(),
                line: filter.position().line,
                lets_through: part.held,
                owner: suppression.owner.as_deref(),
                reason: suppression.reason.as_deref(),
                expires: suppression.expires.map(|day| day.to_string()),
                condition: explained::json_tree(part, filter.source()),
                filter,
                part,
            })
        });
        let correlations = rules.correlations_about(index).map(|(_, correlation)| About {
            name: correlation.metadata().handle(),
            title: &correlation.metadata().title,
            file: correlation.source().name(),
            line: correlation.position().line,
        });
        let silent = rules.is_silent(index);
        Fate {
            filters: filters.collect(),
            correlations: correlations.collect(),
            silent,
            level: rules.get(index).map_or(Level::Medium, |rule| rule.metadata().level),
            alerts: explanation.matches() && !silent,
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        if self.filters.is_empty() {
            output.line("filters       none apply to the rule")?;
        }
        for applied in &self.filters {
            applied.print(output)?;
        }
        for about in &self.correlations {
            output.line(format_args!("correlation   {}: {}", printable(about.name), printable(about.title)))?;
        }
        let voice = match (self.silent, self.correlations.is_empty()) {
            (true, _) => "silent: matches only count for its correlations",
            (false, false) => "on its own as well, as a correlation says `generate: true`",
            (false, true) => "on its own",
        };
        output.line(format_args!("alerts        {voice}"))?;
        let shown = if self.level < SHOWN_FROM { "; `scan` shows it with `--level informational`" } else { "" };
        output.line(format_args!("level         {}{shown}", output.paint().level(self.level)))
    }
}

impl Applied<'_> {
    fn print(&self, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        let verdict = if self.lets_through {
            paint.good("lets through").to_string()
        } else {
            paint.warning("suppresses").to_string()
        };
        output.line(format_args!("filter        {verdict}: {}", printable(self.title)))?;
        output.line(format_args!("              {}:{}", printable(self.file), self.line))?;
        for (word, text) in [("owner", self.owner), ("reason", self.reason), ("expires", self.expires.as_deref())] {
            if let Some(text) = text {
                output.line(format_args!("              {word}: {}", printable(text.trim())))?;
            }
        }
        for line in explained::tree(self.part, self.filter.source(), paint, TREE_INDENT) {
            output.line(format_args!("{:TREE_INDENT$}{line}", ""))?;
        }
        Ok(())
    }
}
