//! Numbers as they are written, compared exactly.
//!
//! Owns: JSON's grammar of numbers, and their order. A threshold of 0.9 and a metric of 0.90000000000000000001 are not the
//! same, and neither are two counts that differ in the twentieth digit; binary fractions would take them for equal.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Digits of a number, at most: nobody measures that well, and texts of strangers are to be bounded.
const LONGEST: usize = 400;

/// A finite decimal number, as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    text: String,
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// The power of ten that the first digit stands in front of: 0.5 has 0, 5 has 1.
    magnitude: i64,
}

/// A text that is no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number")]
pub struct NotANumber(String);

impl FromStr for Decimal {
    type Err = NotANumber;

    /// Reads a number in JSON's grammar.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let refused = || NotANumber(text.chars().take(40).collect());
        if text.len() > LONGEST {
            return Err(refused());
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text, None),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(digits)
            && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
        if !well_formed {
            return Err(refused());
        }
        let exponent: i64 = match exponent {
            None => 0,
            // More than fits is as good as endless, in its direction.
            Some(text) => {
                text.parse().unwrap_or(if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 })
            }
        };
        let all: Vec<u8> = whole.bytes().chain(fraction.unwrap_or_default().bytes()).collect();
        let leading = all.iter().take_while(|digit| **digit == b'0').count();
        let trailing = all[leading..].iter().rev().take_while(|digit| **digit == b'0').count();
        let digits = all[leading..all.len() - trailing].to_vec();
        let shift = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let magnitude = shift(whole.len()).saturating_sub(shift(leading)).saturating_add(exponent);
        let zero = digits.is_empty();
        Ok(Self {
            text: text.to_owned(),
            negative: negative && !zero,
            magnitude: if zero { 0 } else { magnitude },
            digits,
        })
    }
}

impl Decimal {
    /// The number times ten to the power of `places`, when that is a whole number that is not negative and fits.
    pub fn scaled(&self, places: u32) -> Option<u64> {
        if self.negative {
            return None;
        }
        let shown = self.magnitude.checked_add(i64::from(places))?;
        let length = i64::try_from(self.digits.len()).ok()?;
        if self.digits.is_empty() {
            return Some(0);
        }
        let zeros = u32::try_from(shown.checked_sub(length)?).ok()?;
        let digits: u64 = std::str::from_utf8(&self.digits).ok()?.parse().ok()?;
        digits.checked_mul(10_u64.checked_pow(zeros)?)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            -1 => size().reverse(),
            _ => size(),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl TryFrom<String> for Decimal {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_compared_exactly() {
        use Ordering::{Equal, Greater, Less};
        for (left, right, expected) in [
            ("0.9", "0.8999999", Greater),
            ("0.9", "0.9000000", Equal),
            ("0.9", "9e-1", Equal),
            ("0.9", "0.90000000000000000001", Less),
            ("9007199254740993", "9007199254740992", Greater),
            ("100000000000000000000000000001", "1e29", Greater),
            ("1e29", "100000000000000000000000000000", Equal),
            ("-1", "1", Less),
            ("-2", "-1", Less),
            ("-0", "0", Equal),
            ("0.0", "0e9", Equal),
            ("0", "-0.001", Greater),
            ("0.1", "0.09", Greater),
            ("10", "9.99", Greater),
            ("1e400", "1e399", Greater),
            ("1e-400", "0", Greater),
            ("1e99999999999999999999", "1e400", Greater),
            ("1e-99999999999999999999", "1e-400", Less),
            ("123", "12.3e1", Equal),
            ("12", "123", Less),
        ] {
            assert_eq!(number(left).cmp(&number(right)), expected, "{left} {right}");
            assert_eq!(number(right).cmp(&number(left)), expected.reverse(), "{right} {left}");
        }
    }

    #[test]
    fn only_numbers_of_json_are_numbers() {
        for text in ["0", "-1", "10", "0.5", "1.50", "1e5", "1E+5", "2.5e-3", "-0.0"] {
            assert_eq!(number(text).to_string(), text);
        }
        let long = "1".repeat(500);
        for text in [
            "", "-", "+1", "01", ".5", "5.", "1e", "1e+", "NaN", "Infinity", "0x1", "1_000", "1,5", " 1",
            "true", &long,
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_scaled_when_it_stays_whole() {
        for (text, places, expected) in [
            ("80", 6, Some(80_000_000)),
            ("80.5", 6, Some(80_500_000)),
            ("0.000001", 6, Some(1)),
            ("0.0000001", 6, None),
            ("0", 6, Some(0)),
            ("-1", 6, None),
            ("1e2", 0, Some(100)),
            ("1e30", 0, None),
        ] {
            assert_eq!(number(text).scaled(places), expected, "{text}");
        }
    }
}
