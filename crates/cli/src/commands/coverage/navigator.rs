//! The coverage as a layer of the ATT&CK Navigator, in its format 4.5.
//! <https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md>

use serde::Serialize;

use super::measure::{Coverage, Covered};
use crate::output::count;

/// Rules that a comment names; the others are counted.
const NAMED: usize = 10;

#[derive(Debug, Serialize)]
pub(super) struct Layer {
    name: &'static str,
    versions: Versions,
    domain: &'static str,
    description: String,
    /// 3: by score, the highest first.
    sorting: u8,
    layout: Layout,
    techniques: Vec<Technique>,
    gradient: Gradient,
}

#[derive(Debug, Serialize)]
struct Versions {
    attack: &'static str,
    /// The first Navigator that reads the format.
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    #[serde(rename = "layout")]
    form: &'static str,
    show_name: bool,
    expanded_subtechniques: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Technique {
    #[serde(rename = "techniqueID")]
    id: String,
    /// How many rules name it.
    score: usize,
    comment: String,
    show_subtechniques: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: [&'static str; 2],
    min_value: usize,
    max_value: usize,
}

/// Each technique shows under every tactic it belongs to: tags do not say for which of its tactics a rule names
/// it.
pub(super) fn layer(coverage: &Coverage) -> Layer {
    let most = coverage.techniques.iter().map(|technique| technique.rules.len()).max().unwrap_or_default();
    Layer {
        name: "Trailhound rules",
        versions: Versions { attack: coverage.attack_version, navigator: "4.9.0", layer: "4.5" },
        domain: "enterprise-attack",
        description: format!(
            "{} and correlations; the score is how many name the technique",
            count(coverage.rules, "rule")
        ),
        sorting: 3,
        layout: Layout { form: "side", show_name: true, expanded_subtechniques: "annotated" },
        techniques: coverage.techniques.iter().map(technique).collect(),
        gradient: Gradient { colors: ["#deebf7", "#08519c"], min_value: 0, max_value: most.max(1) },
    }
}

fn technique(covered: &Covered) -> Technique {
    let mut names: Vec<String> = covered.rules.iter().take(NAMED).cloned().collect();
    if let Some(more) = covered.rules.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    Technique {
        id: covered.id.clone(),
        score: covered.rules.len(),
        comment: names.join(", "),
        show_subtechniques: covered.id.contains('.'),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use trailhound_rule_engine::{Level, Tests, catalog::Catalog};

    use super::{
        super::{Below, Fact},
        *,
    };
    use crate::rule_files::{self, RuleFiles};

    fn of_all(files: &RuleFiles) -> Coverage {
        let level = Level::Informational;
        let (facts, below) = Fact::of_all(&files.loaded.rules, level);
        Coverage::of(&facts, Below { level, facts: &below }, &Catalog::built_in())
    }

    /// What the definition of the format requires.
    #[test]
    fn the_layer_of_the_built_in_rules_is_one_of_format_4_5() {
        let files = rule_files::load(&[], &[], Tests::PassOver);
        let layer = serde_json::to_value(layer(&of_all(&files))).unwrap();
        assert!(layer["name"].is_string() && layer["description"].is_string());
        assert_eq!(layer["domain"], "enterprise-attack");
        assert_eq!(layer["versions"]["layer"], "4.5");
        assert!(layer["versions"]["attack"].is_string() && layer["versions"]["navigator"].is_string());
        assert!(layer["sorting"].as_u64().unwrap() <= 3);
        let techniques = layer["techniques"].as_array().unwrap();
        assert!(techniques.len() > 50);
        for technique in techniques {
            let id = technique["techniqueID"].as_str().unwrap();
            let number = id.strip_prefix('T').unwrap();
            let (number, part) = number.split_once('.').unwrap_or((number, "000"));
            assert!(
                number.len() == 4 && part.len() == 3 && number.parse::<u16>().is_ok() && part.parse::<u16>().is_ok()
            );
            assert!(technique["score"].as_u64().unwrap() > 0 && technique["comment"].is_string());
            assert!(technique["showSubtechniques"].is_boolean());
        }
        let gradient = &layer["gradient"];
        assert!(gradient["minValue"].as_u64() < gradient["maxValue"].as_u64());
        let is_color = |color: &Value| color.as_str().is_some_and(|color| color.starts_with('#') && color.len() == 7);
        assert!(gradient["colors"].as_array().unwrap().iter().all(is_color));
        assert_eq!(layer["layout"]["expandedSubtechniques"], "annotated");
    }

    #[test]
    fn the_built_in_rules_cover_what_they_promise() {
        let files = rule_files::load(&[], &[], Tests::PassOver);
        let coverage = of_all(&files);
        assert!(coverage.gaps.cis.is_empty() && coverage.gaps.untagged.is_empty(), "{:?}", coverage.gaps);
        let unnamed: Vec<&str> =
            coverage.techniques.iter().filter(|one| one.name.is_none()).map(|one| one.id.as_str()).collect();
        assert!(unnamed.is_empty(), "techniques without a name: {unnamed:?}");
    }
}
