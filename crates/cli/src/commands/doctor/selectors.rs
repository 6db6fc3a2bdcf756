//! Whether the selectors of a trail take an event.

use trailhound_aws::trails::{Activity, AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors};
use trailhound_cloudtrail::{EventCategory, EventProfile};

/// How much of such events is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taken {
    None,
    /// Those of some resources or people, which a profile does not name.
    Some,
    All,
}

/// How much of the events of a profile a trail with these selectors records: any of them suffices.
pub(super) fn taken(selectors: &Selectors, event: &EventProfile) -> Taken {
    match selectors {
        // What CloudTrail does with a trail for which nobody chose.
        Selectors::Basic(basic) if basic.is_empty() => Taken::if_so(event.category == EventCategory::Management),
        Selectors::Basic(basic) => basic.iter().map(|selector| by_basic(selector, event)).max().unwrap_or(Taken::None),
        Selectors::Advanced(advanced) => {
            advanced.iter().map(|selector| by_advanced(selector, event)).max().unwrap_or(Taken::None)
        }
    }
}

fn by_basic(selector: &BasicSelector, event: &EventProfile) -> Taken {
    let BasicSelector { management, activity, excluded_sources, data } = selector;
    let by_category = match event.category {
        EventCategory::Management => Taken::if_so(*management && !excluded_sources.contains(&event.source)),
        EventCategory::Data => data.iter().map(|data| by_resource(data, event)).max().unwrap_or(Taken::None),
        // Which basic selectors cannot name.
        EventCategory::NetworkActivity => Taken::None,
    };
    by_category.min(by_activity(*activity, event))
}

/// An event that does not say whether it reads is given the benefit of the doubt.
fn by_activity(activity: Activity, event: &EventProfile) -> Taken {
    match activity {
        Activity::All => Taken::All,
        Activity::Read => Taken::if_so(event.read_only != Some(false)),
        Activity::Write => Taken::if_so(event.read_only != Some(true)),
        Activity::Unknown => Taken::Some,
    }
}

fn by_resource(data: &DataResource, event: &EventProfile) -> Taken {
    if data.prefixes.is_empty() || !event.resource_types.contains(&data.resource_type) {
        return Taken::None;
    }
    // `arn:aws:s3` and `arn:aws:s3:::` name no resource, and so all of them.
    let is_whole = |prefix: &String| prefix.splitn(6, ':').nth(5).is_none_or(str::is_empty);
    if data.prefixes.iter().any(is_whole) { Taken::All } else { Taken::Some }
}

fn by_advanced(selector: &AdvancedSelector, event: &EventProfile) -> Taken {
    selector.fields.iter().map(|field| by_field(field, event)).min().unwrap_or(Taken::None)
}

fn by_field(field: &FieldSelector, event: &EventProfile) -> Taken {
    // What a profile does not say might be anything.
    let maybe = |value: Option<&str>| Taken::if_so(value.is_none_or(|value| allows(field, value)));
    match field.field.as_str() {
        "eventCategory" => maybe(Some(event.category.as_str())),
        "eventSource" => maybe(Some(&event.source)),
        "eventName" => maybe(Some(&event.name)),
        "eventType" => maybe(event.event_type.as_deref()),
        "readOnly" => maybe(event.read_only.map(|reads| if reads { "true" } else { "false" })),
        "resources.type" => Taken::if_so(event.resource_types.iter().any(|resource| allows(field, resource))),
        // `resources.ARN`, `userIdentity.arn` and whatever comes: some events have the values and some do not.
        _ => Taken::Some,
    }
}

fn allows(field: &FieldSelector, value: &str) -> bool {
    let FieldSelector { field: _, equals, starts_with, ends_with, not_equals, not_starts_with, not_ends_with } = field;
    let fits = |whole: &[String], starts: &[String], ends: &[String]| {
        whole.iter().any(|known| known == value)
            || starts.iter().any(|start| value.starts_with(start.as_str()))
            || ends.iter().any(|end| value.ends_with(end.as_str()))
    };
    let asks = !(equals.is_empty() && starts_with.is_empty() && ends_with.is_empty());
    (!asks || fits(equals, starts_with, ends_with)) && !fits(not_equals, not_starts_with, not_ends_with)
}

impl Taken {
    fn if_so(is_taken: bool) -> Self {
        if is_taken { Taken::All } else { Taken::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "Management iam.amazonaws.com CreateUser false";
    const KEYS: &str = "Management kms.amazonaws.com Decrypt true";
    const OBJECT: &str = "Data s3.amazonaws.com GetObject true AWS::S3::Object";
    const CALL: &str = "Data lambda.amazonaws.com Invoke false AWS::Lambda::Function";
    const UNSAID: &str = "Management iam.amazonaws.com CreateUser ?";
    const ENDPOINT: &str = "NetworkActivity kms.amazonaws.com Decrypt true";

    fn event(text: &str) -> EventProfile {
        let words: Vec<&str> = text.split(' ').collect();
        EventProfile {
            category: match words[0] {
                "Data" => EventCategory::Data,
                "NetworkActivity" => EventCategory::NetworkActivity,
                _ => EventCategory::Management,
            },
            source: words[1].to_owned(),
            name: words[2].to_owned(),
            event_type: Some("AwsApiCall".to_owned()),
            read_only: words[3].parse().ok(),
            resource_types: words[4..].iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    fn texts(values: &str) -> Vec<String> {
        values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// `management ACTIVITY without SOURCES` or `data ACTIVITY TYPE PREFIXES`.
    fn basic(text: &str) -> BasicSelector {
        let words: Vec<&str> = text.split(' ').collect();
        let management = words[0] == "management";
        let activity = match words[1] {
            "All" => Activity::All,
            "Read" => Activity::Read,
            "Write" => Activity::Write,
            _ => Activity::Unknown,
        };
        let (resource_type, values) = (words[2].to_owned(), texts(words[3]));
        if management {
            BasicSelector { management, activity, excluded_sources: values, data: Vec::new() }
        } else {
            let data = vec![DataResource { resource_type, prefixes: values }];
            BasicSelector { management, activity, excluded_sources: Vec::new(), data }
        }
    }

    #[test]
    fn basic_selectors_take_what_they_name() {
        for (selectors, event_text, expected) in [
            (&[][..], USER, Taken::All),
            (&[], OBJECT, Taken::None),
            (&["management All without "], KEYS, Taken::All),
            (&["management All without kms.amazonaws.com"], KEYS, Taken::None),
            (&["management All without kms.amazonaws.com"], USER, Taken::All),
            (&["management Write without "], KEYS, Taken::None),
            (&["management Write without ", "management Read without "], KEYS, Taken::All),
            (&["management Read without "], UNSAID, Taken::All),
            (&["management Strange without "], USER, Taken::Some),
            (&["management All without "], OBJECT, Taken::None),
            (&["management All without "], ENDPOINT, Taken::None),
            (&["data All AWS::S3::Object arn:aws:s3"], USER, Taken::None),
            (&["data All AWS::S3::Object arn:aws:s3"], OBJECT, Taken::All),
            (&["data All AWS::S3::Object arn:aws:s3:::"], OBJECT, Taken::All),
            (&["data All AWS::S3::Object arn:aws:s3:::one/"], OBJECT, Taken::Some),
            (&["data All AWS::S3::Object arn:aws:s3:::one/,arn:aws:s3:::"], OBJECT, Taken::All),
            (&["data All AWS::S3::Object "], OBJECT, Taken::None),
            (&["data Write AWS::S3::Object arn:aws:s3"], OBJECT, Taken::None),
            (&["data All AWS::S3::Object arn:aws:s3"], CALL, Taken::None),
            (&["data All AWS::Lambda::Function arn:aws:lambda"], CALL, Taken::All),
        ] {
            let given = Selectors::Basic(selectors.iter().map(|text| basic(text)).collect());
            assert_eq!(taken(&given, &event(event_text)), expected, "{selectors:?} {event_text}");
        }
    }

    /// Fields as `name=values` with `=`, `^=`, `$=`, and the same after `!`.
    fn advanced(text: &str) -> AdvancedSelector {
        let field = |text: &str| {
            let (name, values) = text.split_once('=').unwrap();
            let values = texts(values);
            let mut field =
                FieldSelector { field: name.trim_end_matches(['!', '^', '$']).to_owned(), ..FieldSelector::default() };
            let operator = match name.strip_prefix(field.field.as_str()).unwrap() {
                "^" => &mut field.starts_with,
                "$" => &mut field.ends_with,
                "!" => &mut field.not_equals,
                "!^" => &mut field.not_starts_with,
                "!$" => &mut field.not_ends_with,
                _ => &mut field.equals,
            };
            *operator = values;
            field
        };
        AdvancedSelector { fields: text.split(' ').map(field).collect() }
    }

    #[test]
    fn advanced_selectors_take_what_they_describe() {
        let data = "eventCategory=Data resources.type=AWS::S3::Object";
        let with = |more: &str| vec![format!("{data} {more}")];
        let only = |text: &str| vec![text.to_owned()];
        for (selectors, event_text, expected) in [
            (only("eventCategory=Management"), USER, Taken::All),
            (only("eventCategory=Management"), OBJECT, Taken::None),
            (only("eventCategory=Management readOnly=false"), KEYS, Taken::None),
            (only("eventCategory=Management readOnly=false"), UNSAID, Taken::All),
            (only("eventCategory=Management eventSource!=kms.amazonaws.com"), KEYS, Taken::None),
            (only("eventCategory=Management eventSource!=kms.amazonaws.com"), USER, Taken::All),
            (only("eventCategory=Management eventType!=AwsApiCall"), USER, Taken::None),
            (only("eventCategory=Management sessionCredentialFromConsole=true"), USER, Taken::Some),
            (only(data), OBJECT, Taken::All),
            (only(data), CALL, Taken::None),
            (with("eventName=GetObject,PutObject"), OBJECT, Taken::All),
            (with("eventName=PutObject"), OBJECT, Taken::None),
            (with("eventName^=Get"), OBJECT, Taken::All),
            (with("eventName^=Put"), OBJECT, Taken::None),
            (with("eventName$=Object"), OBJECT, Taken::All),
            (with("eventName!=GetObject"), OBJECT, Taken::None),
            (with("eventName!^=Get"), OBJECT, Taken::None),
            (with("eventName!$=Tagging"), OBJECT, Taken::All),
            (with("eventName^=Get eventName!$=Object"), OBJECT, Taken::None),
            (with("resources.ARN^=arn:aws:s3:::one/"), OBJECT, Taken::Some),
            (with("resources.ARN^=arn:aws:s3:::one/ readOnly=false"), OBJECT, Taken::None),
            ([only("eventCategory=Management"), with("readOnly=true")].concat(), OBJECT, Taken::All),
            (only("eventCategory=NetworkActivity eventSource=kms.amazonaws.com"), ENDPOINT, Taken::All),
            (only("eventCategory=NetworkActivity eventSource=kms.amazonaws.com"), KEYS, Taken::None),
        ] {
            let given = Selectors::Advanced(selectors.iter().map(|text| advanced(text)).collect());
            assert_eq!(taken(&given, &event(event_text)), expected, "{selectors:?} {event_text}");
        }
    }
}
