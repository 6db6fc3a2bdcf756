//! Asks at a terminal for what flags did not say.
//!
//! Every question is a line of text. A list to choose from would hide the cursor, and leave it hidden when
//! somebody ends the program there.

use std::io::{IsTerminal, stderr, stdin};

use clap::ValueEnum as _;
use dialoguer::{Input, theme::SimpleTheme};
use trailhound_rule_engine::{Level, catalog::Catalog};

use super::Refusal;
use crate::{
    arguments::{NewArguments, Outcome},
    chosen_record,
    output::{Output, printable},
};

/// The arguments with what was answered; nothing where they say enough, or nobody is there to ask.
pub(super) fn answers(arguments: &NewArguments, output: &Output) -> Result<Option<NewArguments>, Refusal> {
    let is_said = arguments.from.is_some() || arguments.event.is_some();
    if is_said || !stdin().is_terminal() || !stderr().is_terminal() {
        return Ok(None);
    }
    ask(arguments, output).map(Some).map_err(|error| format!("the questions were not answered: {error}"))
}

fn ask(arguments: &NewArguments, output: &Output) -> dialoguer::Result<NewArguments> {
    let mut answers = arguments.clone();
    let from = question("File with the event (empty for none)")
        .allow_empty(true)
        .validate_with(|from: &String| readable(from, output))
        .interact_text()?;
    if from.is_empty() {
        let source = question("Event source, such as s3").interact_text()?;
        let catalog = Catalog::built_in();
        let event = question("Event name, such as PutBucketAcl")
            .validate_with(|name: &String| known(&catalog, &source, name))
            .interact_text()?;
        answers.source = Some(source);
        answers.event = Some(event);
        answers.outcome = Some(outcome(arguments.outcome.unwrap_or(Outcome::Success))?);
    } else {
        answers.from = Some(from);
    }
    let title = question("Title (empty for one from the name)").allow_empty(true).interact_text()?;
    answers.title = Some(title).filter(|title| !title.trim().is_empty()).or(answers.title);
    let levels = Level::ALL.map(Level::as_str).join(", ");
    let level = Input::with_theme(&SimpleTheme).with_prompt(format!("Level ({levels})"));
    answers.level = level.default(arguments.level).interact_text()?;
    let author = question("Author (empty for none)").allow_empty(true).interact_text()?;
    answers.author = Some(author).filter(|author| !author.trim().is_empty()).or(answers.author);
    Ok(answers)
}

fn question<'a>(prompt: &str) -> Input<'a, String> {
    Input::with_theme(&SimpleTheme).with_prompt(prompt)
}

fn outcome(usual: Outcome) -> dialoguer::Result<Outcome> {
    let parsed = |word: &str| {
        Outcome::from_str(word, false).map_err(|_| format!("`{word}` is none of success, denied, failed, any"))
    };
    let word = question("How the call went (success, denied, failed, any)")
        .default(usual.word().unwrap_or("any").to_owned())
        .validate_with(|word: &String| parsed(word).map(|_| ()))
        .interact_text()?;
    Ok(parsed(&word).unwrap_or(usual))
}

/// Looks for the record at once: who mistyped a name has not answered the other questions in vain.
fn readable(from: &str, output: &Output) -> Result<(), Refusal> {
    match from {
        "" => Ok(()),
        "-" => Err("standard input is this terminal; name a file".to_owned()),
        _ => chosen_record::find(from, &[], output).map(|_| ()),
    }
}

/// A name that the event source has, where all of its names are known.
fn known(catalog: &Catalog, source: &str, name: &str) -> Result<(), String> {
    match catalog.nearest_event(source, name) {
        Some(near) => Err(format!("{0} logs no {1}; did you mean {near}?", printable(source), printable(name))),
        None => Ok(()),
    }
}
