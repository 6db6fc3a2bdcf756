//! What tags say about MITRE ATT&CK.

/// Tactics in the order of the matrix. Since version 19 Stealth and Defense Impairment stand in the place of
/// Defense Evasion, which older rules still name.
const TACTICS: [&str; 17] = [
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "stealth",
    "defense-impairment",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
    "",
];

/// Where a tactic stands in the matrix and what people call it; unknown ones are last.
pub(super) fn tactic(name: &str) -> (usize, String) {
    let place = TACTICS.iter().position(|known| *known == name).unwrap_or(TACTICS.len());
    let words: Vec<String> = name.split('-').map(capitalised).collect();
    (place, if name.is_empty() { "No tactic".to_owned() } else { words.join(" ") })
}

/// The tactics and the techniques that tags name, such as `initial-access` and `T1078.004`.
pub(super) fn named(tags: &[String]) -> (Vec<String>, Vec<String>) {
    let names = tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
    let (techniques, others): (Vec<&str>, Vec<&str>) = names.partition(|name| is_technique(name));
    let tactics = others.into_iter().map(|name| name.replace('_', "-"));
    let tactics = tactics.filter(|name| TACTICS.contains(&name.as_str()));
    (tactics.collect(), techniques.into_iter().map(str::to_uppercase).collect())
}

/// Where a technique is described.
pub(super) fn address(technique: &str) -> String {
    format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/"))
}

/// Four digits behind a `t`, and three more behind a point for a sub-technique.
fn is_technique(name: &str) -> bool {
    let Some(number) = name.strip_prefix('t') else { return false };
    let (technique, part) = number.split_once('.').unwrap_or((number, "000"));
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(technique, 4) && digits(part, 3)
}

fn capitalised(word: &str) -> String {
    if matches!(word, "and") {
        return word.to_owned();
    }
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_tactics_and_techniques() {
        let tags =
            ["attack.t1078.004", "attack.initial_access", "attack.t12", "attack.g0001", "cis.1.4", "attack.t1485"];
        let (tactics, techniques) = named(&tags.map(str::to_owned));
        assert_eq!(
            (tactics, techniques),
            (vec!["initial-access".to_owned()], vec!["T1078.004".into(), "T1485".into()])
        );
        assert_eq!(tactic("command-and-control").1, "Command and Control");
        assert!(tactic("impact").0 < tactic("").0);
        assert_eq!(address("T1078.004"), "https://attack.mitre.org/techniques/T1078/004/");
    }
}
