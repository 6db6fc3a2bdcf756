use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailhound_cloudtrail::ObjectKey;

use crate::{
    ObjectRef, StateError, StateKey,
    grouping::floor,
    limits::{ALERT_MEMORY, STANDINGS},
    state::{Change, Documents},
};

/// What digests say of a log object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// A valid digest lists it, and it is what was delivered.
    Verified,
    /// No digest that has been checked lists it. So it is for the first hour of every object.
    Uncovered,
    /// A valid digest lists it, and it was something else or was gone when that was checked.
    Broken,
}

impl Standing {
    /// The word that programs see.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Verified => "verified",
            Standing::Uncovered => "uncovered",
            Standing::Broken => "broken",
        }
    }

    /// The words that people see.
    pub fn words(self) -> &'static str {
        match self {
            Standing::Verified => "as CloudTrail delivered it, by its digest",
            Standing::Uncovered => "not yet covered by a digest",
            Standing::Broken => "NOT as CloudTrail delivered it, by its digest",
        }
    }
}

/// What is known of the log objects of one account and region that were delivered in one hour.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Standings {
    verified: BTreeSet<String>,
    broken: BTreeSet<String>,
}

impl Standings {
    /// What is known of an object.
    pub(super) async fn of(documents: &Documents<'_>, object: &ObjectRef) -> Result<Standing, StateError> {
        let Some(key) = document(&object.bucket, &object.key) else { return Ok(Standing::Uncovered) };
        let (standings, entry): (Standings, _) = (documents.read(&key).await?, entry(&object.key));
        Ok(match (standings.broken.contains(&entry), standings.verified.contains(&entry)) {
            (true, _) => Standing::Broken,
            (false, true) => Standing::Verified,
            (false, false) => Standing::Uncovered,
        })
    }

    /// Remembers what was found. What is broken stays so, and comes before the rest when there is much.
    pub(super) async fn remember(
        documents: &Documents<'_>,
        found: &[(ObjectRef, Standing)],
        now: Timestamp,
    ) -> Result<(), StateError> {
        let mut hours: BTreeMap<StateKey, Vec<_>> = BTreeMap::new();
        for (object, standing) in found {
            let Some(key) = document(&object.bucket, &object.key) else { continue };
            hours.entry(key).or_default().push((entry(&object.key), *standing));
        }
        let until = now.saturating_add(ALERT_MEMORY).unwrap_or(Timestamp::MAX);
        for (key, entries) in hours {
            let add = |standings: &mut Standings| {
                standings.add(&entries);
                Change::Write((), until)
            };
            documents.update(&key, add).await?;
        }
        Ok(())
    }

    fn add(&mut self, entries: &[(String, Standing)]) {
        for (entry, standing) in entries {
            match standing {
                Standing::Broken => self.broken.insert(entry.clone()),
                Standing::Verified => self.verified.insert(entry.clone()),
                Standing::Uncovered => false,
            };
        }
        // What is left out counts as uncovered: less is said of it than could be, and nothing wrong.
        while self.verified.len() > STANDINGS {
            self.verified.pop_last();
        }
        while self.broken.len() > STANDINGS {
            self.broken.pop_last();
        }
    }
}

/// The document of the hour in which the object was delivered, by its name.
fn document(bucket: &str, key: &str) -> Option<StateKey> {
    let parsed = ObjectKey::parse(key);
    let hour = floor(parsed.delivered?, std::time::Duration::from_hours(1)).to_string();
    Some(StateKey::new("logs", [bucket, parsed.account?, parsed.region?, &hour]))
}

/// Sixteen digits that stand for an object: nobody can choose the name that CloudTrail gives one.
fn entry(key: &str) -> String {
    let key = StateKey::new("log", [key]);
    key.as_str().chars().skip("log-".len()).take(16).collect()
}
