//! What in a record tells of whose it is, and what is the same in every account.

use std::sync::LazyLock;

use regex::Regex;

/// Values that are the same in every account and open something to many.
const OPEN: [&str; 7] = ["*", "all", "0.0.0.0/0", "::/0", "public-read", "public-read-write", "authenticated-read"];

/// Groups of everybody in access control lists of S3.
const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/";

/// Ends of the names of fields that hold what somebody chose or what was made up for one thing, in lower case.
const NAMING: [&str; 48] = [
    "name",
    "names",
    "username",
    "sid",
    "id",
    "ids",
    "arn",
    "arns",
    "identifier",
    "identifiers",
    "alias",
    "bucket",
    "key",
    "keys",
    "path",
    "prefix",
    "token",
    "description",
    "email",
    "host",
    "header",
    "domain",
    "user",
    "users",
    "group",
    "groups",
    "tag",
    "tags",
    "value",
    "password",
    "secret",
    "url",
    "uri",
    "endpoint",
    "address",
    "addresses",
    "ip",
    "cidr",
    "cidrip",
    "account",
    "accounts",
    "message",
    "text",
    "comment",
    "subject",
    "session",
    "data",
    "location",
];

/// A name that is not chosen but one of a few words: letters, with signs between them.
static WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z][A-Za-z0-9]*(?:[-_.:/][A-Za-z0-9*]+)*$").ok());

/// Words are not longer than so many characters; the longest names of settings are below.
const LONGEST: usize = 48;

/// So many digits in a row are a number that was given to one thing.
const DIGITS: usize = 5;

/// Whether the value is the same in every account whatever the field is called.
pub(super) fn is_open(text: &str) -> bool {
    OPEN.contains(&text) || text.starts_with(EVERYBODY) || managed_policy(text).is_some() || text.starts_with("AWS-")
}

/// What all partitions have in common of the ARN of a policy that AWS manages.
pub(super) fn managed_policy(text: &str) -> Option<&str> {
    let resource =
        text.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":iam:")).map(|(_, resource)| resource)?;
    resource.starts_with(":aws:policy/").then_some(resource)
}

/// Whether a field of this name holds what somebody chose, or what was made up for one thing.
pub(super) fn is_naming(key: &str) -> bool {
    let words = words(key);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let key = key.to_ascii_lowercase();
    // Behind `aws:PrincipalTag/` and its like stands the name of a tag, whose value is anybody's.
    NAMING.contains(&last) || NAMING.contains(&key.as_str()) || key.contains("tag/")
}

/// Whether it is a word of a service, such as `launchPermission` or `p4d.24xlarge`, to judge by its form. Small
/// letters with dashes between them are what people call their things.
pub(super) fn is_word(text: &str) -> bool {
    let is_mixed = |piece: &str| {
        let has = |test: fn(&u8) -> bool| piece.bytes().any(|byte| test(&byte));
        piece.len() >= 12 && has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
    };
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    let is_chosen = text.contains(['-', '_']) && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    text.len() <= LONGEST
        && !is_chosen
        && digits < DIGITS
        && WORD.as_ref().is_some_and(|word| word.is_match(text))
        && !text.split(['-', '_', '.', ':', '/']).any(is_mixed)
}

/// The words of a name in lower case: `s3BucketName` is `s3`, `bucket`, `name`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = name.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(place + 1);
        let ends_capitals = before.is_some_and(char::is_ascii_uppercase) && after.is_some_and(char::is_ascii_lowercase);
        let starts =
            letter.is_ascii_uppercase() && (before.is_some_and(|before| !before.is_ascii_uppercase()) || ends_capitals);
        if !letter.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        match words.last_mut().filter(|_| !starts) {
            Some(word) => word.push(letter.to_ascii_lowercase()),
            None => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("s3BucketName", "s3 bucket name"),
            ("DBInstanceIdentifier", "db instance identifier"),
            ("StopLogging", "stop logging"),
            ("x-amz-acl", "x amz acl"),
            ("keyARN", "key arn"),
        ] {
            assert_eq!(words(name).join(" "), expected);
        }
    }

    #[test]
    fn words_of_a_service_are_told_from_what_was_made_up() {
        for text in
            ["launchPermission", "p4d.24xlarge", "SYMMETRIC_DEFAULT", "aws:kms", "TLSv1.2", "s3:GetObject", "enabled"]
        {
            assert!(is_word(text), "{text}");
        }
        for text in [
            "zX81kQ90pLmN",
            "123456789012",
            "job-20260101",
            "orders-prod",
            "two words",
            "192.0.2.1",
            "",
            "a@example.com",
        ] {
            assert!(!is_word(text), "{text}");
        }
        for key in ["userName", "instanceId", "keyARN", "s3BucketName", "Host", "groups"] {
            assert!(is_naming(key), "{key}");
        }
        for key in ["keySpec", "acl", "isMultiRegionTrail", "attributeType", "username2Type"] {
            assert!(!is_naming(key), "{key}");
        }
    }
}
