//! The only module that prints: results on standard output, everything else on standard error.

mod blocks;
mod paint;
mod printable;
mod progress;
mod wrapped;

use std::{
    fmt::{self, Display},
    io::{self, Write},
};

use anstream::AutoStream;
use serde::Serialize;
use trailhound_rule_engine::{Diagnostic, report};

use crate::{
    arguments::ColorChoice,
    inputs::{Input, Unreadable},
};

#[cfg(feature = "aws")]
pub(crate) use self::paint::Painted;
pub(crate) use self::{
    blocks::Blocks,
    paint::Paint,
    printable::{clipped, count, named, printable},
    wrapped::{WIDTH, wrapped},
};

use self::progress::Progress;

/// Results are handed on in pieces of this size, in bytes, unless they are asked for earlier.
const PIECE: usize = 64 << 10;

/// The two streams of the program.
#[derive(Debug)]
pub(crate) struct Output {
    pending: Vec<u8>,
    reader: ResultReader,
    results: Paint,
    messages: Paint,
    progress: Progress,
}

/// Whoever reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResultReader {
    Listening,
    /// Closed the pipe, like `head` when it has seen enough.
    Gone,
}

impl Output {
    pub(crate) fn new(color: ColorChoice) -> Self {
        Output {
            pending: Vec::new(),
            reader: ResultReader::Listening,
            results: Paint::choose(color, || AutoStream::choice(&io::stdout())),
            messages: Paint::choose(color, || AutoStream::choice(&io::stderr())),
            progress: Progress::hidden(),
        }
    }

    /// Prints blocks of results past everything else.
    pub(crate) fn blocks(&self) -> Blocks {
        Blocks { paint: self.results }
    }

    /// The colours of standard output.
    pub(crate) fn paint(&self) -> Paint {
        self.results
    }

    /// Whether standard error gets colours.
    pub(crate) fn paints_messages(&self) -> bool {
        self.messages == Paint::Colored
    }

    /// Whether nobody reads the results any more.
    pub(crate) fn reader_is_gone(&self) -> bool {
        self.reader == ResultReader::Gone
    }

    /// Prints results as they are, without a line end.
    pub(crate) fn text(&mut self, text: impl Display) -> io::Result<()> {
        write!(self.pending, "{text}")?;
        self.hand_on_full_piece()
    }

    /// Prints a line of results.
    pub(crate) fn line(&mut self, line: impl Display) -> io::Result<()> {
        self.text(format_args!("{line}\n"))
    }

    /// Prints a value as JSON in one line.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.json(value)?;
        self.text("\n")
    }

    /// Prints a value as JSON, without a line end.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.pending, value)?;
        self.hand_on_full_piece()
    }

    /// Prints a value as JSON, indented for people who look at it.
    pub(crate) fn json_document(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.pending, value)?;
        self.text("\n")
    }

    /// Hands on what has been printed so far. A reader that is gone is no error.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() || self.reader_is_gone() {
            return Ok(());
        }
        let written = self.progress.suspend(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&pending).and_then(|()| stdout.flush())
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader = ResultReader::Gone;
                Ok(())
            }
            written => written,
        }
    }

    /// Ends the output; an error if results are lost.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.progress.end();
        self.flush()
    }

    /// Shows how the work on `inputs` goes on, if somebody watches.
    pub(crate) fn watch(&mut self, inputs: &[Input]) {
        self.progress = Progress::over(inputs);
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Takes the progress off the screen.
    pub(crate) fn end_progress(&mut self) {
        self.progress.end();
    }

    /// Says why the run cannot do what it was asked for.
    pub(crate) fn error(&self, message: impl Display) {
        self.message(format_args!("{}: {message}", self.messages.error("error")));
    }

    /// Says that something is not as it should be.
    pub(crate) fn warning(&self, message: impl Display) {
        self.message(format_args!("{}: {message}", self.messages.warning("warning")));
    }

    /// Says something that is good to know.
    pub(crate) fn note(&self, message: impl Display) {
        self.message(format_args!("{}: {message}", self.messages.bold("note")));
    }

    /// Says what could not be read and why.
    pub(crate) fn unreadable(&self, unreadable: &Unreadable) {
        self.error(format_args!("{}: {}", named(&unreadable.path), printable(&unreadable.reason())));
    }

    /// Shows problems of rules on standard error, where they keep a command from running.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.message(format_args!("{}", report::text(diagnostics, self.messages.report_color()).trim_end()));
    }

    fn hand_on_full_piece(&mut self) -> io::Result<()> {
        if self.pending.len() < PIECE { Ok(()) } else { self.flush() }
    }

    fn message(&self, message: fmt::Arguments<'_>) {
        self.progress.suspend(|| {
            // Nobody is left to tell when this cannot be printed; the exit status still says it.
            let _ = writeln!(io::stderr().lock(), "{message}");
        });
    }
}
