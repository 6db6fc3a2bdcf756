//! What was read of rule files, kept from one load to the next.

use std::{collections::HashMap, mem};

use crate::{file::ReadFile, limits::Limits, lists::Settings, source::Source};

/// Rule files as they were read, for whoever loads the same files again and again while few of them change: those
/// that did not are not read again, which in an editor is more than half of the work.
///
/// Files in view ([`Settings::in_view`]) are not kept, since those are the ones that change.
#[derive(Debug, Default)]
pub struct Readings {
    limits: Limits,
    /// By name.
    kept: HashMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    source: Source,
    file: ReadFile,
}

impl Readings {
    /// The files as read, each with whether it is in view. What is not among them is forgotten.
    pub(crate) fn read(
        &mut self,
        sources: impl IntoIterator<Item = Source>,
        settings: &Settings,
    ) -> Vec<(bool, ReadFile)> {
        let mut before = mem::take(&mut self.kept);
        if self.limits != settings.limits {
            before.clear();
            self.limits = settings.limits;
        }
        let out_of_view = settings.out_of_view();
        let read = |source: Source| {
            if settings.is_in_view(&source) {
                return (true, ReadFile::read(&source, settings));
            }
            let kept = before.remove(source.name()).filter(|kept| kept.source.is_same(&source));
            let file = kept.map_or_else(|| ReadFile::read(&source, &out_of_view), |kept| kept.file);
            self.kept.insert(source.name().to_owned(), Kept { source, file: file.clone() });
            (false, file)
        };
        sources.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{report, ruleset::RuleSet};

    /// A rule with a test, a repeated tag and a repeated name, unless `good`.
    fn rule(file: &str, event: &str, good: bool) -> Source {
        let (name, tags) = if good { (file, "attack.t1098") } else { ("same", "attack.t1098, attack.t1098") };
        let text = format!(
            "title: Rule in {file}\nname: {name}\nlogsource: {{product: aws, service: cloudtrail}}\ntags: [{tags}]\n\
             detection: {{a: {{eventName: {event}}}, condition: a}}\nlevel: low\n\
             tests: [{{name: it is seen, match: true, event: {{eventName: {event}}}}}]\n"
        );
        Source::new(file, text)
    }

    fn in_view(names: &[&str]) -> Settings {
        let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Settings { in_view: Some(names), ..Settings::default() }
    }

    #[test]
    fn what_is_kept_says_what_a_new_reading_says() {
        let (a, b, c) = (rule("a.yml", "A", true), rule("b.yml", "B", false), rule("c.yml", "C", false));
        let lists = Source::new("lists.yml", "lists: {mine: [one]}\n");
        let fewer_nodes = Limits { nodes: 25, ..Limits::default() };
        let loads = [
            (vec![&lists, &a, &b, &c], in_view(&["a.yml"])),
            (vec![&lists, &a, &b, &c], in_view(&["a.yml"])),
            (vec![&c, &b, &a, &lists], in_view(&["b.yml", "c.yml"])),
            (vec![&a, &c], in_view(&[])),
            (vec![&a, &b, &c], Settings { limits: fewer_nodes, ..in_view(&[]) }),
            (vec![&a, &b, &c], in_view(&["b.yml"])),
            (vec![&a, &b, &c], Settings::default()),
        ];
        let mut readings = Readings::default();
        for (number, (sources, settings)) in loads.into_iter().enumerate() {
            let sources = || sources.iter().copied().cloned();
            let again = RuleSet::load_again(sources(), &settings, &mut readings);
            let anew = RuleSet::load_with(sources(), &settings);
            let shown = |loaded: &crate::Loaded| report::text(&loaded.diagnostics, report::Color::Never);
            assert_eq!(shown(&again), shown(&anew), "load {number}");
            let tests = |loaded: &crate::Loaded| -> Vec<(String, usize)> {
                loaded.rules.iter().map(|(_, rule)| (rule.metadata().title.clone(), rule.tests().len())).collect()
            };
            assert_eq!(tests(&again), tests(&anew), "load {number}");
        }
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let settings = in_view(&["a.yml"]);
        let mut readings = Readings::default();
        // The files themselves, so that nothing new gets the address of one that is gone.
        let mut kept = |sources: &[&Source]| -> Vec<(String, ReadFile)> {
            readings.read(sources.iter().copied().cloned(), &settings);
            let mut kept: Vec<_> = readings.kept.iter().map(|(name, kept)| (name.clone(), kept.file.clone())).collect();
            kept.sort_by(|(one, _), (other, _)| one.cmp(other));
            kept
        };
        let names = |kept: &[(String, ReadFile)]| kept.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (a, b, c) = (rule("a.yml", "A", true), rule("b.yml", "B", true), rule("c.yml", "C", true));
        let first = kept(&[&a, &b, &c]);
        assert_eq!(names(&first), ["b.yml", "c.yml"]);
        // The same text from the disk, and another.
        let second = kept(&[&a, &rule("b.yml", "B", true), &rule("c.yml", "D", true)]);
        assert_eq!(second[0].1.identity(), first[0].1.identity());
        assert_ne!(second[1].1.identity(), first[1].1.identity());
        assert_eq!(names(&kept(&[&a, &b])), ["b.yml"]);
    }
}
