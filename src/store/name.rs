//! Names that may become names of files.

use super::error::Error;

/// `name`, when it is one plain component of a path on every file system.
pub(super) fn checked<'a>(what: &'static str, name: &'a str) -> Result<&'a str, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > 128 || name.starts_with('.') || !name.bytes().all(plain) {
        return Err(Error::Name { what, name: name.to_owned() });
    }
    Ok(name)
}

/// `name` with everything that is not plain replaced, cut to a length people can read.
pub(super) fn readable(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    name.chars().take(40).map(plain).collect()
}
