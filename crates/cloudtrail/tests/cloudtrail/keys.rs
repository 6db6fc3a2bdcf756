//! Object keys, in the layouts of AWS and as people rearrange them.

use trailhound_cloudtrail::{DigestName, ObjectFamily, ObjectKey};

const NAME: &str = "111122223333_CloudTrail_eu-west-1_20260501T1005Z_AbCdEfGhIjKlMnOp.json.gz";

#[test]
fn families_are_told_by_segment_and_name() {
    let cases = [
        ("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/NAME", ObjectFamily::Records),
        ("AWSLogs/o-abc123/111122223333/CloudTrail/eu-west-1/2026/05/01/NAME", ObjectFamily::Records),
        ("a/b c/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/NAME", ObjectFamily::Records),
        ("AWSLogs/111122223333/CloudTrail/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/x", ObjectFamily::Digest),
        ("AWSLogs/AWSLogs/111122223333/CloudTrail/eu-west-1/x.json.gz", ObjectFamily::Records),
        ("AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/05/01/x.json.gz", ObjectFamily::Insight),
        ("AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/x.json.gz", ObjectFamily::NetworkActivity),
        ("AWSLogs/111122223333/CloudTrail-Aggregated/eu-west-1/x.json.gz", ObjectFamily::Aggregated),
        ("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/x.json.gz", ObjectFamily::Digest),
        ("AWSLogs/111122223333/CloudTrail-Future/eu-west-1/x.json.gz", ObjectFamily::Other),
        ("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/", ObjectFamily::Other),
        ("AWSLogs/111122223333/Config/eu-west-1/2026/x.json.gz", ObjectFamily::Other),
        ("AWSLogs/12345/CloudTrail/eu-west-1/x.json.gz", ObjectFamily::Other),
        ("xAWSLogs/111122223333/CloudTrail/eu-west-1/x.json.gz", ObjectFamily::Other),
        ("CloudTrail/readme.txt", ObjectFamily::Other),
        ("archive/NAME", ObjectFamily::Records),
        ("NAME", ObjectFamily::Records),
        ("archive/111122223333_CloudTrail_eu-west-1_20261301T1005Z_x.json.gz", ObjectFamily::Other),
        ("archive/111122223333_CloudTrail_eu-west-1_20260501T1005Z_x.json", ObjectFamily::Records),
        ("", ObjectFamily::Other),
        ("/", ObjectFamily::Other),
        ("AWSLogs", ObjectFamily::Other),
    ];
    for (key, family) in cases {
        let key = key.replace("NAME", NAME);
        assert_eq!(ObjectKey::parse(&key).family, family, "{key}");
    }
}

#[test]
fn the_parts_of_a_key_are_named() {
    let key = format!("a/b/AWSLogs/o-abc123/111122223333/CloudTrail/eu-west-1/2026/05/01/{NAME}");
    let key = ObjectKey::parse(&key);
    assert_eq!((key.prefix, key.organization), ("a/b", Some("o-abc123")));
    assert_eq!((key.account, key.region), (Some("111122223333"), Some("eu-west-1")));
    assert_eq!(key.delivered.unwrap().to_string(), "2026-05-01T10:05:00Z");
    assert_eq!(key.digest, None);
}

#[test]
fn a_digest_name_is_read_from_both_ends() {
    let folder = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/05/01/";
    let name = "111122223333_CloudTrail-Digest_eu-west-1_my_trail.x-1_us-east-1_20260501T100512Z";
    for (suffix, family) in [("", ObjectFamily::Digest), ("_backfill", ObjectFamily::BackfillDigest)] {
        let key = format!("{folder}{name}{suffix}.json.gz");
        let key = ObjectKey::parse(&key);
        assert_eq!(key.family, family);
        assert_eq!(key.digest, Some(DigestName { trail: "my_trail.x-1", home_region: "us-east-1" }));
        assert_eq!(key.delivered.unwrap().to_string(), "2026-05-01T10:05:12Z");
    }
}

#[test]
fn a_digest_among_records_is_still_a_digest() {
    let key = "AWSLogs/111122223333/CloudTrail/eu-west-1/111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260501T100512Z.json.gz";
    assert_eq!(ObjectKey::parse(key).family, ObjectFamily::Digest);
}
