//! How long the body of a plain request is.
//!
//! Owns: telling it from the head, and passing on exactly that. What does not say it in one way only is no request:
//! whoever came to another end than we do would take the rest for a request that nobody judged.
//!
//! Pieces of a chunked body are written anew, without extensions and trailing headers.

use std::io::Write as _;

/// The longest line between pieces, in bytes.
const LONGEST_LINE: usize = 4 * 1024;

/// The most lines behind the last piece.
const MOST_TRAILERS: usize = 64;

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes, or none.
    Length(u64),
    /// Pieces that say their lengths.
    Chunked,
}

impl Framing {
    /// The framing that headers announce (RFC 9112, 6.3); nothing when they contradict each other or are not understood.
    pub(super) fn of(is_newest: bool, headers: &[(&str, &str)]) -> Option<Self> {
        let values = |name: &'static str| {
            headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
        };
        let (mut lengths, mut codings) = (values("content-length"), values("transfer-encoding"));
        match (lengths.next(), codings.next()) {
            _ if lengths.next().is_some() || codings.next().is_some() => None,
            (None, None) => Some(Self::Length(0)),
            (Some(length), None) => {
                let is_length = length.bytes().all(|byte| byte.is_ascii_digit());
                is_length.then(|| length.parse().ok().map(Self::Length)).flatten()
            }
            (None, Some(coding)) => {
                (is_newest && coding.eq_ignore_ascii_case("chunked")).then_some(Self::Chunked)
            }
            (Some(_), Some(_)) => None,
        }
    }
}

/// The body is not framed as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// A body on its way.
#[derive(Debug)]
pub(super) struct Passage {
    state: State,
    line: Vec<u8>,
    trailers: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left of a body that said its length.
    Whole(u64),
    /// In the line that says the length of a piece.
    Size,
    /// So many bytes are left of a piece.
    Piece(u64),
    /// In the empty line behind a piece.
    Behind,
    /// In the lines behind the last piece.
    Trailers,
    /// Behind the end.
    Done,
}

impl Passage {
    pub(super) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(0) => State::Done,
            Framing::Length(length) => State::Whole(length),
            Framing::Chunked => State::Size,
        };
        Self { state, line: Vec::new(), trailers: 0 }
    }

    /// Whether all of it has come.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes bytes, adds to `out` what is to be passed on, and gives what stands behind the end of the body.
    pub(super) fn feed<'b>(&mut self, mut bytes: &'b [u8], out: &mut Vec<u8>) -> Result<&'b [u8], Malformed> {
        while !bytes.is_empty() && !self.is_done() {
            match self.state {
                State::Whole(left) | State::Piece(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    out.extend_from_slice(&bytes[..here]);
                    bytes = &bytes[here..];
                    let left = left - here as u64;
                    self.state = match self.state {
                        State::Whole(_) if left == 0 => State::Done,
                        State::Whole(_) => State::Whole(left),
                        _ if left == 0 => State::Behind,
                        _ => State::Piece(left),
                    };
                }
                State::Size | State::Behind | State::Trailers | State::Done => {
                    if let Some(line) = self.line(&mut bytes)? {
                        self.state = self.after(&line, out)?;
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// The next line without its end, when it has come. It ends with CR LF, and holds neither alone.
    fn line(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
        while let Some((byte, rest)) = bytes.split_first() {
            *bytes = rest;
            let is_behind_return = self.line.last() == Some(&b'\r');
            if *byte == b'\n' && is_behind_return {
                self.line.pop();
                return Ok(Some(std::mem::take(&mut self.line)));
            }
            let is_text = matches!(byte, b'\t' | b'\r' | 0x20..=0x7e | 0x80..);
            if is_behind_return || !is_text || self.line.len() == LONGEST_LINE {
                return Err(Malformed);
            }
            self.line.push(*byte);
        }
        Ok(None)
    }

    fn after(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<State, Malformed> {
        match self.state {
            State::Size => {
                let end = line.iter().position(|byte| *byte == b';').unwrap_or(line.len());
                // Fifteen digits are more than anybody sends, and fit.
                let digits = std::str::from_utf8(&line[..end]).unwrap_or_default();
                let is_size =
                    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let size = u64::from_str_radix(digits, 16).ok().filter(|_| is_size).ok_or(Malformed)?;
                if size == 0 {
                    return Ok(State::Trailers);
                }
                // Writing to memory does not fail.
                let _ = write!(out, "{size:x}\r\n");
                Ok(State::Piece(size))
            }
            State::Behind if line.is_empty() => {
                out.extend_from_slice(b"\r\n");
                Ok(State::Size)
            }
            State::Trailers if line.is_empty() => {
                out.extend_from_slice(b"0\r\n\r\n");
                Ok(State::Done)
            }
            State::Trailers if self.trailers < MOST_TRAILERS && line.contains(&b':') => {
                self.trailers += 1;
                Ok(State::Trailers)
            }
            State::Behind | State::Trailers => Err(Malformed),
            state @ (State::Whole(_) | State::Piece(_) | State::Done) => Ok(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_length_is_said_in_one_way_or_it_is_no_request() {
        type Headers = &'static [(&'static str, &'static str)];
        let rows: [(Headers, Option<Framing>); 16] = [
            (&[], Some(Framing::Length(0))),
            (&[("Content-Length", "0")], Some(Framing::Length(0))),
            (&[("content-LENGTH", "12")], Some(Framing::Length(12))),
            (&[("Transfer-Encoding", "Chunked")], Some(Framing::Chunked)),
            (&[("Content-Length", "1"), ("Content-Length", "1")], None),
            (&[("Content-Length", "1"), ("Transfer-Encoding", "chunked")], None),
            (&[("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], None),
            (&[("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "identity")], None),
            (&[("Transfer-Encoding", "gzip, chunked")], None),
            (&[("Transfer-Encoding", "xchunked")], None),
            (&[("Transfer-Encoding", "\u{b}chunked")], None),
            (&[("Transfer-Encoding", "")], None),
            (&[("Content-Length", "")], None),
            (&[("Content-Length", "+1")], None),
            (&[("Content-Length", "1, 1")], None),
            (&[("Content-Length", "99999999999999999999")], None),
        ];
        for (headers, expected) in rows {
            assert_eq!(Framing::of(true, headers), expected, "{headers:?}");
        }
        // HTTP/1.0 has no pieces: a server of that age would take them for the next request.
        assert_eq!(Framing::of(false, &[("Transfer-Encoding", "chunked")]), None);
        assert_eq!(Framing::of(false, &[("Content-Length", "1")]), Some(Framing::Length(1)));
    }

    /// What is passed on and what is left over, with so many bytes at a time; nothing when it is malformed.
    fn pass(framing: Framing, text: &[u8], step: usize) -> Option<(String, String, bool)> {
        let mut passage = Passage::new(framing);
        let (mut out, mut over) = (Vec::new(), Vec::new());
        for piece in text.chunks(step) {
            over.extend_from_slice(passage.feed(piece, &mut out).ok()?);
        }
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Some((text(out), text(over), passage.is_done()))
    }

    #[test]
    fn exactly_one_body_is_passed_on() {
        let rows = [
            (Framing::Length(0), "GET /", "", "GET /", true),
            (Framing::Length(3), "abcGET /", "abc", "GET /", true),
            (Framing::Length(3), "ab", "ab", "", false),
            (Framing::Chunked, "0\r\n\r\nGET /", "0\r\n\r\n", "GET /", true),
            (Framing::Chunked, "3;a=b\r\nabc\r\n0;c\r\nX: y\r\n\r\nG", "3\r\nabc\r\n0\r\n\r\n", "G", true),
            (
                Framing::Chunked,
                "00A\r\n12345\r\n678\r\n0\r\n\r\n",
                "a\r\n12345\r\n678\r\n0\r\n\r\n",
                "",
                true,
            ),
            (Framing::Chunked, "3\r\nab", "3\r\nab", "", false),
        ];
        for (framing, text, passed, over, is_done) in rows {
            for step in 1..=text.len() {
                let found = pass(framing, text.as_bytes(), step);
                assert_eq!(found, Some((passed.into(), over.into(), is_done)), "{text:?} by {step}");
            }
        }
    }

    #[test]
    fn pieces_that_others_could_read_otherwise_are_malformed() {
        let long = format!("1;{}\r\n", "a".repeat(5000));
        let trailers = format!("0\r\n{}", "a:b\r\n".repeat(100));
        let rows = [
            "\r\n",
            "0x3\r\nabc\r\n",
            "+3\r\nabc\r\n",
            " 3\r\nabc\r\n",
            "3 \r\nabc\r\n",
            "3\nabc\r\n",
            "3\rabc\r\n",
            "3;a\nb\r\n",
            "3\r\nabcd\r\n",
            "3\r\nabc\n0\r\n\r\n",
            "ffffffffffffffff\r\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\nX: \0\r\n\r\n",
            &long,
            &trailers,
        ];
        for text in rows {
            for step in [1, 7, 20_000] {
                assert_eq!(pass(Framing::Chunked, text.as_bytes(), step), None, "{text:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_passed_on_reads_as_the_same_body(
            pieces in proptest::collection::vec(proptest::collection::vec(0_u8..=255, 1..40), 0..6),
            over in "[ -~]{0,20}",
            step in 1_usize..50,
        ) {
            let mut text = Vec::new();
            for piece in &pieces {
                text.extend_from_slice(format!("{:X};x\r\n", piece.len()).as_bytes());
                text.extend_from_slice(piece);
                text.extend_from_slice(b"\r\n");
            }
            text.extend_from_slice(b"0\r\n\r\n");
            text.extend_from_slice(over.as_bytes());
            let mut passage = Passage::new(Framing::Chunked);
            let (mut out, mut rest) = (Vec::new(), Vec::new());
            for part in text.chunks(step) {
                rest.extend_from_slice(passage.feed(part, &mut out).unwrap());
            }
            proptest::prop_assert!(passage.is_done());
            proptest::prop_assert_eq!(rest, over.as_bytes());
            // A second reading of what was written changes nothing.
            let mut again = Vec::new();
            let mut passage = Passage::new(Framing::Chunked);
            proptest::prop_assert_eq!(passage.feed(&out, &mut again), Ok(&b""[..]));
            proptest::prop_assert!(passage.is_done());
            proptest::prop_assert_eq!(again, out);
        }
    }
}
