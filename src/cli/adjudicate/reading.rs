//! Reading the inputs of a run, with all who hear of them.

use std::mem;

use super::Adjudicate;
use super::given::Given;
use super::outputs::Outputs;
use super::remember::Memory;
use super::remit::Remitting;
use crate::answer::Answering;
use crate::cli::exit::Failure;
use crate::cli::observe::Teller;
use crate::intake::{self, AllUnits, Beside, Input, Intake, Overflow, ReadOptions, Units};
use crate::overflow::KeptClaims;
use crate::payment::Notes;
use crate::report::Problems;
use crate::timeline::Batch;
use crate::validate::Checks;

/// What inputs are read with.
pub(super) struct Reading<'a> {
    pub(super) given: &'a Given,
    pub(super) checks: Option<&'a Checks>,
    pub(super) remitting: Option<Remitting>,
}

/// What was read.
pub(super) struct Read {
    pub(super) intake: Intake,
    pub(super) problems: Problems,
    /// Claims that memory does not hold, and the last of them, which it does.
    pub(super) kept: Option<(KeptClaims, Batch)>,
    /// Notes of what may be paid, where anything is remitted.
    pub(super) notes: Option<Notes>,
}

impl Adjudicate {
    /// Reads the inputs; errors, answers and the 835 go to `out`.
    pub(super) fn read(
        &self,
        reading: Reading<'_>,
        memory: Option<&mut Memory>,
        out: &mut Outputs,
    ) -> Result<Read, Failure> {
        let Reading {
            given,
            checks,
            mut remitting,
        } = reading;
        let inputs = &given.inputs.list[..];
        let mut teller = Teller::new(out.errors.take(), total_bytes(inputs));
        let options = ReadOptions {
            plans: &given.plans,
            members: &given.members,
            all_lines: self.all_lines,
            lenient_envelope: self.lenient_envelope,
            strict: self.answers.strict,
            checks,
        };
        let mut kept = self.memory_limit.map(|limit| self.kept_claims(limit));
        let mut answering = self.answers.answering(&self.inputs)?;
        let units = answering.iter_mut().map(|units| units as &mut dyn Units);
        let noting = remitting.iter_mut().map(|remitting| &mut remitting.noting);
        let mut units = AllUnits(units.chain(noting.map(|units| units as _)).collect());
        let beside = Beside {
            recall: None,
            overflow: kept.as_mut().map(|kept| kept as &mut dyn Overflow),
            units: Some(&mut units as &mut dyn Units).filter(|_| self.hears_units()),
        };
        let read = match memory {
            Some(memory) => memory.read(inputs, options, beside, &mut teller),
            None => intake::read_with(inputs, options, beside, &mut teller),
        };
        let problems = teller.take_problems();
        out.errors = teller.finish()?;
        let mut intake = read.map_err(Failure::failed)?;
        out.answers = answering.map(Answering::finish).transpose()?;
        let (file, notes) = remitting.map(Remitting::read).transpose()?.unzip();
        out.remit = file;
        let kept = kept.filter(|kept| !kept.is_empty());
        Ok(Read {
            kept: kept.map(|kept| (kept, mem::take(&mut intake.batch))),
            intake,
            problems,
            notes,
        })
    }
}

fn total_bytes(inputs: &[Input]) -> Option<u64> {
    inputs.iter().map(|input| input.size_bytes).sum()
}
