//! What a back-test keeps and shows. What is left out is counted and said.

/// Cells of one histogram; 2,048. A scan keeps one for each rule that matches.
pub(super) const HISTOGRAM_CELLS: usize = 2_048;

/// Bars of a sparkline; 12, so that a line of the summary has 80 columns.
pub(super) const SPARKLINE: usize = 12;

/// Bytes of an earlier run that is compared with; 1 GiB, which is some three million matches.
pub(super) const BASELINE_BYTES: u64 = 1 << 30;
