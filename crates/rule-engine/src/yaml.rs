//! YAML with positions, and problems that point at them: what rule files are read with, for other files
//! that people write by hand.

pub use crate::{
    diagnostic::{Note, Problems, suggestion},
    syntax::{Data, Entry, Node, Scalar, Typed, parse},
    yaml_json::to_json,
};
