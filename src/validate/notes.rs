//! Relational notes: level 1.

use super::finding::Problem;
use super::report::{At, Report};
use super::words;
use crate::guide::{ElementUse, Note, NoteKind};

/// Checks which elements are there against the notes of their segment.
#[inline]
pub(super) fn check(
    report: &mut Report<'_>,
    notes: &[Note],
    uses: &[ElementUse],
    loop_id: Option<&'static str>,
) {
    let present = report.elements.present();
    for note in notes {
        if let Some(position) = broken(note, present) {
            tell(report, uses, loop_id, note, position);
        }
    }
}

/// The element that a relational note finds wrong, of those that are there.
#[inline]
pub(super) fn broken(note: &Note, present: u64) -> Option<u8> {
    let there = present & note.elements;
    let absent = note.elements & !present;
    let first = 1_u64 << (note.first - 1);
    let lowest = |bits: u64| (bits.trailing_zeros() + 1) as u8;
    match note.kind {
        NoteKind::Paired => (there != 0 && absent != 0).then(|| lowest(absent)),
        NoteKind::AtLeastOne => (there == 0).then_some(note.first),
        NoteKind::Exclusive => {
            let others = there & there.wrapping_sub(1);
            (others != 0).then(|| lowest(others))
        }
        NoteKind::Conditional => (there & first != 0 && absent != 0).then(|| lowest(absent)),
        NoteKind::ListConditional => (there == first).then(|| lowest(note.elements & !first)),
    }
}

#[cold]
fn tell(
    report: &mut Report<'_>,
    uses: &[ElementUse],
    loop_id: Option<&'static str>,
    note: &Note,
    position: u8,
) {
    // What is missing, or not used, was told of the element itself.
    if report.has_finding_in(note.elements) {
        return;
    }
    let problem = if note.kind == NoteKind::Exclusive {
        Problem::Exclusive
    } else {
        Problem::ConditionalMissing
    };
    let number = uses
        .get(usize::from(position) - 1)
        .map_or("", |element| element.number);
    let message = words::of_note(report.tag, note);
    report.push(
        problem,
        1,
        loop_id,
        At::element(usize::from(position), number),
        message,
    );
}
