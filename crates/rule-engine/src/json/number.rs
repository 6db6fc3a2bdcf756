use super::ErrorKind;

/// Length in bytes of the JSON number that `bytes` starts with.
pub(super) fn length(bytes: &[u8]) -> Result<usize, ErrorKind> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(bytes, at);
    let leading_zero = bytes.get(at) == Some(&b'0');
    if whole == 0 || (leading_zero && whole > 1) {
        return Err(missing(bytes, at));
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(bytes, at + 1);
        if fraction == 0 {
            return Err(missing(bytes, at + 1));
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(bytes, at + 1 + sign);
        if exponent == 0 {
            return Err(missing(bytes, at + 1 + sign));
        }
        at += 1 + sign + exponent;
    }
    Ok(at)
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn missing(bytes: &[u8], at: usize) -> ErrorKind {
    if bytes.get(at).is_none() { ErrorKind::UnexpectedEnd } else { ErrorKind::InvalidNumber }
}
