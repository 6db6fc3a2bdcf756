use std::collections::BTreeMap;

/// Where objects lie in a copy of a bucket, found by the keys they were delivered as.
///
/// A copy may start anywhere below the bucket, and a folder may stand above it: a path is the place of a key
/// if one of the two ends with the other, segment by segment. A file that lies in another folder, or has
/// another name, is not at its place.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    by_name: BTreeMap<String, Vec<String>>,
}

/// What there is for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'p> {
    /// The paths at its place; more than one if copies overlap.
    Here(Vec<&'p str>),
    /// Nothing at its place, but a file of its name here.
    Elsewhere(&'p str),
    /// Nothing.
    Nowhere,
}

impl Paths {
    /// Takes paths with `/` between the segments, relative to where the copy starts.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in paths {
            by_name.entry(name(&path).to_owned()).or_default().push(path);
        }
        Paths { by_name }
    }

    /// Looks for the object that was delivered as `key`.
    pub fn find(&self, key: &str) -> Found<'_> {
        let candidates = self.by_name.get(name(key)).map(Vec::as_slice).unwrap_or_default();
        let here: Vec<&str> = candidates.iter().map(String::as_str).filter(|path| is_place(path, key)).collect();
        match (here.is_empty(), candidates.first()) {
            (false, _) => Found::Here(here),
            (true, Some(path)) => Found::Elsewhere(path),
            (true, None) => Found::Nowhere,
        }
    }
}

/// Whether a path is where the copy of an object with this key belongs.
pub(super) fn is_place(path: &str, key: &str) -> bool {
    ends_with(path, key) || ends_with(key, path)
}

fn ends_with(long: &str, short: &str) -> bool {
    !short.is_empty() && long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
