use clap::Args;
use clap_complete::Shell;

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  trailhound completions bash > /etc/bash_completion.d/trailhound
  trailhound completions zsh > \"${fpath[1]}/_trailhound\"
  trailhound completions fish > ~/.config/fish/completions/trailhound.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  trailhound man | man -l -
      Read the page of the program
  trailhound man scan > ~/.local/share/man/man1/trailhound-scan.1
      Install that of a command; `man trailhound-scan` finds it";

/// For which shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// bash, elvish, fish, powershell, zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub(crate) shell: Shell,
}

/// For which command.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Command to describe [default: the program as a whole]
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}
