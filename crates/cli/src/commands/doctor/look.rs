//! What can be found out: all calls that a look makes.

use trailhound_aws::{
    CallLimits, TopicArn, Trails,
    deployment::{Deployment, FunctionFacts},
    trails::{Listing, LookError},
};

use super::judge::{Asynchronous, Environment, Examined, Facts, Failure, Keeper, Parts, Redrive, alarms, main_feed};
use crate::arguments::DoctorArguments;

/// Everything that can be found out about the trails and parts that were asked for.
pub(super) async fn look(arguments: &DoctorArguments) -> Facts {
    let trails = match Trails::connect(&CallLimits::default()).await {
        Ok(trails) => trails,
        Err(error) => return Facts::blind(Failure::Call { region: None, error }),
    };
    let regions = match (arguments.regions.as_slice(), trails.region()) {
        ([], Some(region)) => vec![region.to_owned()],
        ([], None) => return Facts::blind(Failure::NoRegion),
        (regions, _) => regions.to_vec(),
    };
    let Listing { trails: listed, failures } = trails.list(&regions).await;
    let mut facts = Facts { regions, failures: failures.into_iter().map(Failure::from).collect(), ..Facts::default() };
    for trail in listed {
        if arguments.trail.as_ref().is_none_or(|wanted| *wanted == trail.name || *wanted == trail.arn) {
            let (status, selectors) = (trails.status(&trail).await, trails.selectors(&trail).await);
            facts.trails.push(Examined { trail, status, selectors });
        } else {
            facts.others.push(trail.name);
        }
    }
    facts.parts = parts(&Deployment::beside(&trails), arguments).await;
    facts
}

/// What can be found out about the parts of the deployment that were named, and those that the function names.
async fn parts(deployment: &Deployment, arguments: &DoctorArguments) -> Parts {
    let mut parts = Parts::default();
    if let Some(bucket) = &arguments.bucket {
        parts.bucket = Some((bucket.clone(), deployment.announcements(bucket).await));
    }
    if let Some(url) = &arguments.queue {
        parts.queue = Some((url.clone(), deployment.queue(url).await));
    }
    let (mut topics, mut table) = (arguments.topics.clone(), arguments.table.clone());
    if let Some(name) = &arguments.function {
        let function = deployment.function(name).await;
        if let Ok(function) = &function {
            add_what_it_names(function, &mut topics, &mut table);
            add_queue(deployment, function, &mut parts).await;
            add_keepers(deployment, name, function, &mut parts).await;
        }
        parts.function = Some((name.clone(), function));
    }
    let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
    if let Some(Redrive { dead_letter_target_arn: arn, .. }) = queue.and_then(Redrive::of) {
        let dead = deployment.queue_of_arn(&arn).await;
        parts.dead = Some((arn, dead));
    }
    for topic in &topics {
        parts.topics.push((topic.to_string(), deployment.topic(topic).await));
    }
    if let Some(table) = table {
        let facts = deployment.table(&table).await;
        parts.table = Some((table, facts));
    }
    add_alarms(deployment, &mut parts).await;
    parts
}

/// Its topics, and its table unless another was named.
fn add_what_it_names(function: &FunctionFacts, topics: &mut Vec<TopicArn>, table: &mut Option<String>) {
    let configuration = Environment::of(function).configuration;
    for arn in configuration.topic_arns().into_values() {
        if !topics.contains(&arn) {
            topics.push(arn);
        }
    }
    if table.is_none() {
        *table = configuration.state_table;
    }
}

/// The queue that feeds it, unless one was named.
async fn add_queue(deployment: &Deployment, function: &FunctionFacts, parts: &mut Parts) {
    if parts.queue.is_none()
        && let Some(feed) = main_feed(function, None)
    {
        parts.queue = Some((feed.arn.clone(), deployment.queue_of_arn(&feed.arn).await));
    }
}

/// Who keeps what the function fails on, if no queue does. `name` is what the function was called by.
async fn add_keepers(deployment: &Deployment, name: &str, function: &FunctionFacts, parts: &mut Parts) {
    if Asynchronous::of(function, parts).is_none() {
        return;
    }
    let on_failure = deployment.on_failure(name).await;
    let destination = on_failure.as_ref().ok().cloned().flatten();
    parts.on_failure = Some(on_failure);
    for arn in function.dead_letters.clone().into_iter().chain(destination) {
        let keeper = match arn.split(':').nth(2) {
            Some("sqs") => Keeper::Queue(deployment.queue_of_arn(&arn).await),
            Some("sns") => match arn.parse() {
                Ok(topic) => Keeper::Topic(deployment.topic(&topic).await),
                Err(_) => Keeper::Other,
            },
            _ => Keeper::Other,
        };
        parts.keepers.push((arn, keeper));
    }
}

/// The alarms of the region of these parts, and the topics that they tell.
async fn add_alarms(deployment: &Deployment, parts: &mut Parts) {
    if !alarms::are_due(parts) {
        return;
    }
    let named = parts.function.as_ref().map(|(name, _)| name.as_str());
    let queue = parts.queue.as_ref().and_then(|(_, queue)| queue.as_ref().ok());
    let region = named.and_then(region_of_arn).or_else(|| queue.and_then(|queue| region_of_arn(&queue.arn)));
    let region = region.map(str::to_owned);
    let found = deployment.alarms(region.as_deref()).await;
    if let Ok(found) = &found {
        for topic in alarms::topics(found, parts) {
            let facts = deployment.topic(&topic).await;
            parts.alarm_topics.push((topic.to_string(), facts));
        }
    }
    parts.alarms = Some(found);
}

fn region_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)).filter(|region| !region.is_empty())
}

impl From<(String, LookError)> for Failure {
    fn from((region, error): (String, LookError)) -> Self {
        Failure::Call { region: Some(region), error }
    }
}
