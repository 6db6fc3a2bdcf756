use std::collections::HashMap;

use crate::{
    code::Code,
    diagnostic::{Diagnostic, Severity},
    engine::{
        evaluator::Evaluator,
        index::Index,
        program::Program,
        trie::{Subtree, Trie},
    },
    limits::Limits,
    lists::{Lists, Settings},
    rule::{ReadFile, Rule},
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
    programs: Vec<Program>,
    trie: Trie,
    index: Index,
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
        RuleSet::load_with(sources, &Settings { limits: *limits, lists: Lists::default() })
    }

    /// Like [`RuleSet::load`], with named lists. A list that a rule file fills itself comes first.
    pub fn load_with(sources: impl IntoIterator<Item = Source>, settings: &Settings) -> Loaded {
        let mut settings = settings.clone();
        let mut files: Vec<ReadFile> =
            sources.into_iter().map(|source| ReadFile::read(&source, &settings.limits)).collect();
        for file in &mut files {
            file.collect_lists(&mut settings.lists);
        }
        let mut diagnostics = Vec::new();
        let mut names = Names::default();
        let (mut rules, mut skipped) = (Vec::new(), Vec::new());
        for file in files {
            let file = file.check(&settings);
            diagnostics.extend(file.diagnostics);
            for rule in file.rules {
                match names.taken(&rule) {
                    Some(diagnostic) => diagnostics.push(diagnostic),
                    None if rule.metadata().logsource.covers_cloudtrail() => rules.push(rule),
                    None => skipped.push(rule),
                }
            }
        }
        Loaded { rules: RuleSet::compile(rules), diagnostics, skipped }
    }

    /// Compiles rules that have been read before.
    pub fn compile(rules: Vec<Rule>) -> Self {
        let mut trie = Trie::default();
        let mut programs: Vec<Program> =
            rules.iter().map(|rule| Program::compile(rule.detection(), &mut trie)).collect();
        let index = Index::build(rules.iter().map(Rule::detection), &mut trie);
        let subtrees = subtrees(&trie);
        for program in &mut programs {
            program.resolve(&subtrees);
        }
        RuleSet { rules, programs, trie, index }
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

    /// Something that evaluates records against these rules; one for each thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self)
    }

    pub(crate) fn trie(&self) -> &Trie {
        &self.trie
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn program(&self, index: usize) -> Option<&Program> {
        self.programs.get(index)
    }
}

fn subtrees(trie: &Trie) -> Vec<Option<Subtree>> {
    let mut subtrees = vec![None; trie.slot_count()];
    for (path, slot) in trie.paths() {
        if let Some(entry) = subtrees.get_mut(slot.0) {
            *entry = trie.subtree(path);
        }
    }
    subtrees
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
