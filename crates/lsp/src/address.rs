//! Files as the protocol names them: URIs.

use std::path::PathBuf;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The path of a `file:` URI of this machine.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    let path = uri.as_str().strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    path.starts_with('/').then(|| PathBuf::from(percent_decode_str(path).decode_utf8_lossy().into_owned()))
}

/// The name under which the engine knows the file: its path, or the URI of what is no file.
pub(crate) fn name(uri: &Uri) -> String {
    path(uri).map_or_else(|| uri.as_str().to_owned(), |path| path.display().to_string())
}

/// What stands in the path of a URI as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The URI of a name; none where it is that of no file, such as a built-in rule.
pub(crate) fn uri(name: &str) -> Option<Uri> {
    if name.starts_with('/') {
        return format!("file://{}", utf8_percent_encode(name, ESCAPED)).parse().ok();
    }
    name.contains("://").then(|| name.parse().ok()).flatten()
}
