//! Log lines: one JSON object a line on standard error, which Lambda sends to CloudWatch.
//!
//! Lines name objects, rules and counts; they never hold a record.

use std::sync::OnceLock;

use thiserror::Error;
use tracing_subscriber::EnvFilter;

/// What is logged until the configuration has been read, if the environment does not say.
const DEFAULT: &str = "info";

/// Changes the filter of the logger that was started.
type Change = Box<dyn Fn(EnvFilter) + Send + Sync>;

static CHANGE: OnceLock<Change> = OnceLock::new();

/// A text that is no filter of log lines.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("`log` is `{0}`: give a level such as `info`, or a list such as `warn,trailhound_pipeline=debug`")]
pub(crate) struct LogFilterError(String);

/// Starts logging. Must come before the Lambda runtime, which would otherwise decide the format. A filter
/// that is none becomes the default here and an error in [`filter_by`]: it is needed before anything can be
/// reported.
pub(crate) fn start(filter: Option<&str>) {
    let filter = filter.and_then(|filter| parse(filter).ok()).unwrap_or_else(|| EnvFilter::new(DEFAULT));
    let builder = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .with_filter_reloading();
    let handle = builder.reload_handle();
    builder.init();
    let change: Change = Box::new(move |filter| {
        // It fails only where there is no logger any more.
        let _ = handle.reload(filter);
    });
    let _ = CHANGE.set(change);
}

/// Goes on with the filter of the configuration.
pub(crate) fn filter_by(text: &str) -> Result<(), LogFilterError> {
    let filter = parse(text)?;
    if let Some(change) = CHANGE.get() {
        change(filter);
    }
    Ok(())
}

fn parse(text: &str) -> Result<EnvFilter, LogFilterError> {
    EnvFilter::builder().parse(text).map_err(|_| LogFilterError(text.to_owned()))
}

/// The span of one invocation: puts its request identifier, and the identifier of the trace it belongs to
/// if there is one, on every line, at every log filter.
pub(crate) fn invocation(request_id: &str, trace_id: Option<&str>) -> tracing::Span {
    tracing::error_span!("invocation", request_id, trace_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_a_list() {
        for filter in ["info", "warn,trailhound_pipeline=debug"] {
            assert_eq!(filter_by(filter), Ok(()));
        }
        assert!(filter_by("a=b=c").expect_err("no filter").to_string().starts_with("`log` is `a=b=c`: give"));
    }
}
