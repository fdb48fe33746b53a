//! The units of an input with their bytes, for whoever writes claims apart.

use crate::guide::UnitKind;
use crate::p837::LevelKind;
use crate::x12::Header;

/// Hears headers, levels and claims in the order of the input, with their bytes, and what
/// becomes of them. A failure to keep them is its own to tell, when all is read.
///
/// Units come where their bytes are kept ([`crate::validate::Checks::keeping_bytes`]).
pub trait Units: Send {
    /// An interchange begins.
    fn begin_interchange(&mut self, header: &Header);

    /// A functional group begins: its GS, without the terminator.
    fn begin_group(&mut self, segment: &[u8]);

    /// A transaction set begins.
    fn begin_set(&mut self);

    /// A unit, each segment with its terminator.
    fn unit(&mut self, kind: UnitKind, bytes: &[u8]);

    /// The last unit is a level of this kind, and stands under the level that its HL02 names.
    fn level(&mut self, kind: LevelKind, is_under_open: bool);

    /// The last unit is a claim, so far.
    fn claim(&mut self, is_rejected: bool);

    /// The last claim is rejected after all.
    fn reject_last_claim(&mut self);

    /// A transaction set ends.
    fn end_set(&mut self, is_refused: bool);

    /// A functional group ends.
    fn end_group(&mut self, is_refused: bool);

    /// An interchange ends: what becomes of everything in it is known.
    fn end_interchange(&mut self, is_refused: bool);
}
