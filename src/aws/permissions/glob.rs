//! Patterns as IAM has them, with pieces that are not known, and whether two of them can mean the same.
//!
//! Owns: the comparison. A pattern of a policy is compared with the name of an action or resource that is needed, which may
//! have loose pieces itself: an account that is made up, the random end of a secret's ARN.

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    Char(char),
    /// `?`: one character.
    One,
    /// `*`: any characters.
    Any,
    /// Characters that nobody knows before the template is deployed.
    Unknown,
}

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Glob(pub(super) Vec<Piece>);

/// How sure it is that a pattern covers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Covers {
    /// It does not, whatever the unknown pieces are.
    No,
    /// It depends on what is not known.
    Perhaps,
    /// It does.
    Yes,
}

impl Glob {
    /// A pattern as it is written in a policy.
    pub(super) fn written(text: &str) -> Self {
        let piece = |letter| match letter {
            '*' => Piece::Any,
            '?' => Piece::One,
            other => Piece::Char(other),
        };
        Self(text.chars().map(piece).collect())
    }

    /// A text that stands for itself.
    pub(super) fn exactly(text: &str) -> Self {
        Self(text.chars().map(Piece::Char).collect())
    }

    /// Something that nobody knows.
    pub(super) fn unknown() -> Self {
        Self(vec![Piece::Unknown])
    }

    /// The same in lower case.
    pub(super) fn lower_case(&self) -> Self {
        let lower = self.0.iter().map(|piece| match piece {
            Piece::Char(letter) => Piece::Char(letter.to_ascii_lowercase()),
            other @ (Piece::One | Piece::Any | Piece::Unknown) => *other,
        });
        Self(lower.collect())
    }

    /// Puts another behind it.
    pub(super) fn push(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether all of it is known.
    pub(super) fn is_known(&self) -> bool {
        !self.0.contains(&Piece::Unknown)
    }

    /// The text, when it is one.
    pub(super) fn text(&self) -> Option<String> {
        self.0
            .iter()
            .map(|piece| if let Piece::Char(letter) = piece { Some(*letter) } else { None })
            .collect()
    }

    /// Whether it covers `needed`, whose own loose pieces are taken in its favour.
    pub(super) fn covers(&self, needed: &Self) -> Covers {
        if self.0 == [Piece::Any] {
            Covers::Yes
        } else if !self.meets(needed) {
            Covers::No
        } else if self.is_known() && needed.is_known() {
            Covers::Yes
        } else {
            Covers::Perhaps
        }
    }

    /// The same where a loose piece must not be taken in its favour.
    pub(super) fn surely_covers(&self, needed: &Self) -> Covers {
        let strict = needed.0.iter().map(|piece| match piece {
            Piece::Any | Piece::One => Piece::Unknown,
            other @ (Piece::Char(_) | Piece::Unknown) => *other,
        });
        self.covers(&Self(strict.collect()))
    }

    /// Whether some text fits both.
    fn meets(&self, other: &Self) -> bool {
        let (these, those) = (&self.0, &other.0);
        let many = |piece: &Piece| matches!(piece, Piece::Any | Piece::Unknown);
        // fits[j]: whether what is left of these, from i on, meets those from j on; i goes down.
        let mut fits: Vec<bool> = vec![false; those.len() + 1];
        for i in (0..=these.len()).rev() {
            let below = fits.clone();
            for j in (0..=those.len()).rev() {
                let (one, another) = (these.get(i), those.get(j));
                fits[j] = match (one, another) {
                    (None, None) => true,
                    (Some(one), _) if many(one) => below[j] || (j < those.len() && fits[j + 1]),
                    (_, Some(another)) if many(another) => fits[j + 1] || (i < these.len() && below[j]),
                    (Some(one), Some(another)) => {
                        let same = match (one, another) {
                            (Piece::Char(one), Piece::Char(another)) => one == another,
                            _ => true,
                        };
                        same && below[j + 1]
                    }
                    (Some(_), None) | (None, Some(_)) => false,
                };
            }
        }
        fits[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_iam_and_unknown_pieces_perhaps() {
        use Covers::{No, Perhaps, Yes};
        for (pattern, needed, expected) in [
            ("*", "anything", Yes),
            ("s3:Get*", "s3:GetObject", Yes),
            ("s3:Get*", "s3:PutObject", No),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b", Yes),
            ("arn:aws:s3:::b", "arn:aws:s3:::b/a", No),
            ("arn:aws:s3:::b?", "arn:aws:s3:::b1", Yes),
            ("arn:aws:s3:::b?", "arn:aws:s3:::b", No),
            ("a*b*c", "a-b-b-c", Yes),
            ("a*b*c", "a-c", No),
            ("", "", Yes),
            ("secret:db-*", "secret:db-??????", Yes),
            ("secret:db-AbCdEf", "secret:db-??????", Yes),
            ("secret:other-*", "secret:db-??????", No),
            ("role/x", "role/*", Yes),
            ("arn:{}:x", "arn:1:x", Perhaps),
            ("arn:{}:x", "arn:1:y", No),
            ("{}", "arn", Perhaps),
        ] {
            let mut glob = Glob::default();
            for (index, part) in pattern.split("{}").enumerate() {
                if index > 0 {
                    glob.push(Glob::unknown());
                }
                glob.push(Glob::written(part));
            }
            assert_eq!(glob.covers(&Glob::written(needed)), expected, "{pattern} {needed}");
        }
    }
}
