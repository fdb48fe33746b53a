//! An interchange that is open, with the group and the transaction set in it.

use super::claims::ClaimAnswers;
use super::codes::SetError;
use super::document::{Counts, Document};
use super::envelope::{CLAIMS, Envelope, FUNCTIONAL, GroupNames, Numbers, Stamp};
use super::error::AckError;
use super::event::{Claim, ClaimFate, Finding, Group, GroupEnd, Set, SetFate};
use super::folder::Staging;
use super::functional::{self, Functional, SetCounts, SetVerdict};
use super::names::SetNames;
use super::status::Status;

/// How many reasons a rejected claim is told; the 999 tells all.
const MOST_STATUSES: usize = 10;

/// An interchange that is open.
#[derive(Debug)]
pub(super) struct OpenInterchange {
    pub(super) envelope: Envelope,
    /// How the names of its answers begin.
    pub(super) name: String,
    /// ISA13 in nine digits; `None` where it has no digit.
    pub(super) control_number: Option<String>,
    /// ISA09 and ISA10.
    pub(super) sent: Stamp,
    pub(super) wants_acknowledgement: bool,
    /// The control numbers before it.
    pub(super) numbers: Numbers,
    pub(super) functional: Option<Functional>,
    pub(super) claims: Option<Document>,
    pub(super) group: Option<OpenGroup>,
}

/// A functional group that is open.
#[derive(Debug)]
pub(super) struct OpenGroup {
    /// Whether there is a 999 for it.
    is_answered: bool,
    names: GroupNames,
    /// The control numbers, and the file of claim answers, before anything is told of claims.
    numbers: Numbers,
    claims_mark: Option<Counts>,
    /// Whether claim answers have a group for it.
    has_claims: bool,
    counts: SetCounts,
    set: Option<OpenSet>,
}

/// A transaction set that is open.
#[derive(Debug, Default)]
struct OpenSet {
    has_errors: bool,
    /// The reasons to reject the claim that is open.
    statuses: Vec<Status>,
}

/// What an open interchange needs to write.
pub(super) struct Desk<'a> {
    pub(super) staging: &'a Staging,
    pub(super) numbers: &'a mut Numbers,
    pub(super) waiting: &'a mut ClaimAnswers,
    pub(super) strict: bool,
}

impl OpenInterchange {
    pub(super) fn begin_group(
        &mut self,
        group: &Group<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), AckError> {
        self.end_group(&GroupEnd::CUT, desk)?;
        let names = GroupNames::answering(group, &self.envelope);
        let is_answered = functional::can_answer(group);
        if is_answered {
            self.functional(desk)?
                .begin_group(group, &names, desk.numbers)?;
        }
        self.group = Some(OpenGroup {
            is_answered,
            names,
            numbers: *desk.numbers,
            claims_mark: self.claims.as_ref().map(Document::mark),
            has_claims: false,
            counts: SetCounts::default(),
            set: None,
        });
        Ok(())
    }

    pub(super) fn begin_set(&mut self, set: &Set<'_>, desk: &mut Desk<'_>) -> Result<(), AckError> {
        self.end_set(&SetFate::Refused(&[SetError::TrailerMissing]), desk)?;
        let Some(group) = &mut self.group else {
            return Ok(());
        };
        group.set = Some(OpenSet::default());
        let names = SetNames::of_group(&group.names);
        desk.waiting.begin(set, names, &self.envelope.stamp.date)?;
        match self.answer() {
            Some(functional) => functional.begin_set(set),
            None => Ok(()),
        }
    }

    /// Whether a transaction set is open.
    pub(super) fn has_set(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.set.is_some())
    }

    pub(super) fn finding(&mut self, finding: &Finding<'_>) -> Result<(), AckError> {
        let Some(set) = self.set() else { return Ok(()) };
        set.has_errors = true;
        if finding.claim.is_some() {
            let status = Status::of(finding);
            if set.statuses.len() < MOST_STATUSES && !set.statuses.contains(&status) {
                set.statuses.push(status);
            }
        }
        match self.answer() {
            Some(functional) => functional.finding(finding),
            None => Ok(()),
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim<'_>, desk: &mut Desk<'_>) -> Result<(), AckError> {
        let Some(set) = self.set() else { return Ok(()) };
        let found = std::mem::take(&mut set.statuses);
        let ClaimFate::Rejected(given) = claim.fate else {
            return desk.waiting.claim(claim, &[]);
        };
        set.has_errors = true;
        let mut statuses = given.to_vec();
        let others = found.iter().filter(|status| !given.contains(status));
        statuses.extend(others);
        if statuses.is_empty() {
            statuses.push(Status::IN_ERROR);
        }
        statuses.truncate(MOST_STATUSES);
        desk.waiting.claim(claim, &statuses)
    }

    pub(super) fn reject_last(
        &mut self,
        status: Status,
        desk: &mut Desk<'_>,
    ) -> Result<(), AckError> {
        let Some(set) = self.set() else { return Ok(()) };
        set.has_errors |= desk.waiting.reject_last(status)?;
        Ok(())
    }

    pub(super) fn end_set(
        &mut self,
        fate: &SetFate<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), AckError> {
        let Some(group) = &mut self.group else {
            return Ok(());
        };
        let Some(set) = group.set.take() else {
            return Ok(());
        };
        let (is_refused, errors) = match fate {
            SetFate::Accepted => (false, &[][..]),
            SetFate::AcceptedWithErrors(errors) => (false, *errors),
            SetFate::Refused(errors) => (true, *errors),
        };
        let is_refused = is_refused || (desk.strict && set.has_errors);
        let mut errors = errors.to_vec();
        if set.has_errors && !errors.contains(&SetError::SegmentsInError) {
            errors.push(SetError::SegmentsInError);
        }
        let counts = &mut group.counts;
        let (verdict, count) = match (is_refused, errors.is_empty()) {
            (true, _) => (SetVerdict::Rejected, &mut counts.rejected),
            (false, false) => (
                SetVerdict::AcceptedWithErrors,
                &mut counts.accepted_with_errors,
            ),
            (false, true) => (SetVerdict::Accepted, &mut counts.accepted),
        };
        *count += 1;
        if let Some(functional) = self.answer() {
            functional.end_set(verdict, &errors)?;
        }
        if verdict != SetVerdict::Rejected && desk.waiting.has_claims() {
            self.write_claims(desk)?;
        }
        Ok(())
    }

    pub(super) fn end_group(
        &mut self,
        end: &GroupEnd<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), AckError> {
        self.end_set(&SetFate::Refused(&[SetError::TrailerMissing]), desk)?;
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        if let Some(functional) = self.functional.as_mut().filter(|_| group.is_answered) {
            functional.end_group(group.counts, end)?;
        }
        if !group.has_claims {
            return Ok(());
        }
        if end.refused.is_empty() {
            return self.claims.as_mut().map_or(Ok(()), Document::end_group);
        }
        // Nothing is told of the claims of a group that is refused.
        *desk.numbers = group.numbers;
        match (group.claims_mark, &mut self.claims) {
            (Some(mark), Some(claims)) => claims.go_back(mark),
            _ => self.claims.take().map_or(Ok(()), Document::discard),
        }
    }

    /// Tells of the claims of a transaction set that has ended.
    fn write_claims(&mut self, desk: &mut Desk<'_>) -> Result<(), AckError> {
        let Some(group) = &mut self.group else {
            return Ok(());
        };
        let document = match &mut self.claims {
            Some(document) => document,
            empty => {
                let name = format!("{}.{}", self.name, CLAIMS.extension);
                let envelope = &self.envelope;
                let created =
                    Document::create(desk.staging, &name, &CLAIMS, envelope, desk.numbers)?;
                empty.insert(created)
            }
        };
        if !group.has_claims {
            document.begin_group(group.names.clone(), desk.numbers)?;
            group.has_claims = true;
        }
        let time = &self.envelope.stamp.time;
        desk.waiting.write(document, desk.numbers, time)
    }

    /// The 999, begun where it is not yet.
    fn functional(&mut self, desk: &mut Desk<'_>) -> Result<&mut Functional, AckError> {
        match &mut self.functional {
            Some(functional) => Ok(functional),
            empty => {
                let name = format!("{}.{}", self.name, FUNCTIONAL.extension);
                let envelope = &self.envelope;
                let created =
                    Document::create(desk.staging, &name, &FUNCTIONAL, envelope, desk.numbers)?;
                Ok(empty.insert(Functional::new(created)))
            }
        }
    }

    /// The 999, if there is one for the open group.
    fn answer(&mut self) -> Option<&mut Functional> {
        let is_answered = self.group.as_ref().is_some_and(|group| group.is_answered);
        self.functional.as_mut().filter(|_| is_answered)
    }

    fn set(&mut self) -> Option<&mut OpenSet> {
        self.group.as_mut()?.set.as_mut()
    }
}
