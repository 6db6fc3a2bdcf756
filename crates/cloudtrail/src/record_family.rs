use std::fmt;

use serde::Serialize;

/// Which kind of record it is; the kinds have different fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordFamily {
    /// A call that manages resources, a sign-in, or an event of a service.
    Management,
    /// A call on the content of a resource: an S3 object, a Lambda function, a `DynamoDB` item.
    Data,
    /// A call through a VPC endpoint.
    NetworkActivity,
    /// An unusual rate of calls or errors; has no `eventName` of its own.
    Insight,
    /// Counts of data events over five minutes; another schema altogether.
    Aggregated,
    /// An old record that states no category, or one of a category introduced later.
    Unknown,
}

impl RecordFamily {
    /// The family that a record's `eventCategory` and, where that is absent, its `eventType` state.
    ///
    /// ```
    /// use trailhound_cloudtrail::RecordFamily;
    ///
    /// assert_eq!(RecordFamily::of(Some("Data"), Some("AwsApiCall")), RecordFamily::Data);
    /// assert_eq!(RecordFamily::of(None, Some("AwsVpceEvents")), RecordFamily::NetworkActivity);
    /// assert_eq!(RecordFamily::of(None, Some("AwsApiCall")), RecordFamily::Unknown);
    /// ```
    pub fn of(event_category: Option<&str>, event_type: Option<&str>) -> Self {
        match event_category {
            Some("Management") => RecordFamily::Management,
            Some("Data") => RecordFamily::Data,
            Some("NetworkActivity") => RecordFamily::NetworkActivity,
            Some("Insight") => RecordFamily::Insight,
            Some("Aggregated") => RecordFamily::Aggregated,
            Some(_) => RecordFamily::Unknown,
            None => event_type.map_or(RecordFamily::Unknown, Self::of_event_type),
        }
    }

    /// `AwsApiCall` alone says nothing: records from before `eventCategory` may be data events.
    fn of_event_type(event_type: &str) -> Self {
        match event_type {
            "AwsServiceEvent" | "AwsConsoleAction" | "AwsConsoleSignIn" => RecordFamily::Management,
            // The documentation writes the plural, real records the singular.
            "AwsVpceEvent" | "AwsVpceEvents" => RecordFamily::NetworkActivity,
            "AwsCloudTrailInsight" => RecordFamily::Insight,
            "AwsAggregatedEvent" => RecordFamily::Aggregated,
            _ => RecordFamily::Unknown,
        }
    }

    /// The word for logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordFamily::Management => "management",
            RecordFamily::Data => "data",
            RecordFamily::NetworkActivity => "network-activity",
            RecordFamily::Insight => "insight",
            RecordFamily::Aggregated => "aggregated",
            RecordFamily::Unknown => "unknown",
        }
    }
}

impl fmt::Display for RecordFamily {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
