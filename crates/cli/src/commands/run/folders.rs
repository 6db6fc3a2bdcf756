//! Folders that are watched: which files are new, whole and due.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;
use trailhound_pipeline::{DeliveryError, DeliveryStatus, FetchError, ObjectRef, StateError};
use trailhound_trigger::{Unit, UnitOutcome, Work, WorkOutcome};

use super::{
    limits::{FIRST_PAUSE, HELD_PAUSE, LONGEST_PAUSE, ONCE_ATTEMPTS, SETTLED},
    seen::{Seen, Stamp},
};
use crate::inputs::{self, Unreadable};

/// The folders, and what is known of the files in them.
pub(super) struct Folders {
    roots: Vec<PathBuf>,
    seen: Seen,
    known: BTreeMap<String, Known>,
    /// What could not be read when it was looked at last, so that it is said once.
    unreadable: BTreeSet<String>,
}

struct Known {
    stamp: Stamp,
    fate: Fate,
    /// The look that saw it last.
    look: u64,
}

/// What is to be done about a file.
#[derive(Clone, Copy)]
enum Fate {
    /// Somebody may still be writing it.
    Fresh,
    Due,
    Done,
    /// It failed so often, and is due again at a time; without one, when it changes.
    Failed {
        attempts: u32,
        again: Option<Instant>,
    },
}

/// What a look has found.
#[derive(Default)]
pub(super) struct Look {
    /// Files to read, in the order of their names.
    pub(super) due: Vec<String>,
    /// Files that are to be looked at again before long.
    pub(super) later: usize,
    /// What cannot be read and has not been said.
    pub(super) unreadable: Vec<Unreadable>,
}

/// When a file that failed is tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    After(Duration),
    WhenItChanges,
}

impl Folders {
    pub(super) fn new(folders: Vec<PathBuf>, seen: Seen) -> Self {
        Folders { roots: folders, seen, known: BTreeMap::new(), unreadable: BTreeSet::new() }
    }

    /// Looks at every file.
    pub(super) async fn look(&mut self, number: u64) -> Result<Look, StateError> {
        let mut look = Look::default();
        let mut said = BTreeSet::new();
        let roots = std::mem::take(&mut self.roots);
        for file in roots.iter().flat_map(|root| inputs::files(root)) {
            match file {
                Ok(path) if is_log(&path) => self.look_at(&path, number, &mut look).await?,
                Ok(_) => {}
                Err(unreadable) => {
                    said.insert(unreadable.path.clone());
                    if !self.unreadable.contains(&unreadable.path) {
                        look.unreadable.push(unreadable);
                    }
                }
            }
        }
        self.roots = roots;
        self.unreadable = said;
        self.known.retain(|_, known| known.look == number);
        Ok(look)
    }

    async fn look_at(&mut self, path: &Path, number: u64, look: &mut Look) -> Result<(), StateError> {
        // What has vanished since it was listed is no longer there to be read.
        let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
        let Some(name) = path.to_str() else {
            let cause = std::io::Error::new(std::io::ErrorKind::InvalidInput, "its name is not UTF-8");
            look.unreadable.push(Unreadable::new(path, inputs::ReadError::Io(cause)));
            return Ok(());
        };
        let stamp = Stamp::of(&metadata);
        let before = self.known.get(name).filter(|known| known.stamp == stamp).map(|known| known.fate);
        let fate = match before {
            Some(fate @ (Fate::Due | Fate::Done | Fate::Failed { .. })) => fate,
            // A second look at a file whose time lies in the future: the clocks differ, or somebody plays.
            Some(Fate::Fresh) if age(&metadata).is_none() => Fate::Due,
            Some(Fate::Fresh) | None => self.first_fate(name, stamp, age(&metadata)).await?,
        };
        match fate {
            Fate::Fresh => look.later += 1,
            Fate::Due => look.due.push(name.to_owned()),
            Fate::Failed { again: Some(again), .. } if again <= Instant::now() => look.due.push(name.to_owned()),
            Fate::Failed { again: Some(_), attempts } if attempts < ONCE_ATTEMPTS => look.later += 1,
            Fate::Done | Fate::Failed { .. } => {}
        }
        self.known.insert(name.to_owned(), Known { stamp, fate, look: number });
        Ok(())
    }

    async fn first_fate(&self, name: &str, stamp: Stamp, age: Option<Duration>) -> Result<Fate, StateError> {
        if self.seen.is_done(name, stamp, Timestamp::now()).await? {
            return Ok(Fate::Done);
        }
        Ok(if age.is_some_and(|age| age >= SETTLED) { Fate::Due } else { Fate::Fresh })
    }

    /// Notes what became of a file; when it is tried again if it failed.
    pub(super) async fn settle(&mut self, outcome: &UnitOutcome) -> Result<Option<Again>, StateError> {
        let Some(known) = self.known.get_mut(&outcome.id) else { return Ok(None) };
        if outcome.succeeded() {
            self.seen.note(&outcome.id, known.stamp, Timestamp::now()).await?;
            known.fate = Fate::Done;
            return Ok(None);
        }
        let attempts = match known.fate {
            Fate::Failed { attempts, .. } => attempts.saturating_add(1),
            Fate::Fresh | Fate::Due | Fate::Done => 1,
        };
        let again = again(outcome, attempts);
        let time = match again {
            None => return Ok(None),
            Some(Again::WhenItChanges) => None,
            Some(Again::After(pause)) => Instant::now().checked_add(pause),
        };
        known.fate = Fate::Failed { attempts, again: time };
        Ok(again)
    }

    /// Whether any file has failed and is not done since.
    pub(super) fn has_failures(&self) -> bool {
        self.known.values().any(|known| matches!(known.fate, Fate::Failed { .. }))
    }
}

/// The unit for a file.
pub(super) fn unit(path: String) -> Unit {
    let object = ObjectRef { bucket: String::new(), key: path.clone(), version: None };
    Unit { id: path, work: Ok(vec![Work::Object { object, otherwise: None }]) }
}

/// How long nobody has changed it; `None` where that would lie in the future.
fn age(metadata: &fs::Metadata) -> Option<Duration> {
    SystemTime::now().duration_since(metadata.modified().ok()?).ok()
}

/// Whether a file has the name of a log: others are the business of whoever put them there, such as the
/// temporary files of `aws s3 sync`.
fn is_log(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    matches!(extension, "json" | "ndjson" | "jsonl" | "gz")
}

/// When a file that failed is tried again; `None` where it was not begun.
fn again(outcome: &UnitOutcome, attempts: u32) -> Option<Again> {
    let work = outcome.work.as_ref().ok()?.first()?;
    match work {
        WorkOutcome::NotBegun => None,
        WorkOutcome::Delivered(delivered) => match &delivered.status {
            DeliveryStatus::Failed {
                error: DeliveryError::Damaged { .. } | DeliveryError::Fetch(FetchError::TooLarge { .. }),
                ..
            } => Some(Again::WhenItChanges),
            DeliveryStatus::Failed { error: DeliveryError::Held { .. }, .. } => Some(Again::After(HELD_PAUSE)),
            _ => Some(Again::After(pause(attempts))),
        },
        WorkOutcome::Nothing
        | WorkOutcome::Canary
        | WorkOutcome::NoCanary(_)
        | WorkOutcome::NotSwept(_)
        | WorkOutcome::CutOff => Some(Again::After(pause(attempts))),
    }
}

/// Doubled with each attempt.
pub(super) fn pause(attempts: u32) -> Duration {
    let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE)
}
