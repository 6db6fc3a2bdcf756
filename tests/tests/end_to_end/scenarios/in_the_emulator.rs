//! The same function under AWS's own runtime interface emulator.

use std::io::{self, Write};

use serde_json::json;

use crate::cloud::Cloud;
use crate::events::batch_of_one;
use crate::logs::{key, object, trail_stopped};
use crate::servers::emulator::{self, Emulator};

#[tokio::test]
async fn the_emulator_runs_the_function() {
    let Some(executable) = emulator::executable() else {
        // Not through a macro: the test runner would swallow the line.
        writeln!(io::stderr(), "SKIPPED: there is no runtime interface emulator for this machine").unwrap();
        return;
    };
    let cloud = Cloud::new("emulated").await;
    let settings = cloud.settings();
    let emulator = Emulator::start(&executable, &settings.each_ref().map(|(name, value)| (*name, value.as_str())));
    cloud.put(&key("a"), object(&[trail_stopped("e1")])).await;
    assert_eq!(emulator.invoke(&batch_of_one("emulated", &key("a"))), json!({"batchItemFailures": []}));
    assert_eq!(cloud.notifications().await.len(), 1);

    let error = emulator.invoke(&json!({"unknown": true}));
    assert_eq!(error["errorType"], "UnusableEvent", "{error}");
}
