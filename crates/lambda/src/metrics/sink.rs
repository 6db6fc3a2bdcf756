//! Where metrics go.

use std::io::{self, Write};

use serde_json::Value;

/// Takes lines of metrics.
pub(crate) trait Sink: Send + Sync {
    /// Takes one line. It must not fail what the metrics are about.
    fn write(&self, line: &Value);
}

/// Standard output, which Lambda sends to CloudWatch Logs. Log lines go to standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stdout;

impl Sink for Stdout {
    fn write(&self, line: &Value) {
        let written = writeln!(io::stdout().lock(), "{line}");
        if let Err(error) = written {
            tracing::warn!(%error, "metrics were not written");
        }
    }
}

/// Memory, for tests.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(std::sync::Arc<std::sync::Mutex<Vec<Value>>>);

#[cfg(test)]
impl Memory {
    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.0.lock().expect("no test panicked here").clone()
    }
}

#[cfg(test)]
impl Sink for Memory {
    fn write(&self, line: &Value) {
        self.0.lock().expect("no test panicked here").push(line.clone());
    }
}
