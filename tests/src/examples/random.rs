//! A small seeded generator (splitmix64): the same name gives the same numbers everywhere.

/// The source of every invented identifier and interval.
///
/// Each kind of traffic has a generator of its own, named after it, so that changing one kind
/// leaves the records of all the others as they are.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEXADECIMAL: &[u8] = b"0123456789abcdef";

impl Random {
    /// A generator whose numbers depend on `name` alone.
    pub(crate) fn named(name: &str) -> Self {
        // FNV-1a: any stable hash does, but the standard library's is not promised to be stable.
        let state = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self { state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let remainder = self.next().checked_rem(u64::from(bound)).unwrap_or(0);
        u32::try_from(remainder).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// One of `choices`; the empty text when there are none.
    pub(crate) fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        let index = self.below(u32::try_from(choices.len()).unwrap_or(0));
        choices.get(index as usize).copied().unwrap_or_default()
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let size = u32::try_from(alphabet.len()).unwrap_or(0);
        (0..length).filter_map(|_| alphabet.get(self.below(size) as usize)).map(|&byte| char::from(byte)).collect()
    }

    /// Capitals and digits, as in access key ids, principal ids and S3 request ids.
    pub(crate) fn upper(&mut self, length: usize) -> String {
        self.text(UPPER_AND_DIGITS, length)
    }

    /// Letters and digits, as in the last part of the name of a log object.
    pub(crate) fn alphanumeric(&mut self, length: usize) -> String {
        self.text(LETTERS_AND_DIGITS, length)
    }

    /// Hexadecimal digits, as in EC2 resource ids.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text(HEXADECIMAL, length)
    }

    /// A version 4 UUID, as in `eventID`.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0x0fff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
