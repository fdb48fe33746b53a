//! `claimstream explain`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::configuration::PlanOptions;
use super::exit::{ExitStatus, Failure};
use super::files::{PendingFile, check_paths, error_words};
use super::history_file::{failure, look};
use crate::explain::{
    Asked, Explanation, Line, Source, Timeline, find_timelines, read_timeline, write_page,
    write_words,
};
use crate::history::History as _;
use crate::policy::Members;

/// Explain why lines were decided as they were: clause, sessions, window, what would change it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("about").args(["member", "claim"]).required(true).multiple(true)))]
pub(super) struct Explain {
    /// Determinations, as `adjudicate --out FILE.jsonl` writes them: what they have of the member
    /// is all that is known
    #[arg(
        value_name = "DETERMINATIONS.jsonl",
        required_unless_present = "history",
        conflicts_with = "history"
    )]
    determinations: Option<PathBuf>,
    /// A history: everything that was decided with it, as it stands now
    #[arg(long, value_name = "FILE", requires = "member")]
    history: Option<PathBuf>,
    /// The member key: the subscriber id; for a dependent ID/BIRTHDATE/SEX/FIRSTNAME
    #[arg(long, value_name = "KEY")]
    member: Option<String>,
    /// Explain this claim only: its claim control number, or its patient control number (CLM01)
    #[arg(long, value_name = "ID")]
    claim: Option<String>,
    /// Explain the lines of this plan only
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// Write a page with a picture of the timeline: one file, no network, no script
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    #[command(flatten)]
    plans: PlanOptions,
}

const EXAMPLES: &str = "\
Examples:
  claimstream explain --history claims.history --member W12345678 --plans plans.toml
  claimstream explain --history claims.history --member W12345678 --html why.html
  claimstream explain decided.jsonl --claim 52ZJQFK7MWBIROFI

Exit status:
  0  lines were found, and are explained
  1  no such line is there; nothing was written
  2  arguments, plans or members are wrong; nothing was written
  3  the determinations, the history or the page failed; nothing was written";

impl Explain {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let plans = self.plans.plans()?;
        let (members, _) = self.plans.members.members()?;
        self.check()?;
        let member = self.member.as_deref().map(|key| key.trim().to_uppercase());
        if member.as_deref() == Some("") {
            return Err(Failure::usage("--member: a member key is not empty"));
        }
        let asked = Asked {
            member: member.as_deref(),
            claim: self.claim.as_deref().map(str::trim),
            plan: self.plan.as_deref(),
        };
        let mut timelines = match (&self.determinations, &self.history) {
            (Some(path), _) => from_file(path, &asked, &members)?,
            (None, Some(path)) => from_history(path, &asked, &members)?,
            (None, None) => Vec::new(),
        };
        for timeline in &mut timelines {
            let plan = timeline.plan(&plans);
            timeline.settle_roles(plan);
        }
        let explained = timelines
            .iter()
            .map(|timeline| Explanation::new(timeline, timeline.plan(&plans), &asked));
        let explanations: Vec<Explanation<'_>> = explained
            .filter(|explanation| !explanation.told.is_empty())
            .collect();
        if explanations.is_empty() {
            eprintln!("{}", self.nothing());
            return Ok(ExitStatus::DoneWithErrors);
        }
        self.write(&explanations)?;
        Ok(ExitStatus::Done)
    }

    /// Refuses a page that would overwrite what is read.
    fn check(&self) -> Result<(), Failure> {
        let Some(html) = &self.html else {
            return Ok(());
        };
        let options = &self.plans;
        let read = [
            &self.determinations,
            &self.history,
            &options.plans,
            &options.members.members,
        ];
        let read: Vec<&PathBuf> = read.into_iter().flatten().collect();
        check_paths(&[html], &[], &[], &read)
    }

    fn nothing(&self) -> &'static str {
        match (&self.claim, &self.history) {
            (Some(_), _) => {
                "claimstream: no line of this claim is there; the id is the claim control number, or the \
                 patient control number (CLM01)"
            }
            (None, _) => {
                "claimstream: no line of this member is there; the key is the subscriber id, for a \
                 dependent ID/BIRTHDATE/SEX/FIRSTNAME"
            }
        }
    }

    /// Writes the page, then the words.
    fn write(&self, explanations: &[Explanation<'_>]) -> Result<(), Failure> {
        if let Some(path) = &self.html {
            let mut page = PendingFile::create(path)?;
            page.write(|out| write_page(explanations, out))?;
            page.sync()?;
            page.rename()?;
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut written = explanations
            .iter()
            .try_for_each(|explanation| write_words(explanation, &mut out));
        if written.is_ok() {
            written = self.write_more(&mut out).and_then(|()| out.flush());
        }
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
                format!("standard output cannot be written: {error}"),
            )),
            _ => Ok(()),
        }
    }

    /// Which command shows more.
    fn write_more(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.html {
            Some(path) => writeln!(out, "page            {}", path.display())?,
            None => writeln!(out, "More: --html FILE draws the timeline, for print too;")?,
        }
        let name = if self.html.is_some() {
            "More:"
        } else {
            "     "
        };
        writeln!(
            out,
            "{name} `claimstream history show` lists a member's lines, `claimstream policies show` has \
             every clause."
        )
    }
}

fn from_file(path: &Path, asked: &Asked<'_>, members: &Members) -> Result<Vec<Timeline>, Failure> {
    let failed = |problem: String| Failure::failed(format!("{}: {problem}", path.display()));
    let open = || {
        let file = File::open(path);
        file.map(BufReader::new)
            .map_err(|error| failed(format!("cannot be read: {}", error_words(&error))))
    };
    let names =
        find_timelines(open()?, asked, members).map_err(|error| failed(error.to_string()))?;
    let mut timelines = Vec::new();
    for name in names {
        let lines = read_timeline(open()?, &name, members);
        let mut lines = lines.map_err(|error| failed(error.to_string()))?;
        if name.1.is_empty() {
            // Claims without a member key are not of one member.
            lines.retain(|line| asked.is_about(&line.decided));
        }
        timelines.push(Timeline {
            lines,
            source: Source::File,
            name,
        });
    }
    Ok(timelines)
}

fn from_history(
    path: &Path,
    asked: &Asked<'_>,
    members: &Members,
) -> Result<Vec<Timeline>, Failure> {
    let mut history = look(path)?;
    let newest = members.newest(asked.member.unwrap_or_default());
    let keys: Vec<&str> = std::iter::once(newest)
        .chain(members.older(newest))
        .collect();
    let mut timelines = Vec::new();
    for plan in history.plans().map_err(|error| failure(&error))? {
        if asked.plan.is_some_and(|asked| asked != plan) {
            continue;
        }
        let lines = history
            .lines(&plan, &keys)
            .map_err(|error| failure(&error))?;
        if !lines.is_empty() {
            timelines.push(Timeline {
                lines: lines.iter().map(Line::from).collect(),
                source: Source::History,
                name: (Some(plan), newest.to_owned()),
            });
        }
    }
    Ok(timelines)
}
