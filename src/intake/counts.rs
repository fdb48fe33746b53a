//! What was read, refused and rejected.

/// How many were read, and how many of them came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All that the input holds.
    pub read: u64,
    /// Of those, in a file, interchange, group or transaction set that was refused.
    pub refused: u64,
    /// Of those, rejected alone: claims that cannot be read, and their lines.
    pub rejected: u64,
    /// Of those, in a file that an earlier run adjudicated, and neither refused nor rejected.
    pub adjudicated_before: u64,
}

/// A payer id among the claims that no plan took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerSeen {
    /// 2010BB NM109; empty when it is absent.
    pub payer_id: String,
    /// How many accepted claims named it.
    pub claims: u64,
}

/// What was counted while reading. Claims and lines are those of 837P transaction sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Bytes after decompression.
    pub bytes: u64,
    /// Input files; one is refused when nothing in it could be accepted.
    pub files: Tally,
    /// Interchanges.
    pub interchanges: Tally,
    /// Functional groups.
    pub groups: Tally,
    /// Transaction sets.
    pub transaction_sets: Tally,
    /// Claims (CLM).
    pub claims: Tally,
    /// Service lines (SV1).
    pub lines: Tally,
    /// The sum of CLM02 over the claims neither refused nor rejected, in whole cents.
    pub claim_charges_cents: i128,
    /// The sum of SV102 over their lines, in whole cents.
    pub line_charges_cents: i128,
    /// Accepted claims that no plan took.
    pub unrouted_claims: u64,
    /// Their payer ids, ascending; at most 1,000 different ones are told apart.
    pub unrouted_payers: Vec<PayerSeen>,
    /// Accepted claims by plan, indexed like the plans.
    pub claims_by_plan: Vec<u64>,
}
