//! Which alerts go where, and that each topic gets each alert once.

use std::collections::BTreeMap;

use trailhound_pipeline::{
    AlertCounts, Delivery, DeliveryStatus, InspectLimits, Inspector, NotifyError, Pipeline, PipelineSettings,
    TopicName,
    render::{AlertKind, AlertView, Format, Renderer, samples},
    routing::{Dispatcher, Glob, Route, RouteMatch, Router, Routing, Then, refused_version},
};
use trailhound_rule_engine::{Level, RuleSet, Settings, Source, Status};

use crate::support::{KEY, World, document, gzip, list_users, object, stop_logging};

fn topic(name: &str) -> TopicName {
    TopicName::new(name).unwrap()
}

fn route(to: &str, matches: RouteMatch) -> Route {
    Route { matches, to: vec![topic(to)], ..Route::default() }
}

fn router(routes: Vec<Route>) -> Router {
    Router { routes, ..Router::single(Level::Medium) }
}

fn names(routing: Routing) -> Vec<String> {
    match routing {
        Routing::To(topics) => topics.iter().map(ToString::to_string).collect(),
        Routing::BelowLevel => vec!["below".to_owned()],
        Routing::Nowhere => vec!["nowhere".to_owned()],
    }
}

fn with(change: impl FnOnce(&mut AlertView)) -> AlertView {
    let mut view = samples::stopped();
    change(&mut view);
    view
}

fn status(status: Status) -> AlertView {
    with(|view| view.rule.as_mut().unwrap().status = Some(status))
}

#[test]
fn a_route_takes_what_fits_everything_it_says() {
    let globs = |globs: &[&str]| globs.iter().map(|glob| Glob::new(*glob)).collect::<Vec<_>>();
    let everything = RouteMatch::default;
    let cases = vec![
        (everything(), samples::stopped(), true),
        (everything(), with(|view| view.level = Level::Low), false),
        (RouteMatch { minimum_level: Some(Level::Low), ..everything() }, with(|view| view.level = Level::Low), true),
        (RouteMatch { minimum_level: Some(Level::Critical), ..everything() }, samples::stopped(), false),
        (RouteMatch { levels: vec![Level::High], ..everything() }, samples::stopped(), true),
        (RouteMatch { levels: vec![Level::Low], ..everything() }, with(|view| view.level = Level::Low), true),
        (RouteMatch { levels: vec![Level::Critical], ..everything() }, samples::stopped(), false),
        (RouteMatch { accounts: globs(&["9*", "1111*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { accounts: globs(&["prod*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { accounts: globs(&["prod*"]), ..everything() }, with(|view| view.account = None), false),
        (RouteMatch { regions: globs(&["eu-*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { regions: globs(&["us-*"]), ..everything() }, samples::stopped(), false),
        (RouteMatch { rules: globs(&["cloudtrail_*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { rules: globs(&["4db60cc0-*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { rules: globs(&["iam_*"]), ..everything() }, samples::stopped(), false),
        (RouteMatch { tags: globs(&["attack.t1562*"]), ..everything() }, samples::stopped(), true),
        (RouteMatch { tags: globs(&["attack.impact"]), ..everything() }, samples::stopped(), false),
        (RouteMatch { kinds: vec![AlertKind::Digest], ..everything() }, samples::stopped(), false),
        (RouteMatch { regions: globs(&["eu-*"]), rules: globs(&["iam_*"]), ..everything() }, samples::stopped(), false),
        (everything(), status(Status::Experimental), false),
        (everything(), status(Status::Test), true),
        (RouteMatch { statuses: vec![Status::Experimental], ..everything() }, status(Status::Experimental), true),
        (RouteMatch { statuses: vec![Status::Experimental], ..everything() }, samples::stopped(), false),
    ];
    for (matches, view, expected) in cases {
        let routing = router(vec![route("taken", matches.clone())]).route(&view);
        assert_eq!(matches!(routing, Routing::To(_)), expected, "{matches:?} {view:?}");
    }
}

#[test]
fn the_first_route_decides_unless_it_goes_on() {
    let critical = RouteMatch { levels: vec![Level::High], ..RouteMatch::default() };
    let onward = |to: &str, matches: RouteMatch| Route { then: Then::Continue, ..route(to, matches) };
    let nowhere = |matches: RouteMatch| Route { to: Vec::new(), ..route("x", matches) };
    let all = RouteMatch::default;
    for (routes, expected) in [
        (vec![route("a", all()), route("b", all())], vec!["a"]),
        (vec![onward("a", critical.clone()), route("b", all())], vec!["a", "b"]),
        (vec![onward("a", all()), onward("b", all()), route("a", all())], vec!["a", "b"]),
        (vec![nowhere(critical.clone()), route("b", all())], vec!["nowhere"]),
        (vec![], vec!["nowhere"]),
    ] {
        assert_eq!(names(router(routes.clone()).route(&samples::stopped())), expected, "{routes:?}");
    }
    let low = with(|view| view.level = Level::Low);
    assert_eq!(names(Router::single(Level::Medium).route(&low)), ["below"]);
    assert_eq!(names(Router::single(Level::Medium).route(&status(Status::Experimental))), ["nowhere"]);
}

#[test]
fn notices_go_their_own_way() {
    let notice = refused_version("rules", "s3://bucket/rules.yml", "etag", "broken");
    let router = Router { notices: vec![topic("ops")], ..router(vec![route("a", RouteMatch::default())]) };
    assert_eq!(names(router.route(&notice)), ["ops"]);
}

/// Everything to `mail` as text and to `data` as JSON.
fn two_topics() -> Dispatcher {
    let routes = vec![Route {
        to: vec![topic("mail"), topic("data")],
        ..route("mail", RouteMatch { minimum_level: Some(Level::Low), ..RouteMatch::default() })
    }];
    Dispatcher::new(router(routes), Renderer::default(), BTreeMap::from([(topic("data"), Format::Json)]))
}

#[tokio::test]
async fn each_topic_gets_each_alert_once_in_its_format() {
    let world = World::with_object(gzip(&document(&[stop_logging("one"), list_users(), stop_logging("one")])));
    let pipeline = world.pipeline().with_dispatcher(two_topics());
    let delivery = Delivery::Object(object(KEY));
    let outcome = pipeline.deliver(&delivery).await;
    assert_eq!(outcome.alerts, AlertCounts { sent: 2, duplicate: 1, ..AlertCounts::default() });
    let sent = world.notifier.sent();
    let topics: Vec<&str> = sent.iter().map(|notification| notification.topic.as_str()).collect();
    assert_eq!(topics, ["mail", "data", "mail", "data"]);
    assert!(sent[0].body.starts_with("HIGH: ") && sent[1].body.starts_with('{'));
    assert_ne!(sent[0].alert, sent[1].alert, "each topic has an identity of its own");
    assert_eq!(sent[0].group, sent[1].group);

    assert_eq!(pipeline.deliver(&delivery).await.alerts.duplicate, 3);
    assert_eq!(world.notifier.sent().len(), 4);
}

#[tokio::test]
async fn a_topic_that_has_accepted_does_not_get_it_again_when_the_other_fails() {
    let world = World::with_object(gzip(&document(&[stop_logging("one")])));
    let pipeline = world.pipeline().with_dispatcher(two_topics());
    let delivery = Delivery::Object(object(KEY));
    world.notifier.fail_next(NotifyError::Transient("timeout".to_owned()));
    let outcome = pipeline.deliver(&delivery).await;
    assert!(matches!(outcome.status, DeliveryStatus::Failed { retry: true, .. }), "{outcome:?}");
    assert_eq!((outcome.alerts.failed, world.notifier.sent().len()), (1, 1));

    assert_eq!(pipeline.deliver(&delivery).await.alerts.sent, 1);
    let topics: Vec<String> = world.notifier.sent().iter().map(|sent| sent.topic.to_string()).collect();
    assert_eq!(topics, ["data", "mail"]);
}

#[tokio::test]
async fn alerts_that_no_route_takes_are_counted() {
    let world = World::with_object(gzip(&document(&[stop_logging("one"), list_users()])));
    let routes = vec![route("a", RouteMatch { rules: vec![Glob::new("other")], ..RouteMatch::default() })];
    let dispatcher = Dispatcher::new(router(routes), Renderer::default(), BTreeMap::new());
    let outcome = world.pipeline().with_dispatcher(dispatcher).deliver(&Delivery::Object(object(KEY))).await;
    assert_eq!(outcome.status, DeliveryStatus::Done);
    assert_eq!(outcome.alerts, AlertCounts { unrouted: 1, below_level: 1, ..AlertCounts::default() });
}

const SUPPRESSION: &str = "
title: Backups read everything
name: backups
logsource: {product: aws, service: cloudtrail}
owner: storage team
reason: They do.
expires: 2026-06-30
filter:
  rules: any
  selection: {eventName: X}
  condition: not selection
";

#[tokio::test]
async fn a_suppression_that_expires_is_announced_once_a_day() {
    for (today, expected) in [
        ("2026-06-22", None),
        ("2026-06-23", Some("[MEDIUM] A suppression is about to expire: storage team")),
        ("2026-06-30", Some("[MEDIUM] A suppression is about to expire: storage team")),
        ("2026-07-01", Some("[MEDIUM] A suppression has expired: storage team")),
    ] {
        let today = today.parse().unwrap();
        let settings = Settings { today: Some(today), ..Settings::default() };
        let loaded = RuleSet::load_with([Source::new("filters/backups.yml", SUPPRESSION)], &settings);
        let world = World::new();
        let pipeline = || {
            let rules = loaded.rules.filters().count() + loaded.rules.expired_filters().count();
            assert_eq!(rules, 1);
            let loaded = RuleSet::load_with([Source::new("filters/backups.yml", SUPPRESSION)], &settings);
            let inspector = Inspector::new(loaded.rules.into(), InspectLimits::default());
            Pipeline::new(inspector, world.ports(), PipelineSettings::default())
        };
        let (one, other) = (pipeline(), pipeline());
        for pipeline in [&one, &one, &other] {
            pipeline.announce_suppressions(today).await.unwrap();
        }
        let subjects: Vec<String> = world.notifier.sent().into_iter().map(|sent| sent.subject).collect();
        assert_eq!(subjects, Vec::from_iter(expected), "{today}");
        if let Some(sent) = world.notifier.sent().first() {
            for part in ["They do.", "2026-06-30", "filters/backups.yml:2", "Remove it, or set a new last day."] {
                assert!(sent.body.contains(part), "{part}: {}", sent.body);
            }
        }
    }
}
