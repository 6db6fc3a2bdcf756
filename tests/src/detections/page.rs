use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use trailhound_rule_engine::{
    Level, RuleSet,
    attack::{TACTICS, Tactic},
};

use super::{CIS, Detection, Kind, NOT_DETECTED, Need, Noise, STRATUS, detections};

/// `docs/detections.md`: what is detected, what it needs, and what it costs in noise. `explained` says of each
/// detection that fires on ordinary records why it does.
pub fn page(rules: &RuleSet, noise: &Noise, explained: &BTreeMap<String, String>) -> String {
    let all = detections(rules);
    let mut page = Page { text: String::new(), noise };
    page.introduction(&all);
    page.line("## Rules by tactic\n");
    page.line("A rule with several tactics stands under the first of its tags.\n");
    for tactic in TACTICS {
        let here = all.iter().filter(|one| one.kind == Kind::Rule && first_tactic(one) == Some(tactic));
        page.table(&format!("### {}", tactic.name), here);
    }
    page.table("### Without a tactic", all.iter().filter(|one| one.kind == Kind::Rule && first_tactic(one).is_none()));
    page.table("## Correlations", all.iter().filter(|one| one.kind == Kind::Correlation));
    page.table("## Building blocks", all.iter().filter(|one| one.kind == Kind::BuildingBlock));
    page.data_events(&all);
    page.noise(explained);
    page.techniques(&all);
    page.controls(&all);
    page.text
}

fn first_tactic(detection: &Detection) -> Option<Tactic> {
    detection.tactics().next().and_then(Tactic::of_tag)
}

struct Page<'n> {
    text: String,
    noise: &'n Noise,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn introduction(&mut self, all: &[Detection]) {
        let count = |kind| all.iter().filter(|one| one.kind == kind).count();
        let (rules, correlations, blocks) = (count(Kind::Rule), count(Kind::Correlation), count(Kind::BuildingBlock));
        self.line("# Detections\n");
        self.line("<!-- Written by `cargo run -p trailhound-tests --bin generate-detections`. -->\n");
        self.line(&format!(
            "{rules} rules, {correlations} correlations and {blocks} building blocks, built into both binaries. \
             [rules/README.md](../rules/README.md) says how they are written, [rules.md](rules.md) what they mean.\n"
        ));
        self.line(
            "*Needs* are the events that a trail has to record: *management* events, which each does unless told \
             otherwise, or data events of a type of resource. They are read off the records in the tests of the rules. \
             *Noise* is how often a detection fires on 10,000 ordinary public records; empty for never. What is \
             informational is shown only to those who ask (`trailhound scan --level informational`).\n",
        );
        self.line("| level | rules | correlations |\n|---|---|---|");
        for level in Level::ALL.into_iter().rev() {
            let of = |kind| all.iter().filter(|one| one.kind == kind && one.level == level).count();
            self.line(&format!("| {level} | {} | {} |", of(Kind::Rule), of(Kind::Correlation)));
        }
        self.line("");
    }

    /// A table of detections, the most urgent first; nothing if there are none.
    fn table<'d>(&mut self, heading: &str, detections: impl Iterator<Item = &'d Detection>) {
        let mut detections: Vec<&Detection> = detections.collect();
        if detections.is_empty() {
            return;
        }
        detections.sort_by(|left, right| right.level.cmp(&left.level).then_with(|| left.name.cmp(&right.name)));
        self.line(&format!("{heading}\n\n| detection | level | what | needs | noise |\n|---|---|---|---|---|"));
        for one in detections {
            let needs: Vec<&str> = one.needs.iter().map(Need::text).collect();
            let noise = self.noise.per_10_000(&one.name).map(|number| number.to_string()).unwrap_or_default();
            self.line(&format!(
                "| [{}](../rules/{}) | {} | {} | {} | {noise} |",
                one.name,
                one.file,
                one.level,
                one.title.replace('|', "\\|"),
                needs.join(", "),
            ));
        }
        self.line("");
    }

    fn data_events(&mut self, all: &[Detection]) {
        let mut by_resource: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in all.iter().filter(|one| one.kind != Kind::BuildingBlock) {
            for need in &one.needs {
                if let Need::Data(resource) = need {
                    by_resource.entry(resource).or_default().insert(&one.name);
                }
            }
        }
        self.line("## Data events\n");
        self.line(
            "A trail records data events only of what its event selectors name, and they cost extra. In an advanced \
             event selector: `eventCategory` equals `Data` and `resources.type` equals the type. Without them these \
             detections are silent or see less:\n",
        );
        self.line("| `resources.type` | detections |\n|---|---|");
        for (resource, names) in by_resource {
            let names: Vec<&str> = names.into_iter().collect();
            self.line(&format!("| `{resource}` | {} |", names.join(", ")));
        }
        self.line("");
    }

    fn noise(&mut self, explained: &BTreeMap<String, String>) {
        self.line("## Noise\n");
        self.line(&format!(
            "Counted on {} ordinary public records (an application team's account, deliveries and event streams \
             published as examples, the samples of the CloudTrail user guide), with the lists as they come. It is a small and quiet \
             sample: what your accounts do all day, `trailhound scan` tells you.\n",
            self.noise.records
        ));
        self.line("| detection | fired | for 10,000 | why |\n|---|---|---|---|");
        for (name, count) in &self.noise.firings {
            let rate = self.noise.per_10_000(name).unwrap_or_default();
            let why = explained.get(name).map_or("", String::as_str);
            self.line(&format!("| {name} | {count} | {rate} | {why} |"));
        }
        self.line("");
    }

    fn techniques(&mut self, all: &[Detection]) {
        let mut rows = String::new();
        let mut detected = 0;
        for technique in STRATUS {
            let mut naming: Vec<&Detection> = all
                .iter()
                .filter(|one| one.level >= Level::Medium && one.techniques().any(|named| named == *technique))
                .collect();
            naming.sort_by(|left, right| right.level.cmp(&left.level).then_with(|| left.name.cmp(&right.name)));
            let names: Vec<String> = naming.iter().map(|one| format!("{} ({})", one.name, one.level)).collect();
            let reason = NOT_DETECTED.iter().find(|(known, _)| known == technique).map(|(_, why)| *why);
            detected += usize::from(!names.is_empty());
            let cell = reason.map_or_else(|| names.join(", "), |why| format!("none: {why}"));
            // Writing into a string cannot fail.
            let _ = writeln!(rows, "| {technique} | {cell} |");
        }
        self.line("## Stratus Red Team\n");
        self.line(&format!(
            "[Stratus Red Team](https://stratus-red-team.cloud/attack-techniques/AWS/) detonates attack techniques. \
             {detected} of its {} techniques are named by detections of level medium or above. For each there is a test \
             that one of them fires: on the records of a detonation where some are public, else on records of the same \
             calls.\n",
            STRATUS.len()
        ));
        self.line("| technique | detections |\n|---|---|");
        self.text.push_str(&rows);
        self.line("");
    }

    fn controls(&mut self, all: &[Detection]) {
        self.line("## CIS AWS Foundations Benchmark\n");
        self.line("Section 4 of version 5.0.0 asks for an alarm on each of these:\n");
        self.line("| control | about | detections |\n|---|---|---|");
        for (number, about) in CIS {
            let names: Vec<&str> = all
                .iter()
                .filter(|one| one.controls().any(|control| control == *number))
                .map(|one| one.name.as_str())
                .collect();
            self.line(&format!("| {number} | {about} | {} |", names.join(", ")));
        }
    }
}
