//! What can be typed after `trailhound schema`.

use clap::{Args, ValueEnum};
use trailhound_rule_engine::schema::Kind;

pub(super) const EXAMPLES: &str = "\
What it describes: file (any document of a rule file), rule, correlation,
filter, lists, tests, config (the configuration of the function). Editors that
speak YAML complete and check by it; `trailhound lsp` knows more.

Examples:
  trailhound schema > trailhound.schema.json
      Then, as first line of a rule file:
      # yaml-language-server: $schema=trailhound.schema.json
  trailhound schema config > trailhound-config.schema.json";

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// file, rule, correlation, filter, lists, tests, config
    #[arg(value_name = "KIND", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) kind: SchemaKind,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SchemaKind {
    #[default]
    File,
    Rule,
    Correlation,
    Filter,
    Lists,
    Tests,
    Config,
}

impl SchemaKind {
    /// The kind of document within rule files; none for the configuration.
    pub(crate) fn of_rules(self) -> Option<Kind> {
        Some(match self {
            SchemaKind::File => Kind::File,
            SchemaKind::Rule => Kind::Rule,
            SchemaKind::Correlation => Kind::Correlation,
            SchemaKind::Filter => Kind::Filter,
            SchemaKind::Lists => Kind::Lists,
            SchemaKind::Tests => Kind::Tests,
            SchemaKind::Config => return None,
        })
    }
}
