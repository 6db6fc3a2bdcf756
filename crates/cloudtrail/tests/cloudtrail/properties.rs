//! What holds for generated documents.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Map, Value, json};
use trailhound_cloudtrail::{Limits, ObjectKey, inflate};

use crate::support::{Collected, gzip};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[\\[\\]{}\",:\\\\\n\u{1}é]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec(("\\PC{0,6}", inner), 0..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Objects that no form claims as its wrapper.
fn record() -> impl Strategy<Value = Value> {
    vec(("[a-z]{1,5}\\PC{0,3}x", value()), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
}

fn lines(values: impl IntoIterator<Item = Value>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join("\n")
}

/// The same records in every form.
fn forms(records: &[Value]) -> Vec<String> {
    let texts =
        |key: &str| -> Vec<Value> { records.iter().map(|record| json!({"id": 1, key: record.to_string()})).collect() };
    vec![
        json!({"Records": records}).to_string(),
        serde_json::to_string_pretty(&json!({"A": [], "Records": records})).unwrap(),
        Value::from(records).to_string(),
        serde_json::to_string_pretty(records).unwrap(),
        lines(records.to_vec()),
        records.iter().map(|record| serde_json::to_string_pretty(record).unwrap()).collect(),
        lines(records.iter().map(|record| json!({"detail-type": "x", "detail": record}))),
        json!({"messageType": "DATA_MESSAGE", "logEvents": texts("message")}).to_string(),
        json!({"Events": texts("CloudTrailEvent")}).to_string(),
        lines(texts("CloudTrailEvent")),
    ]
}

fn parsed(collected: &Collected) -> Vec<Value> {
    collected.records.iter().map(|(_, record)| serde_json::from_str(record).unwrap()).collect()
}

proptest! {
    #[test]
    fn any_split_into_members_inflates_to_the_same(bytes in vec(any::<u8>(), 0..5000), cuts in vec(any::<Index>(), 0..6)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let packed: Vec<u8> = cuts.windows(2).flat_map(|pair| gzip(&bytes[pair[0]..pair[1]])).collect();
        let inflated = inflate(&packed, bytes.len());
        prop_assert_eq!(&*inflated.bytes, &*bytes);
        prop_assert_eq!(inflated.problem, None);
    }

    #[test]
    fn any_cut_or_flip_of_a_packed_object_is_noticed(
        bytes in vec(any::<u8>(), 1..2000), at in any::<Index>(), bit in 0..8_u8, cut in any::<Index>(),
    ) {
        let packed = gzip(&bytes);
        let truncated = inflate(&packed[..cut.index(packed.len() - 2) + 2], 1 << 20);
        prop_assert!(truncated.problem.is_some());
        prop_assert!(bytes.starts_with(&truncated.bytes));
        let mut flipped = packed.clone();
        flipped[at.index(packed.len())] ^= 1 << bit;
        let inflated = inflate(&flipped, 1 << 20);
        prop_assert!(inflated.bytes.len() <= 1 << 20);
    }

    #[test]
    fn every_form_gives_what_serde_json_reads(records in vec(record(), 1..6)) {
        for document in forms(&records) {
            let collected = Collected::of(document.as_bytes());
            prop_assert_eq!(&parsed(&collected), &records, "{}", document);
            prop_assert!(collected.problems.is_empty() && collected.refusals.is_empty(), "{}", document);
        }
    }

    #[test]
    fn damage_never_breaks_the_count(
        records in vec(record(), 1..6), form in 0..10_usize, at in any::<Index>(), byte in any::<u8>(), cut in any::<Option<Index>>(),
    ) {
        let mut document = forms(&records).swap_remove(form).into_bytes();
        let position = at.index(document.len());
        document[position] = byte;
        if let Some(cut) = cut {
            document.truncate(cut.index(document.len() + 1));
        }
        let collected = Collected::of(&document);
        collected.assert_balanced();
    }

    #[test]
    fn a_cut_is_always_noticed(records in vec(record(), 1..6), form in 0..4_usize, cut in any::<Index>()) {
        let document = forms(&records).swap_remove(form).into_bytes();
        let cut = cut.index(document.len());
        let collected = Collected::of(&document[..cut]);
        collected.assert_balanced();
        prop_assert_eq!(collected.problems.len(), 1);
        prop_assert!(records.starts_with(&parsed(&collected)));
    }

    #[test]
    fn damage_in_one_record_leaves_the_others(
        records in vec(record(), 2..6), which in any::<Index>(), bad in prop::sample::select(vec!["nul", "01", "1 2", "[1", "\"\\q\"", "tru e", "{\"a\"}"]),
    ) {
        let which = which.index(records.len());
        let texts: Vec<String> = records
            .iter()
            .enumerate()
            .map(|(index, record)| if index == which { format!("{{\"bad\":{bad}}}") } else { record.to_string() })
            .collect();
        for document in [format!("{{\"Records\":[{}]}}", texts.join(",")), format!("[{}]", texts.join(",")), texts.join("\n")] {
            let collected = Collected::of(document.as_bytes());
            let mut expected = records.clone();
            expected.remove(which);
            prop_assert_eq!(&parsed(&collected), &expected, "{}", document);
            prop_assert_eq!(collected.refusals.len(), 1, "{}", document);
            prop_assert_eq!(collected.refusals[0].0, which as u64);
            prop_assert!(collected.problems.is_empty());
        }
    }

    #[test]
    fn no_bytes_make_it_fail(bytes in vec(any::<u8>(), 0..300), text in "[\\[\\]{}\",:\\\\ \na1]{0,80}", key in "\\PC{0,60}") {
        Collected::of(&bytes).assert_balanced();
        Collected::of(text.as_bytes()).assert_balanced();
        let mut packed = vec![0x1f, 0x8b, 8, 0];
        packed.extend(&bytes);
        inflate(&packed, Limits::default().inflated_bytes);
        ObjectKey::parse(&key);
    }

    #[test]
    fn keys_made_of_words_are_parsed_without_fail(words in vec(prop::sample::select(vec!["AWSLogs", "/", "o-abc", "111122223333", "CloudTrail", "-Digest", "_", "eu-west-1", "20260501T1005Z", ".json.gz", "é", "AWSLogs/"]), 0..14)) {
        ObjectKey::parse(&words.concat());
    }
}
