//! Asks at a terminal for what flags did not say.

use std::io::{IsTerminal, stderr, stdin};

use dialoguer::{Input, Select, theme::SimpleTheme};
use trailhound_rule_engine::{Level, catalog::Catalog};

use super::Refusal;
use crate::arguments::{NewArguments, Outcome};

/// The arguments with what was answered; nothing where they say enough, or nobody is there to ask.
pub(super) fn answers(arguments: &NewArguments) -> Result<Option<NewArguments>, Refusal> {
    let is_said = arguments.from.is_some() || arguments.event.is_some();
    if is_said || !stdin().is_terminal() || !stderr().is_terminal() {
        return Ok(None);
    }
    ask(arguments).map(Some).map_err(|error| format!("the questions were not answered: {error}"))
}

fn ask(arguments: &NewArguments) -> dialoguer::Result<NewArguments> {
    let theme = SimpleTheme;
    let from: String = Input::with_theme(&theme)
        .with_prompt("File with the event (empty for none)")
        .allow_empty(true)
        .interact_text()?;
    let mut answers = arguments.clone();
    if from.is_empty() {
        let source: String = Input::with_theme(&theme).with_prompt("Event source, such as s3").interact_text()?;
        let catalog = Catalog::built_in();
        let event: String = Input::with_theme(&theme)
            .with_prompt("Event name, such as PutBucketAcl")
            .validate_with(|name: &String| known(&catalog, &source, name))
            .interact_text()?;
        answers.source = Some(source);
        answers.event = Some(event);
        answers.outcome = Some(outcome(&theme)?);
    } else {
        answers.from = Some(from);
    }
    let title: String = Input::with_theme(&theme)
        .with_prompt("Title (empty for one from the name)")
        .allow_empty(true)
        .interact_text()?;
    answers.title = Some(title).filter(|title| !title.trim().is_empty()).or(answers.title);
    let levels = Level::ALL.map(Level::as_str);
    let medium = Level::ALL.iter().position(|level| *level == arguments.level).unwrap_or_default();
    let chosen = Select::with_theme(&theme).with_prompt("Level").items(levels).default(medium).interact()?;
    answers.level = Level::ALL.get(chosen).copied().unwrap_or(arguments.level);
    let author: String =
        Input::with_theme(&theme).with_prompt("Author (empty for none)").allow_empty(true).interact_text()?;
    answers.author = Some(author).filter(|author| !author.trim().is_empty()).or(answers.author);
    Ok(answers)
}

fn outcome(theme: &SimpleTheme) -> dialoguer::Result<Outcome> {
    const OUTCOMES: [Outcome; 4] = [Outcome::Success, Outcome::Denied, Outcome::Failed, Outcome::Any];
    let words = OUTCOMES.map(|outcome| outcome.word().unwrap_or("any"));
    let chosen = Select::with_theme(theme).with_prompt("How the call went").items(words).default(0).interact()?;
    Ok(OUTCOMES.get(chosen).copied().unwrap_or(Outcome::Success))
}

/// A name that the event source has, where all of its names are known.
fn known(catalog: &Catalog, source: &str, name: &str) -> Result<(), String> {
    match catalog.nearest_event(source, name) {
        Some(near) => Err(format!("{source} logs no {name}; did you mean {near}?")),
        None => Ok(()),
    }
}
