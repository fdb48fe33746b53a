//! The accepted and the refused claims, written apart as two 837P files.

use std::io;
use std::path::Path;

use super::claim_file::ClaimFile;
use super::spool::{Kind, Spool};
use crate::cli::exit::Failure;
use crate::cli::files::{PendingFile, error_words, folder_of};
use crate::guide::UnitKind;
use crate::intake::{HeardClaim, LevelKind, Units};
use crate::x12::{Delimiters, Header};

/// Writes claims apart as soon as their interchange has ended.
pub(super) struct Apart {
    spool: Spool,
    valid: Option<ClaimFile>,
    rejected: Option<ClaimFile>,
    /// ISA, with its terminator, and the delimiters; none where they cannot be read.
    interchange: Option<(Vec<u8>, Delimiters)>,
    places: Places,
    failure: Option<io::Error>,
}

/// Where the records stand whose fate is still open.
#[derive(Default)]
struct Places {
    group: Option<u64>,
    set: Option<u64>,
    level: Option<u64>,
    claim: Option<u64>,
}

/// What was written.
pub(super) struct Written {
    pub(super) valid: Option<PendingFile>,
    pub(super) rejected: Option<PendingFile>,
    /// Claims that stand in no place that an 837P has for them.
    pub(super) homeless: u64,
    /// Claims that were written, where both files are.
    pub(super) claims: Option<u64>,
}

impl Apart {
    /// Starts the files that are named.
    pub(super) fn create(
        valid: Option<&Path>,
        rejected: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let Some(first) = valid.or(rejected) else {
            return Ok(None);
        };
        let create = |path: Option<&Path>| path.map(PendingFile::create).transpose();
        let (valid, rejected) = (create(valid)?, create(rejected)?);
        let spool = Spool::create(folder_of(first)).map_err(|error| {
            let name = first.display();
            Failure::failed(format!(
                "{name}: cannot be written: {}",
                error_words(&error)
            ))
        })?;
        Ok(Some(Self {
            spool,
            valid: valid.map(ClaimFile::new),
            rejected: rejected.map(ClaimFile::new),
            interchange: None,
            places: Places::default(),
            failure: None,
        }))
    }

    /// Everything is read.
    pub(super) fn finish(self) -> Result<Written, Failure> {
        if let Some(error) = self.failure {
            let problem = format!("claims cannot be written apart: {}", error_words(&error));
            return Err(Failure::failed(problem));
        }
        let files = [&self.valid, &self.rejected];
        let files = files.into_iter().flatten();
        let (homeless, claims) = files.fold((0, 0), |(homeless, claims), file| {
            (homeless + file.homeless, claims + file.claims)
        });
        let has_both = self.valid.is_some() && self.rejected.is_some();
        let finish = |file: Option<ClaimFile>| file.map(ClaimFile::finish).transpose();
        Ok(Written {
            homeless,
            claims: has_both.then_some(claims),
            valid: finish(self.valid)?,
            rejected: finish(self.rejected)?,
        })
    }

    /// Remembers the first failure; nothing is written after it.
    fn attempt<T>(&mut self, attempt: impl FnOnce(&mut Self) -> io::Result<T>) -> Option<T> {
        if self.failure.is_some() {
            return None;
        }
        match attempt(self) {
            Ok(value) => Some(value),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }

    fn push(&mut self, kind: Kind, bytes: &[u8]) -> Option<u64> {
        self.attempt(|this| this.spool.push(kind, bytes))
    }

    fn refuse(&mut self, place: Option<u64>) {
        if let Some(place) = place {
            self.attempt(|this| this.spool.refuse(place));
        }
    }

    /// Writes the claims of the interchange into their files.
    fn write(&mut self, is_interchange_refused: bool) -> io::Result<()> {
        let interchange = self.interchange.take();
        let (mut is_group_refused, mut is_set_refused) = (false, false);
        let (valid, rejected) = (&mut self.valid, &mut self.rejected);
        for file in [valid.as_mut(), rejected.as_mut()].into_iter().flatten() {
            file.begin_interchange(interchange.as_ref());
        }
        self.spool.replay(|record| {
            match record.kind {
                Kind::Group => is_group_refused = record.is_refused,
                Kind::Set => is_set_refused = record.is_refused,
                _ => {}
            }
            if record.kind == Kind::Claim {
                let is_refused = is_interchange_refused
                    || is_group_refused
                    || is_set_refused
                    || record.is_refused;
                let file = if is_refused {
                    rejected.as_mut()
                } else {
                    valid.as_mut()
                };
                return file.map_or(Ok(()), |file| file.claim(&record.bytes));
            }
            for file in [valid.as_mut(), rejected.as_mut()].into_iter().flatten() {
                file.around(record.kind, &record.bytes)?;
            }
            Ok(())
        })?;
        for file in [valid.as_mut(), rejected.as_mut()].into_iter().flatten() {
            file.end_interchange()?;
        }
        Ok(())
    }
}

impl Units for Apart {
    fn begin_interchange(&mut self, header: &Header) {
        self.interchange = header.delimiters.ok().map(|delimiters| {
            let mut isa = b"ISA".to_vec();
            for position in 1..=16 {
                isa.push(delimiters.element);
                isa.extend_from_slice(header.element(position));
            }
            isa.push(delimiters.segment);
            (isa, delimiters)
        });
        self.places = Places::default();
    }

    fn begin_group(&mut self, segment: &[u8]) {
        self.places.group = self.push(Kind::Group, segment);
    }

    fn begin_set(&mut self, _identity: [&[u8]; 3]) {
        self.places.set = self.push(Kind::Set, b"");
    }

    fn unit(&mut self, kind: UnitKind, bytes: &[u8]) {
        match kind {
            UnitKind::Header => {
                self.push(Kind::Header, bytes);
            }
            UnitKind::Level => self.places.level = self.push(Kind::OtherLevel, bytes),
            UnitKind::Claim => self.places.claim = self.push(Kind::Claim, bytes),
        }
    }

    fn level(&mut self, kind: LevelKind, is_under_open: bool) {
        let kind = match kind {
            LevelKind::BillingProvider => Kind::BillingProvider,
            LevelKind::Subscriber if is_under_open => Kind::Subscriber,
            LevelKind::Subscriber => Kind::StraySubscriber,
            LevelKind::Patient if is_under_open => Kind::Patient,
            _ => Kind::OtherLevel,
        };
        if let Some(place) = self.places.level.take() {
            self.attempt(|this| this.spool.set_kind(place, kind));
        }
    }

    fn claim(&mut self, claim: HeardClaim) {
        if claim.is_rejected {
            self.refuse(self.places.claim);
        }
    }

    fn reject_last_claim(&mut self) {
        self.refuse(self.places.claim);
    }

    fn end_set(&mut self, is_refused: bool) {
        let place = self.places.set.take();
        if is_refused {
            self.refuse(place);
        }
        self.push(Kind::EndSet, b"");
    }

    fn end_group(&mut self, _included: Option<u64>, is_refused: bool) {
        let place = self.places.group.take();
        if is_refused {
            self.refuse(place);
        }
        self.push(Kind::EndGroup, b"");
    }

    fn end_interchange(&mut self, is_refused: bool) {
        self.attempt(|this| this.write(is_refused));
    }
}
