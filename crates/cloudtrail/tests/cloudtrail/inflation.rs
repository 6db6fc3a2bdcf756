//! Decompression: sound, damaged, and hostile objects.

use std::borrow::Cow;

use trailhound_cloudtrail::{Damage, InflateError, Inflater, inflate};

use crate::support::gzip;

const LIMIT: usize = 1 << 20;

fn text() -> Vec<u8> {
    (0..20_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect()
}

#[test]
fn plain_bytes_are_borrowed() {
    let inflated = inflate(b"{}", LIMIT);
    assert!(matches!(inflated.bytes, Cow::Borrowed(b"{}")));
    assert_eq!(inflated.problem, None);
    let over = inflate(b"{\"a\":1}", 3);
    assert_eq!((&*over.bytes, over.problem), (&b"{\"a"[..], Some(InflateError::TooLarge { limit: 3 })));
}

#[test]
fn one_member_and_several_are_read_to_the_end() {
    let text = text();
    assert_eq!(*inflate(&gzip(&text), LIMIT).bytes, *text);
    let members = [gzip(&text[..7]), gzip(b""), gzip(&text[7..100_000]), gzip(&text[100_000..])].concat();
    let inflated = inflate(&members, LIMIT);
    assert_eq!((*inflated.bytes == *text, inflated.problem), (true, None));
}

#[test]
fn a_member_that_is_there_twice_counts_twice() {
    // The trailer at the end fits the first member as well, so only its header tells that there is a second.
    let text = text();
    let members = [gzip(&text), gzip(&text)].concat();
    let inflated = inflate(&members, LIMIT);
    assert_eq!((inflated.bytes.len(), inflated.problem), (text.len() * 2, None));
}

#[test]
fn one_inflater_serves_objects_of_all_kinds() {
    let (text, mut inflater) = (text(), Inflater::default());
    let packed = gzip(&text);
    for _ in 0..2 {
        assert_eq!(*inflater.inflate(&packed, LIMIT).bytes, *text);
        assert_eq!(*inflater.inflate(&gzip(b"{}"), LIMIT).bytes, *b"{}");
        assert_eq!(*inflater.inflate(b"[1]", LIMIT).bytes, *b"[1]");
        let cut = inflater.inflate(&packed[..packed.len() / 2], LIMIT);
        assert!(text.starts_with(&cut.bytes) && cut.problem.is_some());
        assert_eq!(inflater.inflate(&packed, 7).problem, Some(InflateError::TooLarge { limit: 7 }));
    }
}

#[test]
fn optional_fields_of_the_header_are_passed_over() {
    let plain = gzip(b"{}");
    let mut named = plain[..10].to_vec();
    named[3] = 0b0001_1110;
    named.extend(b"\x03\x00abcname\0comment\0\x12\x34");
    named.extend(&plain[10..]);
    let inflated = inflate(&named, LIMIT);
    assert_eq!((&*inflated.bytes, inflated.problem), (&b"{}"[..], None));
    for length in 2..named.len() {
        let problem = inflate(&named[..length], LIMIT).problem;
        assert_eq!(problem, Some(InflateError::Truncated { member: 0, offset: length as u64 }));
    }
}

#[test]
fn a_truncated_object_keeps_what_precedes() {
    let text = text();
    let packed = gzip(&text);
    for length in [packed.len() - 1, packed.len() - 8, packed.len() - 9, packed.len() / 2, 2000] {
        let inflated = inflate(&packed[..length], LIMIT);
        assert!(text.starts_with(&inflated.bytes));
        assert_eq!(inflated.problem, Some(InflateError::Truncated { member: 0, offset: length as u64 }));
        assert!(inflated.bytes.len() * 3 > length, "{length} gave {}", inflated.bytes.len());
    }
    assert_eq!(
        inflate(&packed[..9], LIMIT).problem.unwrap().to_string(),
        "the gzip data end too early, at byte 9 in member 0"
    );
}

#[test]
fn damage_is_named_and_what_precedes_is_kept() {
    let text = text();
    let sound = gzip(&text);
    let damaged = |at: usize, value: u8| {
        let mut packed = [gzip(b"first"), sound.clone()].concat();
        let length = packed.len();
        packed[length - sound.len() + at] = value;
        let inflated = inflate(&packed, LIMIT);
        assert!(inflated.bytes.starts_with(b"first"));
        match inflated.problem {
            Some(InflateError::Corrupt { member: 1, damage, .. }) => damage,
            problem => panic!("{problem:?}"),
        }
    };
    assert_eq!(damaged(2, 7), Damage::Header);
    assert_eq!(damaged(3, 0xff), Damage::Header);
    assert_eq!(damaged(10, 0b111), Damage::Data);
    assert_eq!(damaged(sound.len() - 8, !sound[sound.len() - 8]), Damage::Checksum);
    assert_eq!(damaged(sound.len() - 4, !sound[sound.len() - 4]), Damage::Length);
}

#[test]
fn damaged_data_keep_what_was_decompressed_before() {
    let text = text();
    let mut packed = gzip(&text);
    let middle = packed.len() / 2;
    packed[middle..middle + 64].fill(0xff);
    let inflated = inflate(&packed, LIMIT);
    assert!(inflated.bytes.len() > text.len() / 4, "{}", inflated.bytes.len());
    assert_eq!(inflated.bytes[..text.len() / 4], text[..text.len() / 4]);
    assert!(matches!(inflated.problem, Some(InflateError::Corrupt { member: 0, .. })));
}

#[test]
fn bytes_behind_the_last_member_are_stated() {
    let mut packed = gzip(b"{}");
    let length = packed.len() as u64;
    packed.extend(b"\0\0garbage");
    let inflated = inflate(&packed, LIMIT);
    assert_eq!(&*inflated.bytes, b"{}");
    assert_eq!(inflated.problem, Some(InflateError::TrailingBytes { offset: length, length: 9 }));
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let inflated = inflate(&bomb, LIMIT);
    assert_eq!(inflated.bytes.len(), LIMIT);
    assert_eq!(inflated.problem, Some(InflateError::TooLarge { limit: LIMIT }));
    match inflated.bytes {
        Cow::Owned(bytes) => assert!(bytes.capacity() <= 2 * LIMIT, "{}", bytes.capacity()),
        Cow::Borrowed(_) => panic!("a bomb cannot be borrowed"),
    }
    let exact = gzip(&vec![b' '; LIMIT]);
    assert_eq!(inflate(&exact, LIMIT).problem, None);
}

#[test]
fn a_false_length_reserves_no_memory() {
    let mut packed = gzip(b"{}");
    let length = packed.len();
    packed[length - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
    let inflated = inflate(&packed, 512 << 20);
    assert!(matches!(inflated.problem, Some(InflateError::Corrupt { damage: Damage::Length, .. })));
    match inflated.bytes {
        Cow::Owned(bytes) => assert!(bytes.capacity() < 64 << 10, "{}", bytes.capacity()),
        Cow::Borrowed(_) => panic!("compressed data cannot be borrowed"),
    }
}
