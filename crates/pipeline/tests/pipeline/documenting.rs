//! The examples of docs/notifications.md are what is rendered.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;
use trailhound_pipeline::render::{AlertView, Format, Renderer, samples};

fn example(view: &AlertView, format: Format) -> String {
    let message = Renderer::default().render(view, format);
    let (language, body) = match format {
        Format::Text => ("text", format!("Subject: {}\n\n{}", message.subject, message.body)),
        Format::Sms => ("text", message.body),
        Format::Json | Format::Ocsf | Format::Chat => {
            let value: Value = serde_json::from_str(&message.body).unwrap();
            ("json", serde_json::to_string_pretty(&value).unwrap())
        }
    };
    format!("```{language}\n{}\n```\n", body.trim_end())
}

/// Run with `INSTA_UPDATE=always` to write them anew.
#[test]
fn the_examples_of_notifications_are_real() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notifications.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut parts = page.split("<!-- example: ");
    let mut expected = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap();
        let shown = match name {
            "correlation" => example(&samples::correlation(), Format::Text),
            format => example(&samples::stopped(), format.parse().unwrap()),
        };
        write!(expected, "<!-- example: {name} -->\n{shown}<!-- end -->\n{after}").unwrap();
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "docs/notifications.md is out of date");
}
