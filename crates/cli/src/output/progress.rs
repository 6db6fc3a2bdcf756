use std::{borrow::Cow, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::inputs::Input;

/// How the work goes on, shown on standard error while that is a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

const REDRAW: Duration = Duration::from_millis(100);
const WITH_END: &str = "{bar:20} {percent:>3} % {msg} {eta:>5}";
const WITHOUT_END: &str = "{spinner} {msg} {elapsed}";

impl Progress {
    /// Shows nothing.
    pub(super) fn hidden() -> Self {
        Progress { bar: ProgressBar::hidden() }
    }

    /// Shows a bar where the size of all inputs is known beforehand, else a spinner; nothing where
    /// standard error is no terminal.
    pub(super) fn over(inputs: &[Input]) -> Self {
        let target = ProgressDrawTarget::stderr();
        if target.is_hidden() {
            return Progress::hidden();
        }
        // Pipes that are named as files have no size.
        let total = inputs.iter().map(Input::known_bytes).sum::<Option<u64>>().filter(|&bytes| bytes > 0);
        let template = if total.is_some() { WITH_END } else { WITHOUT_END };
        let bar = ProgressBar::with_draw_target(total, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAW);
        Progress { bar }
    }

    /// Counts an object of `bytes` as done.
    pub(crate) fn advance(&self, bytes: usize, message: impl Into<Cow<'static, str>>) {
        self.bar.inc(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.bar.set_message(message);
    }

    /// Takes the progress off the screen while `print` prints.
    pub(super) fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.suspend(print)
    }

    /// Takes the progress off the screen for good.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
