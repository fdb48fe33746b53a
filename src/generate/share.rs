//! Shares, as decimals.

use std::str::FromStr;

use super::options::OptionsError;

/// A share between 0 and 1, in millionths.
///
/// ```
/// use claimstream::generate::Share;
/// assert_eq!("0.03".parse(), Ok(Share::from_millionths(30_000)));
/// assert_eq!("1".parse(), Ok(Share::from_millionths(1_000_000)));
/// assert!("1.2".parse::<Share>().is_err());
/// assert!("3 %".parse::<Share>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share(u32);

impl Share {
    /// A share of that many millionths, 1,000,000 at most.
    #[must_use]
    pub const fn from_millionths(millionths: u32) -> Self {
        Self(if millionths > 1_000_000 {
            1_000_000
        } else {
            millionths
        })
    }

    /// The share in millionths.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl FromStr for Share {
    type Err = OptionsError;

    /// Parses a decimal number between 0 and 1 of at most six decimals.
    fn from_str(text: &str) -> Result<Self, OptionsError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_short = whole.len() <= 1 && (1..=6).contains(&decimals.len());
        if !(is_short && is_number(whole) && is_number(decimals)) {
            return Err(OptionsError::Share);
        }
        let digits = format!("0{whole}{decimals:0<6}");
        match digits.parse() {
            Ok(millionths @ 0..=1_000_000) => Ok(Self(millionths)),
            _ => Err(OptionsError::Share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_decimals_between_0_and_1() {
        for (text, millionths) in [
            ("0", 0),
            ("0.03", 30_000),
            (".5", 500_000),
            ("1.0", 1_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Share(millionths)), "{text}");
        }
        for text in [
            ".",
            "1.",
            "-0.1",
            "1.000001",
            "0.0000001",
            "3%",
            "1e-2",
            "00.1",
            "0.1.2",
            "+.1",
        ] {
            assert_eq!(text.parse::<Share>(), Err(OptionsError::Share), "{text}");
        }
    }
}
