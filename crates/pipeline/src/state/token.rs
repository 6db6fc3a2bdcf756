use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// A text that no other call gives, in this process or another: for claims and versions in stores that
/// processes share. 128 random bits of the process, and a number. It is no secret.
pub fn unique_token() -> String {
    static PROCESS: LazyLock<(u64, u64)> = LazyLock::new(|| {
        // The only randomness of the standard library: keys from the system for every `RandomState`.
        let started = jiff::Timestamp::now().as_nanosecond();
        let random = || RandomState::new().hash_one((std::process::id(), started));
        (random(), random())
    });
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (high, low) = *PROCESS;
    format!("{high:016x}{low:016x}-{:x}", NEXT.fetch_add(1, Ordering::Relaxed))
}
