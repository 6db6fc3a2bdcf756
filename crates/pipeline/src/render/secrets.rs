//! Recognising what must not leave: by the name of its key, and by its own form.
//!
//! Identifiers of access keys (`AKIA…`, `ASIA…`) stay: they name the key that has to be disabled.

use std::borrow::Cow;

/// What stands in the place of a secret.
pub(super) const MASK: &str = "[masked]";

/// Whether the value under a key of this name is a secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    const WHOLE: [&str; 8] = ["token", "secret", "authorization", "pwd", "passcode", "cookie", "credentials", "pin"];
    const ENDS: [&str; 26] = [
        "password",
        "passwd",
        "passphrase",
        "sessiontoken",
        "securitytoken",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "identitytoken",
        "bearertoken",
        "signintoken",
        "apitoken",
        "secretaccesskey",
        "secretkey",
        "secretstring",
        "secretbinary",
        "secretvalue",
        "clientsecret",
        "privatekey",
        "apikey",
        "samlassertion",
        "amzsignature",
        "connectionstring",
        "authorizationtoken",
        "sharedkey",
    ];
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    // `credentials` is an object whose access key identifier has to be seen.
    plain != "credentials" && (WHOLE.contains(&plain.as_str()) || ENDS.iter().any(|end| plain.ends_with(end)))
}

/// The text with everything masked that has the form of a secret, or that follows the name of one
/// (`password=…`, `"sessionToken": "…"`, `Bearer …`).
pub(super) fn mask_tokens(text: &str) -> Cow<'_, str> {
    if text.contains("PRIVATE KEY-----") {
        return Cow::Borrowed(MASK);
    }
    let mut masked = String::new();
    let mut copied = 0;
    for (start, end) in secrets(text) {
        masked.push_str(text.get(copied..start).unwrap_or_default());
        masked.push_str(MASK);
        copied = end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Where the secrets of a text are, in order.
fn secrets(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, end)) = next_word(text, at) {
        let word = text.get(start..end).unwrap_or_default();
        at = end;
        if is_token(word) {
            found.push((start, end));
        } else if let Some((start, end)) = named_secret(text, start, end) {
            found.push((start, end));
            at = end;
        }
    }
    found
}

/// The next run of characters that tokens are made of, at or after `from`.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(is_word_char)?;
    let word = text.get(start..)?;
    Some((start, word.find(|character| !is_word_char(character)).map_or(text.len(), |length| start + length)))
}

fn is_word_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '_' | '-' | '.' | '%' | '~')
}

/// The value behind the word from `start` to `end`, when that is the name of a secret and an
/// assignment follows.
fn named_secret(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let (before, name) = (text.get(..start)?, text.get(start..end)?);
    let rest = text.get(end..)?;
    let value = rest.trim_start_matches(['"', '\'', '\\', ' ', '=', ':', '\t']);
    let between = rest.get(..rest.len() - value.len())?;
    let is_scheme = name.eq_ignore_ascii_case("bearer") || name.eq_ignore_ascii_case("basic");
    // In `arn:aws:secretsmanager:…:secret:name` the colons only separate.
    let is_part_of_arn = before.ends_with(':') && between == ":";
    let is_assigned = between.contains(['=', ':']) && !is_part_of_arn && is_secret_key(name);
    let is_credential = is_scheme && between.contains(' ') && value.find(' ').unwrap_or(value.len()) >= 16;
    if !is_assigned && !is_credential {
        return None;
    }
    let length = value
        .find(|character: char| {
            character.is_whitespace() || matches!(character, '"' | '\'' | '&' | ',' | ';' | '}' | '\\')
        })
        .unwrap_or(value.len());
    let start = end + between.len();
    let is_plain_word = matches!(value.get(..length), Some("" | "true" | "false" | "null" | "{" | "["));
    (!is_plain_word).then_some((start, start + length))
}

/// Whether a word has the form of a credential.
fn is_token(word: &str) -> bool {
    is_json_web_token(word) || is_session_token(word) || is_issued_token(word) || is_secret_access_key(word)
}

/// Three parts in base64, of which the first is the start of a JSON object.
fn is_json_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() >= 40 && word.matches('.').count() >= 2
}

/// Session tokens of AWS are base64 of a structure that always starts alike.
fn is_session_token(word: &str) -> bool {
    const STARTS: [&str; 5] = ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FQoDYXdz", "AQoDYXdz"];
    word.len() >= 60 && STARTS.iter().any(|start| word.starts_with(start))
}

/// Tokens of services that mark theirs with a prefix.
fn is_issued_token(word: &str) -> bool {
    const PREFIXES: [&str; 14] = [
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xoxr-",
        "xoxs-",
        "sk_live_",
        "rk_live_",
    ];
    word.len() >= 20 && PREFIXES.iter().any(|prefix| word.starts_with(prefix))
}

/// Forty characters of base64 with letters of both cases and a digit, which no path or hash is.
fn is_secret_access_key(word: &str) -> bool {
    word.len() == 40
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.matches('/').count() <= 4
}
