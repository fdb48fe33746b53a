//! A claim as segments: the subscriber's and patient's levels, loop 2300 and its lines.

use super::calendar::{Calendar, as_x12};
use super::content::{Content, Line};
use super::dirt::Dirt;
use super::people::{ANOTHER_PAYER, Member, Payer, Person};
use super::providers::Provider;
use super::segments::Segments;

/// The digits of patient control numbers.
const NUMBER_WIDTH: usize = 9;

/// A claim to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill<'a> {
    pub(super) content: &'a Content,
    pub(super) member: &'a Member,
    pub(super) provider: &'a Provider,
    /// Its position among all claims; its patient control number follows from it.
    pub(super) position: u64,
    /// CLM05-3.
    pub(super) frequency: u8,
    /// REF*F8.
    pub(super) original: Option<Original<'a>>,
    /// What is wrong with it.
    pub(super) dirt: Option<Dirt>,
}

/// How a claim names its original.
#[derive(Debug, Clone, Copy)]
pub(super) enum Original<'a> {
    /// By the patient control number of the claim at a position.
    Position(u64),
    /// By claim control number.
    ClaimControlNumber(&'a str),
    /// By a number that no claim has.
    Nowhere,
}

impl Bill<'_> {
    /// Writes it. `id` is the id of the level above; returns the last id used.
    pub(super) fn write(
        &self,
        id: u64,
        parent: u64,
        calendar: &Calendar,
        out: &mut Segments,
    ) -> u64 {
        let last = self.write_levels(id, parent, out);
        self.write_claim(calendar, out);
        for (line, number) in self.content.lines().iter().zip(1..) {
            self.write_line(line, number, calendar, out);
        }
        last
    }

    fn payer(&self) -> Payer {
        match self.dirt {
            Some(Dirt::Payer) => ANOTHER_PAYER,
            _ => self.member.payer,
        }
    }

    /// Loops 2000B, 2010BA, 2010BB, 2000C and 2010CA.
    fn write_levels(&self, id: u64, parent: u64, out: &mut Segments) -> u64 {
        let (member, payer) = (self.member, self.payer());
        let parent = match self.dirt {
            Some(Dirt::Level) => 999_999_999,
            _ => parent,
        };
        out.text(b"HL*").number(id).text(b"*").number(parent);
        let is_patient = member.dependent.is_none();
        out.text(if is_patient { b"*22*0" } else { b"*22*1" }).end();
        out.text(if member.has_other_payer {
            b"SBR*S*"
        } else {
            b"SBR*P*"
        });
        out.text(if is_patient { b"18*" } else { b"*" });
        out.text(member.group)
            .text(b"******")
            .text(payer.filing)
            .end();
        out.text(b"NM1*IL*1*").text(member.last).text(b"*");
        if self.dirt == Some(Dirt::MemberId) {
            out.text(member.subscriber.first);
        } else {
            write_first_name(&member.subscriber, out);
            out.text(b"***MI*");
            write_member_id(member, out);
        }
        out.end();
        if is_patient {
            write_address(member, out);
            write_demographics(&member.subscriber, out);
        }
        out.text(b"NM1*PR*2*").text(payer.name).text(b"*****PI*");
        out.text(payer.id).end();
        out.segments(payer.address, 2);
        let Some((patient, relationship)) = &member.dependent else {
            return id;
        };
        out.text(b"HL*").number(id + 1).text(b"*").number(id);
        out.text(b"*23*0").end();
        out.text(b"PAT*").text(relationship).end();
        out.text(b"NM1*QC*1*").text(member.last).text(b"*");
        out.text(patient.first);
        if !patient.middle.is_empty() {
            out.text(b"*").text(patient.middle);
        }
        out.end();
        write_address(member, out);
        write_demographics(patient, out);
        id + 1
    }

    /// Loop 2300 up to its lines.
    fn write_claim(&self, calendar: &Calendar, out: &mut Segments) {
        let content = self.content;
        let total = content.lines().iter().map(|line| self.charge(line)).sum();
        out.text(b"CLM*");
        if self.dirt != Some(Dirt::PatientControlNumber) {
            write_patient_control_number(self.position, out);
        }
        out.text(b"*");
        match self.dirt {
            // The letter O.
            Some(Dirt::ClaimCharge) => out.text(b"1O0.00"),
            _ => out.money(total),
        };
        out.text(if content.is_hospital {
            b"***22:B:"
        } else {
            b"***11:B:"
        });
        out.text(&[self.frequency]).text(b"*Y*A*Y*Y").end();
        if let Some(onset) = content.onset {
            out.text(b"DTP*431*D8*").text(calendar.text(onset)).end();
        }
        if let Some(number) = content.authorization {
            out.text(b"REF*G1*A").padded(u64::from(number), 10).end();
        }
        if let Some(original) = self.original {
            out.text(b"REF*F8*");
            match original {
                Original::Position(position) => write_patient_control_number(position, out),
                Original::ClaimControlNumber(number) => {
                    out.text(number.as_bytes());
                }
                Original::Nowhere => {
                    out.text(b"N").padded(self.position, NUMBER_WIDTH);
                }
            }
            out.end();
        }
        out.text(b"REF*D9*").padded(self.position + 1, 15).end();
        out.text(b"REF*EA*")
            .padded(self.member.id % 10_000_000, 8)
            .end();
        for (index, code) in content.diagnoses().iter().enumerate() {
            out.text(if index == 0 { b"HI*ABK:" } else { b"*ABF:" })
                .text(code);
        }
        out.end();
        if let Some(referring) = content.referring {
            Provider::write_referring(referring, out);
        }
        self.provider.write_rendering(content.rendering, out);
        self.provider.write_facility(content.is_hospital, out);
        if self.member.has_other_payer {
            self.write_other_payer(total, calendar, out);
        }
    }

    /// Loops 2320, 2330A and 2330B: what the payer before this one decided.
    fn write_other_payer(&self, total: u32, calendar: &Calendar, out: &mut Segments) {
        let member = self.member;
        let (written_off, owed) = (total / 4, total / 5);
        out.text(b"SBR*P*");
        out.text(if member.dependent.is_none() {
            b"18"
        } else {
            b"G8"
        });
        out.text(b"*G-").number(1000 + member.id % 9000);
        out.text(b"******CI").end();
        out.text(b"CAS*CO*45*").money(written_off).end();
        out.text(b"CAS*PR*2*").money(owed).end();
        out.text(b"AMT*D*").money(total - written_off - owed).end();
        out.text(b"AMT*EAF*").money(owed).end();
        out.segments(b"OI***Y***Y~\n", 1);
        out.text(b"NM1*IL*1*").text(member.last).text(b"*");
        write_first_name(&member.subscriber, out);
        out.text(b"***MI*R");
        out.padded(member.id, 11).end();
        write_address(member, out);
        out.segments(b"NM1*PR*2*RIVER VALLEY MUTUAL*****PI*RVM01~\n", 1);
        out.text(b"DTP*573*D8*")
            .text(calendar.text(self.content.weekday))
            .end();
    }

    /// Loop 2400.
    fn write_line(&self, line: &Line, number: u64, calendar: &Calendar, out: &mut Segments) {
        out.text(b"LX*").number(number).end();
        out.text(b"SV1*HC:")
            .text(line.procedure.code)
            .text(line.modifier);
        out.text(b"*");
        match self.dirt {
            // Parts of a cent.
            Some(Dirt::LineCharge) => out.text(b"100.005"),
            _ => out.money(self.charge(line)),
        };
        let units = match self.dirt {
            Some(Dirt::Units) => 0,
            _ => line.units,
        };
        out.text(b"*UN*").number(u64::from(units)).text(b"***");
        out.text(match self.dirt {
            Some(Dirt::Pointer) => b"9",
            _ => line.pointers,
        });
        out.end();
        self.write_date(calendar, out);
        out.text(b"REF*6R*");
        write_patient_control_number(self.position, out);
        out.text(b"-").number(number).end();
    }

    /// DTP*472.
    fn write_date(&self, calendar: &Calendar, out: &mut Segments) {
        let weekday = self.content.weekday;
        let date = calendar.text(weekday);
        match self.dirt {
            Some(Dirt::NoServiceDate) => {}
            Some(Dirt::ImpossibleServiceDate) => {
                out.text(b"DTP*472*D8*")
                    .text(&date[..4])
                    .text(b"0230")
                    .end();
            }
            Some(Dirt::DateRange) => {
                out.text(b"DTP*472*RD8*").text(date).text(b"-");
                out.text(&as_x12(calendar.night_after(weekday))).end();
            }
            _ => out.text(b"DTP*472*D8*").text(date).end(),
        }
    }

    /// SV102, in whole cents.
    pub(super) fn charge(&self, line: &Line) -> u32 {
        line.procedure.cents * self.provider.price / 100 * line.units
    }
}

fn write_patient_control_number(position: u64, out: &mut Segments) {
    out.text(b"C").padded(position + 1, NUMBER_WIDTH);
}

fn write_member_id(member: &Member, out: &mut Segments) {
    out.text(&[member.payer.prefix]).padded(member.id, 11);
}

fn write_address(member: &Member, out: &mut Segments) {
    out.text(b"N3*").number(u64::from(member.house)).text(b" ");
    out.text(member.street).end();
    let (place, zip) = member.place;
    out.text(b"N4*").text(place).text(b"*AR*").text(zip);
    out.padded(u64::from(member.zip), 4).end();
}

/// NM104 and NM105.
fn write_first_name(person: &Person, out: &mut Segments) {
    out.text(person.first).text(b"*").text(person.middle);
}

fn write_demographics(person: &Person, out: &mut Segments) {
    out.text(b"DMG*D8*")
        .number(u64::from(person.born))
        .text(b"*");
    out.text(person.sex).end();
}
