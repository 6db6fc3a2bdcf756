//! The function: three calls, `GetFunctionConfiguration`, `GetFunctionConcurrency` and `ListEventSourceMappings`,
//! and `GetFunctionEventInvokeConfig` where it matters.

use std::collections::BTreeMap;

use aws_config::Region;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};

use super::{AskError, Deployment, ask_error};

/// A function of Lambda. What is none is not told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionFacts {
    /// Its name without version or alias.
    pub name: String,
    /// Its state, such as `Active`.
    pub state: Option<String>,
    /// Its runtime, such as `provided.al2023`; none for a container.
    pub runtime: Option<String>,
    /// `x86_64` or `arm64`.
    pub architecture: Option<String>,
    /// Memory in MB.
    pub memory: Option<u64>,
    /// Seconds that one invocation may take.
    pub timeout: Option<u64>,
    /// Its environment.
    pub variables: BTreeMap<String, String>,
    /// Why the environment cannot be had, such as a key that may not be used.
    pub hidden: Option<String>,
    /// Concurrency that is set aside for it; none if nothing is.
    pub reserved: Option<u64>,
    /// What feeds it.
    pub feeds: Vec<Feed>,
    /// ARN of its dead-letter queue or topic, which gets events of asynchronous invocations that failed.
    pub dead_letters: Option<String>,
}

/// An event source mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// ARN of the queue.
    pub arn: String,
    /// Its state, such as `Enabled`.
    pub state: String,
    /// Whether an answer names the messages that failed: `ReportBatchItemFailures`.
    pub reports_failures: bool,
    /// Instances of the function that may work on it at once; none for no limit.
    pub concurrency: Option<u64>,
}

impl Deployment {
    /// A function, by its name or ARN.
    ///
    /// # Errors
    ///
    /// It does not exist, or one of the calls fails.
    pub async fn function(&self, name: &str) -> Result<FunctionFacts, AskError> {
        let client = self.lambda(name);
        let answer = client.get_function_configuration().function_name(name).send().await;
        let answer = answer.map_err(|error| ask_error("lambda:GetFunctionConfiguration", &error))?;
        let concurrency = client.get_function_concurrency().function_name(name).send().await;
        let concurrency = concurrency.map_err(|error| ask_error("lambda:GetFunctionConcurrency", &error))?;
        let environment =
            answer.environment.unwrap_or_else(|| aws_sdk_lambda::types::EnvironmentResponse::builder().build());
        Ok(FunctionFacts {
            name: answer.function_name.unwrap_or_else(|| name.to_owned()),
            state: answer.state.map(|state| state.as_str().to_owned()),
            runtime: answer.runtime.map(|runtime| runtime.as_str().to_owned()),
            architecture: answer.architectures.unwrap_or_default().first().map(|one| one.as_str().to_owned()),
            memory: answer.memory_size.and_then(whole),
            timeout: answer.timeout.and_then(whole),
            variables: environment.variables.unwrap_or_default().into_iter().collect(),
            hidden: environment.error.map(|error| error.error_code.unwrap_or_default()),
            reserved: concurrency.reserved_concurrent_executions.and_then(whole),
            feeds: feeds(&client, name).await?,
            dead_letters: answer.dead_letter_config.and_then(|config| config.target_arn).filter(|arn| !arn.is_empty()),
        })
    }

    /// ARN of where events of asynchronous invocations go that a function failed on: a queue, a topic, a bucket, a
    /// function or an event bus. None if nobody has said; its dead-letter queue is another thing.
    ///
    /// # Errors
    ///
    /// The call fails, but not because nothing is set.
    pub async fn on_failure(&self, name: &str) -> Result<Option<String>, AskError> {
        let call = self.lambda(name).get_function_event_invoke_config().function_name(name);
        match call.send().await.map_err(|error| ask_error("lambda:GetFunctionEventInvokeConfig", &error)) {
            Ok(answer) => {
                let failed = answer.destination_config.and_then(|config| config.on_failure);
                Ok(failed.and_then(|failed| failed.destination).filter(|arn| !arn.is_empty()))
            }
            // Of a function that is there, this is all that can be missing.
            Err(AskError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A function is known only in its own region, which an ARN names.
    fn lambda(&self, name: &str) -> Client {
        let region = name.starts_with("arn:").then(|| name.split(':').nth(3)).flatten();
        let region = region.map(|region| Region::new(region.to_owned()));
        let region = region.or_else(|| self.shared.region().cloned());
        Client::from_conf(aws_sdk_lambda::config::Builder::from(&self.shared).region(region).build())
    }
}

async fn feeds(client: &Client, name: &str) -> Result<Vec<Feed>, AskError> {
    let (mut feeds, mut next) = (Vec::new(), None);
    loop {
        let answer = client.list_event_source_mappings().function_name(name).set_marker(next).send().await;
        let answer = answer.map_err(|error| ask_error("lambda:ListEventSourceMappings", &error))?;
        feeds.extend(answer.event_source_mappings.unwrap_or_default().into_iter().map(feed));
        next = answer.next_marker.filter(|marker| !marker.is_empty());
        if next.is_none() {
            return Ok(feeds);
        }
    }
}

fn feed(mapping: EventSourceMappingConfiguration) -> Feed {
    let reports_failures = mapping.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures);
    let concurrency = mapping.scaling_config().and_then(aws_sdk_lambda::types::ScalingConfig::maximum_concurrency);
    Feed {
        reports_failures,
        concurrency: concurrency.and_then(whole),
        arn: mapping.event_source_arn.unwrap_or_default(),
        state: mapping.state.unwrap_or_default(),
    }
}

fn whole(number: i32) -> Option<u64> {
    u64::try_from(number).ok()
}
