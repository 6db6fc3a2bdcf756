//! The fast evaluator: all rules compiled together, one walk over a record.

pub(crate) mod block;
pub(crate) mod check;
pub(crate) mod compiled_rule;
pub(crate) mod evaluator;
pub(crate) mod index;
pub(crate) mod key_order;
pub(crate) mod leaves;
pub(crate) mod observe;
pub(crate) mod program;
pub(crate) mod slots;
pub(crate) mod trie;
pub(crate) mod walk;
