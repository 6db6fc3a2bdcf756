//! Where rsigma 0.23 is known to answer otherwise, and why we keep our answer.
//!
//! The table is held against what happens: what is not in it fails, and so does what is in it and no
//! longer happens.

use serde_json::Value;

use crate::corpus::Record;

/// Who matches where the other one does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    We,
    They,
    /// Now one, now the other.
    Either,
}

/// One meaning that differs, and the rules in which it shows.
pub(crate) struct Difference {
    pub(crate) what: &'static str,
    pub(crate) who_matches: Who,
    /// The section of the Sigma specification, or ours where that is silent.
    pub(crate) why: &'static str,
    pub(crate) shows_in: &'static [(RuleName, When)],
}

/// File and title of a rule among the cases of the rule language.
pub(crate) type RuleName = (&'static str, &'static str);

/// On which records a difference shows.
pub(crate) type When = fn(&Record, &Value) -> bool;

/// Cases about what we add to Sigma, rules and records: another engine reads derived fields as ordinary
/// names, and a document in a string as text; docs/rules.md, Derived fields, Documents in strings.
pub(crate) const ONLY_OURS: &[&str] = &["/derived.yml", "/documents.yml", "/references_to_the_record.yml"];

/// Rules that rsigma cannot load, and why that is no fault of the rule.
pub(crate) const REFUSED: &[(RuleName, &str)] = &[
    (
        ("imds-credentials-outside-aws.yml", "EC2 instance credentials used from a foreign address"),
        "`cidr|expand`; docs/rules.md, Modifiers: networks from a named list. The specification is silent about it",
    ),
    (("lists.yml", "Networks from a list"), "`cidr|expand`, as above"),
    (
        ("time.yml", "Parts of a date in UTC"),
        "`hour|gte`; specification, modifiers appendix, Time: the modifier extracts a number, and comparisons take one",
    ),
    (
        ("references.yml", "All or any of several fields"),
        "searches called `all` and `any`; the specification reserves no names for searches",
    ),
    (
        ("blocks.yml", "Positions of positions"),
        "`grid[1][0]`; docs/rules.md, Same element: positions may follow one another, as lists do",
    ),
];

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "an element that is no object, under a body that asks about fields",
        who_matches: Who::They,
        why: "docs/rules.md, Same element: an element without fields fits no body that names only fields, negated or not",
        shows_in: &[(("blocks.yml", "A scalar does not fit a body that asks about fields"), always)],
    },
    Difference {
        what: "a single value where a list is meant",
        who_matches: Who::We,
        why: "docs/rules.md, Same element: CloudTrail turns a list of one into its element, so an element is a list of one",
        shows_in: &[(("blocks.yml", "Positions"), always), (("blocks.yml", "Scalars in lists"), always)],
    },
    Difference {
        what: "lists inside the list of a block",
        who_matches: Who::We,
        why: "docs/rules.md, Same element: an array inside an array stands for its members, as on plain paths",
        shows_in: &[(("blocks.yml", "All elements, if there are any"), always)],
    },
    Difference {
        what: "a key that holds the dot, before a selector",
        who_matches: Who::We,
        why: "docs/rules.md, Fields: a key that holds the dot itself wins, wherever the path has selectors",
        shows_in: &[(("blocks.yml", "Keys that hold dots, around positions and blocks"), always)],
    },
    Difference {
        what: "keywords and text within an object, inside a block",
        who_matches: Who::We,
        why: "docs/rules.md, Fields, Objects, and Searches: the same as outside of a block",
        shows_in: &[
            (("blocks.yml", "A body whose searches are lists and keywords"), always),
            (("blocks.yml", "The element itself"), always),
        ],
    },
    Difference {
        what: "`fieldref` inside a block",
        who_matches: Who::Either,
        why: "docs/rules.md, Same element: names inside a block are relative to the element, references as well",
        shows_in: &[(("blocks.yml", "References inside a block are to the element"), always)],
    },
    Difference {
        what: "a derived field beside a block",
        who_matches: Who::We,
        why: "docs/rules.md, Derived fields: to other tools an ordinary name, which no record has",
        shows_in: &[(("blocks.yml", "Derived fields beside a block"), always)],
    },
    Difference {
        what: "`neq` on a field that is not there, or null",
        who_matches: Who::We,
        why: "docs/rules.md, Modifiers: the opposite of the finished item. The specification is silent; pySigma negates too",
        shows_in: &[
            (("absence.yml", "neq is the opposite of the finished item"), |_, record| is_nothing(record, "/field")),
            (("absence.yml", "neq with other modifiers"), |_, record| {
                ["/text", "/address", "/words"].iter().any(|field| is_nothing(record, field))
            }),
            (("lists.yml", "Not in a list"), |_, record| is_nothing(record, "/account")),
            (("references.yml", "Differs from another field"), |_, record| {
                is_nothing(record, "/a") || is_nothing(record, "/b")
            }),
        ],
    },
    Difference {
        what: "text within an object",
        who_matches: Who::We,
        why: "docs/rules.md, Fields, Objects: looked for in every leaf, which public CloudTrail rules rely on. The specification is silent",
        shows_in: &[
            (("objects.yml", "Text within an object"), |_, record| holds_object(record, "/requestParameters")),
            (("ec2-instance-unusual-type.yml", "Unusual (GPU or very large) instance requested"), always),
            (("names.yml", "A piece of a text is found without letter case, also beyond ASCII"), |_, record| {
                holds_object(record, "/userAgent")
            }),
            (("objects.yml", "Quotes are those of the text, not of its JSON"), |_, record| {
                holds_object(record, "/requestParameters")
            }),
            (("objects.yml", "Expressions look at numbers and booleans as text"), |_, record| {
                holds_object(record, "/object")
            }),
            (("absence.yml", "An absent field fails every positive test"), |_, record| holds_object(record, "/field")),
            (("wildcards.yml", "A lone star is any text that is there"), |_, record| holds_object(record, "/field")),
        ],
    },
    Difference {
        what: "documents in strings",
        who_matches: Who::We,
        why: "docs/rules.md, Documents in strings: a path goes on inside",
        shows_in: &[
            (("iam-key-quarantine-attached.yml", "AWS quarantined an exposed access key"), |_, record| {
                record.pointer("/requestParameters/policyDocument").is_some_and(Value::is_string)
            }),
            (("names.yml", "A key directly below another is found however it is written"), |_, record| {
                record.pointer("/userIdentity").is_some_and(Value::is_string)
            }),
        ],
    },
    Difference {
        what: "a derived field",
        who_matches: Who::We,
        why: "docs/rules.md, Derived fields: rsigma reads a name that no record has",
        shows_in: &[(("names.yml", "A denied call is told from its code"), always)],
    },
    Difference {
        what: "a wildcard that stands for a line break",
        who_matches: Who::We,
        why: "specification, String Wildcard: the wildcards are unbounded",
        shows_in: &[
            (("wildcards.yml", "A star is any number of characters"), |_, record| has_line_break(record, "/field")),
            (("wildcards.yml", "A question mark is one character"), |_, record| has_line_break(record, "/field")),
            (("wildcards.yml", "A lone star is any text that is there"), |_, record| has_line_break(record, "/field")),
        ],
    },
    Difference {
        what: "a wildcard inside a value of `startswith`",
        who_matches: Who::Either,
        why: "specification, modifiers appendix, startswith: the value is at the start of the field. rsigma looks for it at the end",
        shows_in: &[(("modifiers.yml", "Wildcards inside contains and the like"), |_, record| {
            record.pointer("/field").is_some()
        })],
    },
    Difference {
        what: "null as the value of a field that exists",
        who_matches: Who::Either,
        why: "specification, modifiers appendix, exists: asks for the field, not for its value; docs/rules.md, Modifiers",
        shows_in: &[
            (("absence.yml", "Exists asks for the field, not for its value"), |_, record| is_null(record, "/field")),
            (("absence.yml", "Does not exist"), |_, record| is_null(record, "/a/b")),
        ],
    },
    Difference {
        what: "null as a member of an array",
        who_matches: Who::We,
        why: "docs/rules.md, Fields: arrays stand for their members. The specification is silent",
        shows_in: &[(("absence.yml", "Null is an absent or null field"), |_, record| {
            record.pointer("/field").and_then(Value::as_array).is_some_and(|members| members.contains(&Value::Null))
        })],
    },
    Difference {
        what: "a key that stands twice in a record",
        who_matches: Who::We,
        why: "docs/rules.md, Fields: both count, so that no writer of a record can hide a value behind another",
        shows_in: &[
            (("names.yml", "Escapes in keys, repeated keys"), repeats_event_name),
            (("arrays.yml", "A negation covers the whole array"), repeats_event_name),
            (("lists.yml", "An empty list matches nothing"), repeats_event_name),
            (("blocks.yml", "A negated block"), repeats_event_name),
        ],
    },
    Difference {
        what: "a key with a dot below the top level",
        who_matches: Who::Either,
        why: "docs/rules.md, Fields: a key that holds the dot itself wins; here it does on every level. The specification is silent",
        shows_in: &[(("names.yml", "A literal key with the dot wins"), |_, record| record.pointer("/a/b.c").is_some())],
    },
    Difference {
        what: "a search whose name starts with an underscore, under a pattern",
        who_matches: Who::They,
        why: "specification, Condition: a pattern is `them`, restricted, and `them` leaves those names out",
        shows_in: &[(("conditions.yml", "Patterns leave underscores out unless they start with one"), |_, record| {
            record.pointer("/f").is_some()
        })],
    },
    Difference {
        what: "a keyword that is a number",
        who_matches: Who::We,
        why: "specification, Keywords: applied to the full message; docs/rules.md, Searches: anywhere in the record",
        shows_in: &[(("keywords.yml", "Keywords search every leaf"), |record, _| record.text.contains("4711"))],
    },
    Difference {
        what: "all keywords, in different fields",
        who_matches: Who::We,
        why: "specification, Keywords and `all`: the search is across the entire event; docs/rules.md, Searches",
        shows_in: &[(("keywords.yml", "All keywords, in any field"), |record, _| {
            ["root", "login"].iter().all(|word| record.text.to_lowercase().contains(word))
        })],
    },
    Difference {
        what: "placeholders",
        who_matches: Who::Either,
        why: "specification, Placeholders: the tool fills them. rsigma puts the field of that name in their place",
        shows_in: &[
            (("lists.yml", "Values from a list"), |_, record| record.pointer("/userIdentity/accountId").is_some()),
            (("lists.yml", "Not in a list"), |_, record| record.pointer("/account").is_some()),
            (("lists.yml", "Text around a placeholder, and wildcards in a list"), |_, record| {
                record.pointer("/arn").is_some()
            }),
            (("lists.yml", "An empty list matches nothing"), |_, record| record.pointer("/user").is_some()),
            (("lists.yml", "Only the wildcards of a list look into an object"), |_, record| {
                record.pointer("/field").is_some()
            }),
            (("lists.yml", "Without expand a percent sign is itself, and escaped as well"), |_, record| {
                record.pointer("/b").is_some()
            }),
        ],
    },
    Difference {
        what: "Base64 that does not end with the value",
        who_matches: Who::We,
        why: "specification, modifiers appendix, base64offset. rsigma keeps the last character, which depends on what follows",
        shows_in: &[(("encodings.yml", "Base64 somewhere within a longer one"), |_, record| {
            record.pointer("/field").is_some()
        })],
    },
    Difference {
        what: "`windash` on a dash inside a word",
        who_matches: Who::They,
        why: "docs/rules.md, Modifiers: a dash that opens a word, as in pySigma. The specification names only the characters",
        shows_in: &[(("encodings.yml", "Dashes inside words stay"), |_, record| record.pointer("/field").is_some())],
    },
    Difference {
        what: "text that is a number of another spelling",
        who_matches: Who::They,
        why: "docs/rules.md, Values: numbers equal text by their text, since the specification (General) has all values be texts",
        shows_in: &[(("numbers.yml", "Numbers are compared by value and by text"), |_, record| {
            record.pointer("/field").is_some_and(Value::is_string)
        })],
    },
    Difference {
        what: "integers beyond 2 to the 53rd",
        who_matches: Who::Either,
        why: "docs/rules.md, Values: integers of any size are exact. rsigma compares floating-point numbers",
        shows_in: &[
            (("numbers.yml", "Integers beyond 2 to the 53rd are exact"), |_, record| is_large(record, "/field")),
            (("numbers.yml", "Comparisons of huge and negative numbers"), |_, record| is_large(record, "/big")),
        ],
    },
    Difference {
        what: "an unquoted number with a leading zero",
        who_matches: Who::We,
        why: "YAML 1.2.2, section 10.3.2: an integer; docs/rules.md, Files: it keeps its source text as well",
        shows_in: &[(("numbers.yml", "A plain scalar keeps its source text"), |_, record| {
            record.pointer("/account").is_some_and(Value::is_number)
        })],
    },
    Difference {
        what: "`no`, `0` and the like as booleans",
        who_matches: Who::They,
        why: "YAML 1.2.2, section 10.3.2: only `true` and `false` are booleans; docs/rules.md, Files and Values",
        shows_in: &[(("numbers.yml", "Booleans"), |_, record| record.pointer("/field").is_some_and(Value::is_string))],
    },
    Difference {
        what: "arrays under `fieldref`",
        who_matches: Who::We,
        why: "docs/rules.md, Fields: arrays stand for their members. The specification is silent",
        shows_in: &[(("references.yml", "Another field of the record"), |_, record| {
            record.pointer("/requestParameters/userName").is_some_and(Value::is_array)
        })],
    },
    Difference {
        what: "two nulls under `fieldref`",
        who_matches: Who::They,
        why: "docs/rules.md, Modifiers: false when either is absent or null. The specification is silent",
        shows_in: &[(("references.yml", "Another field of the record"), |_, record| {
            is_null(record, "/userIdentity/userName") && is_null(record, "/requestParameters/userName")
        })],
    },
    Difference {
        what: "two spellings of a number under `fieldref`",
        who_matches: Who::We,
        why: "docs/rules.md, Values: numbers equal by value, and letter case does not concern them",
        shows_in: &[(("references.yml", "Another field, cased"), |_, record| {
            record.pointer("/a").is_some_and(Value::is_number) && record.pointer("/b").is_some_and(Value::is_number)
        })],
    },
];

/// Wherever the rule itself is about the difference.
fn always(_: &Record, _: &Value) -> bool {
    true
}

fn is_nothing(record: &Value, pointer: &str) -> bool {
    record.pointer(pointer).is_none_or(Value::is_null)
}

fn is_null(record: &Value, pointer: &str) -> bool {
    record.pointer(pointer).is_some_and(Value::is_null)
}

fn holds_object(record: &Value, pointer: &str) -> bool {
    match record.pointer(pointer) {
        Some(Value::Object(_)) => true,
        Some(Value::Array(members)) => members.iter().any(Value::is_object),
        _ => false,
    }
}

fn has_line_break(record: &Value, pointer: &str) -> bool {
    record.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text.contains('\n'))
}

fn is_large(record: &Value, pointer: &str) -> bool {
    record.pointer(pointer).and_then(Value::as_u64).is_some_and(|number| number >= 1 << 53)
}

/// The tree of `serde_json` keeps one of them only, so the text has to be asked.
fn repeats_event_name(record: &Record, _: &Value) -> bool {
    record.text.matches("\"eventName\"").count() > 1
}
