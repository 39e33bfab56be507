//! Which characters a text has: most words that rules look for have one that a command lacks, which is seen without reading it again.

/// The characters of a text: one bit for each of ASCII, and one for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    /// Those below 64: signs and digits.
    low: u64,
    /// The rest of ASCII.
    high: u64,
    /// Whether there are others.
    others: bool,
}

impl Letters {
    /// The characters of a text.
    #[inline]
    pub const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut low, mut high, mut all) = (0_u64, 0_u64, 0_u8);
        let mut index = 0;
        while index < bytes.len() {
            let byte = bytes[index];
            let bit = 1_u64 << (byte & 63);
            // Without a branch: commands are read byte by byte here.
            let is_high = ((byte >> 6) & 1) as u64;
            high |= bit * is_high;
            low |= bit * (1 - is_high);
            all |= byte;
            index += 1;
        }
        Self { low, high, others: all >= 0x80 }
    }

    /// Whether all characters of another text are among these. Only then can that text be a part of this one.
    #[inline]
    pub const fn hold(self, other: Self) -> bool {
        other.low & !self.low == 0 && other.high & !self.high == 0 && (self.others || !other.others)
    }

    /// Whether this character of ASCII is among them.
    #[inline]
    pub const fn has(self, sign: u8) -> bool {
        let half = if sign < 64 { self.low } else { self.high };
        (half >> (sign & 63)) & 1 == 1
    }

    /// The same with small letters also for the capitals.
    #[must_use]
    pub const fn folded(self) -> Self {
        const CAPITALS: u64 = 0x07ff_fffe;
        Self { high: self.high | (self.high & CAPITALS) << 32, ..self }
    }

    /// Whether there are none but those of ASCII.
    pub const fn are_ascii(self) -> bool {
        !self.others
    }
}

/// Words to look for, with their characters.
#[derive(Debug)]
pub struct Words<const N: usize> {
    words: [&'static str; N],
    letters: [Letters; N],
}

impl<const N: usize> Words<N> {
    /// These words.
    pub const fn of(words: [&'static str; N]) -> Self {
        let mut letters = [Letters { low: 0, high: 0, others: false }; N];
        let mut index = 0;
        while index < N {
            letters[index] = Letters::of(words[index]);
            index += 1;
        }
        Self { words, letters }
    }

    /// The words.
    pub const fn words(&self) -> &[&'static str; N] {
        &self.words
    }

    /// Whether a text of these characters may have one of them.
    pub fn may_be_among(&self, letters: Letters) -> bool {
        self.letters.iter().any(|word| letters.hold(*word))
    }

    /// Whether a text, which has these characters, has one of them.
    pub fn are_in(&self, text: &str, letters: Letters) -> bool {
        self.words
            .iter()
            .zip(&self.letters)
            .any(|(word, needed)| letters.hold(*needed) && text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_has_its_characters_tell() {
        let text = "docker build -t \"$A\" .";
        let letters = Letters::of(text);
        for (word, expected) in [
            ("docker", true),
            ("", true),
            ("$A", true),
            ("wget", false),
            ("B", false),
            ("docker\u{e4}", false),
        ] {
            assert_eq!(letters.hold(Letters::of(word)), expected, "{word}");
        }
        for sign in 0..=127_u8 {
            assert_eq!(letters.has(sign), text.as_bytes().contains(&sign), "{sign}");
        }
        assert!(letters.are_ascii() && !Letters::of("\u{e4}").are_ascii());
    }

    #[test]
    fn capitals_are_small_letters_too_once_folded() {
        let all: String = (0..=127_u8).map(char::from).collect();
        for sign in all.chars() {
            let folded = Letters::of(&sign.to_string()).folded();
            for other in all.chars() {
                let expected = other == sign || other == sign.to_ascii_lowercase();
                assert_eq!(folded.has(other as u8), expected, "{sign:?} {other:?}");
            }
        }
    }

    #[test]
    fn words_are_found_where_they_are() {
        const WORDS: Words<2> = Words::of(["curl", "wget"]);
        for (text, may, are) in
            [("make", false, false), ("x; wget y", true, true), ("lurc", true, false), ("", false, false)]
        {
            let letters = Letters::of(text);
            assert_eq!((WORDS.may_be_among(letters), WORDS.are_in(text, letters)), (may, are), "{text}");
        }
    }
}
