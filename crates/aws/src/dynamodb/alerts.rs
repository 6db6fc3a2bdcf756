use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::{put_item::PutItemError, update_item::UpdateItemError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use trailhound_pipeline::{ALERT_MEMORY, AlertId, AlertState, Claim, ClaimToken, StateError, unique_token};

use super::{
    DynamoState, end,
    item::{Item, PARTITION, SORT, ending, keys, number, removal, text},
    transient,
};

const ALERT: &str = "alert";
/// Seconds for which a claim that ran out is kept, since its holder may still complete it; one day.
const CLAIM_REST: i64 = 24 * 60 * 60;

/// Nobody has it, this very request has it already, or whoever had it is over.
const FREE: &str = "attribute_not_exists(pk) OR #token = :token OR #until <= :now";
const MINE: &str = "#token = :token";
const MINE_AND_OPEN: &str = "#token = :token AND completed = :no";

#[async_trait]
impl AlertState for DynamoState {
    async fn claim(&self, alert: &AlertId, lease: Duration) -> Result<Claim, StateError> {
        let now = self.clock.now();
        let token = unique_token();
        let mut item = keys(partition(alert), ALERT);
        item.insert("token".to_owned(), text(&token));
        item.insert("completed".to_owned(), AttributeValue::Bool(false));
        item.extend(ending(end(now.saturating_add(lease).unwrap_or(Timestamp::MAX)), CLAIM_REST));
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(FREE)
            .expression_attribute_names("#token", "token")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":token", text(&token))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Claim::Granted(ClaimToken::new(token))),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(if is_completed(refused.item()) { Claim::Completed } else { Claim::Held })
                }
                _ => Err(transient(&error)),
            },
        }
    }

    async fn complete(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let until = end(self.clock.now().saturating_add(ALERT_MEMORY).unwrap_or(Timestamp::MAX));
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(PARTITION, text(partition(alert)))
            .key(SORT, text(ALERT))
            .update_expression("SET completed = :yes, #until = :until, #ttl = :ttl")
            .condition_expression(MINE)
            .expression_attribute_names("#token", "token")
            .expression_attribute_names("#until", "until")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":ttl", number(removal(until, 0)))
            .expression_attribute_values(":token", text(token.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    if is_completed(refused.item()) {
                        Ok(())
                    } else {
                        Err(StateError::ClaimLost)
                    }
                }
                _ => Err(transient(&error)),
            },
        }
    }

    async fn release(&self, alert: &AlertId, token: &ClaimToken) -> Result<(), StateError> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(PARTITION, text(partition(alert)))
            .key(SORT, text(ALERT))
            .condition_expression(MINE_AND_OPEN)
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", text(token.as_str()))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(transient(&error)),
            },
        }
    }
}

fn partition(alert: &AlertId) -> String {
    format!("alert-{alert}")
}

fn is_completed(item: Option<&Item>) -> bool {
    item.and_then(|item| item.get("completed")).is_some_and(|value| value.as_bool() == Ok(&true))
}
