//! Secrets do not leave, and nothing hostile comes in.

use proptest::prelude::*;
use trailhound_pipeline::render::presentable;

/// Made here, so that no secret stands in this file as a whole.
fn secret_access_key() -> String {
    format!("{}{}", "wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY")
}

fn session_token() -> String {
    format!("IQoJb3JpZ2luX2VjE{}", "Ab1/".repeat(30))
}

#[test]
fn what_has_the_form_of_a_secret_is_masked() {
    let key = secret_access_key();
    let token = session_token();
    let web_token = format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", "e".repeat(30), "s".repeat(30));
    let cases = [
        (key.clone(), "[masked]".to_owned()),
        (format!("key={key};x"), "key=[masked];x".to_owned()),
        (token.clone(), "[masked]".to_owned()),
        (format!("a {web_token} b"), "a [masked] b".to_owned()),
        ("ghp_0123456789abcdefghijABCDEFGHIJ".to_owned(), "[masked]".to_owned()),
        ("-----BEGIN RSA PRIVATE KEY-----\nx".to_owned(), "[masked]".to_owned()),
        (
            "Authorization: Bearer abcdefghijklmnopqrst".to_owned(),
            "Authorization: [masked] abcdefghijklmnopqrst".to_owned(),
        ),
        ("curl -H Bearer abcdefghijklmnopqrst".to_owned(), "curl -H Bearer [masked]".to_owned()),
        (r#"{"sessionToken":"short","user":"al"}"#.to_owned(), r#"{"sessionToken":"[masked]","user":"al"}"#.to_owned()),
        (r#"{\"masterUserPassword\": \"p@ss!\"}"#.to_owned(), r#"{\"masterUserPassword\": \"[masked]\"}"#.to_owned()),
        ("db password=hunter2&user=x".to_owned(), "db password=[masked]&user=x".to_owned()),
        (
            "?X-Amz-Security-Token=abc%2Fdef&X-Amz-Date=1".to_owned(),
            "?X-Amz-Security-Token=[masked]&X-Amz-Date=1".to_owned(),
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(presentable(&value, 500), expected);
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for value in [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "6f2a1c3e-0000-4000-8000-000000000000",
        "PasswordLastUsed is a field",
        "secretId: prod/db",
        "the basic idea",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
    ] {
        assert_eq!(presentable(value, 500), value);
    }
}

#[test]
fn hostile_characters_become_visible() {
    let cases = [
        ("a\r\nSubject: x", "a\\r\\nSubject: x"),
        ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
        ("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe"),
        ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ("line\u{2028}separator\u{85}", "line\\u{2028}separator\\u{85}"),
        ("go to https://evil.example/login", "go to https[:]//evil.example/login"),
        ("naïve 日本 🔥", "naïve 日本 🔥"),
    ];
    for (value, expected) in cases {
        assert_eq!(presentable(value, 500), expected);
    }
}

#[test]
fn long_values_are_shortened_in_the_middle() {
    let long = format!("start{}end", "é".repeat(1000));
    let short = presentable(&long, 20);
    assert!(short.starts_with("starté") && short.ends_with("end"), "{short}");
    assert!(short.contains("[988 more characters]"), "{short}");
}

proptest! {
    #[test]
    fn nothing_hostile_is_ever_shown(value in "\\PC{0,40}[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}:/\n]{0,20}\\PC{0,40}", chars in 10..200_usize) {
        let shown = presentable(&value, chars);
        prop_assert!(!shown.chars().any(char::is_control));
        let hidden = shown.contains(['\u{200b}', '\u{200e}', '\u{202e}', '\u{2066}', '\u{2028}', '\u{feff}']);
        prop_assert!(!hidden);
        prop_assert!(!shown.contains("://"));
        prop_assert!(shown.chars().count() <= chars + 60);
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands(before in "[a-z \"':{,]{0,20}[ \"':{,]", after in "[ \"',}&][a-z \"',}]{0,20}") {
        for secret in [secret_access_key(), session_token()] {
            let shown = presentable(&format!("{before}{secret}{after}"), 1000);
            prop_assert!(!shown.contains(&secret[..20]), "{}", shown);
        }
    }
}
