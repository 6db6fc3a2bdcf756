/// Bytes of a JSON document that a record holds in a string, decoded; 128 KiB. CloudTrail drops request
/// parameters of more than 100 kB, and the largest policy of IAM has 10,240 characters. What is larger
/// is no document: paths end before it.
pub(crate) const DOCUMENT_BYTES: usize = 128 << 10;

/// Documents inside one another that paths walk into; 2. A third one is a text like any other.
pub(crate) const NESTED_DOCUMENTS: usize = 2;

/// What a rule file may cost before it is refused. Reaching a limit is an error, never a truncation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one rule file; 1 MiB. The largest public Sigma rule has 70 kB.
    pub source_bytes: usize,
    /// YAML nodes of one file, each use of an alias counted again; 100,000.
    pub nodes: usize,
    /// Levels of maps and lists in a rule file; 64.
    pub yaml_depth: usize,
    /// Bytes of one condition; 64 KiB.
    pub condition_bytes: usize,
    /// Levels of parentheses and negations in a condition; 64.
    pub condition_depth: usize,
    /// Names in a field path; 64. The longest in real records has 9.
    pub path_names: usize,
    /// Positions such as `[0]` in a field path; 4. Each multiplies the ways in which the names around
    /// it may be keys that hold dots.
    pub path_positions: usize,
    /// Blocks such as `field[any]` inside one another; 8.
    pub block_depth: usize,
    /// Bytes of one compiled regular expression; 1 MiB.
    pub regex_bytes: usize,
    /// Wildcards in one value; 64.
    pub wildcards: usize,
    /// Texts that one value with placeholders may stand for; 10,000.
    pub expanded_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            source_bytes: 1 << 20,
            nodes: 100_000,
            yaml_depth: 64,
            condition_bytes: 64 << 10,
            condition_depth: 64,
            path_names: 64,
            path_positions: 4,
            block_depth: 8,
            regex_bytes: 1 << 20,
            wildcards: 64,
            expanded_values: 10_000,
        }
    }
}
