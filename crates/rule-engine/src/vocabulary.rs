//! The words that rules are written with, each with what it means: what editors show and schemas say.
//!
//! The reader has lists of its own, by which it tells a known word from a misspelt one; a test holds the two
//! against each other.

use crate::lint;

/// A word and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As rules write it.
    pub name: &'static str,
    /// What it means, in a sentence or two without final stop; Markdown.
    pub about: &'static str,
}

/// The places in a rule file that have words of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// Keys that rules, filters and correlations share.
    Common,
    /// Further keys of a rule.
    Rule,
    /// Further keys of a filter.
    Filter,
    /// Further keys of a correlation.
    Correlation,
    /// Keys below `logsource`.
    LogSource,
    /// Keys below `correlation`.
    CorrelationBody,
    /// Values of `type` of a correlation.
    CorrelationType,
    /// Keys of the `condition` of a correlation.
    Bounds,
    /// Keys of a test.
    Test,
    /// What may stand behind a field name and `|`.
    Modifier,
    /// Values of `level`.
    Level,
    /// Values of `status`.
    Status,
    /// Values of `action`.
    Action,
    /// Fields that are computed from a record.
    Derived,
}

impl Vocabulary {
    /// Every place.
    pub const ALL: [Vocabulary; 14] = [
        Vocabulary::Common,
        Vocabulary::Rule,
        Vocabulary::Filter,
        Vocabulary::Correlation,
        Vocabulary::LogSource,
        Vocabulary::CorrelationBody,
        Vocabulary::CorrelationType,
        Vocabulary::Bounds,
        Vocabulary::Test,
        Vocabulary::Modifier,
        Vocabulary::Level,
        Vocabulary::Status,
        Vocabulary::Action,
        Vocabulary::Derived,
    ];

    /// Its words, in the order in which they are usually wanted.
    pub fn words(self) -> &'static [Word] {
        match self {
            Vocabulary::Common => COMMON,
            Vocabulary::Rule => RULE,
            Vocabulary::Filter => FILTER,
            Vocabulary::Correlation => CORRELATION,
            Vocabulary::LogSource => LOG_SOURCE,
            Vocabulary::CorrelationBody => CORRELATION_BODY,
            Vocabulary::CorrelationType => CORRELATION_TYPE,
            Vocabulary::Bounds => BOUNDS,
            Vocabulary::Test => TEST,
            Vocabulary::Modifier => MODIFIER,
            Vocabulary::Level => LEVEL,
            Vocabulary::Status => STATUS,
            Vocabulary::Action => ACTION,
            Vocabulary::Derived => DERIVED,
        }
    }

    /// The word of this name.
    pub fn word(self, name: &str) -> Option<&'static Word> {
        self.words().iter().find(|word| word.name == name)
    }
}

/// Numbers of the techniques and sub-techniques of MITRE ATT&CK that lints know, as tags write them behind
/// `attack.`: `t1078`, `t1078.004`.
pub fn techniques() -> impl Iterator<Item = String> {
    lint::techniques()
}

/// What an ATT&CK tag that got another name is called now, in words.
pub fn renamed_tag(tag: &str) -> Option<&'static str> {
    lint::renamed(tag.strip_prefix("attack.")?)
}

const fn word(name: &'static str, about: &'static str) -> Word {
    Word { name, about }
}

const COMMON: &[Word] = &[
    word("title", "What is detected, in a few words; at most 256 characters"),
    word("id", "Global identifier that never changes, normally a UUID"),
    word("name", "Handle that people, filters and correlations use; at most 256 characters"),
    word("related", "Rules that this one has to do with: `id` and `type` of each"),
    word("taxonomy", "Whose field names the rule uses; CloudTrail's own where it is not said"),
    word("status", "How far the rule has matured"),
    word("description", "What happens and why it matters; at most 65,535 characters"),
    word("license", "Licence of the rule, by its SPDX identifier"),
    word("author", "Who wrote it"),
    word("references", "Where to read more: a list of addresses"),
    word("date", "Day of creation, `YYYY-MM-DD`"),
    word("modified", "Day of the last change, `YYYY-MM-DD`"),
    word("fields", "Fields worth showing to whoever reads the alert"),
    word("falsepositives", "Harmless causes and what to do about each; at least two characters each"),
    word("level", "How urgent a match is; `medium` where it is not said"),
    word("tags", "Tags such as `attack.t1078.004`: a name space, a dot and a name"),
    word("scope", "What the rule is meant for, in words; not looked at"),
    word("response", "First steps for whoever is woken; a key of Trailhound's own"),
    word("tests", "Events on which the rule has to match or must not; a key of Trailhound's own"),
    word("sigma-version", "`3` for selectors such as `field[any]`; not needed without them"),
    word("allow", "Lints that are taken back for this rule: `lint` and `reason` of each; a key of Trailhound's own"),
];

const RULE: &[Word] = &[
    word("logsource", "The logs the rule is written for; CloudTrail is `product: aws`, `service: cloudtrail`"),
    word("detection", "Searches by name, and the `condition` over them"),
];

const FILTER: &[Word] = &[
    word("logsource", "The logs of the rules that the filter is joined to"),
    word("filter", "The `rules` it is joined to, searches by name, and the `condition` that must hold as well"),
    word("owner", "Who answers for the filter"),
    word("reason", "Why it is right"),
    word("expires", "Its last day, `YYYY-MM-DD`; it is not applied afterwards"),
];

const CORRELATION: &[Word] = &[
    word("correlation", "Which rules it is about, and what has to come together"),
    word("generate", "Whether the rules it is about alert on their own as well; `false` where it is not said"),
];

const LOG_SOURCE: &[Word] = &[
    word("product", "`aws` for CloudTrail"),
    word("service", "`cloudtrail` for CloudTrail"),
    word("category", "Nothing for CloudTrail: a rule with a category is for other logs and is skipped"),
];

const CORRELATION_BODY: &[Word] = &[
    word("type", "What is counted or compared"),
    word("rules", "The rules or correlations it is about, by name or id"),
    word("group-by", "Fields whose values have to be the same; one group for all where there is none"),
    word("timespan", "Length of the window in event time: a number and `s`, `m`, `h` or `d`"),
    word(
        "condition",
        "What has to hold within the window, as in `{gte: 5}`; for `temporal` also a text such as `a and not b`",
    ),
    word("aliases", "A name for `group-by` that stands for another field in each rule"),
    word("generate", "Whether the rules it is about alert on their own as well"),
    word("learning", "For `new_value`: how long after a group's first event nothing is new, as in `14d`"),
];

const CORRELATION_TYPE: &[Word] = &[
    word("event_count", "Counts events"),
    word("value_count", "Counts different values of a field"),
    word("temporal", "Events of all rules, in any order"),
    word("temporal_ordered", "Events of all rules, in the order of `rules`"),
    word("value_sum", "Sums the values of a field"),
    word("value_avg", "The mean of the values of a field"),
    word("value_percentile", "A percentile of the values of a field, the median where none is said"),
    word("value_median", "The median of the values of a field"),
    word("new_value", "A value of a field that did not occur in the group before; a type of Trailhound's own"),
];

const BOUNDS: &[Word] = &[
    word("gt", "More than this"),
    word("gte", "This or more"),
    word("lt", "Less than this"),
    word("lte", "This or less"),
    word("eq", "Exactly this"),
    word("neq", "Anything but this"),
    word("field", "The field whose values are counted or computed with"),
    word("percentile", "Which percentile, 0 to 100; for `value_percentile`"),
];

const TEST: &[Word] = &[
    word("name", "What the test shows, in a few words"),
    word("match", "Whether the rule has to match; for a correlation also the names of the events at which it alerts"),
    word("event", "One record, or the name of a JSON file beside the rule"),
    word("events", "Several records; each has to match, or none"),
    word("lists", "Named lists that the test fills, which come before all others"),
];

const MODIFIER: &[Word] = &[
    word("contains", "The value occurs anywhere in the field"),
    word("startswith", "The field begins with the value"),
    word("endswith", "The field ends with the value"),
    word("all", "Each value of the list has to fit; without it one is enough"),
    word("cased", "Upper and lower case matter; without it they do not"),
    word("exists", "`true`: the field is there; `false`: it is not"),
    word("neq", "Negates this entry alone; also true where the field is absent"),
    word("re", "A regular expression that may fit anywhere in the field; letter case matters"),
    word("i", "Behind `re`: letter case does not matter"),
    word("m", "Behind `re`: `^` and `$` fit at line breaks"),
    word("s", "Behind `re`: `.` fits line breaks too"),
    word("cidr", "The field is an address in this IPv4 or IPv6 network, as in `192.0.2.0/24`"),
    word("gt", "The field is a number greater than the value"),
    word("gte", "The field is a number, at least the value"),
    word("lt", "The field is a number less than the value"),
    word("lte", "The field is a number, at most the value"),
    word("minute", "The minute of the time in the field, in UTC, 0 to 59"),
    word(
        "hour",
        "The hour of the time in the field, in UTC, 0 to 23; compare with a further modifier, as in `hour|gte`",
    ),
    word("day", "The day of the month of the time in the field, in UTC, 1 to 31"),
    word("week", "The week by ISO 8601 of the time in the field, in UTC, 1 to 53"),
    word("month", "The month of the time in the field, in UTC, 1 to 12"),
    word("year", "The year of the time in the field, in UTC"),
    word("fieldref", "The value names another field of the record; both have to be the same"),
    word("expand", "`%name%` in the value stands for each value of that named list"),
    word("windash", "A dash or slash that opens a word is any of `-`, `/`, `–`, `—`, `―`"),
    word("wide", "The value as UTF-16 little endian; an encoding follows"),
    word("utf16le", "The value as UTF-16 little endian; an encoding follows"),
    word("utf16be", "The value as UTF-16 big endian; an encoding follows"),
    word("utf16", "The value as UTF-16 with a byte order mark; an encoding follows"),
    word("base64", "The value encoded as Base64"),
    word("base64offset", "The value within a longer text that is encoded as Base64; with `contains` behind it"),
];

const LEVEL: &[Word] = &[
    word("informational", "Worth recording; does not alert by itself"),
    word("low", "Notable, seldom an incident"),
    word("medium", "Relevant; review soon"),
    word("high", "Should be looked at at once"),
    word("critical", "Wakes somebody up"),
];

const STATUS: &[Word] = &[
    word("stable", "Fit for production"),
    word("test", "Tried, few false positives expected"),
    word("experimental", "May be noisy"),
    word("deprecated", "Replaced by another rule"),
    word("unsupported", "Cannot be used as it is"),
];

const ACTION: &[Word] = &[
    word("global", "A template for the rules that follow in this file"),
    word("reset", "Drops the template"),
    word("repeat", "The rule before it, with these changes"),
];

const DERIVED: &[Word] = &[
    word("trailhound.outcome", "`success`, `denied` or `failed`; nothing for Insights events, which are no calls"),
    word("trailhound.actor", "A stable key of whoever acted"),
    word("trailhound.actor_name", "What a human calls whoever acted"),
    word("trailhound.actor_type", "`human`, `role`, `service`, `root`, `account` or `anonymous`"),
    word("trailhound.source_ip", "`sourceIPAddress` where it is an address"),
    word(
        "trailhound.event",
        "Service and name of the event, without the date that some names end with, as in `iam:CreateUser`",
    ),
    word("trailhound.credential", "`long-term`, `temporary` or `console`"),
    word("trailhound.cross_account", "Whether somebody of another account acted"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        attributes, collection, correlation,
        derived::Derived,
        filter,
        metadata::{Level, Status},
        modifier, suite,
    };

    /// The same words as the reader knows them.
    fn of_reader(vocabulary: Vocabulary) -> Vec<&'static str> {
        match vocabulary {
            Vocabulary::Common => attributes::COMMON.to_vec(),
            Vocabulary::Rule => vec!["logsource", "detection"],
            Vocabulary::Filter => filter::KEYS.to_vec(),
            Vocabulary::Correlation => correlation::KEYS.to_vec(),
            Vocabulary::LogSource => vec!["product", "service", "category"],
            Vocabulary::CorrelationBody => correlation::BODY_KEYS.to_vec(),
            Vocabulary::CorrelationType => correlation::TYPES.to_vec(),
            Vocabulary::Bounds => correlation::bound_names().chain(["field", "percentile"]).collect(),
            Vocabulary::Test => suite::KEYS.to_vec(),
            Vocabulary::Modifier => modifier::names().collect(),
            Vocabulary::Level => Level::ALL.map(Level::as_str).to_vec(),
            Vocabulary::Status => Status::ALL.map(Status::as_str).to_vec(),
            Vocabulary::Action => collection::ACTIONS.to_vec(),
            Vocabulary::Derived => Derived::ALL.map(Derived::name).to_vec(),
        }
    }

    #[test]
    fn the_reader_knows_the_same_words() {
        for vocabulary in Vocabulary::ALL {
            let names: Vec<&str> = vocabulary.words().iter().map(|word| word.name).collect();
            let unique: BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(unique, of_reader(vocabulary).into_iter().collect(), "{vocabulary:?}");
            assert_eq!(unique.len(), names.len(), "{vocabulary:?}");
        }
    }

    #[test]
    fn every_word_says_what_it_means() {
        for word in Vocabulary::ALL.into_iter().flat_map(Vocabulary::words) {
            assert!(word.about.len() > 8 && !word.about.ends_with('.'), "{}", word.name);
        }
    }

    #[test]
    fn techniques_are_known_to_the_lint() {
        assert!(techniques().any(|name| name == "t1078.004"));
        assert!(techniques().all(|name| lint::is_known(&name)));
        assert_eq!(renamed_tag("attack.t1562.008"), Some("`attack.t1685.002`"));
    }
}
