//! Alarms: what nobody would hear of, which of them reach nobody, and which ring.

#[cfg(test)]
mod tests;
mod wanted;

use jiff::{SignedDuration, Timestamp};
use trailhound_aws::{
    TopicArn,
    deployment::{AlarmFacts, AlarmState, AskError, Missing, Rings},
};

use self::wanted::{Wanted, Watched, Weight};
use super::{super::trail::words, Check, Parts, Subject, asked, not_asked, topic};
use crate::output::count;

/// How long an alarm may ring, or not be able to tell, before that is more than the beginning of something; 1 hour,
/// the longest period of an alarm of the template.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// Whether there is a part that alarms can watch.
pub(in crate::commands::doctor) fn are_due(parts: &Parts) -> bool {
    !Watched::of(parts).is_empty()
}

/// The topics that the alarms of these parts tell, but for those that are looked at anyway.
pub(in crate::commands::doctor) fn topics(alarms: &[AlarmFacts], parts: &Parts) -> Vec<TopicArn> {
    let ours = ours(alarms, &Watched::of(parts));
    let actions = ours.into_iter().flat_map(|alarm| chain(alarm, alarms)).flat_map(|alarm| &alarm.actions);
    let mut topics: Vec<TopicArn> = Vec::new();
    for topic in actions.filter_map(|action| action.parse().ok()) {
        if !topics.contains(&topic) && !parts.topics.iter().any(|(arn, _)| *arn == topic.to_string()) {
            topics.push(topic);
        }
    }
    topics
}

/// All checks of the alarms of these parts.
pub(super) fn judge(alarms: &Result<Vec<AlarmFacts>, AskError>, parts: &Parts, now: Timestamp) -> Vec<Check> {
    let alarms = match alarms {
        Ok(alarms) => alarms,
        Err(error) => return vec![not_asked(Subject::Alarms, "what alarms there are", error)],
    };
    let watched = Watched::of(parts);
    let ours = ours(alarms, &watched);
    let mut checks = missing(&ours, &watched);
    if ours.is_empty() {
        return checks;
    }
    checks.extend(reach(&ours, alarms));
    checks.extend(states(&ours, &watched, now));
    for (arn, facts) in &parts.alarm_topics {
        let judged = |facts: &_| topic(Subject::AlarmTopic, arn, *facts);
        checks.push(asked(Subject::AlarmTopic, &format!("the topic {arn} of alarms"), facts, judged));
    }
    checks
}

/// The alarms on metrics of these parts.
fn ours<'a>(alarms: &'a [AlarmFacts], watched: &Watched<'_>) -> Vec<&'a AlarmFacts> {
    alarms.iter().filter(|alarm| alarm.metrics.iter().any(|metric| watched.has(metric))).collect()
}

fn missing(ours: &[&AlarmFacts], watched: &Watched<'_>) -> Vec<Check> {
    const SUBJECT: Subject = Subject::Alarms;
    if ours.is_empty() {
        let seen = format!("no alarm watches {}: nobody hears when nothing is watched any more", watched.names());
        let advice = "create the alarms of infra/template.yaml; docs/operations.md says what each is for";
        return vec![Check::problem(SUBJECT, seen, advice)];
    }
    let mut checks: Vec<Check> = watched.wanted().filter_map(|wanted| unwatched(wanted, ours, watched)).collect();
    if !watched.writes_metrics() {
        let seen = "the function writes no metrics of its own, so that alarms on them know nothing";
        checks.push(Check::problem(SUBJECT, seen, "set TRAILHOUND_METRICS to `on`"));
    }
    if checks.is_empty() {
        let verb = if ours.len() == 1 { "watches" } else { "watch" };
        checks.push(Check::ok(SUBJECT, format!("{} {verb} {}", counted(ours), watched.names())));
    }
    checks
}

fn unwatched(wanted: &Wanted, ours: &[&AlarmFacts], watched: &Watched<'_>) -> Option<Check> {
    const SUBJECT: Subject = Subject::Alarms;
    let Wanted { name, what, metrics, rings, weight, .. } = wanted;
    let is_on = |alarm: &AlarmFacts, metric: &str| {
        alarm.metrics.iter().any(|one| one.name == metric && watched.is_of(wanted, one))
    };
    let is_right = |alarm: &AlarmFacts| alarm.rings.is_none_or(|is| is == *rings || is == Rings::Outside);
    let of = |metric: &str| ours.iter().copied().filter(|alarm| is_on(alarm, metric)).collect::<Vec<_>>();
    let bare: Vec<&str> = metrics.iter().copied().filter(|metric| !of(metric).into_iter().any(is_right)).collect();
    if let Some(first) = bare.first() {
        let seen = format!("no alarm tells of {what}: nothing watches {}", bare.join(", "));
        let advice = match of(first).first() {
            Some(wrong) => format!("`{}` rings on the wrong side of its threshold: turn that round", wrong.name),
            None => format!("create `{name}` of infra/template.yaml, or one like it"),
        };
        return Some(match weight {
            Weight::Vital => Check::problem(SUBJECT, seen, advice),
            Weight::Useful => Check::warning(SUBJECT, seen, advice),
        });
    }
    // Where nothing runs there are no data, which is what it has to ring for.
    let watching: Vec<&AlarmFacts> = metrics.iter().flat_map(|metric| of(metric)).filter(|one| is_right(one)).collect();
    if *rings == Rings::Below && !watching.iter().any(|alarm| alarm.missing == Missing::Breaching) {
        let alarm = watching.first()?;
        let seen = format!("`{}` stays quiet where the function does not run at all", alarm.name);
        return Some(Check::problem(SUBJECT, seen, "let it treat missing data as breaching"));
    }
    None
}

/// Whether somebody is told when they ring.
fn reach(ours: &[&AlarmFacts], all: &[AlarmFacts]) -> Vec<Check> {
    const SUBJECT: Subject = Subject::AlarmActions;
    let (mut off, mut idle) = (Vec::new(), Vec::new());
    for alarm in ours {
        let able: Vec<&AlarmFacts> = chain(alarm, all).into_iter().filter(|one| !one.actions.is_empty()).collect();
        if able.is_empty() {
            idle.push(*alarm);
        } else if !able.iter().any(|one| one.acts) {
            off.push(*alarm);
        }
    }
    let mut checks = Vec::new();
    if !off.is_empty() {
        let seen = format!("the actions of {} are switched off", names(&off));
        checks.push(Check::problem(SUBJECT, seen, "switch them on: `aws cloudwatch enable-alarm-actions`"));
    }
    if !idle.is_empty() {
        let verb = if idle.len() == 1 { "has" } else { "have" };
        let seen = format!("{} {verb} no action: nobody hears of it", names(&idle));
        checks.push(Check::problem(SUBJECT, seen, "let the alarm action be a topic that somebody is subscribed to"));
    }
    if checks.is_empty() {
        checks.push(Check::ok(SUBJECT, "all of them do something when they ring"));
    }
    checks
}

/// The alarm, the alarms on other alarms that are about it, and those that are about these.
fn chain<'a>(alarm: &'a AlarmFacts, all: &'a [AlarmFacts]) -> Vec<&'a AlarmFacts> {
    let mut chain = vec![alarm];
    let mut at = 0;
    while let Some(lower) = chain.get(at).copied() {
        at += 1;
        for alarm in all.iter().filter(|alarm| is_about(alarm, &lower.name)) {
            if !chain.iter().any(|known| known.name == alarm.name) {
                chain.push(alarm);
            }
        }
    }
    chain
}

/// A rule names alarms by name or ARN, in quotes or bare: `ALARM("name") OR ALARM(arn:…:alarm:name)`.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
fn is_about(alarm: &AlarmFacts, name: &str) -> bool {
    let is_named = |rule: &String| {
        let forms = [format!("\"{name}\""), format!("({name})"), format!(":alarm:{name}\""), format!(":alarm:{name})")];
        forms.iter().any(|form| rule.contains(form))
    };
    alarm.rule.as_ref().is_some_and(is_named)
}

fn states(ours: &[&AlarmFacts], watched: &Watched<'_>, now: Timestamp) -> Vec<Check> {
    let mut checks: Vec<Check> = ours.iter().filter_map(|alarm| state(alarm, watched, now)).collect();
    if checks.is_empty() {
        checks.push(Check::ok(Subject::AlarmState, "none of them rings"));
    }
    checks
}

fn state(alarm: &AlarmFacts, watched: &Watched<'_>, now: Timestamp) -> Option<Check> {
    const SUBJECT: Subject = Subject::AlarmState;
    let AlarmFacts { name, metrics, state, since, .. } = alarm;
    // Where nobody says since when, it may be long.
    let age = since.map(|since| now.duration_since(since));
    let is_long = age.is_none_or(|age| age >= LONG);
    let since = since.zip(age).map_or(String::new(), |(since, age)| format!(" since {since:.0}, for {}", words(age)));
    let is_of = |wanted: &&Wanted| metrics.iter().any(|metric| watched.is_of(wanted, metric));
    match state {
        AlarmState::Ok => None,
        AlarmState::InsufficientData if !is_long => None,
        AlarmState::InsufficientData => {
            let advice = "see that something still writes its metric, with these dimensions; where silence is good, let \
                          it treat missing data as not breaching";
            Some(Check::warning(SUBJECT, format!("`{name}` has had too few data{since}"), advice))
        }
        AlarmState::Alarm => {
            let seen = format!("`{name}` rings{since}");
            let advice = match watched.wanted().find(is_of) {
                Some(wanted) => format!("docs/operations.md says under `{}` what to do", wanted.name),
                None => "look at what it is about".to_owned(),
            };
            Some(if is_long { Check::problem(SUBJECT, seen, advice) } else { Check::warning(SUBJECT, seen, advice) })
        }
    }
}

fn names(alarms: &[&AlarmFacts]) -> String {
    alarms.iter().map(|alarm| format!("`{}`", alarm.name)).collect::<Vec<_>>().join(", ")
}

fn counted(alarms: &[&AlarmFacts]) -> String {
    u64::try_from(alarms.len()).map_or_else(|_| String::new(), |number| count(number, "alarm"))
}
