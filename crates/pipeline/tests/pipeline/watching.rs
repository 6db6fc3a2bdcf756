//! New versions of configuration and rules: good ones are taken over, bad ones refused and announced.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};
use trailhound_pipeline::{
    FetchError, ObjectRef,
    configuration::{NoFiles, RulesSource},
    watching::{ConfigurationFile, PackagedRules, Refreshed, SetupError, Versioned, VersionedObjects, Watch, Watched},
};
use trailhound_rule_engine::Source;

use crate::support::gzip;

const STOPPED: &str = "
title: Trail stopped
name: stopped
level: high
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: StopLogging}, condition: selection}
";

/// Objects whose version is the hash of what they hold.
#[derive(Debug, Default)]
struct Bucket(Mutex<BTreeMap<String, Content>>);

type Content = Result<Vec<u8>, FetchError>;

impl Bucket {
    fn put(&self, key: &str, content: impl Into<Vec<u8>>) {
        self.0.lock().unwrap().insert(key.to_owned(), Ok(content.into()));
    }

    fn fail(&self, key: &str) {
        self.0.lock().unwrap().insert(key.to_owned(), Err(FetchError::Transient("503".to_owned())));
    }
}

#[async_trait]
impl VersionedObjects for Bucket {
    async fn get_newer(&self, object: &ObjectRef, known: Option<&str>) -> Result<Option<Versioned>, FetchError> {
        let bytes = self.0.lock().unwrap().get(&object.key).cloned().unwrap_or(Err(FetchError::Missing))?;
        let version = sha256(&bytes);
        Ok((known != Some(version.as_str())).then_some(Versioned { bytes, version }))
    }
}

/// The package holds one rule.
struct Package;

impl PackagedRules for Package {
    fn sources(&self, from: &RulesSource) -> Result<Vec<Source>, String> {
        match from {
            RulesSource::Bundle => Ok(vec![Source::new("stopped.yml", STOPPED), Source::new("broken.yml", "title: x")]),
            RulesSource::Folder(_) => Err("there is no such folder".to_owned()),
            RulesSource::Object { .. } => Ok(Vec::new()),
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn rules(title: &str) -> Vec<u8> {
    gzip(STOPPED.replace("Trail stopped", title).as_bytes())
}

fn configuration(level: &str, rules: Option<&[u8]>) -> String {
    let rules = rules.map_or_else(String::new, |bytes| {
        format!("rules: {{from: s3://config/rules.yml.gz, sha256: {}}}", sha256(bytes))
    });
    format!("topic_arn: arn:aws:sns:eu-west-1:111122223333:alerts\nminimum_level: {level}\n{rules}\n")
}

fn watched(bucket: &Arc<Bucket>) -> Watched {
    let object = ObjectRef { bucket: "config".to_owned(), key: "trailhound.yml".to_owned(), version: None };
    Watched {
        file: ConfigurationFile::Object(object),
        environment: BTreeMap::new(),
        files: Box::new(NoFiles),
        packaged: Box::new(Package),
        objects: Arc::<Bucket>::clone(bucket),
    }
}

fn minute(number: i64) -> Timestamp {
    Timestamp::constant(1_767_225_600, 0) + (number * 60).seconds()
}

/// What is in force: the least level, and the titles of the rules, without those that are always there.
fn in_force(watch: &Watch) -> String {
    let setup = watch.current();
    let titles: Vec<&str> = setup
        .rules
        .iter()
        .map(|(_, rule)| rule.metadata())
        .filter(|rule| !rule.handle().starts_with("trailhound_"))
        .map(|rule| rule.title.as_str())
        .collect();
    format!("{} {}", setup.configuration.router.minimum_level, titles.join(","))
}

fn told(refreshed: Refreshed) -> String {
    match refreshed {
        Refreshed::Same => "same".to_owned(),
        Refreshed::Adopted(_) => "adopted".to_owned(),
        Refreshed::Refused(view) => format!("{}: {}", view.headline, view.identity[2].values[0]),
        Refreshed::Unreachable(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_good_configuration_is_taken_over_and_a_bad_one_refused_once() {
    let bucket = Arc::new(Bucket::default());
    bucket.put("trailhound.yml", configuration("low", None));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    assert_eq!(in_force(&watch), "low Trail stopped", "of the rules in the package the good ones are used");
    assert_eq!(told(watch.refresh(minute(1)).await), "same");

    bucket.put("trailhound.yml", configuration("urgent", None));
    let refused = "New configuration refused: s3://config/trailhound.yml:2: `urgent` is no level";
    assert_eq!(told(watch.refresh(minute(2)).await), refused);
    assert_eq!(told(watch.refresh(minute(3)).await), "same", "refused once");
    assert_eq!(in_force(&watch), "low Trail stopped");

    bucket.put("trailhound.yml", configuration("high", None));
    assert_eq!(told(watch.refresh(minute(3) + 30.seconds()).await), "same", "it is not yet time to look");
    assert_eq!(told(watch.refresh(minute(4)).await), "adopted");
    assert_eq!(in_force(&watch), "high Trail stopped");
}

#[tokio::test]
async fn rules_are_taken_over_when_they_have_the_hash_that_is_pinned() {
    let bucket = Arc::new(Bucket::default());
    let (first, second) = (rules("first"), rules("second"));
    bucket.put("rules.yml.gz", first.clone());
    bucket.put("trailhound.yml", configuration("low", Some(&first)));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    assert_eq!(in_force(&watch), "low first");

    // Somebody puts other rules in place.
    bucket.put("rules.yml.gz", second.clone());
    let refused = told(watch.refresh(minute(1)).await);
    assert!(refused.starts_with("New rules refused: its SHA-256 is "), "{refused}");
    assert_eq!(told(watch.refresh(minute(2)).await), "same", "refused once");
    assert_eq!(in_force(&watch), "low first");

    bucket.put("trailhound.yml", configuration("low", Some(&second)));
    assert_eq!(told(watch.refresh(minute(3)).await), "adopted");
    assert_eq!(in_force(&watch), "low second");
}

#[tokio::test]
async fn a_configuration_that_comes_before_its_rules_waits_for_them() {
    let bucket = Arc::new(Bucket::default());
    let (first, second) = (rules("first"), rules("second"));
    bucket.put("rules.yml.gz", first.clone());
    bucket.put("trailhound.yml", configuration("low", Some(&first)));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    bucket.put("trailhound.yml", configuration("high", Some(&second)));
    assert!(told(watch.refresh(minute(1)).await).starts_with("New rules refused"));
    assert_eq!(in_force(&watch), "low first", "neither of them alone");
    bucket.put("rules.yml.gz", second);
    assert_eq!(told(watch.refresh(minute(2)).await), "adopted");
    assert_eq!(in_force(&watch), "high second");
}

#[tokio::test]
async fn rules_with_an_error_are_refused_as_a_whole() {
    let bucket = Arc::new(Bucket::default());
    let first = rules("first");
    bucket.put("rules.yml.gz", first.clone());
    bucket.put("trailhound.yml", configuration("low", Some(&first)));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    let broken = format!("{STOPPED}---\ntitle: x\nlogsource: {{product: aws}}\n").into_bytes();
    bucket.put("rules.yml.gz", broken.clone());
    bucket.put("trailhound.yml", configuration("low", Some(&broken)));
    let refused = told(watch.refresh(minute(1)).await);
    assert!(refused.starts_with("New rules refused: s3://config/rules.yml.gz:8: "), "{refused}");
    assert_eq!(in_force(&watch), "low first");
}

#[tokio::test]
async fn what_cannot_be_reached_changes_nothing_and_is_looked_at_again() {
    let bucket = Arc::new(Bucket::default());
    let (first, second) = (rules("first"), rules("second"));
    bucket.put("rules.yml.gz", first.clone());
    bucket.put("trailhound.yml", configuration("low", Some(&first)));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    bucket.put("trailhound.yml", configuration("low", Some(&second)));
    bucket.fail("rules.yml.gz");
    assert_eq!(told(watch.refresh(minute(1)).await), "the object could not be fetched: 503");
    assert_eq!(in_force(&watch), "low first");
    bucket.put("rules.yml.gz", second);
    assert_eq!(told(watch.refresh(minute(2)).await), "adopted");
    assert_eq!(in_force(&watch), "low second");
}

#[tokio::test]
async fn on_a_new_day_rules_are_loaded_anew() {
    let bucket = Arc::new(Bucket::default());
    bucket.put("trailhound.yml", configuration("low", None));
    let watch = Watch::start(watched(&bucket), minute(0)).await.unwrap();
    assert_eq!(told(watch.refresh(minute(24 * 60)).await), "adopted", "suppressions may have expired");
}

#[tokio::test]
async fn at_the_start_every_error_counts() {
    let bucket = Arc::new(Bucket::default());
    let start = || Watch::start(watched(&bucket), minute(0));
    let missing = start().await.unwrap_err();
    assert!(matches!(missing, SetupError::Unreachable { source: FetchError::Missing, .. }), "{missing}");
    bucket.put("trailhound.yml", "minimum_level: [");
    assert!(matches!(start().await, Err(SetupError::Unusable { what: "configuration", .. })));
    bucket.put("trailhound.yml", configuration("low", Some(b"rules")));
    assert!(matches!(start().await, Err(SetupError::Unreachable { what: "rules", .. })));
    bucket.put("rules.yml.gz", "other rules");
    let error = start().await.unwrap_err().to_string();
    assert!(error.starts_with("the rules at s3://config/rules.yml.gz cannot be used: its SHA-256 is "), "{error}");
}
