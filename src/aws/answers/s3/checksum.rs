//! Checksums of bodies.
//!
//! Owns: MD5, of which ETags are made, and the checksums that clients say and want back: those that are cheap to check
//! are (MD5, CRC32, SHA-256), the others are kept as they were said. Leaves to `store` reading the bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::errors::{Fallible, bad_digest, invalid_digest};
use crate::aws::call::Call;

/// Every algorithm that S3 knows: as headers write it, as documents write it.
pub(super) const ALGORITHMS: [(&str, &str); 5] = [
    ("crc32", "ChecksumCRC32"),
    ("crc32c", "ChecksumCRC32C"),
    ("crc64nvme", "ChecksumCRC64NVME"),
    ("sha1", "ChecksumSHA1"),
    ("sha256", "ChecksumSHA256"),
];

/// Checksums in base64 by algorithm, as headers write it.
pub(super) type Checksums = BTreeMap<String, String>;

/// What a client says of its body.
#[derive(Debug, Default)]
pub(super) struct Claims {
    md5: Option<Vec<u8>>,
    /// Checksums by algorithm.
    pub(super) checksums: Checksums,
}

impl Claims {
    /// What the headers say.
    pub(super) fn of(call: &Call) -> Fallible<Self> {
        let md5 = match call.header("content-md5") {
            Some(text) => {
                let bytes = BASE64.decode(text.trim()).ok().filter(|bytes| bytes.len() == 16);
                Some(bytes.ok_or_else(invalid_digest)?)
            }
            None => None,
        };
        let said = ALGORITHMS.iter().filter_map(|(name, _)| {
            let value = call.header(&format!("x-amz-checksum-{name}"))?;
            Some(((*name).to_owned(), value.trim().to_owned()))
        });
        Ok(Self { md5, checksums: said.collect() })
    }

    /// What computes the sums that are needed to check these.
    pub(super) fn hasher(&self) -> Hasher {
        Hasher {
            length: 0,
            md5: Md5::new(),
            crc32: self.checksums.contains_key("crc32").then(crc32fast::Hasher::new),
            sha256: self.checksums.contains_key("sha256").then(Sha256::new),
        }
    }

    /// Refuses a body that is not what was said.
    pub(super) fn check(&self, sums: &Sums) -> Fallible<()> {
        if self.md5.as_ref().is_some_and(|md5| md5[..] != sums.md5) {
            return Err(bad_digest("MD5"));
        }
        for (name, computed) in &sums.checked {
            if self.checksums.get(*name).is_some_and(|said| said != computed) {
                return Err(bad_digest(&name.to_uppercase()));
            }
        }
        Ok(())
    }
}

/// Computes sums, piece by piece.
pub(super) struct Hasher {
    length: u64,
    md5: Md5,
    crc32: Option<crc32fast::Hasher>,
    sha256: Option<Sha256>,
}

/// What a body came to.
pub(super) struct Sums {
    /// Bytes.
    pub(super) length: u64,
    /// The MD5.
    pub(super) md5: [u8; 16],
    /// Checksums that were computed, by algorithm, in base64.
    checked: Vec<(&'static str, String)>,
}

impl Hasher {
    /// The next piece.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.md5.update(bytes);
        if let Some(crc32) = &mut self.crc32 {
            crc32.update(bytes);
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
    }

    /// There is no more.
    pub(super) fn finish(self) -> Sums {
        let crc32 = self.crc32.map(|crc32| ("crc32", BASE64.encode(crc32.finalize().to_be_bytes())));
        let sha256 = self.sha256.map(|sha256| ("sha256", BASE64.encode(sha256.finalize())));
        let checked = crc32.into_iter().chain(sha256).collect();
        Sums { length: self.length, md5: self.md5.finalize().into(), checked }
    }
}

/// Digits of bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The ETag of an object that was put together from parts with these MD5s: the MD5 of them all, and their number.
pub(super) fn etag_of_parts(parts: &[[u8; 16]]) -> String {
    format!("{}-{}", hex(&Md5::digest(parts.concat())), parts.len())
}

/// The checksum of an object that was put together from parts with these checksums, of the kind that S3 calls composite;
/// none where it cannot be computed here.
pub(super) fn composite<'a>(
    algorithm: &str,
    parts: impl ExactSizeIterator<Item = Option<&'a String>>,
) -> Option<String> {
    let count = parts.len();
    let mut all = Vec::new();
    for part in parts {
        all.extend(BASE64.decode(part?).ok()?);
    }
    let sum = match algorithm {
        "crc32" => BASE64.encode(crc32fast::hash(&all).to_be_bytes()),
        "sha256" => BASE64.encode(Sha256::digest(&all)),
        _ => return None,
    };
    Some(format!("{sum}-{count}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_their_definitions() {
        let said = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let checksums = Checksums::from([
            said("crc32", "y/Q5Jg=="),
            said("sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
            said("crc64nvme", "anything"),
        ]);
        let mut claims = Claims { md5: BASE64.decode("JfnnlDI7RTiF9RgfG2JNCw==").ok(), checksums };
        let mut hasher = claims.hasher();
        hasher.update(b"1234");
        hasher.update(b"56789");
        let sums = hasher.finish();
        assert_eq!((sums.length, hex(&sums.md5).as_str()), (9, "25f9e794323b453885f5181f1b624d0b"));
        assert_eq!(claims.check(&sums), Ok(()));
        for name in ["crc32", "sha256"] {
            let right = claims.checksums.insert(name.to_owned(), "AAAAAA==".to_owned());
            let message = claims.check(&sums).unwrap_err().message;
            assert!(message.contains(&name.to_uppercase()), "{message}");
            claims.checksums.insert(name.to_owned(), right.unwrap());
        }
        claims.md5 = Some(vec![0; 16]);
        assert_eq!(claims.check(&sums).unwrap_err().code, "BadDigest");
    }

    #[test]
    fn what_is_made_of_parts_says_so() {
        let md5: [u8; 16] = Md5::digest(b"").into();
        // printf d41d8cd98f00b204e9800998ecf8427e | xxd -r -p | md5sum
        assert_eq!(etag_of_parts(&[md5]), "59adb24ef3cdbe0297f05b395827453f-1");
        let crc = BASE64.encode(crc32fast::hash(b"123456789").to_be_bytes());
        assert_eq!(composite("crc32", [Some(&crc), Some(&crc)].into_iter()).as_deref(), Some("cCOsTw==-2"));
        assert_eq!(composite("crc32", [Some(&crc), None].into_iter()), None);
        assert_eq!(composite("sha1", [Some(&crc)].into_iter()), None);
    }
}
