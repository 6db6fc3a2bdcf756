//! The way of nearly every object: one sound member, decompressed in one call.
//!
//! libdeflate takes two thirds of the time that a streaming decompressor takes, but wants to know the size
//! beforehand and does not say where a member ends or what is wrong with it. Whatever is not plainly one
//! sound member is left to the decompressor that can tell.

use libdeflater::Decompressor;

use crate::{
    gzip,
    limits::{MAX_EXPANSION, RESERVED_BYTES},
};

pub(super) struct FastPath {
    decompressor: Decompressor,
}

impl Default for FastPath {
    fn default() -> Self {
        FastPath { decompressor: Decompressor::new() }
    }
}

impl FastPath {
    /// Decompresses `bytes` into the start of `buffer`, which grows if it has to, and gives the length; `None`
    /// if that cannot be done here. Checksum and length are checked.
    pub(super) fn inflate(&mut self, bytes: &[u8], limit: usize, buffer: &mut Vec<u8>) -> Option<usize> {
        let length = gzip::stated_length(bytes);
        let possible = bytes.len().saturating_mul(MAX_EXPANSION);
        if length > limit.min(possible).min(RESERVED_BYTES) || gzip::may_hold_another_member(bytes) {
            return None;
        }
        if buffer.len() < length {
            // Fresh memory of the system is zero already, and costs nothing before it is written.
            *buffer = vec![0; length];
        }
        let written = self.decompressor.gzip_decompress(bytes, buffer.get_mut(..length)?).ok()?;
        (written == length).then_some(length)
    }
}
