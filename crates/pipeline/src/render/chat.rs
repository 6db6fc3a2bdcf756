//! Custom notifications of Amazon Q Developer in chat applications, formerly AWS Chatbot: schema version
//! 1.0. Slack and Microsoft Teams show them; a message in any other form is dropped there without a word.

use serde_json::{Map, Value, json};
use trailhound_rule_engine::{Metadata, attack};

use super::{
    AlertView, SectionForm,
    markup::{Markup, chat_text},
    present::one_line,
};
use crate::limits::{
    CHAT_DESCRIPTION_CHARS, CHAT_KEYWORD_CHARS, CHAT_KEYWORDS, CHAT_STEP_CHARS, CHAT_STEPS, CHAT_TITLE_CHARS, DETAILS,
    Detail,
};

pub(super) fn notification(view: &AlertView, subject: &str, describe: impl Fn(Detail) -> String) -> String {
    let title = cut(&chat_text(subject), CHAT_TITLE_CHARS);
    let steps: Vec<String> = view
        .sections
        .iter()
        .filter(|section| section.form == SectionForm::Steps)
        .flat_map(|section| &section.entries)
        .take(CHAT_STEPS)
        .map(|step| cut(&Markup::Chat.author(step, CHAT_STEP_CHARS), CHAT_STEP_CHARS))
        .collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "id": view.id,
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description(describe),
            "nextSteps": steps,
            "keywords": keywords(view),
        },
        "metadata": {
            "threadId": view.group.as_str(),
            "summary": title,
            "eventType": view.kind.as_str(),
            "additionalContext": context(view),
        },
    })
    .to_string()
}

fn description(describe: impl Fn(Detail) -> String) -> String {
    let mut text = String::new();
    for detail in DETAILS {
        text = describe(detail);
        if text.chars().count() <= CHAT_DESCRIPTION_CHARS {
            return text;
        }
    }
    cut(&text, CHAT_DESCRIPTION_CHARS)
}

fn keywords(view: &AlertView) -> Vec<String> {
    let tactics = attack::tactics(view.rule.as_ref().map_or(&[], |rule| &rule.tags));
    [view.level.as_str()]
        .into_iter()
        .chain(view.account.as_ref().map(super::Account::short))
        .chain(view.region.as_deref())
        .chain(tactics.iter().map(|tactic| tactic.name))
        .map(|word| cut(&chat_text(&one_line(word, CHAT_KEYWORD_CHARS)).replace('`', "'"), CHAT_KEYWORD_CHARS))
        .filter(|word| !word.is_empty())
        .take(CHAT_KEYWORDS)
        .collect()
}

/// What custom actions of the chat can use.
fn context(view: &AlertView) -> Map<String, Value> {
    let event = view.event.as_deref();
    let known = [
        ("level", Some(view.level.as_str())),
        ("rule", view.rule.as_ref().map(Metadata::handle)),
        ("account", view.account.as_ref().map(|account| account.id.as_str())),
        ("region", view.region.as_deref()),
        ("event", event.and_then(|event| event.event_id.as_deref())),
        ("alert", Some(view.id.as_str())),
    ];
    let entries = known.into_iter().filter_map(|(name, value)| {
        let value = chat_text(&one_line(value?, CHAT_TITLE_CHARS)).into_owned();
        (!value.is_empty()).then(|| (name.to_owned(), Value::from(value)))
    });
    entries.collect()
}

/// The end gives way when it is too long.
fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars.saturating_sub(2)).collect();
    // Half an escape at the end would be shown as its letters.
    let whole = match kept.rfind('&') {
        Some(start) if kept.get(start..).is_some_and(|tail| !tail.contains(';')) => kept.get(..start).unwrap_or(&kept),
        _ => &kept,
    };
    // An open code span would take in whatever comes after it.
    let open = whole.matches('`').count() % 2 == 1;
    format!("{whole}{}…", if open { "`" } else { "" })
}
