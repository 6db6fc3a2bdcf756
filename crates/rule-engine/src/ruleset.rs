use std::collections::{HashMap, HashSet};

use crate::{
    code::Code,
    correlation::{self, Correlation, CorrelationIndex, Resolved, Target},
    diagnostic::{Diagnostic, Problems, Severity},
    engine::{
        compiled_rule::CompiledRule,
        evaluator::Evaluator,
        index::{Index, Place},
        slots::{Slots, Value},
        trie::{Slot, Supply, Trie},
    },
    file::ReadFile,
    filter::{Filter, FilterIndex},
    limits::Limits,
    lint,
    lists::{Lists, Settings, Tests},
    metadata::Metadata,
    readings::Readings,
    rule::Rule,
    source::{Source, Span},
};

/// Number of a rule within its rule set, in the order in which the rules were loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(usize);

impl RuleIndex {
    pub(crate) fn new(index: usize) -> Self {
        RuleIndex(index)
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

/// Rules compiled together: one trie of all their field paths, an index that picks the candidates for
/// a record, and a program for each rule; with the filters and correlations about them.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    filters: Vec<Filter>,
    expired: Vec<Filter>,
    correlations: Resolved,
    /// All named lists, for tests that fill others.
    lists: Lists,
    compiled: Vec<CompiledRule>,
    trie: Trie,
    /// What fills each slot of the trie.
    supplies: Vec<Supply>,
    index: Index,
    /// Where the first pass leaves `eventTime`.
    time: Option<Slot>,
}

/// What came of loading rule files.
#[derive(Debug)]
pub struct Loaded {
    /// Every rule for CloudTrail that has no error.
    pub rules: RuleSet,
    /// Everything found wrong, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Valid rules that are written for other logs.
    pub skipped: Vec<Rule>,
}

impl Loaded {
    /// Whether any rule could not be loaded.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }
}

impl RuleSet {
    /// Reads, checks and compiles rule files. Rules with errors are left out and reported; what that
    /// means is the caller's decision.
    ///
    /// Values with placeholders need lists, which [`RuleSet::load_with`] takes; here only those that a
    /// `lists` document among the sources fills are known.
    pub fn load(sources: impl IntoIterator<Item = Source>, limits: &Limits) -> Loaded {
        RuleSet::load_with(sources, &Settings { limits: *limits, ..Settings::default() })
    }

    /// Like [`RuleSet::load`], with named lists and a day on which filters may have expired.
    pub fn load_with(sources: impl IntoIterator<Item = Source>, settings: &Settings) -> Loaded {
        RuleSet::load_again(sources, settings, &mut Readings::default())
    }

    /// Like [`RuleSet::load_with`], and reads no file again that did not change since the last load.
    pub fn load_again(
        sources: impl IntoIterator<Item = Source>,
        settings: &Settings,
        readings: &mut Readings,
    ) -> Loaded {
        RuleSet::load_read(readings.read(sources, settings), settings.clone())
    }

    /// Checks and compiles files, each with whether it is in view.
    fn load_read(mut files: Vec<(bool, ReadFile)>, mut settings: Settings) -> Loaded {
        let mut defaults = Lists::default();
        for (_, file) in &mut files {
            file.collect_lists(&mut defaults);
        }
        settings.lists.add_missing(defaults);
        let out_of_view = settings.out_of_view();
        let mut diagnostics = Vec::new();
        let mut names = Names::default();
        let (mut rules, mut skipped, mut filters, mut correlations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (is_in_view, file) in files {
            let file = file.check(if is_in_view { &settings } else { &out_of_view });
            diagnostics.extend(file.diagnostics);
            filters.extend(file.filters);
            for correlation in file.correlations {
                match names.taken(correlation.metadata(), correlation.source(), correlation.span) {
                    Some(diagnostic) => diagnostics.push(diagnostic),
                    None => correlations.push(correlation),
                }
            }
            for rule in file.rules {
                match names.taken(rule.metadata(), rule.source(), rule.span()) {
                    Some(diagnostic) => diagnostics.push(diagnostic),
                    None if rule.metadata().logsource.covers_cloudtrail() => rules.push(rule),
                    None => skipped.push(rule),
                }
            }
        }
        let known: Vec<&Rule> = rules.iter().chain(&skipped).collect();
        let (filters, expired) = filters.into_iter().partition(|filter: &Filter| {
            let mut problems = Problems::new(filter.source());
            filter.check_references(&known, &mut problems);
            let in_force = filter.is_in_force(settings.today, &mut problems);
            diagnostics.extend(problems.into_diagnostics());
            in_force
        });
        let mut report = |problems: Problems| diagnostics.extend(problems.into_diagnostics());
        let correlations = correlation::resolve(correlations, &rules, &skipped, &mut report);
        if settings.catalog.is_some() {
            let of_rules = rules.iter().map(|rule| (rule.metadata(), rule.source(), rule.span()));
            let of_correlations = correlations.correlations.iter();
            let of_correlations = of_correlations.map(|known| (known.metadata(), known.source(), known.span));
            diagnostics.extend(lint::repeated(of_rules.chain(of_correlations)));
        }
        let rules = RuleSet { expired, lists: settings.lists, ..RuleSet::compile_with(rules, filters, correlations) };
        Loaded { rules, diagnostics, skipped }
    }

    /// Compiles rules that have been read before, without filters and correlations.
    pub fn compile(rules: Vec<Rule>) -> Self {
        RuleSet::compile_with(rules, Vec::new(), Resolved::default())
    }

    fn compile_with(rules: Vec<Rule>, filters: Vec<Filter>, correlations: Resolved) -> Self {
        let mut trie = Trie::default();
        let mut compiled: Vec<CompiledRule> =
            rules.iter().map(|rule| CompiledRule::new(rule, &filters, &mut trie)).collect();
        for (rule, compiled) in rules.iter().enumerate().zip(&mut compiled) {
            compiled.add_observers((RuleIndex(rule.0), rule.1), &correlations, &mut trie);
        }
        let index = Index::build(rules.iter().map(Rule::detection), &mut trie);
        let time = Some(trie.insert_anchor(&Place::Top("eventTime".to_owned())));
        let supplies = trie.supplies();
        for rule in &mut compiled {
            rule.resolve(&supplies);
        }
        RuleSet {
            rules,
            filters,
            expired: Vec::new(),
            correlations,
            lists: Lists::default(),
            compiled,
            trie,
            supplies,
            index,
            time,
        }
    }

    /// A correlation with all it is about, read with other named lists before those known here.
    pub(crate) fn with_lists(
        &self,
        own: CorrelationIndex,
        lists: &Lists,
    ) -> Result<(RuleSet, CorrelationIndex), String> {
        let index = own;
        let mut sources = Vec::new();
        self.collect_sources(index, &mut sources);
        if let Some(name) = lists.names().find(|name| {
            let placeholder = format!("%{name}%");
            !sources.iter().any(|source| source.text().contains(&placeholder))
        }) {
            return Err(format!("no rule of the correlation refers to the list `{name}`"));
        }
        sources.extend(self.filters.iter().map(|filter| filter.source().clone()));
        let mut seen = HashSet::new();
        sources.retain(|source| seen.insert(source.name().to_owned()));
        let mut settings = Settings { lists: lists.clone(), tests: Tests::PassOver, ..Settings::default() };
        settings.lists.add_missing(self.lists.clone());
        let loaded = RuleSet::load_with(sources, &settings);
        if let Some(error) = loaded.diagnostics.iter().find(|problem| problem.severity() == Severity::Error) {
            return Err(format!("the rules cannot be read with these lists: {}", error.message()));
        }
        let position = |known: &Correlation| (known.source().name().to_owned(), known.span.start);
        let wanted = self.correlation(index).map(position);
        let found = loaded.rules.correlations().find(|(_, known)| Some(position(known)) == wanted);
        let index = found.map(|(index, _)| index).ok_or("the correlation cannot be read alone")?;
        // It may be changed against its file.
        Ok(match self.correlation(own) {
            Some(own) => loaded.rules.with_correlation(index, own),
            None => (loaded.rules, index),
        })
    }

    /// A correlation changed, with all it is about and the filters, and nothing else.
    pub(crate) fn with_correlation(
        &self,
        index: CorrelationIndex,
        changed: &Correlation,
    ) -> (RuleSet, CorrelationIndex) {
        let (mut rules, mut correlations) = (Vec::new(), Vec::new());
        self.collect_targets(index, &mut rules, &mut correlations);
        let rules: Vec<Rule> = rules.into_iter().filter_map(|rule| self.get(rule).cloned()).collect();
        let of_index = |known: &CorrelationIndex| {
            if *known == index { Some(changed.clone()) } else { self.correlation(*known).cloned() }
        };
        let position = correlations.iter().position(|known| *known == index).unwrap_or_default();
        let correlations: Vec<Correlation> = correlations.iter().filter_map(of_index).collect();
        // Everything that is referred to is there.
        let resolved = correlation::resolve(correlations, &rules, &[], &mut drop::<Problems>);
        let compiled = RuleSet::compile_with(rules, self.filters.clone(), resolved);
        (RuleSet { lists: self.lists.clone(), ..compiled }, CorrelationIndex(position))
    }

    /// A correlation and all it is about, each once.
    fn collect_targets(
        &self,
        index: CorrelationIndex,
        rules: &mut Vec<RuleIndex>,
        correlations: &mut Vec<CorrelationIndex>,
    ) {
        if correlations.contains(&index) {
            return;
        }
        correlations.push(index);
        for target in self.correlation_targets(index) {
            match target {
                Target::Rule(rule) if rules.contains(rule) => {}
                Target::Rule(rule) => rules.push(*rule),
                Target::Correlation(correlation) => self.collect_targets(*correlation, rules, correlations),
            }
        }
    }

    /// The correlations that are about a rule.
    pub fn correlations_about(&self, rule: RuleIndex) -> impl Iterator<Item = (CorrelationIndex, &Correlation)> {
        self.correlations().filter(move |(index, _)| self.correlation_targets(*index).contains(&Target::Rule(rule)))
    }

    /// Whether a rule is there for correlations alone and does not alert on its own.
    pub fn is_silent(&self, rule: RuleIndex) -> bool {
        self.compiled(rule.get()).is_some_and(|rule| rule.is_silent)
    }

    /// The files of a correlation and of all it is about.
    fn collect_sources(&self, index: CorrelationIndex, sources: &mut Vec<Source>) {
        sources.extend(self.correlation(index).map(|correlation| correlation.source().clone()));
        for target in self.correlation_targets(index) {
            match target {
                Target::Rule(rule) => sources.extend(self.get(*rule).map(|rule| rule.source().clone())),
                Target::Correlation(correlation) => self.collect_sources(*correlation, sources),
            }
        }
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules with their numbers, in the order in which they were loaded.
    pub fn iter(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleIndex(index), rule))
    }

    /// The rule with this number.
    pub fn get(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(index.0)
    }

    /// The filters in force, in the order in which they were loaded.
    pub fn filters(&self) -> impl Iterator<Item = (FilterIndex, &Filter)> {
        self.filters.iter().enumerate().map(|(index, filter)| (FilterIndex(index), filter))
    }

    /// The filters that had expired on the day of [`Settings::today`](crate::Settings::today) and are not
    /// applied, in the order in which they were loaded.
    pub fn expired_filters(&self) -> impl Iterator<Item = &Filter> {
        self.expired.iter()
    }

    /// The correlations with their numbers, in the order in which they were loaded.
    pub fn correlations(&self) -> impl Iterator<Item = (CorrelationIndex, &Correlation)> {
        self.correlations.correlations.iter().enumerate().map(|(index, known)| (CorrelationIndex(index), known))
    }

    /// The correlation with this number.
    pub fn correlation(&self, index: CorrelationIndex) -> Option<&Correlation> {
        self.correlations.correlations.get(index.0)
    }

    /// Correlations in an order in which each comes after those it is about.
    pub fn correlation_order(&self) -> &[CorrelationIndex] {
        &self.correlations.order
    }

    pub(crate) fn correlation_targets(&self, index: CorrelationIndex) -> &[Target] {
        self.correlations.targets.get(index.0).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a correlation is there for others alone.
    pub fn is_silent_correlation(&self, index: CorrelationIndex) -> bool {
        let mut parents = self
            .correlations()
            .filter(|(parent, _)| self.correlation_targets(*parent).contains(&Target::Correlation(index)))
            .peekable();
        parents.peek().is_some() && !parents.any(|(_, parent)| parent.generate)
    }

    /// Something that evaluates records against these rules; one for each thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self)
    }

    pub(crate) fn trie(&self) -> &Trie {
        &self.trie
    }

    pub(crate) fn supplies(&self) -> &[Supply] {
        &self.supplies
    }

    /// The first `eventTime` that is text, once the first pass has been over a record.
    pub(crate) fn time<'s>(&self, slots: &'s Slots<'_>) -> Option<&'s str> {
        // Slots give their latest value first.
        let texts = slots.values(self.time?).filter_map(|value| match value {
            Value::Text(text) => Some(text.as_ref()),
            _ => None,
        });
        texts.last()
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn compiled(&self, index: usize) -> Option<&CompiledRule> {
        self.compiled.get(index)
    }
}

/// The ids and names given so far: a correlation or an alert must be able to tell rules apart.
#[derive(Debug, Default)]
struct Names {
    given: HashMap<String, (Source, Span)>,
}

impl Names {
    fn taken(&mut self, metadata: &Metadata, source: &Source, span: Span) -> Option<Diagnostic> {
        let handles = [("id", metadata.id.as_deref()), ("name", metadata.name.as_deref())];
        let handles: Vec<(&str, &str)> = handles.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let taken = handles.iter().find_map(|(key, value)| {
            self.given.get(*value).map(|(earlier, at)| {
                let (file, line) = (earlier.name(), earlier.position(at.start).line);
                let message = format!("the {key} `{value}` is already taken by the rule at {file}:{line}");
                Diagnostic::new(Code::DuplicateRule, Severity::Error, source, span, message).with_related(earlier, *at)
            })
        });
        if taken.is_none() {
            let place = (source.clone(), span);
            self.given.extend(handles.iter().map(|(_, value)| ((*value).to_owned(), place.clone())));
        }
        taken
    }
}
