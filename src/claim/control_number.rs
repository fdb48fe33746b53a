//! Claim control numbers.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// The number that this engine gives a claim: 16 characters of RFC 4648 base32.
///
/// The first 16 characters of the base32 text of the SHA-256 of ISA06, ISA08, ISA09, ISA10,
/// ISA13, GS06 and ST02, as they stand, and the claim's ordinal in its transaction set,
/// joined by `*`. The same claim of the same file has the same number on every run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimControlNumber([u8; 16]);

/// The numbers of the claims of a transaction set: what they have in common is hashed once.
#[derive(Debug, Clone)]
pub struct ClaimControlNumbers(Sha256);

/// The elements that tell one interchange from another, as they stand (blanks included).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct InterchangeIdentity {
    /// ISA06, interchange sender id.
    pub sender: Box<[u8]>,
    /// ISA08, interchange receiver id.
    pub receiver: Box<[u8]>,
    /// ISA09, interchange date.
    pub date: Box<[u8]>,
    /// ISA10, interchange time.
    pub time: Box<[u8]>,
    /// ISA13, interchange control number.
    pub control_number: Box<[u8]>,
}

impl ClaimControlNumber {
    /// Computes the number of a claim.
    ///
    /// `group` is GS06, `transaction_set` is ST02, and `ordinal` counts the CLM segments of
    /// the transaction set from 1.
    #[must_use]
    pub fn new(
        interchange: &InterchangeIdentity,
        group: &[u8],
        transaction_set: &[u8],
        ordinal: u32,
    ) -> Self {
        ClaimControlNumbers::new(interchange, group, transaction_set).of(ordinal)
    }

    /// The number as text, when `text` has its shape.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let number: [u8; 16] = text.try_into().ok()?;
        let shaped = number
            .iter()
            .all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
        shaped.then_some(Self(number))
    }

    /// The first six characters: enough to tell nearly every number from the others.
    #[must_use]
    pub fn prefix(&self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = self.0;
        [a, b, c, d, e, f]
    }

    /// The sixteen characters, as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl ClaimControlNumbers {
    /// Those of a transaction set: `group` is GS06, `transaction_set` is ST02.
    #[must_use]
    pub fn new(interchange: &InterchangeIdentity, group: &[u8], transaction_set: &[u8]) -> Self {
        let elements = [
            &*interchange.sender,
            &*interchange.receiver,
            &*interchange.date,
            &*interchange.time,
            &*interchange.control_number,
            group,
            transaction_set,
            b"",
        ];
        Self(Sha256::new_with_prefix(elements.join(&b'*')))
    }

    /// The number of the claim of an ordinal, which counts the CLM segments of the transaction set
    /// from 1.
    #[must_use]
    pub fn of(&self, ordinal: u32) -> ClaimControlNumber {
        let hash = self
            .0
            .clone()
            .chain_update(itoa::Buffer::new().format(ordinal));
        let digest = hash.finalize();
        // Ten bytes are exactly sixteen base32 characters.
        let mut number = [0; 16];
        BASE32_NOPAD.encode_mut(&digest[..10], &mut number);
        ClaimControlNumber(number)
    }
}

impl fmt::Display for ClaimControlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ClaimControlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
