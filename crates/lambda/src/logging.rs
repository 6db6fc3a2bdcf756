//! Log lines: one JSON object a line on standard error, which Lambda sends to CloudWatch.
//!
//! Lines name objects, rules and counts; they never hold a record.

use tracing_subscriber::EnvFilter;

/// Starts logging. Must come before the Lambda runtime, which would otherwise decide the format.
pub(crate) fn start(filter: EnvFilter) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .init();
}

/// The span of one invocation: puts its request identifier, and the identifier of the trace it belongs to
/// if there is one, on every line, at every log filter.
pub(crate) fn invocation(request_id: &str, trace_id: Option<&str>) -> tracing::Span {
    tracing::error_span!("invocation", request_id, trace_id)
}
