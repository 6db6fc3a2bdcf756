use std::io::{self, Write};

use trailhound_rule_engine::Level;

use super::Paint;

/// Prints on standard output for those who have to know that it was printed, each block at once.
///
/// Only for commands that print nothing else there: what [`Output`](super::Output) has pending is not
/// looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blocks {
    pub(super) paint: Paint,
}

impl Blocks {
    /// Prints a text and an empty line, its first line in the style of a level. An error, a reader that is gone
    /// among them, means that it may not have been read.
    pub(crate) fn print(self, level: Level, text: &str) -> io::Result<()> {
        let text = text.trim_end();
        let (headline, rest) = text.split_once('\n').unwrap_or((text, ""));
        let block = format!("{}\n{rest}\n\n", self.paint.at_level(level, headline));
        let mut stdout = io::stdout().lock();
        stdout.write_all(block.as_bytes())?;
        stdout.flush()
    }
}
