use std::collections::HashMap;

use crate::{
    code::Code,
    diagnostic::{Diagnostic, Problems, Severity},
    engine::{
        evaluator::Evaluator,
        index::Index,
        program::Program,
        trie::{Supply, Trie},
    },
    file::ReadFile,
    filter::{Filter, FilterIndex},
    limits::Limits,
    lists::{Lists, Settings},
    rule::Rule,
    source::Source,
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
/// a record, and a program for each rule.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    filters: Vec<Filter>,
    compiled: Vec<CompiledRule>,
    trie: Trie,
    /// What fills each slot of the trie.
    supplies: Vec<Supply>,
    index: Index,
}

/// A rule in the form that is evaluated, and the filters that are joined to it.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) program: Program,
    pub(crate) filters: Vec<(FilterIndex, Program)>,
}

impl CompiledRule {
    fn new(rule: &Rule, filters: &[Filter], trie: &mut Trie) -> Self {
        let program = Program::compile(rule.detection(), trie);
        let joined = filters.iter().enumerate().filter(|(_, filter)| filter.applies_to(rule));
        let filters =
            joined.map(|(index, filter)| (FilterIndex(index), Program::compile(filter.detection(), trie))).collect();
        CompiledRule { program, filters }
    }
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
        let mut settings = settings.clone();
        let mut files: Vec<ReadFile> =
            sources.into_iter().map(|source| ReadFile::read(&source, &settings.limits)).collect();
        let mut defaults = Lists::default();
        for file in &mut files {
            file.collect_lists(&mut defaults);
        }
        settings.lists.add_missing(defaults);
        let mut diagnostics = Vec::new();
        let mut names = Names::default();
        let (mut rules, mut skipped, mut filters) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let file = file.check(&settings);
            diagnostics.extend(file.diagnostics);
            filters.extend(file.filters);
            for rule in file.rules {
                match names.taken(&rule) {
                    Some(diagnostic) => diagnostics.push(diagnostic),
                    None if rule.metadata().logsource.covers_cloudtrail() => rules.push(rule),
                    None => skipped.push(rule),
                }
            }
        }
        let known: Vec<&Rule> = rules.iter().chain(&skipped).collect();
        filters.retain(|filter: &Filter| {
            let mut problems = Problems::new(filter.source());
            filter.check_references(&known, &mut problems);
            let in_force = filter.is_in_force(settings.today, &mut problems);
            diagnostics.extend(problems.into_diagnostics());
            in_force
        });
        Loaded { rules: RuleSet::compile_with(rules, filters), diagnostics, skipped }
    }

    /// Compiles rules that have been read before, without filters.
    pub fn compile(rules: Vec<Rule>) -> Self {
        RuleSet::compile_with(rules, Vec::new())
    }

    fn compile_with(rules: Vec<Rule>, filters: Vec<Filter>) -> Self {
        let mut trie = Trie::default();
        let mut compiled: Vec<CompiledRule> =
            rules.iter().map(|rule| CompiledRule::new(rule, &filters, &mut trie)).collect();
        let index = Index::build(rules.iter().map(Rule::detection), &mut trie);
        let supplies = trie.supplies();
        for rule in &mut compiled {
            rule.program.resolve(&supplies);
            for (_, filter) in &mut rule.filters {
                filter.resolve(&supplies);
            }
        }
        RuleSet { rules, filters, compiled, trie, supplies, index }
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
    given: HashMap<String, (String, usize)>,
}

impl Names {
    fn taken(&mut self, rule: &Rule) -> Option<Diagnostic> {
        let metadata = rule.metadata();
        let handles = [("id", metadata.id.as_deref()), ("name", metadata.name.as_deref())];
        let handles: Vec<(&str, &str)> = handles.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let taken = handles.iter().find_map(|(key, value)| {
            self.given.get(*value).map(|(file, line)| {
                let message = format!("the {key} `{value}` is already taken by the rule at {file}:{line}");
                Diagnostic::new(Code::DuplicateRule, Severity::Error, rule.source(), rule.span(), message)
            })
        });
        if taken.is_none() {
            let place = (rule.source().name().to_owned(), rule.position().line);
            self.given.extend(handles.iter().map(|(_, value)| ((*value).to_owned(), place.clone())));
        }
        taken
    }
}
