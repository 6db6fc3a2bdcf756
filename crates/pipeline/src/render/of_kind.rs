//! The views of alerts that are about more than one record.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Account, AlertKind, AlertView, Counted, Extent, ExtentEvent, Phrase, RenderSettings, of_match};
use crate::{Alert, GroupKey, alert::rule_identity};

/// The view of an alert of whatever kind: what there is to say of its record, and what the kind adds.
pub(super) fn view(alert: &Alert, settings: &RenderSettings) -> AlertView {
    let view = of_match::view(alert, settings);
    let view =
        if alert.record.is_empty() { AlertView { event: None, source: None, standing: None, ..view } } else { view };
    match &alert.kind {
        crate::AlertKind::Match => view,
        crate::AlertKind::Canary => AlertView { kind: AlertKind::Canary, ..view },
        crate::AlertKind::Correlation { group, count, counted, first, last, events } => {
            let extent = Extent {
                count: *count as u64,
                counted: *counted,
                first: Some(first.to_string()),
                last: Some(last.to_string()),
                group_by: group.iter().cloned().collect::<BTreeMap<String, String>>(),
                events: events.iter().map(|id| event(id)).collect(),
            };
            correlation(view, alert, group, extent)
        }
        crate::AlertKind::GroupUpdate { count, since, closed } => {
            let kind = if *closed { AlertKind::GroupClosed } else { AlertKind::GroupUpdate };
            group(view, kind, *count, *since)
        }
        crate::AlertKind::DigestNotice { since } => digest_notice(view, *since),
        crate::AlertKind::Digest { count, since } => digest(view, *count, *since),
    }
}

fn event(id: &str) -> ExtentEvent {
    ExtentEvent { id: Some(id.to_owned()), ..ExtentEvent::default() }
}

fn correlation(view: AlertView, alert: &Alert, group: &[(String, String)], extent: Extent) -> AlertView {
    let values: Vec<&str> = group.iter().map(|(_, value)| value.as_str()).collect();
    let values = values.join(", ");
    let who = Some(values.clone()).filter(|values| !values.is_empty());
    let what = match extent.counted {
        Counted::Values => format!(" {}", extent.counted.noun(extent.count)),
        _ => String::new(),
    };
    let phrase = Phrase::default()
        .words("A count of ")
        .value(extent.count.to_string())
        .words(what)
        .words(" was reached")
        .maybe(" for ", who.as_deref())
        .maybe(" from ", extent.first.as_deref())
        .maybe(" to ", extent.last.as_deref());
    let account = view.account.as_ref().map(Account::long);
    AlertView {
        kind: AlertKind::Correlation,
        group: GroupKey::new(rule_identity(&alert.rule), alert.account(), Some(&values)),
        sentence: phrase.maybe(", in account ", account.as_deref()).words("."),
        who,
        extent: Some(extent),
        ..view
    }
}

/// Of a group that has grown since its first alert was sent.
fn group(view: AlertView, kind: AlertKind, count: u64, since: Timestamp) -> AlertView {
    let is_closed = kind == AlertKind::GroupClosed;
    let headline = format!("{}, {}", view.headline, if is_closed { "in all" } else { "again" });
    let sentence = Phrase::default()
        .words(if is_closed { "There were " } else { "There are " })
        .value(count.to_string())
        .words(" alerts of this rule about ");
    let sentence = match &view.who {
        Some(who) => sentence.value(who.as_str()),
        None => sentence.words("an unknown caller"),
    };
    let sentence = sentence.words(" since ").value(since.to_string()).words(if is_closed {
        " in all, and no more are expected."
    } else {
        "; one of them was sent."
    });
    AlertView { kind, headline, sentence, extent: Some(since_then(Counted::Alerts, count, since)), ..view }
}

/// Of the first alert of a rule that is held back in an hour.
fn digest_notice(view: AlertView, since: Timestamp) -> AlertView {
    let sentence = Phrase::default()
        .words("This rule has sent as many notifications as are allowed in the hour from ")
        .value(since.to_string())
        .words(". Its further alerts of that hour are counted, and one digest tells how many there were.");
    let headline = format!("{} (too many, a digest follows)", view.headline);
    AlertView { kind: AlertKind::Digest, headline, sentence, who: None, ..view }
}

/// Of what was held back of a rule in an hour.
fn digest(view: AlertView, count: u64, since: Timestamp) -> AlertView {
    let sentence = Phrase::default()
        .value(count.to_string())
        .words(" notifications of this rule in the hour from ")
        .value(since.to_string())
        .words(" were held back. Each would have been about one actor, and about all alerts of that actor in an hour.");
    let headline = format!("{} (held back)", view.headline);
    let extent = Some(since_then(Counted::Notifications, count, since));
    AlertView { kind: AlertKind::Digest, headline, sentence, extent, ..view }
}

fn since_then(counted: Counted, count: u64, since: Timestamp) -> Extent {
    Extent { count, counted, first: Some(since.to_string()), ..Extent::default() }
}
