//! MITRE ATT&CK for enterprises: its tactics, and the techniques that rules for clouds name.
//!
//! Of version 19, which split Defense Evasion into Stealth and Defense Impairment.
//! <https://attack.mitre.org/tactics/enterprise/>

/// Version of ATT&CK that names and identifiers are taken from.
pub const VERSION: &str = "19";

/// A tactic: why something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tactic {
    /// As tags name it behind `attack.`: `initial-access`.
    pub tag: &'static str,
    /// Such as `TA0001`.
    pub id: &'static str,
    /// As people know it.
    pub name: &'static str,
}

const fn tactic(tag: &'static str, id: &'static str, name: &'static str) -> Tactic {
    Tactic { tag, id, name }
}

/// All tactics, in the order of the matrix.
pub const TACTICS: [Tactic; 15] = [
    tactic("reconnaissance", "TA0043", "Reconnaissance"),
    tactic("resource-development", "TA0042", "Resource Development"),
    tactic("initial-access", "TA0001", "Initial Access"),
    tactic("execution", "TA0002", "Execution"),
    tactic("persistence", "TA0003", "Persistence"),
    tactic("privilege-escalation", "TA0004", "Privilege Escalation"),
    tactic("stealth", "TA0005", "Stealth"),
    tactic("defense-impairment", "TA0112", "Defense Impairment"),
    tactic("credential-access", "TA0006", "Credential Access"),
    tactic("discovery", "TA0007", "Discovery"),
    tactic("lateral-movement", "TA0008", "Lateral Movement"),
    tactic("collection", "TA0009", "Collection"),
    tactic("command-and-control", "TA0011", "Command and Control"),
    tactic("exfiltration", "TA0010", "Exfiltration"),
    tactic("impact", "TA0040", "Impact"),
];

/// What Stealth was called before version 19; rules written for other tools still name it.
const FORMER: Tactic = tactic("defense-evasion", "TA0005", "Defense Evasion");

/// Names of techniques, as far as they are known here.
const TECHNIQUES: [(&str, &str); 79] = [
    ("T1005", "Data from Local System"),
    ("T1021.004", "SSH"),
    ("T1021.007", "Cloud Services"),
    ("T1021.008", "Direct Cloud VM Connections"),
    ("T1027", "Obfuscated Files or Information"),
    ("T1033", "System Owner/User Discovery"),
    ("T1037", "Boot or Logon Initialization Scripts"),
    ("T1040", "Network Sniffing"),
    ("T1059", "Command and Scripting Interpreter"),
    ("T1059.004", "Unix Shell"),
    ("T1059.009", "Cloud API"),
    ("T1069.003", "Cloud Groups"),
    ("T1070", "Indicator Removal"),
    ("T1074.002", "Remote Data Staging"),
    ("T1078", "Valid Accounts"),
    ("T1078.004", "Cloud Accounts"),
    ("T1087.004", "Cloud Account"),
    ("T1098", "Account Manipulation"),
    ("T1098.001", "Additional Cloud Credentials"),
    ("T1098.003", "Additional Cloud Roles"),
    ("T1098.004", "SSH Authorized Keys"),
    ("T1098.006", "Additional Container Cluster Roles"),
    ("T1110", "Brute Force"),
    ("T1110.001", "Password Guessing"),
    ("T1110.003", "Password Spraying"),
    ("T1133", "External Remote Services"),
    ("T1136.003", "Cloud Account"),
    ("T1190", "Exploit Public-Facing Application"),
    ("T1199", "Trusted Relationship"),
    ("T1213.006", "Databases"),
    ("T1484.002", "Trust Modification"),
    ("T1485", "Data Destruction"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1489", "Service Stop"),
    ("T1490", "Inhibit System Recovery"),
    ("T1491", "Defacement"),
    ("T1496", "Resource Hijacking"),
    ("T1496.001", "Compute Hijacking"),
    ("T1496.004", "Cloud Service Hijacking"),
    ("T1525", "Implant Internal Image"),
    ("T1526", "Cloud Service Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1530", "Data from Cloud Storage"),
    ("T1531", "Account Access Removal"),
    ("T1534", "Internal Spearphishing"),
    ("T1535", "Unused/Unsupported Cloud Regions"),
    ("T1537", "Transfer Data to Cloud Account"),
    ("T1538", "Cloud Service Dashboard"),
    ("T1546", "Event Triggered Execution"),
    ("T1548.005", "Temporary Elevated Cloud Access"),
    ("T1550.001", "Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Credentials In Files"),
    ("T1552.004", "Private Keys"),
    ("T1552.005", "Cloud Instance Metadata API"),
    ("T1555.006", "Cloud Secrets Management Stores"),
    ("T1556", "Modify Authentication Process"),
    ("T1556.006", "Multi-Factor Authentication"),
    ("T1565.001", "Stored Data Manipulation"),
    ("T1567", "Exfiltration Over Web Service"),
    ("T1572", "Protocol Tunneling"),
    ("T1578", "Modify Cloud Compute Infrastructure"),
    ("T1578.001", "Create Snapshot"),
    ("T1578.002", "Create Cloud Instance"),
    ("T1578.005", "Modify Cloud Compute Configurations"),
    ("T1580", "Cloud Infrastructure Discovery"),
    ("T1584.001", "Domains"),
    ("T1586.002", "Email Accounts"),
    ("T1599", "Network Boundary Bridging"),
    ("T1610", "Deploy Container"),
    ("T1619", "Cloud Storage Object Discovery"),
    ("T1621", "Multi-Factor Authentication Request Generation"),
    ("T1648", "Serverless Execution"),
    ("T1651", "Cloud Administration Command"),
    ("T1666", "Modify Cloud Resource Hierarchy"),
    ("T1685", "Disable or Modify Tools"),
    ("T1685.002", "Disable or Modify Cloud Log"),
    ("T1686", "Disable or Modify System Firewall"),
    ("T1686.001", "Cloud Firewall"),
];

impl Tactic {
    /// The tactic that a tag names behind `attack.`, also in the form with `_`, and by its name before version 19.
    pub fn of_tag(name: &str) -> Option<Tactic> {
        let name = name.replace('_', "-");
        TACTICS.into_iter().chain([FORMER]).find(|tactic| tactic.tag == name)
    }
}

/// The tactics that tags name, in the order of the tags, each once.
pub fn tactics(tags: &[String]) -> Vec<Tactic> {
    let mut found: Vec<Tactic> = Vec::new();
    for tactic in names(tags).filter_map(Tactic::of_tag) {
        if !found.iter().any(|known| known.id == tactic.id) {
            found.push(tactic);
        }
    }
    found
}

/// The techniques that tags name, such as `T1078.004`, in the order of the tags.
pub fn techniques(tags: &[String]) -> Vec<String> {
    names(tags).filter(|name| is_technique(name)).map(str::to_uppercase).collect()
}

/// What people call a technique, if it is one of those that rules for clouds name.
pub fn technique_name(id: &str) -> Option<&'static str> {
    TECHNIQUES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// Four digits behind a `t`, and three more behind a point for a sub-technique.
fn is_technique(name: &str) -> bool {
    let Some(number) = name.strip_prefix(['t', 'T']) else { return false };
    let (technique, part) = number.split_once('.').unwrap_or((number, "000"));
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(technique, 4) && digits(part, 3)
}

fn names(tags: &[String]) -> impl Iterator<Item = &str> {
    tags.iter().filter_map(|tag| tag.strip_prefix("attack."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_tactics_and_techniques() {
        let tags =
            ["attack.t1078.004", "attack.initial_access", "attack.t12", "attack.g0001", "cis.1.4", "attack.t1485"];
        let tags = tags.map(str::to_owned);
        let tags_of = |tactics: Vec<Tactic>| tactics.into_iter().map(|tactic| tactic.tag).collect::<Vec<_>>();
        assert_eq!(tags_of(tactics(&tags)), ["initial-access"]);
        assert_eq!(techniques(&tags), ["T1078.004", "T1485"]);
        let split = ["attack.stealth", "attack.defense-evasion"].map(str::to_owned);
        assert_eq!(tags_of(tactics(&split)), ["stealth"]);
        assert_eq!(technique_name("T1078.004"), Some("Cloud Accounts"));
    }

    #[test]
    fn names_are_sorted_and_stand_once() {
        assert!(TECHNIQUES.windows(2).all(|pair| matches!(pair, [(left, _), (right, _)] if left < right)));
    }
}
