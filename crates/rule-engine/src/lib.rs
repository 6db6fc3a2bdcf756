//! Sigma rules for CloudTrail records: parse, check, compile, evaluate, test.
//!
//! A pure library: rule texts and a record go in, matches come out. No input or output, no clock, no
//! environment, no async runtime, no AWS.
//!
//! ```
//! use trailhound_rule_engine::{Limits, RuleSet, Source, json::Reader};
//!
//! let rule = Source::new("trail-stopped.yml", r"
//! title: Trail logging stopped
//! level: high
//! logsource: {product: aws, service: cloudtrail}
//! detection:
//!   selection:
//!     eventSource: cloudtrail.amazonaws.com
//!     eventName: StopLogging
//!   success:
//!     errorCode: null
//!   condition: selection and success
//! ");
//! let loaded = RuleSet::load([rule], &Limits::default());
//! assert!(!loaded.has_errors());
//!
//! let record = r#"{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}"#;
//! let mut evaluator = loaded.rules.evaluator();
//! let matches = evaluator.evaluate(&mut Reader::new(record))?;
//! let titles: Vec<&str> =
//!     matches.iter().filter_map(|index| loaded.rules.get(*index)).map(|rule| rule.metadata().title.as_str()).collect();
//! assert_eq!(titles, ["Trail logging stopped"]);
//! # Ok::<(), trailhound_rule_engine::json::Error>(())
//! ```
//!
//! # Stages
//!
//! Each stage has a type of its own, and none can be built without the one before it:
//! the text of a file ([`Source`]) → YAML with positions → a checked [`Rule`] → a compiled [`RuleSet`]
//! → matches ([`RuleIndex`]) of an [`Evaluator`]. Problems are collected as [`Diagnostic`]s, all of a
//! file in one go, each with its place, a stable [`Code`] and what to write instead.

#![deny(clippy::disallowed_methods)]

pub mod attack;
mod attributes;
mod block_reader;
pub mod catalog;
mod code;
mod collection;
mod condition;
mod correlation;
mod decimal;
mod derived;
mod detection;
mod detection_reader;
mod diagnostic;
pub mod document;
mod engine;
pub mod explain;
mod expression;
mod file;
mod filter;
pub mod json;
mod limits;
mod lint;
mod list_document;
mod lists;
mod metadata;
mod modifier;
pub mod mutation;
pub mod oracle;
mod path;
mod pattern;
mod readings;
pub mod report;
mod rule;
mod ruleset;
pub mod schema;
mod search;
mod source;
pub mod suite;
mod syntax;
mod time;
mod transform;
mod values;
pub mod vocabulary;
pub mod yaml;
mod yaml_json;

pub use code::{Code, UnknownCode};
pub use correlation::{
    Correlation, CorrelationIndex, Correlator, Firing, Held, Judge, Judging, Observation, Occurrence, Verdict,
};
pub use diagnostic::{Diagnostic, Severity};
pub use engine::evaluator::Evaluator;
pub use filter::{Filter, FilterIndex, Suppression};
pub use limits::Limits;
pub use lists::{Lists, Settings, Tests};
pub use metadata::{Level, LogSource, Metadata, Status, UnknownLevel};
pub use readings::Readings;
pub use rule::Rule;
pub use ruleset::{Loaded, RuleIndex, RuleSet};
pub use source::{Position, Source, Span};
