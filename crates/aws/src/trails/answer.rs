//! From the answers of the SDK to our own types.

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types;
use jiff::Timestamp;

use super::{
    Activity, AdvancedSelector, BasicSelector, DataResource, FieldSelector, Owner, Scope, Selectors, Status, Trail,
};

/// `region` is where the trail was seen. What the answer leaves out counts as switched off.
pub(super) fn trail(answer: types::Trail, region: &str) -> Trail {
    let arn = answer.trail_arn.unwrap_or_default();
    Trail {
        name: answer.name.unwrap_or_else(|| arn.clone()),
        arn,
        home_region: answer.home_region.unwrap_or_else(|| region.to_owned()),
        bucket: answer.s3_bucket_name.unwrap_or_default(),
        prefix: present(answer.s3_key_prefix),
        owner: match answer.is_organization_trail {
            Some(true) => Owner::Organization,
            Some(false) | None => Owner::Account,
        },
        scope: match answer.is_multi_region_trail {
            Some(true) => Scope::AllRegions,
            Some(false) | None => Scope::HomeRegion,
        },
        global_services: answer.include_global_service_events.unwrap_or(false),
        validates: answer.log_file_validation_enabled.unwrap_or(false),
        key: present(answer.kms_key_id),
        has_own_selectors: answer.has_custom_event_selectors.unwrap_or(false),
    }
}

pub(super) fn status(answer: GetTrailStatusOutput) -> Status {
    Status {
        logging: answer.is_logging.unwrap_or(false),
        started: answer.start_logging_time.and_then(timestamp),
        stopped: answer.stop_logging_time.and_then(timestamp),
        delivered: answer.latest_delivery_time.and_then(timestamp),
        delivery_error: present(answer.latest_delivery_error),
        digest_delivered: answer.latest_digest_delivery_time.and_then(timestamp),
        digest_error: present(answer.latest_digest_delivery_error),
    }
}

pub(super) fn selectors(answer: GetEventSelectorsOutput) -> Selectors {
    let advanced = answer.advanced_event_selectors.unwrap_or_default();
    if advanced.is_empty() {
        Selectors::Basic(answer.event_selectors.unwrap_or_default().into_iter().map(basic).collect())
    } else {
        Selectors::Advanced(advanced.into_iter().map(self::advanced).collect())
    }
}

/// What is left out has the value that the documentation of `EventSelector` gives it.
fn basic(selector: types::EventSelector) -> BasicSelector {
    BasicSelector {
        management: selector.include_management_events.unwrap_or(true),
        activity: match selector.read_write_type {
            Some(types::ReadWriteType::All) | None => Activity::All,
            Some(types::ReadWriteType::ReadOnly) => Activity::Read,
            Some(types::ReadWriteType::WriteOnly) => Activity::Write,
            Some(_) => Activity::Unknown,
        },
        excluded_sources: selector.exclude_management_event_sources.unwrap_or_default(),
        data: selector.data_resources.unwrap_or_default().into_iter().map(data_resource).collect(),
    }
}

fn data_resource(resource: types::DataResource) -> DataResource {
    DataResource { resource_type: resource.r#type.unwrap_or_default(), prefixes: resource.values.unwrap_or_default() }
}

fn advanced(selector: types::AdvancedEventSelector) -> AdvancedSelector {
    AdvancedSelector { fields: selector.field_selectors.into_iter().map(field).collect() }
}

fn field(selector: types::AdvancedFieldSelector) -> FieldSelector {
    FieldSelector {
        field: selector.field,
        equals: selector.equals.unwrap_or_default(),
        starts_with: selector.starts_with.unwrap_or_default(),
        ends_with: selector.ends_with.unwrap_or_default(),
        not_equals: selector.not_equals.unwrap_or_default(),
        not_starts_with: selector.not_starts_with.unwrap_or_default(),
        not_ends_with: selector.not_ends_with.unwrap_or_default(),
    }
}

/// An empty text says as much as none.
fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Whole seconds are all that is of interest here; a time beyond all calendars counts as none.
pub(crate) fn timestamp(time: DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}
