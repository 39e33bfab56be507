//! The framing of uploads that are signed piece by piece (`Content-Encoding: aws-chunked`).
//!
//! Owns: undoing it as bytes arrive: `SIZE;chunk-signature=…`, the bytes, an empty line; after the last piece, of size
//! zero, trailing headers. Signatures are not checked.

/// The longest line of the framing: a size with a signature, or a trailing header.
const LONGEST_LINE: usize = 8 * 1024;

/// The most trailing headers.
const MOST_TRAILERS: usize = 32;

/// Undoes the framing.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: State,
    line: Vec<u8>,
    /// Headers behind the last piece, names in lower case.
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the line that says a size.
    #[default]
    Size,
    /// So many bytes are left of a piece.
    Piece(u64),
    /// In the empty line behind a piece.
    Behind,
    /// In the trailing headers.
    Trailers,
    /// Behind the end.
    Done,
}

impl Decoder {
    /// Takes bytes and gives what they carry to `take`, in order. An error says what is wrong with the framing.
    pub(super) fn feed(&mut self, mut bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<(), String> {
        while !bytes.is_empty() {
            match self.state {
                State::Piece(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    take(&bytes[..here]);
                    bytes = &bytes[here..];
                    let left = left - here as u64;
                    self.state = if left == 0 { State::Behind } else { State::Piece(left) };
                }
                State::Size | State::Behind | State::Trailers => {
                    let Some(line) = self.line(&mut bytes)? else { break };
                    self.state = self.after(&line)?;
                }
                State::Done => break,
            }
        }
        Ok(())
    }

    /// The trailing headers, once all has come. Clients leave out the last empty line.
    pub(super) fn finish(self) -> Result<Vec<(String, String)>, String> {
        match self.state {
            State::Done => Ok(self.trailers),
            State::Trailers if self.line.is_empty() => Ok(self.trailers),
            State::Size | State::Piece(_) | State::Behind | State::Trailers => {
                Err("the body ends before its last chunk".to_owned())
            }
        }
    }

    /// The next line without its end, when it has come.
    fn line(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, String> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let upto = end.map_or(bytes.len(), |end| end + 1);
        if self.line.len() + upto > LONGEST_LINE {
            return Err("a line of the body's chunks is too long".to_owned());
        }
        self.line.extend_from_slice(&bytes[..upto]);
        *bytes = &bytes[upto..];
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.line);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    fn after(&mut self, line: &[u8]) -> Result<State, String> {
        let text =
            std::str::from_utf8(line).map_err(|_| "a line of the body's chunks is no text".to_owned())?;
        match self.state {
            State::Behind if text.is_empty() => Ok(State::Size),
            State::Behind => Err("a chunk of the body is longer than it says".to_owned()),
            State::Size => {
                let size = text.split(';').next().unwrap_or_default().trim();
                let is_size =
                    (1..=15).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_hexdigit());
                match u64::from_str_radix(size, 16) {
                    Ok(0) if is_size => Ok(State::Trailers),
                    Ok(size) if is_size => Ok(State::Piece(size)),
                    _ => Err("a chunk of the body does not say its size".to_owned()),
                }
            }
            State::Trailers if text.is_empty() => Ok(State::Done),
            State::Trailers => {
                let (name, value) = text.split_once(':').ok_or("a trailing header has no value")?;
                if self.trailers.len() == MOST_TRAILERS {
                    return Err("there are too many trailing headers".to_owned());
                }
                self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                Ok(State::Trailers)
            }
            state @ (State::Piece(_) | State::Done) => Ok(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Trailers = Vec<(String, String)>;

    fn decode(text: &[u8], step: usize) -> Result<(Vec<u8>, Trailers), String> {
        let mut decoder = Decoder::default();
        let mut all = Vec::new();
        for piece in text.chunks(step) {
            decoder.feed(piece, &mut |bytes| all.extend_from_slice(bytes))?;
        }
        Ok((all, decoder.finish()?))
    }

    #[test]
    fn pieces_are_joined_wherever_the_network_cuts_them() {
        let crc = ("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned());
        let rows: [(&[u8], &[u8], Trailers); 5] = [
            (b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n", b"hello", vec![]),
            (
                b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
                b"hello world",
                vec![crc.clone()],
            ),
            (b"5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n", b"hello", vec![crc]),
            (b"0\r\n\r\n", b"", vec![]),
            (b"A\r\n12345\r\n678\r\n0\r\n", b"12345\r\n678", vec![]),
        ];
        for (text, expected, trailers) in rows {
            for step in 1..=text.len() {
                let found = decode(text, step);
                assert_eq!(found, Ok((expected.to_vec(), trailers.clone())), "{step} bytes at a time");
            }
        }
    }

    #[test]
    fn damaged_framing_is_said_to_be_so() {
        let long = [b"1;chunk-signature=".to_vec(), vec![b'a'; 9000]].concat();
        let trailers = [b"0\r\n".to_vec(), b"a:b\r\n".repeat(40)].concat();
        let rows: [&[u8]; 10] = [
            b"",
            b"5\r\nhel",
            b"5\r\nhello",
            b"5\r\nhello world\r\n0\r\n\r\n",
            b"zz\r\n",
            b"-5\r\nhello\r\n0\r\n\r\n",
            b"ffffffffffffffffff\r\n",
            b"0\r\nno colon\r\n\r\n",
            &long,
            &trailers,
        ];
        for text in rows {
            for step in [1, 7, 20_000] {
                assert!(decode(text, step).is_err(), "{:?}", String::from_utf8_lossy(text));
            }
        }
    }
}
