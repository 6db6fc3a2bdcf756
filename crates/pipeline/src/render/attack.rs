//! ATT&CK in the tags of rules.

/// Version of ATT&CK that the names are taken from.
pub(super) const VERSION: &str = "17.1";

/// Tactics of ATT&CK for enterprises: tag, identifier, name.
const TACTICS: [(&str, &str, &str); 14] = [
    ("reconnaissance", "TA0043", "Reconnaissance"),
    ("resource-development", "TA0042", "Resource Development"),
    ("initial-access", "TA0001", "Initial Access"),
    ("execution", "TA0002", "Execution"),
    ("persistence", "TA0003", "Persistence"),
    ("privilege-escalation", "TA0004", "Privilege Escalation"),
    ("defense-evasion", "TA0005", "Defense Evasion"),
    ("credential-access", "TA0006", "Credential Access"),
    ("discovery", "TA0007", "Discovery"),
    ("lateral-movement", "TA0008", "Lateral Movement"),
    ("collection", "TA0009", "Collection"),
    ("command-and-control", "TA0011", "Command and Control"),
    ("exfiltration", "TA0010", "Exfiltration"),
    ("impact", "TA0040", "Impact"),
];

/// A tactic that a tag names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tactic {
    /// As in the tag behind `attack.`.
    pub(super) tag: &'static str,
    /// Such as `TA0005`.
    pub(super) uid: &'static str,
    /// As people know it.
    pub(super) name: &'static str,
}

/// The tactics among the tags, in the order of the tags, each once.
pub(super) fn tactics(tags: &[String]) -> Vec<Tactic> {
    let mut found: Vec<Tactic> = Vec::new();
    for tag in attack(tags) {
        let tag = tag.replace('_', "-");
        let known = TACTICS.into_iter().find(|(known, ..)| *known == tag);
        if let Some((tag, uid, name)) = known
            && !found.iter().any(|tactic| tactic.uid == uid)
        {
            found.push(Tactic { tag, uid, name });
        }
    }
    found
}

/// The techniques among the tags, such as `T1562.008`.
pub(super) fn techniques(tags: &[String]) -> Vec<String> {
    let is_technique = |tag: &&str| {
        let digits = tag.strip_prefix(['t', 'T']).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    attack(tags).filter(is_technique).map(str::to_uppercase).collect()
}

fn attack(tags: &[String]) -> impl Iterator<Item = &str> {
    tags.iter().filter_map(|tag| tag.strip_prefix("attack."))
}
