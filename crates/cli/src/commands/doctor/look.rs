//! What can be found out: all calls that a look makes.

use trailhound_aws::{
    CallLimits, TopicArn, Trails,
    deployment::{Deployment, FunctionFacts},
    trails::{Listing, LookError},
};

use super::judge::{Environment, Examined, Facts, Failure, Parts, Redrive, main_feed};
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

impl From<(String, LookError)> for Failure {
    fn from((region, error): (String, LookError)) -> Self {
        Failure::Call { region: Some(region), error }
    }
}
