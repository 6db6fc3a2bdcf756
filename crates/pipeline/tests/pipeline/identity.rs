//! When two alerts are the same.

use std::collections::HashSet;

use trailhound_pipeline::AlertId;

#[test]
fn identity_is_rule_account_and_event() {
    let id = AlertId::new("rule", Some("111122223333"), Some("event"), "{\"a\":1}");
    assert_eq!(id, AlertId::new("rule", Some("111122223333"), Some("event"), "{\"a\":2}"));
    assert_eq!(id.as_str().len(), 64);
    assert!(id.to_string().bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
}

#[test]
fn identities_are_stable_across_releases() {
    let id = AlertId::new("rule", Some("111122223333"), Some("event"), "");
    insta::assert_snapshot!(id);
}

#[test]
fn different_parts_give_different_identities() {
    let cases = [
        AlertId::new("rule", Some("1"), Some("event"), "r"),
        AlertId::new("rule2", Some("1"), Some("event"), "r"),
        AlertId::new("rule", Some("2"), Some("event"), "r"),
        AlertId::new("rule", Some("1"), Some("event2"), "r"),
        AlertId::new("rule", Some("1"), None, "event"),
        AlertId::new("rule", Some("1"), None, "r"),
        AlertId::new("rule1", Some(""), Some("event"), "r"),
        AlertId::new("rule", None, Some("1event"), "r"),
    ];
    assert_eq!(cases.iter().collect::<HashSet<_>>().len(), cases.len());
    assert_eq!(AlertId::new("rule", None, Some(""), "r"), AlertId::new("rule", None, None, "r"));
}
