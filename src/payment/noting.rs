//! Notes taken while inputs are read: of every claim that can matter, the claim as billed.

use std::io;
use std::path::Path;

use super::note::{self, Levels, Note, Subscriber};
use crate::claim::{ClaimControlNumber, InterchangeIdentity};
use crate::guide::{Tag, UnitKind};
use crate::intake::{HeardClaim, LevelKind, Units, identity_of};
use crate::remit::{Party, Payee};
use crate::spool::{FrameFile, FrameReader};
use crate::validate::KeptSegment;
use crate::x12::{Delimiters, Elements, Header, Segments, push_unbroken};

/// The segments that are noted: of other ones nothing has to be kept.
pub const READ: &[KeptSegment] = &[
    read(UnitKind::Level, *b"SBR"),
    read(UnitKind::Level, *b"NM1"),
    read(UnitKind::Level, *b"N3\0"),
    read(UnitKind::Level, *b"N4\0"),
    read(UnitKind::Level, *b"REF"),
    read(UnitKind::Claim, *b"SBR"),
    read(UnitKind::Claim, *b"NM1"),
    read(UnitKind::Claim, *b"N4\0"),
    read(UnitKind::Claim, *b"LX\0"),
    read(UnitKind::Claim, *b"SV1"),
    read(UnitKind::Claim, *b"DTP"),
    read(UnitKind::Claim, *b"REF"),
];

const fn read(kind: UnitKind, tag: [u8; 3]) -> KeptSegment {
    KeptSegment {
        kind,
        tag: Tag::new(tag),
        code: None,
    }
}

/// Takes notes. Of units at least the segments must be kept that are noted ([`READ`]).
#[derive(Debug)]
pub struct Noting {
    notes: FrameFile,
    /// The first failure; nothing is noted after it.
    failure: Option<io::Error>,
    interchange: InterchangeIdentity,
    delimiters: Option<Delimiters>,
    /// GS06 and ST02.
    group: Vec<u8>,
    set: Vec<u8>,
    /// The unit that was heard last.
    unit: Vec<u8>,
    ordinal: u32,
    provider: Level<Payee>,
    subscriber: Level<Subscriber>,
    /// None where the subscriber is the patient.
    patient: Option<Level<Party>>,
    /// Whether a level that is open stands under another one than the open one above it: whose
    /// claims come is not known.
    is_subscriber_astray: bool,
    is_patient_astray: bool,
    marks: Marks,
    frame: Vec<u8>,
}

/// A level that is open; it is read when a claim under it is noted.
#[derive(Debug, Default)]
struct Level<T> {
    bytes: Vec<u8>,
    read: Option<T>,
}

impl<T> Level<T> {
    fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_owned(),
            read: None,
        }
    }

    fn get(&mut self, delimiters: Delimiters, read: fn(Segments<'_>) -> T) -> &T {
        let Self { bytes, read: known } = self;
        known.get_or_insert_with(|| read(Segments::new(bytes, delimiters)))
    }
}

/// Where the notes stand whose fate is open.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    interchange: u64,
    group: u64,
    set: u64,
    claim: Option<u64>,
}

impl Noting {
    /// Notes go to a file of that folder.
    ///
    /// # Errors
    ///
    /// A folder in which no file can be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            notes: FrameFile::create(folder)?,
            failure: None,
            interchange: InterchangeIdentity::default(),
            delimiters: None,
            group: Vec::new(),
            set: Vec::new(),
            unit: Vec::new(),
            ordinal: 0,
            provider: Level::default(),
            subscriber: Level::default(),
            patient: None,
            is_subscriber_astray: false,
            is_patient_astray: false,
            marks: Marks::default(),
            frame: Vec::new(),
        })
    }

    /// Everything is read.
    ///
    /// # Errors
    ///
    /// A note that could not be written.
    pub fn finish(self) -> io::Result<Notes> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(Notes {
                reader: self.notes.read()?,
                frame: Vec::new(),
            }),
        }
    }

    fn attempt(&mut self, attempt: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.failure.is_none() {
            self.failure = attempt(self).err();
        }
    }

    fn begin_subscribers(&mut self) {
        self.subscriber = Level::default();
        self.patient = None;
        (self.is_subscriber_astray, self.is_patient_astray) = (false, false);
    }

    fn go_back(&mut self, mark: u64) {
        self.marks.claim = None;
        self.attempt(|this| this.notes.go_back(mark));
    }

    fn add_note(&mut self) -> io::Result<()> {
        let Some(delimiters) = self.delimiters else {
            return Ok(());
        };
        let number =
            ClaimControlNumber::new(&self.interchange, &self.group, &self.set, self.ordinal);
        // Where a level did not stand in its place, nobody is named: the claim is not paid.
        let (nobody, nothing) = (Payee::default(), Subscriber::default());
        let is_astray = self.is_subscriber_astray || self.is_patient_astray;
        let levels = Levels {
            payee: match is_astray {
                true => &nobody,
                false => self.provider.get(delimiters, note::payee),
            },
            subscriber: match self.is_patient_astray {
                true => &nothing,
                false => self.subscriber.get(delimiters, note::subscriber),
            },
            patient: match &mut self.patient {
                Some(patient) => Some(patient.get(delimiters, note::patient)),
                None => None,
            },
        };
        let unit = Segments::new(&self.unit, delimiters);
        let note = note::note(unit, &levels, number.to_string());
        self.frame.clear();
        self.frame = postcard::to_extend(&note, std::mem::take(&mut self.frame))
            .map_err(io::Error::other)?;
        self.notes.append(&self.frame)
    }
}

impl Units for Noting {
    fn begin_interchange(&mut self, header: &Header) {
        self.interchange = identity_of(header);
        self.delimiters = header.delimiters.as_ref().ok().copied();
        self.marks.interchange = self.notes.mark();
    }

    fn begin_group(&mut self, segment: &[u8]) {
        self.marks.group = self.notes.mark();
        if let Some(delimiters) = self.delimiters {
            self.group = Elements::of(segment, delimiters).get(6).to_vec();
        }
    }

    fn begin_set(&mut self, [_, control_number, _]: [&[u8]; 3]) {
        self.set = control_number.into();
        self.provider = Level::default();
        self.begin_subscribers();
        self.marks.set = self.notes.mark();
        self.marks.claim = None;
    }

    fn unit(&mut self, _: UnitKind, bytes: &[u8]) {
        self.unit.clear();
        if let Some(delimiters) = self.delimiters {
            push_unbroken(&mut self.unit, bytes, delimiters);
        }
    }

    fn level(&mut self, kind: LevelKind, is_under_open: bool) {
        match kind {
            LevelKind::BillingProvider => {
                self.provider = Level::new(&self.unit);
                self.begin_subscribers();
            }
            LevelKind::Subscriber => {
                self.subscriber = Level::new(&self.unit);
                self.patient = None;
                (self.is_subscriber_astray, self.is_patient_astray) = (!is_under_open, false);
            }
            LevelKind::Patient => {
                self.patient = Some(Level::new(&self.unit));
                self.is_patient_astray = !is_under_open;
            }
            // No claim stands under such a level.
            LevelKind::Other => self.is_subscriber_astray = true,
        }
    }

    fn claim(&mut self, claim: HeardClaim) {
        self.ordinal = claim.ordinal;
        self.marks.claim = None;
    }

    fn claim_kept(&mut self) {
        self.marks.claim = Some(self.notes.mark());
        self.attempt(Self::add_note);
    }

    fn reject_last_claim(&mut self) {
        if let Some(mark) = self.marks.claim {
            self.go_back(mark);
        }
    }

    fn end_set(&mut self, is_refused: bool) {
        if is_refused {
            self.go_back(self.marks.set);
        }
    }

    fn end_group(&mut self, _: Option<u64>, is_refused: bool) {
        if is_refused {
            self.go_back(self.marks.group);
        }
    }

    fn end_interchange(&mut self, is_refused: bool) {
        if is_refused {
            self.go_back(self.marks.interchange);
        }
    }
}

/// The notes of a run, in the order of its claims.
#[derive(Debug)]
pub struct Notes {
    reader: FrameReader,
    frame: Vec<u8>,
}

impl Notes {
    /// The note of a claim: the next one of its number. Those before it are of claims that are
    /// not in the batch, as an earlier run adjudicated their file.
    pub(super) fn find(&mut self, number: ClaimControlNumber) -> io::Result<Option<Note>> {
        while self.reader.next(&mut self.frame)? {
            let note: Note = postcard::from_bytes(&self.frame).map_err(io::Error::other)?;
            if note.number == number.as_str() {
                return Ok(Some(note));
            }
        }
        Ok(None)
    }
}
