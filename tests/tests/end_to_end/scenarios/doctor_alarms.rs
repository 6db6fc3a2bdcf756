//! `trailhound doctor` finds the alarms of the template by what they watch, and says which are missing, reach nobody
//! or ring. The template itself is the sound account: what it has and what is looked for are the same alarms.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, StateValue, Statistic};
use aws_sdk_lambda::types::{Environment, FunctionResponseType, Runtime};
use serde_json::json;

use super::doctor_function::{create_function, wrong_of};
use crate::cloud::{Cloud, queue_arn, sdk_config};
use crate::servers::deployment::{Deployed, deploy};

const STACK: &str = "watched";
/// More than one answer holds, so that those of the stack are in the next.
const OTHERS: usize = 110;

struct Account {
    alarms: Client,
    topics: aws_sdk_sns::Client,
    deployed: Deployed,
}

impl Account {
    /// Alarms of others, then the template with its function, and somebody who hears every topic but that of alarms.
    async fn new() -> Self {
        let shared = sdk_config().await;
        let alarms = Client::new(&shared);
        for number in 0..OTHERS {
            let put = alarms.put_metric_alarm().alarm_name(format!("another-{number}")).namespace("Another");
            let put = put.metric_name("Orders").statistic(Statistic::Sum).period(300).evaluation_periods(1);
            let put = put.threshold(1.0).comparison_operator(ComparisonOperator::LessThanThreshold);
            put.send().await.unwrap();
        }
        let deployed =
            deploy("template.yaml", STACK, &json!({"LogBucketName": "watched-logs", "Integrity": "digests"}));
        let account = Self { alarms, topics: aws_sdk_sns::Client::new(&shared), deployed };
        Cloud::without_topic(STACK).await.create_queue(STACK).await;
        for (logical, topic) in &account.deployed.topics {
            if logical != "OperationsTopic" {
                account.listen(&topic.arn).await;
            }
        }
        account.create_function(&aws_sdk_lambda::Client::new(&shared)).await;
        account
    }

    async fn create_function(&self, functions: &aws_sdk_lambda::Client) {
        let name = &self.deployed.function;
        let variables = self.deployed.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
        let environment = Environment::builder().set_variables(Some(variables.collect())).build();
        let create = create_function(functions, name, &format!("{STACK}-FunctionRole")).environment(environment);
        create.runtime(Runtime::Providedal2023).timeout(60).memory_size(512).send().await.unwrap();
        let map = functions.create_event_source_mapping().function_name(name);
        let map = map.event_source_arn(queue_arn(&self.deployed.queues["LogQueue"]));
        map.function_response_types(FunctionResponseType::ReportBatchItemFailures).send().await.unwrap();
    }

    async fn listen(&self, topic: &str) {
        let subscribe = self.topics.subscribe().topic_arn(topic).protocol("sqs");
        subscribe.endpoint(queue_arn(STACK)).send().await.unwrap();
    }

    /// What is not ok.
    fn wrong(&self, expected: &[&str]) {
        wrong_of(&["--bucket", "watched-logs", "--function", &self.deployed.function], expected);
    }

    fn operations(&self) -> &str {
        &self.deployed.topics["OperationsTopic"].arn
    }

    async fn delete(&self, logical: &str) {
        self.alarms.delete_alarms().alarm_names(named(logical)).send().await.unwrap();
    }

    async fn be(&self, logical: &str, state: StateValue) {
        let set = self.alarms.set_alarm_state().alarm_name(named(logical)).state_value(state);
        set.state_reason("somebody wanted it to").send().await.unwrap();
    }

    /// A silence alarm of somebody's own, who has forgotten what a function that does not run looks like.
    async fn watch_silence(&self, operator: ComparisonOperator) {
        let function = Dimension::builder().name("FunctionName").value(&self.deployed.function).build();
        let put = self.alarms.put_metric_alarm().alarm_name("silence").namespace("Trailhound").metric_name("Objects");
        let put = put.dimensions(function).statistic(Statistic::Sum).period(3600).evaluation_periods(3);
        let put = put.threshold(1.0).comparison_operator(operator).treat_missing_data("missing");
        put.alarm_actions(self.operations()).send().await.unwrap();
    }
}

/// What the stack calls it.
fn named(logical: &str) -> String {
    format!("{STACK}-{logical}")
}

/// One fault after the other, each mended before the next.
#[tokio::test]
async fn faults_of_alarms_are_found_and_a_sound_account_has_none() {
    let account = Account::new().await;
    account.wrong(&["alarm-topic problem…nobody is subscribed"]);
    account.listen(account.operations()).await;
    account.wrong(&[]);

    account.be("BacklogAlarm", StateValue::Alarm).await;
    account.be("ThrottleAlarm", StateValue::InsufficientData).await;
    account.wrong(&["alarm-state warning…`watched-BacklogAlarm` rings since 20"]);
    account.be("BacklogAlarm", StateValue::Ok).await;

    let errors = named("FunctionErrorAlarm");
    account.alarms.disable_alarm_actions().alarm_names(&errors).send().await.unwrap();
    account.wrong(&["alarm-actions problem…the actions of `watched-FunctionErrorAlarm` are switched off"]);
    account.alarms.enable_alarm_actions().alarm_names(&errors).send().await.unwrap();
    account.wrong(&[]);

    account.delete("SilenceAlarm").await;
    account.wrong(&["alarms problem…nothing watches Objects"]);
    account.watch_silence(ComparisonOperator::GreaterThanThreshold).await;
    account.wrong(&["alarms problem…nothing watches Objects"]);
    account.watch_silence(ComparisonOperator::LessThanThreshold).await;
    account.wrong(&["alarms problem…`silence` stays quiet"]);

    account.topics.delete_topic().topic_arn(account.operations()).send().await.unwrap();
    account.wrong(&["alarms problem…`silence` stays quiet", "alarm-topic problem…does not exist"]);
    for logical in ["CanaryAlarm", "IntegrityAlarm", "StateTableAlarm", "UnreadableAlarm"] {
        account.delete(logical).await;
    }
    account.wrong(&[
        "alarms problem…`silence` stays quiet",
        "alarms warning…nothing watches ReadThrottleEvents, WriteThrottleEvents, SystemErrors",
        "alarms warning…nothing watches EventsRefused, RecordsRefused, Quarantined",
        "alarms problem…nothing watches CanaryAlerts",
        "alarms problem…nothing watches IntegrityBroken",
        "alarm-topic problem…does not exist",
    ]);
}
