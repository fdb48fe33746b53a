//! Interchanges, groups and transaction sets, and the numbers that name them.

use chrono::NaiveDate;

use super::calendar::{Calendar, as_x12};
use super::layout::{Layout, Location};
use super::random::key;
use super::segments::Segments;
use crate::claim::{ClaimControlNumber, InterchangeIdentity};

/// The number of numbers that ISA13 can be, without 0.
const CONTROL_NUMBERS: u64 = 999_999_999;

/// ISA06 and ISA08, with the blanks that they are filled up with.
const SENDER: &[u8; 15] = b"ARKCLEARING    ";
const RECEIVER: &[u8; 15] = b"CLAIMSTREAM    ";

/// ISA10, GS05 and BHT05.
const TIME: &[u8; 4] = b"0215";

/// What stands in the envelopes of a generator's files.
#[derive(Debug, Clone)]
pub(super) struct Envelopes {
    /// Where the seed lets control numbers begin.
    first: u64,
    interchanges_of_night: u64,
    is_nightly: bool,
}

impl Envelopes {
    pub(super) fn new(seed: u64, is_nightly: bool, layout: &Layout) -> Self {
        Self {
            first: key(seed, 0x4953_4131) % CONTROL_NUMBERS,
            interchanges_of_night: layout.interchanges_of_night(),
            is_nightly,
        }
    }

    /// ISA13 and GS06. Interchanges of other seeds have other numbers, so that they can be
    /// adjudicated together.
    fn control_number(&self, at: Location) -> u64 {
        let ordinal = u64::from(at.night) * self.interchanges_of_night + at.interchange;
        (self.first + ordinal % CONTROL_NUMBERS) % CONTROL_NUMBERS + 1
    }

    /// When it is billed.
    fn date(&self, at: Location, calendar: &Calendar) -> NaiveDate {
        if self.is_nightly {
            calendar.night_after(at.night)
        } else {
            calendar.end()
        }
    }

    /// The name of an interchange's file.
    pub(super) fn file_name(&self, at: Location, calendar: &Calendar) -> String {
        if !self.is_nightly {
            return format!("claims-{:06}.837", at.interchange + 1);
        }
        let day = calendar.date(at.night);
        if self.interchanges_of_night == 1 {
            format!("{day}.837")
        } else {
            format!("{day}-{:04}.837", at.interchange + 1)
        }
    }

    /// ISA and GS.
    pub(super) fn begin(&self, at: Location, calendar: &Calendar, out: &mut Segments) {
        let date = as_x12(self.date(at, calendar));
        let number = self.control_number(at);
        out.text(b"ISA*00*          *00*          *ZZ*")
            .text(SENDER);
        out.text(b"*ZZ*").text(RECEIVER).text(b"*").text(&date[2..]);
        out.text(b"*").text(TIME).text(b"*^*00501*");
        out.padded(number, 9).text(b"*0*P*:").end();
        out.text(b"GS*HC*ARKCLEARING*CLAIMSTREAM*").text(&date);
        out.text(b"*").text(TIME).text(b"*").number(number);
        out.text(b"*X*005010X222A1").end();
    }

    /// GE and IEA.
    pub(super) fn end(&self, at: Location, sets: u64, out: &mut Segments) {
        let number = self.control_number(at);
        out.text(b"GE*")
            .number(sets)
            .text(b"*")
            .number(number)
            .end();
        out.text(b"IEA*1*").padded(number, 9).end();
    }

    /// ST, BHT and loops 1000A and 1000B.
    pub(super) fn begin_set(&self, at: Location, calendar: &Calendar, out: &mut Segments) {
        out.text(b"ST*837*").padded(at.set + 1, 4);
        out.text(b"*005010X222A1").end();
        out.text(b"BHT*0019*00*").padded(self.control_number(at), 9);
        out.text(b"-").padded(at.set + 1, 6).text(b"*");
        out.text(&as_x12(self.date(at, calendar))).text(b"*");
        out.text(TIME).text(b"*CH").end();
        out.segments(
            b"NM1*41*2*ARKANSAS CLEARING*****46*ARKCLEARING~\n\
              PER*IC*HELP DESK*TE*5015550100~\n\
              NM1*40*2*CLAIMSTREAM*****46*CLAIMSTREAM~\n",
            3,
        );
    }

    /// SE, after that many segments of its set.
    pub(super) fn end_set(at: Location, segments: u64, out: &mut Segments) {
        out.text(b"SE*").number(segments + 1).text(b"*");
        out.padded(at.set + 1, 4).end();
    }

    /// The number that the engine gives the claim at a place.
    pub(super) fn claim_control_number(
        &self,
        at: Location,
        calendar: &Calendar,
    ) -> ClaimControlNumber {
        let number = self.control_number(at);
        let interchange = InterchangeIdentity {
            sender: SENDER.as_slice().into(),
            receiver: RECEIVER.as_slice().into(),
            date: as_x12(self.date(at, calendar))[2..].into(),
            time: TIME.as_slice().into(),
            control_number: format!("{number:09}").into_bytes().into(),
        };
        let set = format!("{:04}", at.set + 1);
        let group = number.to_string();
        let ordinal = u32::try_from(at.ordinal).unwrap_or(u32::MAX);
        ClaimControlNumber::new(&interchange, group.as_bytes(), set.as_bytes(), ordinal)
    }
}
