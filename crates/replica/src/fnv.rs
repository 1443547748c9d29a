//! FNV-1a: a number for bytes that is the same on every server.

/// With what it begins.
pub(crate) const FNV: u64 = 0xcbf2_9ce4_8422_2325;

/// Goes on with these bytes.
pub(crate) fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
