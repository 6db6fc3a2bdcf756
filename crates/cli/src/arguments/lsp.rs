//! What can be typed after `trailhound lsp`.

use std::path::PathBuf;

use clap::Args;
use trailhound_rule_engine::Code;

use super::ListOptions;

pub(super) const EXAMPLES: &str = "\
Started by an editor, not by hand: it speaks the Language Server Protocol on
standard input and output until the editor says `exit`. Rules are checked as
`trailhound check` does, each file together with the others of its workspace.
docs/editors.md has the lines for VS Code, Neovim and Helix.

Exit status: 0 after `shutdown` and `exit`, 1 where the editor goes without, 2
if a file given here cannot be read.

Examples:
  trailhound lsp
  trailhound lsp --lists own-lists.yml --catalog own.catalog --allow TH1040";

#[derive(Debug, Args)]
pub(crate) struct LspArguments {
    #[command(flatten)]
    pub(crate) lists: ListOptions,

    /// More names of events and fields, from `catalog learn`, repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Vec<PathBuf>,

    /// Leave out a lint in all rules, repeatable
    #[arg(long, value_name = "CODE", value_parser = super::check::lint)]
    pub(crate) allow: Vec<Code>,

    /// Standard input and output, which it speaks on anyway; some editors add it
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
