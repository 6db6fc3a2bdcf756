use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use trailhound_rule_engine::{Level, report};

use crate::arguments::ColorChoice;

/// Whether a stream gets colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colored,
}

/// A text in a style; the width of a format applies to the text alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Painted<T> {
    text: T,
    style: Style,
}

impl Paint {
    /// What the user chose; `detect` looks at the stream and the environment.
    pub(super) fn choose(color: ColorChoice, detect: impl FnOnce() -> anstream::ColorChoice) -> Self {
        let choice = match color {
            ColorChoice::Auto => detect(),
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        if choice == anstream::ColorChoice::Never { Paint::Plain } else { Paint::Colored }
    }

    /// The same choice for the reports of the rule engine.
    pub(crate) fn report_color(self) -> report::Color {
        match self {
            Paint::Plain => report::Color::Never,
            Paint::Colored => report::Color::Always,
        }
    }

    /// The word of a level, the louder the more urgent.
    pub(crate) fn level(self, level: Level) -> Painted<Level> {
        self.at_level(level, level)
    }

    /// A text in the style of a level.
    pub(crate) fn at_level<T>(self, level: Level, text: T) -> Painted<T> {
        let style = match level {
            Level::Critical => AnsiColor::Magenta.on_default().bold(),
            Level::High => AnsiColor::Red.on_default().bold(),
            Level::Medium => AnsiColor::Yellow.on_default(),
            Level::Low => AnsiColor::Cyan.on_default(),
            Level::Informational => Style::new(),
        };
        self.styled(text, style)
    }

    pub(crate) fn error<T>(self, text: T) -> Painted<T> {
        self.styled(text, AnsiColor::Red.on_default().bold())
    }

    pub(crate) fn warning<T>(self, text: T) -> Painted<T> {
        self.styled(text, AnsiColor::Yellow.on_default().bold())
    }

    pub(crate) fn good<T>(self, text: T) -> Painted<T> {
        self.styled(text, AnsiColor::Green.on_default())
    }

    pub(crate) fn dim<T>(self, text: T) -> Painted<T> {
        self.styled(text, Style::new().dimmed())
    }

    pub(crate) fn bold<T>(self, text: T) -> Painted<T> {
        self.styled(text, Style::new().bold())
    }

    fn styled<T>(self, text: T, style: Style) -> Painted<T> {
        match self {
            Paint::Plain => Painted { text, style: Style::new() },
            Paint::Colored => Painted { text, style },
        }
    }
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.style.render())?;
        self.text.fmt(formatter)?;
        write!(formatter, "{}", self.style.render_reset())
    }
}
