//! What was read, on its way to determinations.

use std::time::Instant;

use super::given::Given;
use super::outputs::{Outputs, Part, Sources};
use super::remember::{Kept, Memory};
use super::remit::RemitOptions;
use crate::adjudicate::adjudicate;
use crate::cli::exit::Failure;
use crate::history::Configuration;
use crate::intake::Intake;
use crate::output::Run;
use crate::overflow::KeptClaims;
use crate::payment::Paying;
use crate::report::{Decided, HistoryUsed, Summary};
use crate::timeline::Batch;

/// What a run judges.
pub(super) struct Judging<'a> {
    pub(super) given: &'a Given,
    pub(super) intake: &'a Intake,
    pub(super) configuration: &'a Configuration,
    pub(super) remit: &'a RemitOptions,
    pub(super) all_lines: bool,
}

/// What was judged and written.
pub(super) struct Judged {
    pub(super) decided: Decided,
    pub(super) history: Option<HistoryUsed>,
    warnings: Vec<String>,
}

impl Judging<'_> {
    /// Judges claims that memory does not hold, and writes what is written.
    pub(super) fn judge_kept(
        &self,
        (kept, last): (KeptClaims, Batch),
        out: &mut Outputs,
        paying: Option<&mut Paying<'_>>,
    ) -> Result<Judged, Failure> {
        let Given { plans, format, .. } = self.given;
        let mut judged = kept.judge(last, plans, &self.given.facts)?;
        let decided = out.write_judged(&mut judged, plans, self.all_lines, *format, paying)?;
        Ok(Judged {
            decided,
            history: None,
            warnings: Vec::new(),
        })
    }

    /// Judges, writes what is written, and adds the run to the history, where there is one.
    pub(super) fn judge(
        &self,
        memory: Option<&mut Memory>,
        out: &mut Outputs,
        paying: Option<&mut Paying<'_>>,
    ) -> Result<Judged, Failure> {
        let Intake { batch, files, .. } = self.intake;
        let Given {
            plans,
            facts,
            members,
            inputs,
            ..
        } = self.given;
        let (inputs, format) = (&inputs.list[..], self.given.format);
        let run = |adjudication, reversals| Run {
            batch,
            plans,
            adjudication,
            reversals,
        };
        let Some(memory) = memory else {
            let adjudication = adjudicate(batch, plans, facts);
            let decided = out.write(
                Sources {
                    run: run(&adjudication, &[]),
                    parts: &[Part::New(0..batch.claims.len())],
                    history: None,
                    monitors: &self.configuration.monitors,
                    all_lines: self.all_lines,
                },
                format,
            )?;
            if let Some(paying) = paying {
                paying.take(run(&adjudication, &[]))?;
            }
            return Ok(Judged {
                decided,
                history: None,
                warnings: Vec::new(),
            });
        };
        let adjudication = memory.judge(self.intake, plans, facts, members)?;
        let reversals = memory.take_reversals();
        let run = run(&adjudication, &reversals);
        let parts = memory.parts(run, inputs, files, self.configuration)?;
        let monitors = memory.monitors(&parts, self.configuration)?;
        let kept = Kept {
            run,
            facts,
            files,
            inputs,
            configuration: self.configuration,
        };
        let mut sources = Sources {
            run,
            parts: &parts,
            history: None,
            monitors: &monitors,
            all_lines: self.all_lines,
        };
        let (decided, recorded) = if memory.is_written_again() {
            sources.history = Some(memory.history());
            (out.write(sources, format), memory.record(&kept, false))
        } else {
            // What is new is written and recorded at once: neither needs the other.
            let is_all = paying.is_none();
            rayon::join(
                || out.write_through(sources, format),
                || memory.record(&kept, is_all),
            )
        };
        let (decided, (history, warnings)) = (decided?, recorded?);
        if let Some(paying) = paying.filter(|_| !memory.is_written_again()) {
            memory.pay(paying, &kept, self.remit)?;
        }
        Ok(Judged {
            decided,
            history: Some(history),
            warnings,
        })
    }

    /// What the run came to, but for what it remitted and proposes.
    pub(super) fn summarize(&self, judged: &Judged, started: Instant) -> Summary {
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut summary = Summary::new(
            &self.given.plans,
            &judged.decided,
            &self.intake.counts,
            self.given.facts_stats.clone(),
            milliseconds,
        );
        summary.history.clone_from(&judged.history);
        summary.warnings.extend_from_slice(&judged.warnings);
        summary.warnings.extend(self.given.inputs.warnings());
        summary
    }
}
