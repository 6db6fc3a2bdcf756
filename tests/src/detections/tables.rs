//! What the page and the tests know of the world: techniques, controls.

/// Techniques without a detection of level medium or above, and why.
pub const NOT_DETECTED: &[(&str, &str)] = &[(
    "aws.persistence.cognito-refresh-token-reuse",
    "every app on a phone exchanges its refresh token each hour; the call of a thief differs only in its address, \
     and users change theirs all day",
)];
