//! The configuration: what it takes, what it says about what is wrong, and that its documentation is true.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use trailhound_pipeline::configuration::{Configuration, Files, NoFiles, Origin, ReadConfiguration, SETTINGS, Setting};
use trailhound_rule_engine::{Code, Diagnostic, Severity, Source, report};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/configuration").join(path)
}

fn source(path: &Path) -> Source {
    Source::new(path.file_name().unwrap().to_string_lossy(), fs::read_to_string(path).unwrap())
}

fn read(file: Option<&Source>, environment: &[(&str, &str)]) -> ReadConfiguration {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Configuration::read(file, &environment, &NoFiles)
}

fn good(file: Option<&Source>, environment: &[(&str, &str)]) -> Configuration {
    let read = read(file, environment);
    let report = report::text(&read.diagnostics, report::Color::Never);
    assert!(read.diagnostics.is_empty(), "{report}");
    read.configuration.unwrap()
}

fn value(configuration: &Configuration, key: &str) -> String {
    configuration.value(Setting::by_key(key).unwrap()).to_string()
}

#[test]
fn reports_look_as_recorded() {
    insta::glob!("../data/configuration/broken", "*.yml", |path| {
        let read = read(Some(&source(path)), &[]);
        let is_wrong = read.diagnostics.iter().any(|problem| problem.severity() == Severity::Error);
        assert_eq!(read.configuration.is_none(), is_wrong);
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../data/configuration/broken"}, {
            insta::assert_snapshot!(report::text(&read.diagnostics, report::Color::Never));
        });
    });
}

/// Variables that are wrong.
const WRONG_VARIABLES: [(&str, &str); 5] = [
    ("TRAILHOUND_TOPIC_ARN", TOPIC),
    ("TRAILHOUND_MIN_LEVEL", "urgent"),
    ("TRAILHOUND_ROUTES", "[{to: deflaut}]"),
    ("TRAILHOUND_ACCOUNTS", "{unclosed"),
    ("TRAILHOUND_MINIMUM_LEVEL", "high"),
];

#[test]
fn problems_of_variables_look_as_recorded() {
    insta::assert_snapshot!(report::text(&read(None, &WRONG_VARIABLES).diagnostics, report::Color::Never));
    insta::assert_snapshot!(report::text(&read(None, &[]).diagnostics, report::Color::Never));
}

#[test]
fn every_code_of_the_configuration_has_a_recorded_report() {
    let files = fs::read_dir(data("broken")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "yml"));
    let seen: BTreeSet<Code> = files
        .flat_map(|path| read(Some(&source(&path)), &[]).diagnostics)
        .map(|diagnostic: Diagnostic| diagnostic.code())
        .collect();
    let own = Code::ALL.iter().filter(|code| code.as_str().starts_with("TH08"));
    let missing: Vec<&Code> = own.filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "no recorded report for {missing:?}");
}

#[test]
fn every_setting_can_stand_in_the_file() {
    let configuration = good(Some(&source(&data("good/everything.yml"))), &[]);
    let mut shown = String::new();
    for setting in SETTINGS {
        writeln!(shown, "{} = {}  # {}", setting.key, configuration.value(setting), configuration.origin(setting))
            .unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_topic_is_enough() {
    let configuration = good(None, &[("TRAILHOUND_TOPIC_ARN", TOPIC), ("TRAILHOUND_MIN_LEVEL", " ")]);
    assert_eq!(configuration.topic_arns().len(), 1);
    assert_eq!(value(&configuration, "minimum_level"), "\"medium\"");
    assert_eq!(configuration.variable("TRAILHOUND_TOPIC_ARN").as_deref(), Some(TOPIC));
    assert_eq!(configuration.variable("TRAILHOUND_MAX_OBJECT_BYTES").as_deref(), Some("67108864"));
    assert_eq!(configuration.variable("TRAILHOUND_RULES"), None);
}

#[test]
fn variables_come_before_the_file() {
    let file = Source::new("trailhound.yml", format!("topics: {{mail: {TOPIC}}}\nminimum_level: low\nwatch: 2m\n"));
    let configuration =
        good(Some(&file), &[("TRAILHOUND_MIN_LEVEL", "critical"), ("TRAILHOUND_MAX_OBJECT_BYTES", "1KiB")]);
    assert_eq!(value(&configuration, "minimum_level"), "\"critical\"");
    assert_eq!((configuration.object_bytes, configuration.watch.as_secs()), (1024, 120));
    let origins = ["minimum_level", "watch", "log"].map(|key| configuration.origin(Setting::by_key(key).unwrap()));
    let variable = Origin::Environment { variable: "TRAILHOUND_MIN_LEVEL".to_owned() };
    let line = Origin::File { file: "trailhound.yml".to_owned(), line: 3 };
    assert_eq!(origins, [&variable, &line, &Origin::Default]);
    assert_eq!(configuration.variable("TRAILHOUND_TOPIC_ARN").as_deref(), Some(TOPIC), "the only topic there is");
}

#[test]
fn every_example_is_taken() {
    for setting in SETTINGS {
        let environment = [
            ("TRAILHOUND_TOPIC_ARN", TOPIC),
            ("TRAILHOUND_TOPICS", SETTINGS[1].example),
            ("TRAILHOUND_RULES_SHA256", Setting::by_key("rules.sha256").unwrap().example),
            (setting.variable, setting.example),
        ];
        let environment: BTreeMap<String, String> =
            environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let read = Configuration::read(None, &environment, &AnyTemplate);
        let errors: Vec<&Diagnostic> =
            read.diagnostics.iter().filter(|problem| problem.severity() == Severity::Error).collect();
        assert!(errors.is_empty(), "{}: {}", setting.key, report::text(&read.diagnostics, report::Color::Never));
    }
}

/// Has every file that is asked for.
struct AnyTemplate;

impl Files for AnyTemplate {
    fn read(&self, _path: &Path) -> io::Result<String> {
        Ok("{{ title | author }}".to_owned())
    }
}

#[test]
fn keys_and_variables_are_unique() {
    let keys: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
    let variables: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.variable).collect();
    assert_eq!((keys.len(), variables.len()), (SETTINGS.len(), SETTINGS.len()));
    assert!(variables.iter().all(|variable| variable.starts_with("TRAILHOUND_")));
}

const BEGIN: &str = "<!-- settings: written by a test -->\n";
const END: &str = "<!-- end of settings -->\n";

/// The table of docs/configuration.md, from the registry. Run with `INSTA_UPDATE=always` to write it anew.
#[test]
fn the_documentation_names_every_setting_with_its_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let defaults = Configuration::default();
    let mut table = "| key | variable | default | what it is | example |\n|---|---|---|---|---|\n".to_owned();
    for setting in SETTINGS {
        let default = match defaults.value(setting) {
            serde_json::Value::Null => "none".to_owned(),
            serde_json::Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let Setting { key, variable, about, example, .. } = setting;
        writeln!(table, "| `{key}` | `{variable}` | {default} | {about} | `{}` |", example.replace('|', "\\|"))
            .unwrap();
    }
    let expected = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "docs/configuration.md is out of date");
}
