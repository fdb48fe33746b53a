//! `claimstream compare`.

mod outputs;
mod scratch;
mod side;

use std::path::{Path, PathBuf};

use clap::Args;

use self::outputs::Outputs;
use self::scratch::Scratch;
use self::side::Given;
use super::checking::CodeListOptions;
use super::configuration::{self, MemberOptions};
use super::exit::{ExitStatus, Failure};
use super::files::{self, PendingFile};
use super::observe::{Quiet, Teller};
use super::spooled;
use crate::adjudicate::{Adjudication, adjudicate};
use crate::compare::{Sides, differences};
use crate::intake::{self, Input, Inputs, Intake, Observer, ReadOptions};
use crate::output::Run;
use crate::policy::{FactsStats, FactsTable, Members, Plans};
use crate::report::{ComparisonOf, ComparisonSummary, FactsUsed};
use crate::validate::Checks;

/// Judge the same claims under two policies or plans, and say which decisions change
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Compare {
    /// Files, folders (every file in them, by name), or - for standard input; gzip and zstd too
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// What stands today: the id of an embedded policy, a policy file or a plans file
    #[arg(long, value_name = "ID|FILE.toml")]
    base: String,
    /// What is asked about: the same
    #[arg(long, value_name = "ID|FILE.toml")]
    with: String,
    /// The plan that a policy judges under; the id of the base's policy, if not given
    #[arg(long, value_name = "ID")]
    plan: Option<String>,
    #[command(flatten)]
    members: MemberOptions,
    /// What an 837P cannot say of a session: one JSON object a line
    #[arg(long, value_name = "FILE.jsonl")]
    facts: Option<PathBuf>,
    /// Judge both sides after what this history holds; it is copied, and stays as it is
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Write every changed line here (.jsonl or .csv; - for JSON lines on standard output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the counts here, as JSON
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write a page with totals, tables and charts here, as HTML that needs nothing else
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Write every error and warning about the inputs here, as JSON lines
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// How many threads read and judge; as many as there are processors, if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Check claims against the implementation guide first, at this level from 1 to 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    validate: Option<u8>,
    #[command(flatten)]
    code_lists: CodeListOptions,
    /// Refuse a transaction set as a whole for any error in it, and not its claims alone
    #[arg(long)]
    strict: bool,
    /// Warn of wrong counts and control numbers and of missing trailers instead of refusing
    #[arg(long)]
    lenient_envelope: bool,
}

const EXAMPLES: &str = "\
Nothing is recorded, paid or answered. Errors of the inputs are told as adjudicate tells them.

Examples:
  claimstream compare --base cigna-0139 --with eight.toml 2026/ --out changed.csv
  claimstream compare --base plans.toml --with plans-2027.toml 2026/ --report change.html
  claimstream compare --base cigna-0139 --with eight.toml --history claims.history night.837";

/// A side, as given.
struct Side {
    plans: Plans,
    facts: FactsTable,
    facts_stats: Option<FactsStats>,
}

/// A side that was read and judged.
struct Judged {
    intake: Intake,
    adjudication: Adjudication,
}

/// What both sides are judged with.
struct Judging<'a> {
    inputs: &'a [Input],
    members: &'a Members,
    checks: Option<&'a Checks>,
    options: &'a Compare,
}

impl Compare {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let (base, with) = (Given::read(&self.base)?, Given::read(&self.with)?);
        let plan = self.plan.as_deref().or(base.policy_id()).map(str::to_owned);
        self.check_plan(&base, &with)?;
        let plans = [base, with].map(|side| side.plans(plan.as_deref()));
        let (members, _) = self.members.members()?;
        let [base, with] = self.sides(plans, &members)?;
        let mut inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        self.check_paths(&inputs.list)?;
        let checks = self.checks()?;
        let mut out = Outputs::create(&self)?;
        let pool = self.pool()?;
        let folder = self.folder();
        let _spooled = spooled::spool(&mut inputs.list, &folder)?;
        let mut scratch = match &self.history {
            Some(path) => Some(Scratch::new(path, &folder, &inputs.list)?),
            None => None,
        };
        let judging = Judging {
            inputs: &inputs.list,
            members: &members,
            checks: checks.as_ref(),
            options: &self,
        };
        let [ours, theirs] = pool.install(|| {
            let scratch = scratch.as_mut();
            judging.judge_both([&base, &with], scratch, &mut out.errors)
        })?;
        let comparison = out.write_lines(Sides {
            base: run(&ours, &base.plans),
            with: run(&theirs, &with.plans),
        })?;
        let warnings = self.warnings(&inputs, [&base, &with], scratch.as_mut())?;
        let of = ComparisonOf {
            base: (&self.base, &base.plans),
            with: (&self.with, &with.plans),
            counts: [&ours.intake.counts, &theirs.intake.counts],
            differences: differences(&base.plans, &with.plans),
            facts: base.facts_stats.map(FactsUsed::from),
            warnings,
            history: scratch.map(|scratch| scratch.read),
        };
        let summary = ComparisonSummary::new(of, &comparison);
        out.write_summary(&summary)?;
        out.write_report(&summary)?;
        out.keep()?;
        self.tell(&summary)?;
        Ok(match summary.has_refused() {
            true => ExitStatus::DoneWithErrors,
            false => ExitStatus::Done,
        })
    }

    /// The sides. Facts are read once for each, and have to be the same.
    fn sides(&self, plans: [Plans; 2], members: &Members) -> Result<[Side; 2], Failure> {
        let wrong = |facts: &Path, what| Failure::usage(format!("{}: {what}", facts.display()));
        let facts = self.facts.as_deref();
        if let Some(pipe) = facts.filter(|facts| facts.exists() && !facts.is_file()) {
            let what = "facts are read once for each side; name a file, and no pipe or folder";
            return Err(wrong(pipe, what));
        }
        let [base, with] = plans.map(|plans| self.side(plans, members));
        let (base, with) = (base?, with?);
        let digest = |side: &Side| side.facts_stats.as_ref().map(|facts| facts.digest.clone());
        match facts.filter(|_| digest(&base) != digest(&with)) {
            Some(facts) => Err(wrong(
                facts,
                "the facts changed between the two times that they were read; run again when whoever writes them is done",
            )),
            None => Ok([base, with]),
        }
    }

    /// A side with its facts, which name plans.
    fn side(&self, plans: Plans, members: &Members) -> Result<Side, Failure> {
        let (facts, facts_stats) = configuration::facts(self.facts.as_deref(), &plans, members)?;
        Ok(Side {
            plans,
            facts,
            facts_stats,
        })
    }

    fn check_plan(&self, base: &Given, with: &Given) -> Result<(), Failure> {
        let has_policy = base.policy_id().or(with.policy_id()).is_some();
        if self.plan.is_some() && !has_policy {
            let problem =
                "--plan is for a policy given as a side; a plans file names its own plans";
            return Err(Failure::usage(problem));
        }
        Ok(())
    }

    fn checks(&self) -> Result<Option<Checks>, Failure> {
        match self.validate {
            Some(level) => self.code_lists.checks(level).map(Some),
            None if self.code_lists.is_given() => Err(Failure::usage(
                "--no-code-list is for claims that are checked; give --validate too",
            )),
            None => Ok(None),
        }
    }

    /// The threads that read and judge.
    fn pool(&self) -> Result<rayon::ThreadPool, Failure> {
        let threads = self.threads.map_or(0, std::num::NonZeroUsize::get);
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder.build().map_err(Failure::failed)
    }

    /// Where copies wait that are gone with the process: beside the changed lines, where there is
    /// room for those.
    fn folder(&self) -> PathBuf {
        match &self.out {
            Some(out) if !is_standard_output(out) => files::folder_of(out).to_owned(),
            _ => std::env::temp_dir(),
        }
    }

    /// Refuses two outputs of one name, and an output that is an input.
    fn check_paths(&self, inputs: &[Input]) -> Result<(), Failure> {
        let out = self.out.as_ref().filter(|out| !is_standard_output(out));
        let outputs = [out, self.summary.as_ref(), self.report.as_ref()];
        let outputs = outputs.into_iter().chain([self.errors.as_ref()]).flatten();
        let sides = [side::file_of(&self.base), side::file_of(&self.with)];
        let given = [&self.facts, &self.members.members, &self.history];
        let read = sides.iter().chain(given).flatten();
        let (outputs, read): (Vec<_>, Vec<_>) = (outputs.collect(), read.collect());
        files::check_paths(&outputs, &self.inputs, inputs, &read)
    }

    fn warnings(
        &self,
        inputs: &Inputs,
        [base, with]: [&Side; 2],
        mut scratch: Option<&mut Scratch>,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings: Vec<String> = inputs.warnings().collect();
        warnings.extend(scratch.as_deref().and_then(Scratch::warning));
        for (name, side) in [("the base", base), ("the other side", with)] {
            let of_plans = side.plans.plans.iter().flat_map(|plan| plan.warnings());
            warnings.extend(of_plans.map(|warning| format!("{name}: {warning}")));
            let facts = side.facts_stats.as_ref();
            if let Some(facts) = facts.filter(|facts| facts.unknown_plan > 0) {
                warnings.push(format!(
                    "{} of {} clinical facts name a plan that {name} does not have; {NAMING}",
                    facts.unknown_plan, facts.objects
                ));
            }
            if let Some(scratch) = scratch.as_deref_mut() {
                warnings.extend(scratch.warnings(name, &side.plans)?);
            }
        }
        Ok(warnings)
    }
}

/// What to do where facts or a history go by another plan.
const NAMING: &str = "--plan names the plan that a policy judges under";

/// `-`.
fn is_standard_output(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl Judging<'_> {
    /// Reads and judges one side, then the other. What is wrong with the inputs is wrong for both,
    /// and told once.
    fn judge_both(
        &self,
        [base, with]: [&Side; 2],
        mut scratch: Option<&mut Scratch>,
        errors: &mut Option<PendingFile>,
    ) -> Result<[Judged; 2], Failure> {
        let total_bytes: Option<u64> = self.inputs.iter().map(|input| input.size_bytes).sum();
        let mut teller = Teller::new(errors.take(), total_bytes);
        let ours = self.judge(base, scratch.as_deref_mut(), &mut teller);
        *errors = teller.finish()?;
        let ours = ours?;
        let mut quiet = Quiet(Teller::new(None, total_bytes));
        let theirs = self.judge(with, scratch, &mut quiet);
        quiet.0.finish()?;
        let theirs = theirs?;
        let read = |judged: &Judged| {
            let counts = &judged.intake.counts;
            (
                counts.bytes,
                counts.transaction_sets,
                counts.claims,
                counts.lines,
            )
        };
        if read(&ours) != read(&theirs) {
            return Err(Failure::failed(
                "an input changed between the two times that it was read; run again when whoever writes it is done",
            ));
        }
        Ok([ours, theirs])
    }

    /// Reads and judges a side, as `adjudicate` does.
    fn judge(
        &self,
        side: &Side,
        scratch: Option<&mut Scratch>,
        observer: &mut dyn Observer,
    ) -> Result<Judged, Failure> {
        let Side { plans, facts, .. } = side;
        let options = ReadOptions {
            plans,
            members: self.members,
            all_lines: false,
            lenient_envelope: self.options.lenient_envelope,
            strict: self.options.strict,
            checks: self.checks,
        };
        let (intake, adjudication) = match scratch {
            Some(scratch) => scratch.judge(self.inputs, options, facts, observer)?,
            None => {
                let read = intake::read(self.inputs, options, observer);
                let intake = read.map_err(Failure::failed)?;
                let adjudication = adjudicate(&intake.batch, plans, facts);
                (intake, adjudication)
            }
        };
        Ok(Judged {
            intake,
            adjudication,
        })
    }
}

fn run<'a>(judged: &'a Judged, plans: &'a Plans) -> Run<'a> {
    Run {
        batch: &judged.intake.batch,
        plans,
        adjudication: &judged.adjudication,
        reversals: &[],
    }
}
