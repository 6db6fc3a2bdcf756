//! The arguments that name rules, the same for every command that takes some.

use std::path::PathBuf;

use clap::Args;

/// Rules named by an option, where the operands are something else.
#[derive(Debug, Args)]
pub(crate) struct RuleOptions {
    /// Rule file or folder (*.yml, *.yaml), repeatable [default: built-in rules]
    #[arg(id = "rules", long = "rules", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) lists: ListOptions,
}

/// Rules that are themselves what the command is about.
#[derive(Debug, Args)]
pub(crate) struct RuleOperands {
    /// Rule files or folders (*.yml, *.yaml) [default: built-in rules]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) lists: ListOptions,
}

/// What fills the named lists of rules.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// File that fills named lists (`name: [value, …]`), repeatable
    #[arg(id = "lists", long = "lists", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}
