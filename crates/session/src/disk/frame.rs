//! One entry of a segment as bytes, with a sum over all of it.

use copal_protocol::session_key::SessionKey;

/// Where a frame begins, to find one again behind damage.
pub(crate) const SIGN: [u8; 4] = *b"\xC5fr\x9E";

/// How many bytes stand before the value: sign, sum, length of the value, kind, key.
pub(crate) const HEAD: usize = 24;

/// How many bytes a mark has.
pub(crate) const MARK: usize = HEAD + 5;

const PUT: u8 = 1;
const REMOVE: u8 = 2;
const MARKED: u8 = 3;

/// What a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// The key has this value now.
    Put { key: SessionKey, value: &'a [u8] },
    /// The key has no value any more.
    Remove { key: SessionKey },
    /// Everything that stands before is safe.
    Mark(Mark),
}

/// That everything that stands before, in this segment or in earlier ones, is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The oldest segment that still counts.
    pub(crate) first: u32,
    /// This segment is complete, another one follows.
    pub(crate) sealed: bool,
}

/// What binds a frame to its place: a frame of another segment or place, or one that somebody has
/// hidden in a value, does not sum up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    /// The segment's random number.
    pub(crate) salt: u64,
    /// How many bytes of the segment stand before the frame.
    pub(crate) at: u64,
}

impl Spot {
    fn sum(self, parts: &[&[u8]]) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        sum.update(&self.salt.to_le_bytes());
        sum.update(&self.at.to_le_bytes());
        for part in parts {
            sum.update(part);
        }
        sum.finalize()
    }
}

/// Appends the frame of `entry` to `out`; `spot` is where it will stand.
pub(crate) fn write(out: &mut Vec<u8>, entry: Entry<'_>, spot: Spot) {
    let mark;
    let (kind, key, value): (u8, &[u8; SessionKey::LENGTH], &[u8]) = match &entry {
        Entry::Put { key, value } => (PUT, key.as_bytes(), value),
        Entry::Remove { key } => (REMOVE, key.as_bytes(), &[]),
        Entry::Mark(Mark { first, sealed }) => {
            let [a, b, c, d] = first.to_le_bytes();
            mark = [a, b, c, d, u8::from(*sealed)];
            (MARKED, &[0; SessionKey::LENGTH], &mark)
        }
    };
    // What is put is never longer; what would be is not taken.
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes();
    let sum = spot.sum(&[&length, &[kind], key, value]);
    out.extend_from_slice(&SIGN);
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(&length);
    out.push(kind);
    out.extend_from_slice(key);
    out.extend_from_slice(value);
}

/// How many bytes the whole frame has, if this is the head of one.
pub(crate) fn whole(head: &[u8]) -> Option<u64> {
    let (sign, rest) = head.split_first_chunk::<4>()?;
    let (length, _) = rest.get(4..)?.split_first_chunk::<4>()?;
    (*sign == SIGN).then(|| HEAD as u64 + u64::from(u32::from_le_bytes(*length)))
}

/// What a whole frame says, or `None` when these are not the bytes that were written there.
pub(crate) fn read(frame: &[u8], spot: Spot) -> Option<Entry<'_>> {
    let (sign, rest) = frame.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (&kind, rest) = rest.split_first()?;
    let (key, value) = rest.split_first_chunk::<{ SessionKey::LENGTH }>()?;
    let complete = u32::from_le_bytes(*length) as usize == value.len();
    let right = u32::from_le_bytes(*sum) == spot.sum(&[length, &[kind], key, value]);
    if *sign != SIGN || !complete || !right {
        return None;
    }
    match kind {
        PUT => Some(Entry::Put { key: SessionKey::parse(key)?, value }),
        REMOVE => Some(Entry::Remove { key: SessionKey::parse(key)? }),
        MARKED => {
            let (first, rest) = value.split_first_chunk::<4>()?;
            let sealed = *rest == [1];
            Some(Entry::Mark(Mark { first: u32::from_le_bytes(*first), sealed }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOT: Spot = Spot { salt: 7, at: 100 };

    fn frames() -> [Vec<u8>; 3] {
        let key = SessionKey::parse(b"abcdefghijk").unwrap();
        let mark = Mark { first: 3, sealed: true };
        let entries =
            [Entry::Put { key, value: b"cart" }, Entry::Remove { key }, Entry::Mark(mark)];
        entries.map(|entry| {
            let mut bytes = Vec::new();
            write(&mut bytes, entry, SPOT);
            assert_eq!(read(&bytes, SPOT), Some(entry));
            assert_eq!(whole(&bytes), Some(bytes.len() as u64));
            bytes
        })
    }

    #[test]
    fn what_is_written_is_read() {
        let lengths = frames().map(|frame| frame.len());
        assert_eq!(lengths, [HEAD + 4, HEAD, MARK]);
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        for frame in frames() {
            for bit in 0..frame.len() * 8 {
                let mut broken = frame.clone();
                broken[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(read(&broken, SPOT), None, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_frame_of_another_place_is_none() {
        for frame in frames() {
            assert_eq!(read(&frame, Spot { salt: 8, ..SPOT }), None);
            assert_eq!(read(&frame, Spot { at: 101, ..SPOT }), None);
            assert_eq!(read(&frame[..frame.len() - 1], SPOT), None);
        }
    }
}
