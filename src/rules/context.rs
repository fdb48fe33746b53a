//! What a rule sees: a line, its claim, the member's sessions, the policy; no file, no
//! thread, no clock.

use chrono::NaiveDate;

use crate::policy::{Book, ClinicalFacts, Decision, Phase, Plan, Role};
use crate::timeline::{Batch, Claim, Service, ServiceLine, Session, Sessions, Symbol};

/// What lines bill, looked at without the lines.
#[derive(Debug, Clone, Copy)]
pub struct ServiceContext<'a> {
    /// Where its strings are.
    pub batch: &'a Batch,
    /// What they bill.
    pub service: &'a Service,
    /// Their plan.
    pub plan: &'a Plan,
}

impl ServiceContext<'_> {
    /// Whether it is the limited service.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.service.role == Some(Role::Session)
    }
}

/// A line looked at alone.
#[derive(Debug, Clone, Copy)]
pub struct LineContext<'a> {
    /// Where its strings are.
    pub batch: &'a Batch,
    /// The line.
    pub line: &'a ServiceLine,
    /// What it bills.
    pub service: &'a Service,
    /// Whether no rule fires on what it bills: see [`super::is_plain`].
    pub is_plain: bool,
    /// Its claim.
    pub claim: &'a Claim,
    /// GS04 of its functional group; `None` when it is no date.
    pub billing_date: Option<NaiveDate>,
    /// Its plan.
    pub plan: &'a Plan,
    /// The rules on its date of service.
    pub book: &'a Book,
    /// Its claim replaces one that was not found.
    pub is_original_unknown: bool,
}

impl<'a> LineContext<'a> {
    /// What it bills.
    #[must_use]
    pub fn billed(&self) -> ServiceContext<'a> {
        ServiceContext {
            batch: self.batch,
            service: self.service,
            plan: self.plan,
        }
    }

    /// The date of service.
    #[must_use]
    pub fn date(&self) -> Option<NaiveDate> {
        self.line.service_date.date()
    }
}

/// A date of service that may become a session.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The date of service.
    pub date: NaiveDate,
    /// The member's sessions; none is on this date.
    pub sessions: &'a Sessions<'a>,
    /// The run of sessions before it.
    pub course: &'a [Session<'a>],
    /// Its phase, where the policy knows phases.
    pub phase: Option<Phase>,
    /// What is known of it.
    pub facts: Option<&'a ClinicalFacts>,
    /// The member's plan.
    pub plan: &'a Plan,
    /// The rules on the date.
    pub book: &'a Book,
}

impl<'a> Candidate<'a> {
    /// The muscles of the candidate; empty when none are given.
    #[must_use]
    pub fn muscles(&self) -> &'a [String] {
        let muscles = self.facts.and_then(|facts| facts.muscles.as_deref());
        muscles.unwrap_or_default()
    }

    /// The therapeutic sessions of the course.
    pub fn therapeutic_course(&self) -> impl Iterator<Item = &'a Session<'a>> + use<'a> {
        self.course
            .iter()
            .filter(|session| session.phase == Some(Phase::Therapeutic))
    }
}

/// A line billed on a date, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Billed {
    /// The line.
    pub line: LineIdentity,
    /// Its decision, as far as it has come.
    pub decision: Decision,
}

impl Billed {
    /// Whether it is paid or reduced.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(self.decision, Decision::Pay | Decision::Reduce)
    }
}

/// What makes a line another line's duplicate, or a line of the same providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineIdentity {
    /// The claim in this batch; `None` for a claim of an earlier run.
    pub claim: Option<u32>,
    /// The billing provider.
    pub billing_provider: Symbol,
    /// The rendering provider.
    pub rendering_provider: Symbol,
    /// The date of service.
    pub date: NaiveDate,
    /// The procedure.
    pub procedure: Symbol,
    /// The modifiers as a set.
    pub modifier_set: Symbol,
    /// The units.
    pub units: crate::claim::Units,
    /// The charge.
    pub charge: crate::claim::Cents,
}

impl LineIdentity {
    /// Whether the lines are of different claims.
    #[must_use]
    pub fn is_of_another_claim(&self, other: &Self) -> bool {
        self.claim.is_none() || self.claim != other.claim
    }

    /// Whether the lines are alike, whatever their units and charges.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.billing_provider
            .is_same_identity(other.billing_provider)
            && self
                .rendering_provider
                .is_same_identity(other.rendering_provider)
            && self.date == other.date
            && self.procedure == other.procedure
            && self.modifier_set == other.modifier_set
    }

    /// Whether the lines are equal.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        self.is_like(other) && self.units == other.units && self.charge == other.charge
    }

    /// Whether the lines have the same billing or the same rendering provider.
    #[must_use]
    pub fn shares_provider(&self, billing: Symbol, rendering: Symbol) -> bool {
        self.billing_provider.is_same_identity(billing)
            || self.rendering_provider.is_same_identity(rendering)
    }
}

/// A line that hangs on others of its date: guidance, an office visit, dry needling, an
/// add-on.
#[derive(Debug, Clone, Copy)]
pub struct Hanging<'a> {
    /// The line.
    pub cx: LineContext<'a>,
    /// Its identity.
    pub identity: &'a LineIdentity,
    /// The lines that it may hang on: those of the limited service that stand on its date; for
    /// an add-on, those of every other code set.
    pub standing: &'a [Billed],
    /// The session on its date.
    pub session: Option<&'a Session<'a>>,
    /// The lines of other claims paid or reduced on its date before it.
    pub paid: &'a [LineIdentity],
}
