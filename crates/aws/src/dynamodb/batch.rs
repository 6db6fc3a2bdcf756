//! Many items in few requests.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use trailhound_pipeline::StateError;

use super::{DynamoState, item::Item, transient};

/// Items that DynamoDB takes in one request.
const ITEMS: usize = 25;

impl DynamoState {
    /// Puts items, whatever was there before. They come with their sort keys: DynamoDB refuses a
    /// request with the same item twice.
    pub(super) async fn put_all(&self, items: BTreeMap<String, Item>) -> Result<(), StateError> {
        let mut requests = items.into_values().map(put).collect::<Result<Vec<_>, _>>()?;
        while !requests.is_empty() {
            let rest = requests.split_off(requests.len().min(ITEMS));
            self.put_batch(std::mem::replace(&mut requests, rest)).await?;
        }
        Ok(())
    }

    /// DynamoDB may leave some of a request undone, when the table is short of capacity: those are sent
    /// again after a pause.
    async fn put_batch(&self, mut requests: Vec<WriteRequest>) -> Result<(), StateError> {
        let mut pause = self.limits.unprocessed_pause;
        for _ in 0..self.limits.unprocessed_attempts {
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.table, requests)
                .send()
                .await
                .map_err(|error| transient(&error))?;
            let undone: HashMap<String, Vec<WriteRequest>> = answer.unprocessed_items.unwrap_or_default();
            requests = undone.into_values().flatten().collect();
            if requests.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        Err(StateError::Transient(format!("{} items were left undone each time", requests.len())))
    }
}

fn put(item: Item) -> Result<WriteRequest, StateError> {
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(|error| transient(&error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
