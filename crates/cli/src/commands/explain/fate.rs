//! What becomes of a match: filters, correlations, level.

use std::io;

use serde::Serialize;
use serde_json::Value;
use trailhound_rule_engine::{Filter, Level, RuleIndex, RuleSet, explain::Explanation};

use trailhound_pipeline::configuration::Configuration;

use super::{alert::AlertFate, counted::Counted};
use crate::{
    chosen_record::Found,
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
    correlations: Vec<Counted>,
    /// Whether the rule is there for correlations alone.
    silent: bool,
    level: Level,
    /// Whether a match would alert.
    alerts: bool,
    /// The alert that a match would be.
    alert: Option<AlertFate>,
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

impl<'r> Fate<'r> {
    pub(super) fn of(
        rules: &'r RuleSet,
        index: RuleIndex,
        (explanation, found): (&'r Explanation, &Found),
        destination: Option<&Configuration>,
    ) -> Self {
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
        let silent = rules.is_silent(index);
        Fate {
            filters: filters.collect(),
            correlations: Counted::of(rules, index, (found, explanation.matches())),
            silent,
            level: rules.get(index).map_or(Level::Medium, |rule| rule.metadata().level),
            alerts: explanation.matches() && !silent,
            alert: rules
                .get(index)
                .filter(|_| !silent)
                .map(|rule| AlertFate::of((rule.metadata(), index), found, destination)),
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        if self.filters.is_empty() {
            output.line("filters       none apply to the rule")?;
        }
        for applied in &self.filters {
            applied.print(output)?;
        }
        for counted in &self.correlations {
            counted.print(output)?;
        }
        let voice = match (self.silent, self.correlations.is_empty()) {
            (true, _) => "silent: matches only count for its correlations",
            (false, false) => "on its own as well, as a correlation says `generate: true`",
            (false, true) => "on its own",
        };
        output.line(format_args!("alerts        {voice}"))?;
        let shown = if self.level < SHOWN_FROM { "; `scan` shows it with `--level informational`" } else { "" };
        output.line(format_args!("level         {}{shown}", output.paint().level(self.level)))?;
        self.alert.as_ref().map_or(Ok(()), |alert| alert.print(output))
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
