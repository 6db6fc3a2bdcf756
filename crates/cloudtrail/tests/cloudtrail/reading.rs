//! Which records a document gives, in every form and with every kind of damage.

use trailhound_cloudtrail::Limits;

use crate::support::Collected;

#[track_caller]
fn check(document: &str, expected: &[&str]) {
    check_bytes(document.as_bytes(), expected);
}

#[track_caller]
fn check_bytes(document: &[u8], expected: &[&str]) {
    let collected = Collected::of(document);
    collected.assert_balanced();
    let report = collected.report();
    assert_eq!(report.lines().collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(document));
}

#[test]
fn every_form_gives_its_records() {
    let two = ["0: {\"a\":1}", "1: {\"b\":2}"];
    check(r#"{"Records":[{"a":1},{"b":2}]}"#, &two);
    check(" {\"Records\" : [ {\"a\":1} ,\n{\"b\":2} ] } \n", &two);
    check("\u{feff}{\"Records\":[{\"a\":1},{\"b\":2}]}", &two);
    check(r#"{"version":"1","Records":[{"a":1}],"Records":[{"b":2}],"more":{"x":[]}}"#, &two);
    check(r#"{"Rec\u006frds":[{"a":1},{"b":2}]}"#, &two);
    check(r#"[{"a":1},{"b":2}]"#, &two);
    check("{\"a\":1}\n{\"b\":2}\n", &two);
    check(r#"{"a":1}{"b":2}"#, &two);
    check("{\"a\":1}\r\n\r\n\t{\"b\":2}", &two);
    check("{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"b\":2}]}\n", &two);
    check(r#"[{"Records":[{"a":1}]},{"b":2}]"#, &two);
    check(
        r#"{"detail-type":"AWS API Call via CloudTrail","detail":{"a":1}}{"detail":{"b":2},"detail-type":"x"}"#,
        &two,
    );
    check(
        r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":"{\"a\":1}"},{"message":"{\"b\":2}","id":"2"}]}"#,
        &two,
    );
    check(
        r#"{"Events":[{"EventId":"1","CloudTrailEvent":"{\"a\":1}"},{"CloudTrailEvent":" {\"b\":2}"}],"NextToken":"t"}"#,
        &two,
    );
    check("{\"CloudTrailEvent\":\"{\\\"a\\\":1}\"}\n{\"CloudTrailEvent\":{\"b\":2}}", &two);
    check(r#"["{\"a\":1}", "{\"b\":2}"]"#, &two);
}

#[test]
fn documents_without_records_are_sound() {
    check(r#"{"Records":[]}"#, &[]);
    check("[]", &[]);
    check(r#"{"Events":[]}"#, &[]);
    check(r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}]}"#, &[]);
    check(r#"{"logEvents":[{"message":"CWL CONTROL MESSAGE"}],"messageType":"CONTROL_MESSAGE"}"#, &[]);
}

#[test]
fn a_record_is_not_taken_for_a_wrapper() {
    check(r#"{"detail":{"b":2}}"#, &[r#"0: {"detail":{"b":2}}"#]);
    check(r#"{"Events":"none"}"#, &[r#"0: {"Events":"none"}"#]);
    check(r#"{"Records":[{"Records":[1]}]}"#, &[r#"0: {"Records":[1]}"#]);
}

#[test]
fn a_broken_record_costs_only_itself() {
    let broken = [
        (r#"{"x":nul}"#, "unexpected character `}` at byte 28"),
        (r#"{"x":1 "y":2}"#, "unexpected character `\\\"` at byte 27"),
        (r#"{"x":"\q"}"#, "invalid escape in a string at byte 26"),
        (r#"{"x":01}"#, "invalid number at byte 25"),
        (r#"{"x":[1}"#, "unexpected character `}` at byte 27"),
        (r#"{"x":{"y":[{]}}"#, "unexpected character `]` at byte 32"),
        (r#"{"x":1,}"#, "unexpected character `}` at byte 27"),
        (r#"{"],[":tru}"#, "unexpected character `}` at byte 30"),
        ("@@", "unexpected character `@` at byte 20"),
    ];
    for (record, error) in broken {
        let document = format!(r#"{{"Records":[{{"a":1}},{record},{{"b":2}}]}}"#);
        let refusal = format!("1! the record at byte 20 is refused: {error}");
        check(&document, &["0: {\"a\":1}", "2: {\"b\":2}", &refusal]);
    }
}

#[test]
fn damage_between_records_is_refused_by_position() {
    check(
        r#"{"Records":[{"a":1} {"x":1},{"b":2}]}"#,
        &["0: {\"a\":1}", "2: {\"b\":2}", "1! the record at byte 20 is refused: unexpected character `{` at byte 20"],
    );
    check(
        r#"{"Records":[{"a":1},]}"#,
        &["0: {\"a\":1}", "1! the record at byte 20 is refused: unexpected character `]` at byte 20"],
    );
    check(
        r#"{"Records":[,{"a":1}]}"#,
        &["1: {\"a\":1}", "0! the record at byte 12 is refused: unexpected character `,` at byte 12"],
    );
}

#[test]
fn a_bracket_too_many_is_refused_by_position() {
    check(
        r#"{"Records":[{"a":1}},{"b":2}]}"#,
        &["0: {\"a\":1}", "2: {\"b\":2}", "1! the record at byte 19 is refused: unexpected character `}` at byte 19"],
    );
    check(
        r#"{"Records":[{"a":1}]]}"#,
        &[
            "0: {\"a\":1}",
            "!! the document cannot be read from record 1 at byte 20 on: unexpected character `]` at byte 20",
        ],
    );
}

#[test]
fn what_is_no_object_is_refused_by_name() {
    check(
        r#"{"Records":[1,null,"{}",[{}],true,{"a":1}]}"#,
        &[
            "5: {\"a\":1}",
            "0! the record at byte 12 is a number, not an object",
            "1! the record at byte 14 is null, not an object",
            "2! the record at byte 19 is a string, not an object",
            "3! the record at byte 24 is a list, not an object",
            "4! the record at byte 29 is a boolean, not an object",
        ],
    );
    check("12", &["0! the record at byte 0 is a number, not an object"]);
    check(
        r#"{"logEvents":[{"message":"plain"},{"id":"1"},{"message":"[]"}]}"#,
        &[
            "0! the text at byte 25 holds no record: unexpected character `p` at byte 0 of that text",
            "1! the entry at byte 34 has no `message`",
            "2! the text at byte 56 holds no record: unexpected character `[` at byte 0 of that text",
        ],
    );
}

#[test]
fn a_list_that_is_none_is_a_problem() {
    check(r#"{"Records":{"a":1}}"#, &["!! `Records` at byte 11 is an object, not a list"]);
    check(r#"{"Records":null}"#, &["!! `Records` at byte 11 is null, not a list"]);
    check(
        "{\"Records\":null}\n{\"Records\":[{\"a\":1}]}",
        &["0: {\"a\":1}", "!! `Records` at byte 11 is null, not a list"],
    );
    check(r#"{"logEvents":"x"}"#, &["!! `logEvents` at byte 13 is a string, not a list"]);
}

#[test]
fn an_empty_document_is_a_problem() {
    for document in ["", " \n\t ", "\u{feff}"] {
        check(document, &["!! the document is empty"]);
    }
}

#[test]
fn a_truncated_document_keeps_what_precedes() {
    let document = r#"{"Records":[{"a":1},{"b":{"c":"d"}}]}"#;
    let ends_early = |index: u64, offset: u64| {
        format!("!! the document ends too early: record {index}, from byte {offset} on, is not complete")
    };
    for length in 1..document.len() {
        let collected = Collected::of(&document.as_bytes()[..length]);
        collected.assert_balanced();
        let first = if length > 18 { "0: {\"a\":1}\n" } else { "" };
        let second = if length > 34 { "1: {\"b\":{\"c\":\"d\"}}\n" } else { "" };
        let report = collected.report();
        assert!(report.starts_with(&format!("{first}{second}!! ")), "{length}: {report}");
        assert_eq!(report.matches('!').count(), 2, "{length}: {report}");
    }
    check(&document[..30], &["0: {\"a\":1}", &ends_early(1, 20)]);
    check(&document[..36], &["0: {\"a\":1}", "1: {\"b\":{\"c\":\"d\"}}", &ends_early(2, 36)]);
    check("{\"a\":1}\n{\"b\":", &["0: {\"a\":1}", &ends_early(1, 8)]);
}

#[test]
fn a_record_without_end_is_a_problem_of_the_document() {
    check(
        r#"{"Records":[{"a":1},{"x":{"y":1},{"b":2}]}"#,
        &[
            "0: {\"a\":1}",
            "!! the document cannot be read from record 1 at byte 20 on: unexpected character `{` at byte 33",
        ],
    );
    check(
        "<html>no</html>",
        &["!! the document cannot be read from record 0 at byte 0 on: unexpected character `<` at byte 0"],
    );
}

#[test]
fn lines_recover_at_the_next_line() {
    check(
        "{\"a\":1}\n{\"x\":\"y}\n{\"b\":2}\n",
        &[
            "0: {\"a\":1}",
            "2: {\"b\":2}",
            "1! the record at byte 8 is refused: control character in a string at byte 16",
        ],
    );
    check(
        "{\"x\":{\"y\":1}\n{\"b\":2}",
        &["1: {\"b\":2}", "0! the record at byte 0 is refused: unexpected character `{` at byte 13"],
    );
    check(
        "garbage\n{\"b\":2}",
        &["1: {\"b\":2}", "0! the record at byte 0 is refused: unexpected character `g` at byte 0"],
    );
    check(
        "{\"x\":oops} {\"b\":2}\n{\"c\":3}",
        &["1: {\"b\":2}", "2: {\"c\":3}", "0! the record at byte 0 is refused: unexpected character `o` at byte 5"],
    );
    check(
        "{\"Records\":[{\"x\":{]\n{\"Records\":[{\"b\":2}]}",
        &[
            "1: {\"b\":2}",
            "!! the document cannot be read from record 0 at byte 12 on: unexpected character `]` at byte 18",
        ],
    );
}

#[test]
fn bytes_that_are_no_text_cost_only_their_record() {
    check_bytes(
        b"{\"Records\":[{\"a\":1},{\"x\":\"\xff\xfe\"},{\"b\":2}]}",
        &["0: {\"a\":1}", "2: {\"b\":2}", "1! the record at byte 20 is no UTF-8: invalid byte at 26"],
    );
    check_bytes(
        "{\"Records\":[{\"a\":\"é\"},{\"x\":\"\u{20ac}\"}]}".as_bytes(),
        &["0: {\"a\":\"é\"}", "1: {\"x\":\"\u{20ac}\"}"],
    );
    check_bytes(
        b"{\"a\":\"\xe2\x82\"}\n{\"b\":2}",
        &["1: {\"b\":2}", "0! the record at byte 0 is no UTF-8: invalid byte at 6"],
    );
}

#[test]
fn a_record_over_the_limit_costs_only_itself() {
    let limits = Limits { record_bytes: 32, ..Limits::default() };
    let exact = format!(r#"{{"a":"{}"}}"#, "x".repeat(24));
    let over = format!(r#"{{"a":"{}"}}"#, "x".repeat(25));
    let document = format!(r#"{{"Records":[{exact},{over},{{"b":"é"}}]}}"#);
    let report = Collected::within(document.as_bytes(), &limits).report();
    assert_eq!(exact.len(), 32);
    assert_eq!(
        report,
        format!("0: {exact}\n2: {{\"b\":\"é\"}}\n1! the record at byte 45 is larger than the limit of 32 bytes\n")
    );
}

#[test]
fn nesting_over_the_limit_costs_only_its_record() {
    let nested = |levels: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let document = format!(r#"{{"Records":[{},{},{{"b":2}}]}}"#, nested(100), nested(5000));
    let collected = Collected::of(document.as_bytes());
    assert_eq!(collected.records.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(
        collected.refusals[0].1.to_string(),
        "the record at byte 219 is refused: nested deeper than 128 levels at byte 351"
    );
}

#[test]
fn hostile_documents_end_soon() {
    let million = 1_000_000;
    let hostile = [
        "[".repeat(10 * million),
        "{\"a\":".repeat(2 * million),
        format!("{{\"Records\":[{}", "{".repeat(10 * million)),
        "{\"Records\":[{\"a\":[1\n".repeat(million / 2),
        "{\"Records\":[{\"a\":\"\n".repeat(million / 2),
        "{\"a\":{\"b\":[\n".repeat(million),
        "[{},".repeat(2 * million),
        "\"".repeat(10 * million),
        "]".repeat(10 * million),
    ];
    for document in hostile {
        let collected = Collected::of(document.as_bytes());
        assert!(!collected.problems.is_empty() || !collected.refusals.is_empty(), "{}", &document[..10]);
    }
}
