//! Topics and routes.

use trailhound_rule_engine::{
    Code, Span, Status,
    yaml::{Data, Entry, Node, Problems, Typed, suggestion},
};

use super::{Topic, read};
use crate::{
    TopicArn, TopicArnError, TopicName,
    render::{AlertKind, Format},
    routing::{Route, RouteMatch, Then},
};

/// Topics in the order of the file. One that is not written as it has to be has its name all the same, so
/// that routes to it are not reported as well.
pub(super) fn topics(node: &Node, problems: &mut Problems) -> Option<Vec<(TopicName, Option<Topic>)>> {
    let mut topics = Vec::new();
    for entry in read::entries(node, "`topics`", problems)? {
        let Some(name) = TopicName::new(&entry.key) else {
            let message = format!("`{}` cannot name a topic", entry.key);
            read::wrong::<()>(entry.key_span, message, "use 1 to 64 letters, digits, `-` and `_`", problems);
            continue;
        };
        topics.push((name, topic(entry, problems)));
    }
    Some(topics)
}

fn topic(entry: &Entry, problems: &mut Problems) -> Option<Topic> {
    let Data::Map(entries) = &entry.value.data else {
        return Some(Topic { arn: arn(&entry.value, problems)?, format: Format::default() });
    };
    check_keys(entries, &["arn", "format"], problems);
    let formats = Format::ALL.map(|format| (format.as_str(), format));
    let format = match find(entries, "format") {
        Some(node) => read::word(node, "format", &formats, problems)?,
        None => Format::default(),
    };
    let Some(node) = find(entries, "arn") else {
        let message = format!("the topic `{}` has no `arn`", entry.key);
        problems.error(Code::MissingSetting, entry.key_span, message).help("give the ARN of an SNS topic");
        return None;
    };
    Some(Topic { arn: arn(node, problems)?, format })
}

/// The ARN of a topic.
pub(super) fn arn(node: &Node, problems: &mut Problems) -> Option<TopicArn> {
    let text = read::text(node, "an ARN", problems)?;
    match text.trim().parse::<TopicArn>() {
        Ok(arn) => Some(arn),
        Err(error) => {
            let what = match error {
                TopicArnError::NotAnArn => "is no ARN",
                TopicArnError::NotATopic => "is not the ARN of an SNS topic",
                TopicArnError::Region => "names no region",
                TopicArnError::Account => "names an account that is not 12 digits",
                TopicArnError::Name => "names a topic that is not 1 to 256 letters, digits, `-` and `_`",
            };
            let help = "write it like `arn:aws:sns:eu-west-1:111122223333:alerts`";
            read::wrong(node.span, format!("`{text}` {what}"), help, problems)
        }
    }
}

/// Names of topics that are configured: one, or a list.
pub(super) fn names(node: &Node, topics: &[TopicName], problems: &mut Problems) -> Option<Vec<TopicName>> {
    read::each(node, problems, |member, problems| {
        let text = read::text(member, "the name of a topic", problems)?;
        let known = topics.iter().find(|name| name.as_str() == text);
        if known.is_none() {
            let help = suggestion(&text, topics.iter().map(TopicName::as_str)).or_else(|| {
                let known: Vec<&str> = topics.iter().map(TopicName::as_str).collect();
                (!known.is_empty()).then(|| format!("the topics are: {}", known.join(", ")))
            });
            problems.error(Code::TopicReference, member.span, format!("there is no topic `{text}`")).maybe_help(help);
        }
        known.cloned()
    })
}

/// The routes in their order.
pub(super) fn routes(node: &Node, topics: &[TopicName], problems: &mut Problems) -> Option<Vec<Route>> {
    let Data::List(members) = &node.data else {
        let message = format!("`routes` must be a list, this is {}", node.kind());
        return read::wrong(node.span, message, "begin each route with `- `", problems);
    };
    let routes: Vec<Option<Route>> = members.iter().map(|member| route(member, topics, problems)).collect();
    check_order(members, &routes, node.span, problems);
    routes.into_iter().collect()
}

fn route(node: &Node, topics: &[TopicName], problems: &mut Problems) -> Option<Route> {
    let entries = read::entries(node, "a route", problems)?;
    check_keys(entries, &["match", "to", "continue"], problems);
    let matches = match find(entries, "match") {
        Some(node) => Some(matching(node, problems)),
        None => Some(Some(RouteMatch::default())),
    };
    let then = find(entries, "continue").map_or(Some(Then::Stop), |node| then(node, problems));
    let Some(to) = find(entries, "to") else {
        problems
            .error(Code::MissingSetting, node.span, "the route says nothing about where to")
            .help("add `to:` with the name of a topic, or `to: []` for nowhere");
        return None;
    };
    let to = names(to, topics, problems);
    Some(Route { matches: matches??, to: to?, then: then? })
}

fn then(node: &Node, problems: &mut Problems) -> Option<Then> {
    match &node.data {
        Data::Scalar(scalar) if scalar.typed() == Typed::Bool(true) => Some(Then::Continue),
        Data::Scalar(scalar) if scalar.typed() == Typed::Bool(false) => Some(Then::Stop),
        _ => read::wrong(
            node.span,
            "`continue` is neither true nor false".to_owned(),
            "write `true` or `false`",
            problems,
        ),
    }
}

const MATCH_KEYS: &[&str] = &["level", "minimum_level", "account", "region", "rule", "tag", "status", "kind"];

fn matching(node: &Node, problems: &mut Problems) -> Option<RouteMatch> {
    let entries = read::entries(node, "`match`", problems)?;
    check_keys(entries, MATCH_KEYS, problems);
    let mut globs =
        |key: &str| find(entries, key).map_or(Some(Vec::new()), |node| read::each(node, problems, read::glob));
    let (accounts, regions, rules, tags) = (globs("account"), globs("region"), globs("rule"), globs("tag"));
    let levels = find(entries, "level").map_or(Some(Vec::new()), |node| read::each(node, problems, read::level));
    let minimum_level = match find(entries, "minimum_level") {
        Some(node) => read::level(node, problems).map(Some),
        None => Some(None),
    };
    let statuses = Status::ALL.map(|status| (status.as_str(), status));
    let statuses = find(entries, "status").map_or(Some(Vec::new()), |node| {
        read::each(node, problems, |member, problems| read::word(member, "status", &statuses, problems))
    });
    let kinds = AlertKind::ALL.map(|kind| (kind.as_str(), kind));
    let kinds = find(entries, "kind").map_or(Some(Vec::new()), |node| {
        read::each(node, problems, |member, problems| read::word(member, "kind of alert", &kinds, problems))
    });
    Some(RouteMatch {
        levels: levels?,
        minimum_level: minimum_level?,
        accounts: accounts?,
        regions: regions?,
        rules: rules?,
        tags: tags?,
        statuses: statuses?,
        kinds: kinds?,
    })
}

/// Warns of routes that are never asked, and of alerts that nobody would get.
fn check_order(members: &[Node], routes: &[Option<Route>], span: Span, problems: &mut Problems) {
    let last_word = |route: &Option<Route>| {
        route.as_ref().is_some_and(|route| route.matches.is_everything() && route.then == Then::Stop)
    };
    let last = routes.iter().position(last_word);
    let never_asked = last.and_then(|last| members.get(last + 1));
    if let Some(member) = never_asked {
        problems
            .warning(Code::RouteOrder, member.span, "this route is never asked: the one before it takes everything")
            .help("put the route without `match` last, or give it `continue: true`");
    }
    let catches = |route: &Option<Route>| route.as_ref().is_none_or(|route| route.matches.is_everything());
    if !routes.iter().any(catches) {
        problems
            .warning(Code::RouteOrder, span, "alerts that none of these routes takes are not sent")
            .help("end with a route without `match`");
    }
}

fn find<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn check_keys(entries: &[Entry], known: &[&str], problems: &mut Problems) {
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let help = suggestion(&entry.key, known.iter().copied())
            .unwrap_or_else(|| format!("the keys here are: {}", known.join(", ")));
        problems
            .error(Code::UnknownSetting, entry.key_span, format!("there is no key `{}` here", entry.key))
            .help(help);
    }
}
