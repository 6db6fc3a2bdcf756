//! The registry of all settings.

/// One setting: how it is called, and what people have to know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the file; a dot stands for a map.
    pub key: &'static str,
    /// The environment variable that comes before the file.
    pub variable: &'static str,
    /// How the value of the variable is written.
    pub form: Form,
    /// What it is, its unit, and its limits.
    pub about: &'static str,
    /// A value as it may stand in the file.
    pub example: &'static str,
}

/// How the value of an environment variable is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// As it is.
    Text,
    /// As in the file: YAML.
    Yaml,
}

const fn text(key: &'static str, variable: &'static str, example: &'static str, about: &'static str) -> Setting {
    Setting { key, variable, form: Form::Text, about, example }
}

const fn yaml(key: &'static str, variable: &'static str, example: &'static str, about: &'static str) -> Setting {
    Setting { key, variable, form: Form::Yaml, about, example }
}

/// Every setting, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    text(
        "topic_arn",
        "TRAILHOUND_TOPIC_ARN",
        "arn:aws:sns:eu-west-1:111122223333:alerts",
        "ARN of the topic `default`, which gets text; enough where there is one topic",
    ),
    yaml(
        "topics",
        "TRAILHOUND_TOPICS",
        "{chat: {arn: 'arn:aws:sns:eu-west-1:111122223333:chat', format: chat}}",
        "topics by name, each an ARN or a map of `arn` and `format`: text, sms, json, ocsf, chat",
    ),
    text(
        "minimum_level",
        "TRAILHOUND_MIN_LEVEL",
        "high",
        "least level of alerts that are sent, where a route names none: informational, low, medium, high, critical",
    ),
    yaml(
        "routes",
        "TRAILHOUND_ROUTES",
        "[{match: {level: critical}, to: chat, continue: true}, {to: default}]",
        "which alerts go to which topics; see below. Without routes, all go to `default` or else the first topic",
    ),
    yaml(
        "notices",
        "TRAILHOUND_NOTICES",
        "[default]",
        "topics that get notices about Trailhound itself; without them, those that alerts go to without routes",
    ),
    yaml(
        "canaries",
        "TRAILHOUND_CANARIES",
        "[default]",
        "topics that get canaries, and that no person should be subscribed to; they get alerts only where a route says so",
    ),
    yaml(
        "accounts",
        "TRAILHOUND_ACCOUNTS",
        "{'111122223333': production}",
        "names of accounts by their 12 digits, in quotes",
    ),
    yaml(
        "lists",
        "TRAILHOUND_LISTS",
        "{own_accounts: ['111122223333']}",
        "named lists that rules refer to; they replace those of the same name among the rules",
    ),
    text(
        "rules.from",
        "TRAILHOUND_RULES",
        "s3://my-bucket/rules.yml",
        "where rules come from: `bundle`, a folder in the package, or one YAML file in S3, plain or gzip",
    ),
    text(
        "rules.sha256",
        "TRAILHOUND_RULES_SHA256",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "SHA-256 of that file as it is stored, 64 hexadecimal digits; needed for rules in S3",
    ),
    text(
        "limits.object_bytes",
        "TRAILHOUND_MAX_OBJECT_BYTES",
        "64MiB",
        "largest object that is fetched, in bytes as stored; takes KiB, MiB, GiB",
    ),
    text(
        "limits.inflated_bytes",
        "TRAILHOUND_MAX_INFLATED_BYTES",
        "128MiB",
        "largest object that is inspected, in bytes once inflated; takes KiB, MiB, GiB",
    ),
    text("limits.concurrency", "TRAILHOUND_CONCURRENCY", "4", "objects worked on at the same time, 1 to 64"),
    text(
        "calls.timeout",
        "TRAILHOUND_CALL_TIMEOUT",
        "5s",
        "how long AWS may take to begin an answer before the call is repeated; 1s to 1m; read when the function starts",
    ),
    text(
        "calls.attempts",
        "TRAILHOUND_CALL_ATTEMPTS",
        "5",
        "times a call to AWS is sent before its error counts, 1 to 10; read when the function starts",
    ),
    text(
        "grouping.window",
        "TRAILHOUND_GROUP_WINDOW",
        "1h",
        "stretch of time in which alerts of one rule about one actor become one notification; 1m to 24h",
    ),
    text(
        "digest.rule_rate",
        "TRAILHOUND_DIGEST_RULE_RATE",
        "20",
        "notifications of one rule in an hour, 1 to 5000, that are sent one by one",
    ),
    text(
        "digest.overall_rate",
        "TRAILHOUND_DIGEST_OVERALL_RATE",
        "100",
        "notifications of all rules in an hour, 1 to 5000, that are sent one by one",
    ),
    text(
        "state.table",
        "TRAILHOUND_STATE_TABLE",
        "trailhound",
        "DynamoDB table that remembers what was sent; without it, memory does, for one environment of the function",
    ),
    text(
        "quarantine",
        "TRAILHOUND_QUARANTINE",
        "s3://my-bucket/quarantine",
        "where damaged objects are named: `s3://bucket/prefix`, the URL of an SQS queue, or a folder",
    ),
    text(
        "integrity",
        "TRAILHOUND_INTEGRITY",
        "digests",
        "what is done when a digest arrives: off; digests: its signature and chain; logs: also its logs, fetched again",
    ),
    text("metrics.write", "TRAILHOUND_METRICS", "off", "whether metrics are written for CloudWatch: on, off"),
    text(
        "metrics.namespace",
        "TRAILHOUND_METRICS_NAMESPACE",
        "Security/Trailhound",
        "namespace of the metrics in CloudWatch",
    ),
    text(
        "metrics.places",
        "TRAILHOUND_METRICS_PLACES",
        "10",
        "pairs of account and region that have metrics of their own; 0 for none",
    ),
    text(
        "links.console",
        "TRAILHOUND_LINKS_CONSOLE",
        "https://example.awsapps.com/start/#/console?account_id={account}&destination={url}",
        "address that opens the console through a portal; `{url}` stands for the event there, `{account}` for the account",
    ),
    text(
        "links.rules",
        "TRAILHOUND_LINKS_RULES",
        "https://git.example.org/rules/{rule}.yml",
        "address of a rule; `{rule}` stands for its name, `{id}` for its id; without either the name is appended",
    ),
    yaml(
        "templates.subject",
        "TRAILHOUND_TEMPLATE_SUBJECT",
        "'{{ level | upper }} {{ title | author }}'",
        "template of the subject, or `{file: path}`",
    ),
    yaml(
        "templates.text",
        "TRAILHOUND_TEMPLATE_TEXT",
        "{file: alert.txt.jinja}",
        "template of text, or `{file: path}`",
    ),
    yaml("templates.sms", "TRAILHOUND_TEMPLATE_SMS", "'{{ title | author }}'", "template of SMS, or `{file: path}`"),
    yaml(
        "templates.chat",
        "TRAILHOUND_TEMPLATE_CHAT",
        "{file: chat.jinja}",
        "template of the description in chat, or `{file: path}`",
    ),
    text(
        "watch",
        "TRAILHOUND_WATCH",
        "1m",
        "how often configuration and rules in S3 are looked at for a new version, at most; 10s to 24h",
    ),
    text(
        "log",
        "TRAILHOUND_LOG",
        "warn,trailhound_pipeline=debug",
        "filter of log lines: a level, or a list of targets and levels",
    ),
];

/// The variable that names the file: a path in the package, or `s3://bucket/key`.
pub const FILE_VARIABLE: &str = "TRAILHOUND_CONFIG";

/// Start of the names of all variables.
pub(super) const PREFIX: &str = "TRAILHOUND_";

impl Setting {
    /// The setting with this key.
    pub fn by_key(key: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Whether there are settings below this key.
    pub(super) fn is_group(key: &str) -> bool {
        SETTINGS.iter().any(|setting| setting.key.split_once('.').is_some_and(|(group, _)| group == key))
    }
}
