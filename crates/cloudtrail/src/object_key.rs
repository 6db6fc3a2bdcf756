use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Serialize;

/// What the key of an S3 object says about its content.
///
/// Keys are read by path segment, since a bucket or a prefix may itself hold any of the words; the
/// last `AWSLogs` that is followed by an account and a folder of CloudTrail counts. A key without
/// these folders (a copy, an archive) is recognised by a file name in CloudTrail's form.
///
/// ```
/// use trailhound_cloudtrail::{ObjectFamily, ObjectKey};
///
/// let key = "logs/AWSLogs/o-abc123/111122223333/CloudTrail/eu-west-1/2026/05/01/\
///            111122223333_CloudTrail_eu-west-1_20260501T1005Z_AbCdEfGhIjKlMnOp.json.gz";
/// let key = ObjectKey::parse(key);
/// assert_eq!(key.family, ObjectFamily::Records);
/// assert_eq!((key.prefix, key.organization), ("logs", Some("o-abc123")));
/// assert_eq!((key.account, key.region), (Some("111122223333"), Some("eu-west-1")));
/// assert_eq!(key.delivered.unwrap().to_string(), "2026-05-01T10:05:00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKey<'k> {
    /// What kind of object it is.
    pub family: ObjectFamily,
    /// What stands before `AWSLogs`, without the slash; empty where nothing does.
    pub prefix: &'k str,
    /// The organization, `o-…`, of an organization trail.
    pub organization: Option<&'k str>,
    /// The account whose records these are: twelve digits.
    pub account: Option<&'k str>,
    /// The region that delivered.
    pub region: Option<&'k str>,
    /// When it was delivered: to the minute for records, to the second for digests. Records may be
    /// older by any time.
    pub delivered: Option<Timestamp>,
    /// Trail and home region of a digest.
    pub digest: Option<DigestName<'k>>,
}

/// What the file name of a digest says beyond what every file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestName<'k> {
    /// Name of the trail; may hold `.`, `_` and `-`.
    pub trail: &'k str,
    /// Region in which the trail was created.
    pub home_region: &'k str,
}

/// The kinds of objects that CloudTrail delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectFamily {
    /// Management and data events.
    Records,
    /// Insights events.
    Insight,
    /// Events of VPC endpoints.
    NetworkActivity,
    /// Counts of data events: another schema, which no rule reads.
    Aggregated,
    /// A digest of one hour: the chain that proves integrity, not records.
    Digest,
    /// A digest that lists objects a regular digest missed; a chain of its own.
    BackfillDigest,
    /// A folder marker, an object of another service, or anything else.
    Other,
}

impl ObjectFamily {
    /// Whether such an object holds records for rules.
    pub fn holds_records(self) -> bool {
        match self {
            ObjectFamily::Records | ObjectFamily::Insight | ObjectFamily::NetworkActivity => true,
            ObjectFamily::Aggregated | ObjectFamily::Digest | ObjectFamily::BackfillDigest | ObjectFamily::Other => {
                false
            }
        }
    }

    /// The word for logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectFamily::Records => "records",
            ObjectFamily::Insight => "insight",
            ObjectFamily::NetworkActivity => "network-activity",
            ObjectFamily::Aggregated => "aggregated",
            ObjectFamily::Digest => "digest",
            ObjectFamily::BackfillDigest => "backfill-digest",
            ObjectFamily::Other => "other",
        }
    }

    fn of_folder(folder: &str) -> Option<Self> {
        match folder {
            "CloudTrail" => Some(ObjectFamily::Records),
            "CloudTrail-Insight" => Some(ObjectFamily::Insight),
            "CloudTrail-NetworkActivity" => Some(ObjectFamily::NetworkActivity),
            "CloudTrail-Aggregated" => Some(ObjectFamily::Aggregated),
            "CloudTrail-Digest" => Some(ObjectFamily::Digest),
            _ => None,
        }
    }
}

impl<'k> ObjectKey<'k> {
    /// Reads a key, already URL-decoded. Every text is a key: what is not recognised is
    /// [`ObjectFamily::Other`].
    pub fn parse(key: &'k str) -> Self {
        let name = FileName::parse(key);
        let mut parsed = match Folders::parse(key) {
            Some(folders) => folders.into_key(),
            None => ObjectKey::unrecognised(),
        };
        if let Some(name) = name {
            name.apply(&mut parsed);
        }
        if key.is_empty() || key.ends_with('/') {
            parsed.family = ObjectFamily::Other;
        }
        parsed
    }

    fn unrecognised() -> Self {
        ObjectKey {
            family: ObjectFamily::Other,
            prefix: "",
            organization: None,
            account: None,
            region: None,
            delivered: None,
            digest: None,
        }
    }
}

/// The folders of a key from `AWSLogs` on.
struct Folders<'k> {
    prefix: &'k str,
    organization: Option<&'k str>,
    account: &'k str,
    family: ObjectFamily,
    region: Option<&'k str>,
}

impl<'k> Folders<'k> {
    fn parse(key: &'k str) -> Option<Self> {
        let mut end = key.len();
        while let Some(start) = key.get(..end)?.rfind("AWSLogs") {
            if let Some(folders) = Self::at(key, start) {
                return Some(folders);
            }
            end = start;
        }
        None
    }

    fn at(key: &'k str, start: usize) -> Option<Self> {
        let before = key.get(..start)?;
        let prefix = if before.is_empty() { "" } else { before.strip_suffix('/')? };
        let mut segments = key.get(start..)?.strip_prefix("AWSLogs/")?.split('/');
        let first = segments.next()?;
        let (organization, account) =
            if is_organization(first) { (Some(first), segments.next()?) } else { (None, first) };
        let family = ObjectFamily::of_folder(segments.next()?)?;
        let region = segments.next().filter(|region| is_region(region));
        is_account(account).then_some(Folders { prefix, organization, account, family, region })
    }

    fn into_key(self) -> ObjectKey<'k> {
        ObjectKey {
            family: self.family,
            prefix: self.prefix,
            organization: self.organization,
            account: Some(self.account),
            region: self.region,
            ..ObjectKey::unrecognised()
        }
    }
}

/// A file name as CloudTrail gives it:
/// `{account}_CloudTrail…_{region}_[{trail}_{home region}_]{time}[_{unique}|_backfill].json.gz`.
struct FileName<'k> {
    account: &'k str,
    family: ObjectFamily,
    region: &'k str,
    delivered: Timestamp,
    digest: Option<DigestName<'k>>,
}

impl<'k> FileName<'k> {
    fn parse(key: &'k str) -> Option<Self> {
        let name = key.rsplit('/').next()?;
        let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")?;
        let (account, rest) = stem.split_once('_')?;
        let (folder, rest) = rest.split_once('_')?;
        let (region, rest) = rest.split_once('_')?;
        let family = ObjectFamily::of_folder(folder)?;
        if !is_account(account) || !is_region(region) {
            return None;
        }
        if family == ObjectFamily::Digest {
            return Self::digest(account, region, rest);
        }
        let (time, unique) = rest.split_once('_')?;
        let delivered = timestamp(time)?;
        (!unique.is_empty()).then_some(FileName { account, family, region, delivered, digest: None })
    }

    /// A trail's name may hold underscores, so what follows it is read from the end.
    fn digest(account: &'k str, region: &'k str, rest: &'k str) -> Option<Self> {
        let (rest, family) = match rest.strip_suffix("_backfill") {
            Some(rest) => (rest, ObjectFamily::BackfillDigest),
            None => (rest, ObjectFamily::Digest),
        };
        let (rest, time) = rest.rsplit_once('_')?;
        let (trail, home_region) = rest.rsplit_once('_')?;
        let delivered = timestamp(time)?;
        let digest = Some(DigestName { trail, home_region });
        Some(FileName { account, family, region, delivered, digest })
    }

    /// Fills in what the folders did not say. On the family the name has the last word: a digest
    /// copied into a folder of records is still a digest.
    fn apply(self, key: &mut ObjectKey<'k>) {
        key.family = self.family;
        key.account = key.account.or(Some(self.account));
        key.region = key.region.or(Some(self.region));
        key.delivered = Some(self.delivered);
        key.digest = self.digest;
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-")
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// Regions are not listed here: new ones appear, and private partitions have their own.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Reads `20260501T1005Z` and `20260501T100512Z`.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let second = match time.len() {
        4 => 0,
        6 => digits(time, 4, 6)?,
        _ => return None,
    };
    if date.len() != 8 {
        return None;
    }
    let year = digits(date, 0, 4)?;
    let month = i8::try_from(digits(date, 4, 6)?).ok()?;
    let day = i8::try_from(digits(date, 6, 8)?).ok()?;
    let hour = i8::try_from(digits(time, 0, 2)?).ok()?;
    let minute = i8::try_from(digits(time, 2, 4)?).ok()?;
    let moment = civil::DateTime::new(year, month, day, hour, minute, i8::try_from(second).ok()?, 0).ok()?;
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn digits(text: &str, from: usize, to: usize) -> Option<i16> {
    let part = text.get(from..to)?;
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
}
