//! The order in which records have their keys.

use rustc_hash::FxHashMap;

use super::trie::{Step, Trie};
use crate::json::{Error, Progress, Reader};

/// Most keys that are learnt. Records have some thirty; whoever makes up others gains nothing.
const MOST_KEYS: usize = 64;

/// What the keys of records lead to.
///
/// Records of CloudTrail have their keys in nearly the same order. So the key that followed the last time is
/// tried first, as it stands in the text, which is cheaper than to read a key and look it up.
#[derive(Debug)]
pub(crate) struct KeyOrder<'r> {
    /// The first is none, but stands for the start of a record.
    keys: Vec<Known<'r>>,
    numbers: FxHashMap<Box<str>, usize>,
}

#[derive(Debug, Default)]
struct Known<'r> {
    /// With its quotes and colon.
    text: Box<str>,
    step: Option<&'r Step>,
    /// The number of the key that followed the last time; zero for none.
    next: usize,
}

/// What the next key of a record is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NextKey<'r> {
    /// One that some path or anchor names.
    Wanted(&'r Step),
    Unwanted,
    /// The object has no more keys.
    End,
}

/// A place among the keys of one record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    number: usize,
    progress: Progress,
}

impl<'r> NextKey<'r> {
    fn leading_to(step: Option<&'r Step>) -> Self {
        step.map_or(NextKey::Unwanted, NextKey::Wanted)
    }
}

impl Default for KeyOrder<'_> {
    fn default() -> Self {
        KeyOrder { keys: vec![Known::default()], numbers: FxHashMap::default() }
    }
}

impl<'r> KeyOrder<'r> {
    /// Reads the next key with its colon, or the end of the object.
    pub(crate) fn next(
        &mut self,
        trie: &'r Trie,
        reader: &mut Reader<'_>,
        place: &mut Place,
    ) -> Result<NextKey<'r>, Error> {
        let guess = self.keys.get(place.number).map_or(0, |known| known.next);
        if let Some(known) = self.keys.get(guess).filter(|_| guess > 0)
            && reader.next_key_is(&mut place.progress, &known.text)
        {
            place.number = guess;
            return Ok(NextKey::leading_to(known.step));
        }
        let Some(key) = reader.next_key(&mut place.progress)? else { return Ok(NextKey::End) };
        let step = trie.root().keys.get(key.decode().as_ref());
        if !key.is_escaped() {
            self.learn(key.raw(), step, place);
        }
        Ok(NextKey::leading_to(step))
    }

    fn learn(&mut self, key: &str, step: Option<&'r Step>, place: &mut Place) {
        let number = match self.numbers.get(key) {
            Some(number) => *number,
            None if self.keys.len() <= MOST_KEYS => {
                self.keys.push(Known { text: format!("\"{key}\":").into(), step, next: 0 });
                self.numbers.insert(key.into(), self.keys.len() - 1);
                self.keys.len() - 1
            }
            None => return,
        };
        if let Some(previous) = self.keys.get_mut(place.number) {
            previous.next = number;
        }
        place.number = number;
    }
}
