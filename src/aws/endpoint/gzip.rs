//! Bodies that clients compress (`Content-Encoding: gzip`; the SDKs do it for CloudWatch from 10 kB on).
//!
//! Owns: the framing of RFC 1952. What is inside it is a deflate stream, which the reader of zip archives undoes when it
//! is put the way an archive has it.

use std::io::Read;

use zip::read::read_zipfile_from_stream;

/// What was compressed, if it is gzip, undamaged and not longer than `longest` bytes.
pub(super) fn inflate(bytes: &[u8], longest: u64) -> Option<Vec<u8>> {
    let deflated = content(bytes)?;
    let (checksum, length) = bytes.split_at(bytes.len() - 4);
    let checksum = &checksum[checksum.len() - 4..];
    if u64::from(u32::from_le_bytes(length.try_into().ok()?)) > longest {
        return None;
    }
    // The head of an archive's entry: signature, version, flags, method 8, time, date, checksum, lengths, no name.
    let mut entry = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\x21\0".to_vec();
    entry.extend_from_slice(checksum);
    entry.extend_from_slice(&u32::try_from(deflated.len()).ok()?.to_le_bytes());
    entry.extend_from_slice(length);
    entry.extend_from_slice(&[1, 0, 0, 0, b'x']);
    entry.extend_from_slice(deflated);
    let mut entry = entry.as_slice();
    let file = read_zipfile_from_stream(&mut entry).ok()??;
    let mut inflated = Vec::new();
    file.take(longest + 1).read_to_end(&mut inflated).ok()?;
    (inflated.len() as u64 <= longest).then_some(inflated)
}

/// The deflate stream between head and trailer.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else { return None };
    let mut rest = rest.get(..rest.len().checked_sub(8)?)?;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    // A name and a comment, each with a zero behind it.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `hello hello hello hello`, compressed.
    const HELLO: [u8; 28] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8,
        0x40, 0x27, 0x01, 0xe3, 0x51, 0x3d, 0x8d, 0x17, 0x00, 0x00, 0x00,
    ];

    #[test]
    fn what_was_compressed_comes_back_and_damage_is_seen() {
        let whole = HELLO;
        assert_eq!(inflate(&whole, 100).as_deref(), Some(b"hello hello hello hello".as_slice()));
        assert_eq!(inflate(&whole, 22), None);
        for at in 0..whole.len() {
            assert_ne!(
                inflate(&whole[..at], 100).as_deref(),
                Some(b"hello hello hello hello".as_slice()),
                "{at}"
            );
            let mut damaged = whole;
            damaged[at] ^= 0xff;
            // Whatever comes of it, it is not a panic.
            let _ = inflate(&damaged, 100);
        }
    }
}
