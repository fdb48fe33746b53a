//! `claimstream generate`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use super::exit::{ExitStatus, Failure};
use super::files::{PendingFile, error_words};
use super::interrupt;
use crate::generate::{Answers, Files, Generator, Options, Separators, Share};

/// Make up claim files: valid, as large as wanted, the same for the same seed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// How many claims
    #[arg(long, value_name = "N")]
    claims: u64,
    /// How many members they are of; two for five claims, if not given
    #[arg(long, value_name = "M")]
    members: Option<u64>,
    /// What everything follows from: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The share of lines that are trigger point injections and guidance, 0.4 at most
    #[arg(long, value_name = "SHARE", default_value = "0.03")]
    inject: Share,
    /// The share of claims that void, replace, repeat, come late or are broken, 0.5 at most
    #[arg(long, value_name = "SHARE", default_value = "0")]
    dirt: Share,
    /// The first day of service
    #[arg(long, value_name = "DATE", default_value = "2026-04-01")]
    start: NaiveDate,
    /// How many days the services are of, weekends (without services) included
    #[arg(long, value_name = "D", default_value_t = 420)]
    days: u32,
    /// How many claims a transaction set holds
    #[arg(long, value_name = "K", default_value_t = 5000)]
    claims_per_set: u32,
    /// How many transaction sets a file (an interchange) holds; all, if not given
    #[arg(long, value_name = "K")]
    sets_per_file: Option<u32>,
    /// Bill each day's services the night after, in a file of its own; --out is a folder
    #[arg(long)]
    nightly: bool,
    /// Element, component, repetition and segment delimiter, and \n for line breaks
    #[arg(long, value_name = "MARKS", default_value = r"*:^~\n")]
    delimiters: Separators,
    /// A file, a folder that is there (a file for each interchange), or - for standard output
    #[arg(long, value_name = "FILE|DIR|-")]
    out: PathBuf,
    /// Write what was planted here, as JSON
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

const EXAMPLES: &str = r"Examples:
  claimstream generate --claims 1000000 --out million.837
  claimstream generate --claims 500000 --dirt 0.02 --nightly --out nights/ --answers planted.json
  claimstream generate --claims 100 --seed 7 --delimiters '|>!~' --out - | head -40";

impl Generate {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let generator = Generator::new(self.options()).map_err(Failure::usage)?;
        self.check_out()?;
        let planted = self.answers.as_deref().map(PendingFile::create);
        let planted = planted.transpose()?;
        if self.out == Path::new("-") {
            let Some(answers) = write_standard_output(&generator)? else {
                return Ok(ExitStatus::Done);
            };
            keep(None, planted, &answers)?;
            return Ok(ExitStatus::Done);
        }
        if self.out.is_dir() {
            let mut folder = Folder::new(&self.out);
            let kept = folder
                .write(&generator)
                .and_then(|answers| keep(None, planted, &answers));
            return match kept {
                Ok(()) => Ok(ExitStatus::Done),
                Err(failure) => {
                    folder.remove();
                    Err(failure)
                }
            };
        }
        let mut file = PendingFile::create(&self.out)?;
        let mut answers = Answers::default();
        file.write(|out| {
            answers = generator.write_to(out)?;
            Ok(())
        })?;
        keep(Some(file), planted, &answers)?;
        Ok(ExitStatus::Done)
    }

    fn options(&self) -> Options {
        Options {
            claims: self.claims,
            members: self.members,
            seed: self.seed,
            inject: self.inject,
            dirt: self.dirt,
            start: self.start,
            days: self.days,
            claims_per_set: self.claims_per_set,
            sets_per_file: self.sets_per_file,
            nightly: self.nightly,
            separators: self.delimiters,
        }
    }

    /// Refuses what `--out` cannot be.
    fn check_out(&self) -> Result<(), Failure> {
        let is_folder = self.out.is_dir();
        let out = self.out.display();
        let text = self.out.as_os_str().as_encoded_bytes();
        if self.nightly && !is_folder {
            let problem = "--nightly writes a file for each day; name a folder that is there";
            return Err(Failure::usage(format!("{out}: {problem}")));
        }
        if text.ends_with(b"/") && !is_folder {
            return Err(Failure::usage(format!(
                "{out}: there is no such folder; make it first"
            )));
        }
        if self.answers.as_ref() == Some(&self.out) {
            let problem = "this is named for claims and for answers; name two files";
            return Err(Failure::usage(format!("{out}: {problem}")));
        }
        Ok(())
    }
}

/// Brings what was written to the disk and gives it its names; tells what it is.
fn keep(
    file: Option<PendingFile>,
    planted: Option<PendingFile>,
    answers: &Answers,
) -> Result<(), Failure> {
    let mut planted = planted;
    if let Some(planted) = &mut planted {
        planted.write(|out| {
            serde_json::to_writer_pretty(&mut *out, answers)?;
            out.write_all(b"\n")
        })?;
    }
    let mut files: Vec<PendingFile> = file.into_iter().chain(planted).collect();
    files.iter_mut().try_for_each(PendingFile::sync)?;
    interrupt::hold();
    files.into_iter().try_for_each(PendingFile::rename)?;
    eprintln!(
        "claimstream: {} claims of {} lines, {} bytes, {} interchanges",
        answers.claims, answers.lines, answers.bytes, answers.interchanges
    );
    Ok(())
}

/// Writes to standard output; `None` where whoever reads has read enough.
fn write_standard_output(generator: &Generator) -> Result<Option<Answers>, Failure> {
    let mut out = io::stdout().lock();
    let written = generator
        .write_to(&mut out)
        .and_then(|answers| out.flush().map(|()| answers));
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(Failure::failed(format!(
            "standard output cannot be written: {}",
            error_words(&error)
        ))),
        Ok(answers) => Ok(Some(answers)),
    }
}

/// A folder of files, of which each appears when it is whole. After a failure, or Ctrl-C, those
/// that are there by then are removed.
struct Folder<'p> {
    path: &'p Path,
    open: Option<PendingFile>,
    whole: Vec<PathBuf>,
    /// What kept a file from being written.
    failure: Option<Failure>,
}

impl<'p> Folder<'p> {
    fn new(path: &'p Path) -> Self {
        Self {
            path,
            open: None,
            whole: Vec::new(),
            failure: None,
        }
    }

    fn write(&mut self, generator: &Generator) -> Result<Answers, Failure> {
        let written = generator.write_files(self);
        let written = written.and_then(|answers| {
            let ended = self.end();
            self.told(ended).map(|()| answers)
        });
        written.map_err(|error| {
            let failure = self.failure.take();
            failure.unwrap_or_else(|| Failure::failed(error))
        })
    }

    /// Gives the open file its name.
    fn end(&mut self) -> Result<(), Failure> {
        let Some(mut file) = self.open.take() else {
            return Ok(());
        };
        file.sync()?;
        let path = file.path().to_owned();
        // Before it has its name: it is gone then, wherever an interruption finds it.
        interrupt::remove_when_interrupted(&path);
        file.rename()?;
        self.whole.push(path);
        Ok(())
    }

    fn remove(&self) {
        for path in &self.whole {
            let _ = fs::remove_file(path);
        }
    }

    /// Remembers a failure in full.
    fn told<T>(&mut self, result: Result<T, Failure>) -> io::Result<T> {
        result.map_err(|failure| {
            let error = io::Error::other(failure.message.clone());
            self.failure = Some(failure);
            error
        })
    }
}

impl Files for Folder<'_> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        let ended = self.end();
        self.told(ended)?;
        let created = PendingFile::create(&self.path.join(name));
        self.open = Some(self.told(created)?);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.open else {
            return Ok(());
        };
        let written = file.write(|out| out.write_all(bytes));
        self.told(written)
    }
}
