//! Canaries and tests: records that Trailhound makes of itself.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use trailhound_pipeline::{
    AlertError, CanaryError, Delivery, FetchError, InspectLimits, Inspector, NotifyError, ObjectRef, Pipeline,
    PipelineSettings, TopicName,
    configuration::{NoFiles, RulesSource},
    render::Renderer,
    routing::{Dispatcher, Router},
    test_record,
    watching::{ConfigurationFile, PackagedRules, Versioned, VersionedObjects, Watch, Watched},
};
use trailhound_rule_engine::{Level, RuleSet, Source};

use crate::support::{World, rules, stop_logging};

/// A package with one rule of the user's, or with none that is any good.
struct Package(&'static str);

impl PackagedRules for Package {
    fn sources(&self, _from: &RulesSource) -> Result<Vec<Source>, String> {
        Ok(vec![Source::new("own.yml", self.0)])
    }
}

struct Nowhere;

#[async_trait]
impl VersionedObjects for Nowhere {
    async fn get_newer(&self, _object: &ObjectRef, _known: Option<&str>) -> Result<Option<Versioned>, FetchError> {
        Err(FetchError::Missing)
    }
}

const OWN: &str = "
title: CloudTrail logging was stopped
level: high
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: StopLogging}, condition: selection}
";

/// The rules as the function loads them, whatever the user's are.
async fn loaded(own: &'static str) -> Option<Arc<RuleSet>> {
    let environment = [("TRAILHOUND_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts")];
    let watched = Watched {
        file: ConfigurationFile::Absent,
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        files: Box::new(NoFiles),
        packaged: Box::new(Package(own)),
        objects: Arc::new(Nowhere),
    };
    let watch = Watch::start(watched, Timestamp::UNIX_EPOCH).await.ok()?;
    Some(Arc::clone(&watch.current().rules))
}

fn pipeline(world: &World, rules: Arc<RuleSet>, canaries: &[&str]) -> Pipeline {
    let canaries = canaries.iter().map(|name| TopicName::new(name).unwrap()).collect();
    let router = Router { canaries, ..Router::single(Level::Medium) };
    let dispatcher = Dispatcher::new(router, Renderer::default(), BTreeMap::new());
    let inspector = Inspector::new(rules, InspectLimits::default());
    Pipeline::new(inspector, world.ports(), PipelineSettings::default()).with_dispatcher(dispatcher)
}

#[tokio::test]
async fn a_canary_goes_to_its_topic_and_to_nobody_else() {
    let world = World::new();
    let pipeline = pipeline(&world, loaded(OWN).await.unwrap(), &["canary"]);
    for number in 1..=2 {
        let counts = pipeline.canary().await.unwrap();
        assert_eq!(counts.sent, 1);
        // Repeated in the same second, it was sent before.
        assert_eq!(pipeline.canary().await.unwrap().duplicate, 1);
        let sent = world.notifier.sent();
        assert_eq!(sent.len(), number);
        assert!(sent.iter().all(|notification| notification.topic.as_str() == "canary"));
        let kind = sent[0].attributes.iter().find(|attribute| attribute.name == "kind").unwrap();
        assert_eq!((kind.value.as_str(), sent[0].level), ("canary", Level::Informational));
        world.clock.advance(Duration::from_mins(5));
    }
}

#[tokio::test]
async fn a_canary_that_does_not_come_out_says_why() {
    let world = World::new();
    let known = loaded(OWN).await.unwrap();
    assert_eq!(pipeline(&world, Arc::clone(&known), &[]).canary().await, Err(CanaryError::NoTopic));
    assert_eq!(pipeline(&world, rules(&[OWN]), &["canary"]).canary().await, Err(CanaryError::NotMatched));
    world.notifier.fail_next(NotifyError::Rejected("no such topic".to_owned()));
    let failed = pipeline(&world, known, &["canary"]).canary().await;
    assert!(matches!(failed, Err(CanaryError::NotSent(AlertError::Notify(_)))), "{failed:?}");
}

#[tokio::test]
async fn rules_that_are_all_broken_are_still_no_rules() {
    assert!(loaded("title: [").await.is_none());
}

#[tokio::test]
async fn a_test_is_an_alert_of_its_level_that_says_what_it_is() {
    for (level, expected) in [(Level::Medium, 1), (Level::High, 1), (Level::Critical, 1), (Level::Low, 0)] {
        let world = World::new();
        let pipeline = pipeline(&world, loaded(OWN).await.unwrap(), &["canary"]);
        let bytes = test_record(level, "test-1", Timestamp::UNIX_EPOCH).to_string().into_bytes();
        let delivery = Delivery::Records { origin: "a test".to_owned(), bytes };
        for _ in 0..2 {
            let outcome = pipeline.deliver(&delivery).await;
            assert_eq!((outcome.records.records, outcome.records.refused), (1, 0));
        }
        let sent = world.notifier.sent();
        assert_eq!(sent.len(), expected, "{level}");
        for notification in sent {
            assert_eq!(notification.level, level);
            assert!(notification.subject.contains("TEST of Trailhound, nothing has happened"));
        }
    }
}

#[tokio::test]
async fn the_markers_match_nothing_that_aws_writes() {
    let world = World::new();
    let bytes = stop_logging("e1").to_string().into_bytes();
    let pipeline = pipeline(&world, loaded("title: Other\nlevel: high\nlogsource: {product: aws, service: cloudtrail}\ndetection: {selection: {eventName: Other}, condition: selection}").await.unwrap(), &["canary"]);
    let outcome = pipeline.deliver(&Delivery::Records { origin: "x".to_owned(), bytes }).await;
    assert_eq!((outcome.records.unmatched, outcome.records.matched), (1, 0));
}
