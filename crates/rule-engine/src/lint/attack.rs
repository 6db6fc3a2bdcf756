//! Tags, above all those of MITRE ATT&CK.

use crate::{
    attack::TACTICS,
    code::Code,
    diagnostic::{Problems, nearest},
    source::Span,
    syntax::Data,
};

use super::{Document, members};

const TECHNIQUES: &str = include_str!("../../data/techniques.txt");

/// What got another name with version 19, which split Defense Evasion, and Impair Defenses with it.
const RENAMED: [(&str, &str); 6] = [
    ("defense-evasion", "`attack.stealth` or `attack.defense-impairment`"),
    ("t1562", "`attack.t1685`"),
    ("t1562.001", "`attack.t1685`"),
    ("t1562.004", "`attack.t1686`"),
    ("t1562.007", "`attack.t1686.001`"),
    ("t1562.008", "`attack.t1685.002`"),
];

/// Name spaces of the Sigma specification, and `cis`.
const SPACES: [&str; 9] = ["attack", "car", "cve", "d3fend", "detection", "stp", "tlp", "cis", "cis-v4"];

/// The greatest number of a technique that is known; those above are newer than the list.
const NEWEST: u32 = 1675;

/// Sub-techniques may have come to a technique since the list was made; as many are let pass.
const NEWER: u32 = 6;

pub(super) fn judge(document: &Document<'_>, problems: &mut Problems) {
    let Some(tags) = document.get("tags") else { return };
    for member in members(&tags.value) {
        let Data::Scalar(scalar) = &member.data else { continue };
        let tag = scalar.text.to_lowercase();
        match tag.split_once('.') {
            Some(("attack", name)) => judge_attack(name, member.span, problems),
            Some((space, _)) if !SPACES.contains(&space) => {
                let message = format!("`{space}` is no name space of Sigma's tags");
                let help = nearest(space, SPACES).map(|known| format!("did you mean `{known}`?"));
                problems.lint(Code::UnknownTagSpace, member.span, message).maybe_help(help);
            }
            _ => {}
        }
    }
}

fn judge_attack(name: &str, span: Span, problems: &mut Problems) {
    let dashed = name.replace('_', "-");
    let renamed = renamed(name).map(str::to_owned);
    let renamed = renamed.or_else(|| (dashed != name && is_tactic(&dashed)).then(|| format!("`attack.{dashed}`")));
    if let Some(new) = renamed {
        problems
            .lint(Code::RenamedTechnique, span, format!("`attack.{name}` got another name"))
            .help(format!("ATT&CK 19 has {new}"));
    } else if dashed.starts_with("t1562.") {
        problems
            .lint(Code::RenamedTechnique, span, format!("`attack.{name}` went with `t1562`"))
            .help("ATT&CK 19 has `attack.t1685` and `attack.t1686` in its place");
    } else if !is_known(&dashed) {
        problems.lint(Code::UnknownTechnique, span, format!("ATT&CK has no `{name}`")).maybe_help(
            nearest(&dashed, TACTICS.map(|tactic| tactic.tag)).map(|known| format!("did you mean `attack.{known}`?")),
        );
    }
}

fn is_tactic(name: &str) -> bool {
    TACTICS.iter().any(|tactic| tactic.tag == name)
}

/// The names of all techniques and sub-techniques of the list, as tags write them behind `attack.`.
pub(crate) fn techniques() -> impl Iterator<Item = String> {
    let words = TECHNIQUES.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace);
    words.flat_map(|word| {
        let (number, subs) = word.split_once('.').unwrap_or((word, "0"));
        let subs: u32 = subs.parse().unwrap_or_default();
        let of_parent = move |sub| if sub == 0 { format!("t{number}") } else { format!("t{number}.{sub:03}") };
        (0..=subs).map(of_parent)
    })
}

/// What the tag `attack.` and `name` is called now, if it got another name.
pub(crate) fn renamed(name: &str) -> Option<&'static str> {
    let dashed = name.replace('_', "-");
    RENAMED.iter().find(|(old, _)| *old == dashed).map(|(_, new)| *new)
}

pub(crate) fn is_known(name: &str) -> bool {
    let (letter, rest) = name.split_at_checked(1).unwrap_or((name, ""));
    let is_number = rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !rest.is_empty();
    match letter {
        "t" if rest.starts_with('a') => true,
        "t" if is_number => is_technique(rest),
        // Groups, software, campaigns, data sources, mitigations: not judged.
        "g" | "s" | "c" | "m" if is_number => true,
        _ => is_tactic(name) || name.starts_with("ds0"),
    }
}

fn is_technique(number: &str) -> bool {
    let (parent, sub) = number.split_once('.').unwrap_or((number, "0"));
    let (Ok(parent), Ok(sub)) = (parent.parse::<u32>(), sub.parse::<u32>()) else { return false };
    if (NEWEST + 1..=1999).contains(&parent) {
        return true;
    }
    let words = TECHNIQUES.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace);
    let mut known = words.map(|word| word.split_once('.').unwrap_or((word, "0")));
    known.any(|(known, subs)| known.parse() == Ok(parent) && subs.parse::<u32>().is_ok_and(|subs| sub <= subs + NEWER))
}
