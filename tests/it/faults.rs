//! Runs with a history that die or fail at any call that changes the file system.
//!
//! `tests/faults/shim.c` is put under the command. It counts the calls and lets a chosen one
//! fail, or be the last of the process. For every call and every fate: the history is whole,
//! with or without the run; what the run said of it is true; outputs are there whole or not at
//! all, and not before the run is kept; the same command, given again, ends with the bytes and
//! rows of an undisturbed run.
//!
//! A process dies here, not the machine: nothing that was written is lost. Reading, locking and
//! memory do not fail.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rayon::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

/// What happens to the chosen call; the shim says what each means.
const FATES: [&str; 4] = ["fail", "full", "abort", "torn"];

/// The exit status of a process that the shim ended.
const KILLED: i32 = 137;

/// The exit status of a run that failed.
const FAILED: i32 = 3;

const OUTPUTS: [&str; 6] = [
    "out.jsonl",
    "pends.csv",
    "errors.jsonl",
    "summary.json",
    "remittances.835",
    "recoveries.jsonl",
];
const HISTORY: &str = "claims.history";

/// How many broken promises are told at most.
const MOST_TOLD: usize = 8;

/// What stands under the outputs' names before a run.
const YESTERDAY: &[u8] = b"yesterday's\n";

/// Inputs, the shim, and what an undisturbed run makes of them.
struct Scenario {
    folder: TempDir,
    shim: PathBuf,
    given: Given,
    /// The history before the run; `None` for the first run ever.
    before: Option<Vec<u8>>,
    rows_before: Rows,
    /// What an undisturbed run leaves.
    undisturbed: Left,
    /// The calls of an undisturbed run.
    calls: Vec<String>,
}

/// How the command gets the night.
#[derive(Clone, Copy)]
enum Given {
    ByName,
    AsStandardInput,
}

/// What a run leaves: its exit status, outputs and history.
#[derive(Default)]
struct Left {
    status: Option<i32>,
    outputs: Vec<Vec<u8>>,
    history: Rows,
}

/// A history: every row of every table, as text.
type Rows = BTreeMap<String, Vec<String>>;

/// A call, from 1, and its fate.
struct Fault {
    fate: &'static str,
    at: usize,
}

impl Scenario {
    /// The second night after an earlier one; `None` where there is no C compiler.
    fn new(earlier: Option<&str>, given: Given) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let shim = build_shim(folder.path())?;
        fs::write(folder.path().join("night.837"), night(SECOND_NIGHT)).unwrap();
        let mut scenario = Self {
            folder,
            shim,
            given,
            before: None,
            rows_before: Rows::new(),
            undisturbed: Left::default(),
            calls: Vec::new(),
        };
        if let Some(earlier) = earlier {
            let place = scenario.fresh_folder();
            let mut command = adjudicate(place.path());
            let output = command.args([earlier, "--out", OUTPUTS[0], "--remit", "earlier.835"]);
            let output = output.output();
            let output = output.unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", words(&output));
            scenario.before = Some(fs::read(place.path().join(HISTORY)).unwrap());
            scenario.rows_before = rows(&place.path().join(HISTORY));
        }
        let place = scenario.fresh_folder();
        let log = scenario.folder.path().join("calls");
        let preload = [
            ("LD_PRELOAD", scenario.shim.as_os_str()),
            ("CLAIMSTREAM_FAULT_LOG", log.as_os_str()),
        ];
        let output = scenario.run(place.path(), &preload);
        scenario.undisturbed = Left::of(&output, place.path());
        // One claim of the night is rejected.
        assert_eq!(scenario.undisturbed.status, Some(1), "{}", words(&output));
        let calls = fs::read_to_string(&log).unwrap();
        scenario.calls = calls.lines().map(str::to_owned).collect();
        Some(scenario)
    }

    /// A folder as it is before the run.
    fn fresh_folder(&self) -> TempDir {
        // In memory, where syncing takes no time.
        let place = TempDir::new_in("/dev/shm")
            .or_else(|_| TempDir::new())
            .unwrap();
        if let Some(before) = &self.before {
            fs::write(place.path().join(HISTORY), before).unwrap();
        }
        for output in OUTPUTS {
            fs::write(place.path().join(output), YESTERDAY).unwrap();
        }
        place
    }

    /// Gives the command under test, always the same.
    fn run(&self, place: &Path, environment: &[(&str, &OsStr)]) -> Output {
        let night = self.folder.path().join("night.837");
        let mut command = adjudicate(place);
        match self.given {
            Given::ByName => command.arg(&night),
            Given::AsStandardInput => command.arg("-").stdin(File::open(&night).unwrap()),
        };
        let options = [
            "--out",
            "--pends",
            "--errors",
            "--summary",
            "--remit",
            "--recoveries",
        ];
        for (option, output) in options.iter().zip(OUTPUTS) {
            command.args([option, output]);
        }
        command.envs(environment.iter().copied()).output().unwrap()
    }

    /// Lets a fault happen and gives the same command again. Gives what was not as promised.
    fn try_fault(&self, fault: &Fault) -> Result<(), String> {
        let (place, at) = (self.fresh_folder(), fault.at.to_string());
        let preload = [
            ("LD_PRELOAD", self.shim.as_os_str()),
            ("CLAIMSTREAM_FAULT", fault.fate.as_ref()),
            ("CLAIMSTREAM_FAULT_AT", at.as_ref()),
        ];
        let output = self.run(place.path(), &preload);
        let call = &*self.calls[fault.at - 1];
        let kept = self.look_at_fault(fault, call, &output, place.path());
        let finished = kept.and_then(|()| self.finish(place.path()));
        finished.map_err(|broken| {
            let Fault { fate, at } = fault;
            let (status, words) = (output.status, words(&output));
            format!("call {at} ({call}), {fate}: {broken}; with {status} it had said:\n{words}")
        })
    }

    /// What must hold after a fault.
    fn look_at_fault(
        &self,
        fault: &Fault,
        call: &str,
        output: &Output,
        place: &Path,
    ) -> Result<(), String> {
        let is_killed = output.status.code() == Some(KILLED);
        let is_done = output.status.code() == self.undisturbed.status;
        let is_failed = output.status.code() == Some(FAILED);
        if ["abort", "torn"].contains(&fault.fate) {
            hold(is_killed, "it was to die")?;
        } else {
            hold(is_done || is_failed, "the status is another")?;
            hold(is_done || fault.fate != "folders", "it failed")?;
            let mut names = names_in(place).into_iter();
            let is_left = names.any(|name| name.starts_with(".claimstream-"));
            hold(
                !is_left || call.starts_with("unlink"),
                "a temporary file is left",
            )?;
        }
        // What was cut off is undone by the database, for whoever looks first.
        self.check(place)?;
        let history = rows(&place.join(HISTORY));
        let has_run = history == self.undisturbed.history;
        let is_as_before = history == self.rows_before;
        hold(
            has_run || is_as_before,
            "the history is neither with nor without the run",
        )?;
        hold(
            has_run || !is_done,
            "it is done, and the history is without it",
        )?;
        if is_failed {
            hold(is_one_sentence(output), "the failure is not one sentence")?;
            let says_so = words(output).contains("holds the run");
            hold(
                says_so || !has_run,
                "the history has the run, and nobody is told",
            )?;
            hold(
                has_run || !says_so,
                "the history is without the run, and it is told",
            )?;
        }
        for (name, whole) in OUTPUTS.iter().zip(&self.undisturbed.outputs) {
            let got = fs::read(place.join(name)).unwrap();
            let is_whole = match *name {
                // It tells the time taken.
                "summary.json" => serde_json::from_slice::<serde_json::Value>(&got).is_ok(),
                _ => &got == whole,
            };
            hold(
                is_whole || got == YESTERDAY,
                &format!("{name} is cut short"),
            )?;
            hold(
                has_run || !is_whole,
                &format!("{name} is there, and the run is not kept"),
            )?;
            hold(
                is_whole || !is_done,
                &format!("it is done, and {name} is not there"),
            )?;
        }
        Ok(())
    }

    /// What must hold when the same command is given again.
    fn finish(&self, place: &Path) -> Result<(), String> {
        let output = self.run(place, &[]);
        let left = Left::of(&output, place);
        let again = |broken| format!("given again, {broken} ({})", words(&output));
        hold(
            left.status == self.undisturbed.status,
            "the status is another",
        )
        .map_err(again)?;
        let outputs = left.outputs.iter().zip(&self.undisturbed.outputs);
        let written = OUTPUTS.iter().zip(outputs);
        // The summary tells what was adjudicated before.
        let again_alike = |name: &&str| !["summary.json", "remittances.835"].contains(name);
        for (name, (got, whole)) in written.filter(|(name, _)| again_alike(name)) {
            hold(got == whole, &format!("{name} is another")).map_err(again)?;
        }
        hold(
            left.history == self.undisturbed.history,
            "the history is another",
        )
        .map_err(again)?;
        let journal = place.join(format!("{HISTORY}-journal"));
        hold(!journal.exists(), "a journal is left").map_err(again)?;
        self.check(place).map_err(again)
    }

    /// Lets the program look whether all that must hold in a history holds. A first run that was
    /// cut off leaves no history, or an empty file.
    fn check(&self, place: &Path) -> Result<(), String> {
        let mut command = claimstream(place);
        let output = command.args(["history", "check", "--history", HISTORY]);
        let output = output.output().unwrap();
        let is_nothing = fs::metadata(place.join(HISTORY)).map_or(true, |about| about.len() == 0);
        if self.before.is_none() && is_nothing {
            let is_told = output.status.code() == Some(FAILED) && is_one_sentence(&output);
            return hold(is_told, "nobody is told that there is no history yet");
        }
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        hold(
            output.status.success(),
            &format!("the history is not whole: {said}"),
        )
    }

    /// Tries every fate at every call of a kind.
    fn try_all(&self, is_tried: impl Fn(&str) -> bool) {
        let calls = (1..).zip(&self.calls);
        let tried: Vec<usize> = calls
            .filter_map(|(at, call)| is_tried(call).then_some(at))
            .collect();
        assert!(!tried.is_empty());
        let faults = FATES
            .iter()
            .flat_map(|fate| tried.iter().map(move |&at| Fault { fate, at }));
        self.try_each(&faults.collect::<Vec<_>>());
    }

    fn try_each(&self, faults: &[Fault]) {
        let broken: Vec<String> = faults
            .par_iter()
            .filter_map(|fault| self.try_fault(fault).err())
            .collect();
        let (broken_count, count) = (broken.len(), faults.len());
        assert!(
            broken.is_empty(),
            "{broken_count} of {count} faults broke the promise, among them\n\n{}",
            broken[..broken_count.min(MOST_TOLD)].join("\n")
        );
    }
}

impl Left {
    fn of(output: &Output, place: &Path) -> Self {
        Self {
            status: output.status.code(),
            outputs: OUTPUTS
                .iter()
                .map(|output| fs::read(place.join(output)).unwrap())
                .collect(),
            history: rows(&place.join(HISTORY)),
        }
    }
}

fn hold(holds: bool, broken: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| broken.to_owned())
}

/// Builds the shim, where there is a C compiler.
pub(super) fn build_shim(folder: &Path) -> Option<PathBuf> {
    let shim = folder.join("shim.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&shim, &source])
        .stdin(Stdio::null())
        .output();
    match built {
        Ok(built) => {
            assert!(built.status.success(), "{}", words(&built));
            Some(shim)
        }
        Err(_) => {
            eprintln!("skipped: there is no C compiler (cc) to build tests/faults/shim.c with");
            None
        }
    }
}

fn claimstream(place: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("claimstream"));
    command.current_dir(place);
    command
}

/// The command under test, without its input.
fn adjudicate(place: &Path) -> Command {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut command = claimstream(place);
    command
        .args(["adjudicate", "--history", HISTORY, "--plans"])
        .arg(fixtures.join("plans.toml"))
        .arg("--facts")
        .arg(fixtures.join("facts.jsonl"));
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether standard error ends with one sentence of why, after what was told of the inputs.
fn is_one_sentence(output: &Output) -> bool {
    let words = words(output);
    let own = |line: &&str| line.starts_with("claimstream: ");
    let last = words.lines().last().unwrap_or_default();
    words.lines().filter(own).count() == 1 && own(&last) && last.len() > 30
}

fn names_in(place: &Path) -> Vec<String> {
    let entries = fs::read_dir(place).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Every row of every table but the times of runs; none where there is no history.
fn rows(history: &Path) -> Rows {
    let mut rows = Rows::new();
    if fs::metadata(history).map_or(true, |about| about.len() == 0) {
        return rows;
    }
    let connection = Connection::open(history).unwrap();
    let mut dump = |name: &str, query: &str| {
        let mut statement = connection.prepare(query).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).unwrap();
        let dumped = rows.entry(name.to_owned()).or_default();
        while let Some(row) = found.next().unwrap() {
            let mut text = String::new();
            for (index, column) in columns.iter().enumerate() {
                if !["recorded_at", "forgotten_at"].contains(&&**column) {
                    let value: rusqlite::types::Value = row.get(index).unwrap();
                    write!(text, "{column}: {value:?}, ").unwrap();
                }
            }
            dumped.push(text);
        }
        dumped.sort_unstable();
    };
    dump(
        "schema",
        "SELECT type, name, tbl_name, sql FROM sqlite_schema",
    );
    dump("version", "PRAGMA user_version");
    dump("application", "PRAGMA application_id");
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get(0)).unwrap();
    for table in tables.collect::<Result<Vec<String>, _>>().unwrap() {
        dump(&table, &format!("SELECT * FROM \"{table}\""));
    }
    rows
}

const OVERNIGHT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/overnight.837");

/// A night that takes back, replaces, pays, denies, pends and rejects, and comes late to guidance
/// that was paid: a claim with one line each,
/// by number, frequency, member, code, date of service, diagnosis and charge.
const SECOND_NIGHT: &str = "
    RP-1001  8  U10000001  20552  20250602  M7918  180.00
    RP-1002  7  U10000001  20552  20250609  M7918  175.00
    FI-0001  1  U10000001  20553  20261005  M7918  180.00
    FI-0002  1  U30000001  20552  20261005  M7918  150.00
    FI-0003  1  U30000001  20552  20261007  M7918  150.00
    FI-0004  1  U30000002  20552  20261006  J069   150.00
    FI-0005  1  U30000003  20552  20261006  M7918  15O
    FI-0006  1  U10000007  20552  20260925  M7918  150.00
";

/// The claims of a table as a transaction set in an interchange of its own.
fn night(table: &str) -> String {
    let mut set = String::from(
        "ST*837*0001*005010X222A1~\nBHT*0019*00*N2*20261012*0215*CH~\n\
         NM1*41*2*ARKANSAS CLEARING*****46*ARKCLEARING~\nPER*IC*HELP DESK*TE*5015550100~\n\
         NM1*40*2*CLAIMSTREAM*****46*CLAIMSTREAM~\nHL*1**20*1~\n\
         NM1*85*2*RIDGE PAIN CLINIC*****XX*1234567893~\nREF*EI*710000001~\n",
    );
    let claims = table.lines().filter(|line| !line.trim().is_empty());
    for (level, claim) in (2..).zip(claims) {
        let cells: Vec<&str> = claim.split_whitespace().collect();
        let [number, frequency, member, code, date, diagnosis, charge] = cells[..] else {
            unreachable!("{claim}: seven columns")
        };
        let original = match frequency {
            "1" => String::new(),
            _ => format!("REF*F8*{number}~\n"),
        };
        write!(
            set,
            "HL*{level}*1*22*0~\nSBR*P*18*******CI~\nNM1*IL*1*AMOS*RUTH****MI*{member}~\n\
             NM1*PR*2*CIGNA*****PI*62308~\nCLM*{number}*{charge}***11:B:{frequency}*Y*A*Y*Y~\n\
             {original}HI*ABK:{diagnosis}~\nNM1*82*1*ABEL*SAM****XX*1500000017~\nLX*1~\n\
             SV1*HC:{code}*{charge}*UN*1***1~\nDTP*472*D8*{date}~\nREF*6R*{number}-N2~\n",
        )
        .unwrap();
    }
    let segments = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*ARKCLEARING    *ZZ*CLAIMSTREAM    *261012*0215*^*00501\
         *000004712*0*P*:~\nGS*HC*ARKCLEARING*CLAIMSTREAM*20261012*0215*4712*X*005010X222A1~\n\
         {set}SE*{segments}*0001~\nGE*1*4712~\nIEA*1*000004712~\n"
    )
}

#[test]
fn a_night_that_dies_or_fails_at_any_call_is_finished_by_the_same_command() {
    let Some(scenario) = Scenario::new(Some(OVERNIGHT), Given::ByName) else {
        return;
    };
    let determinations = String::from_utf8_lossy(&scenario.undisturbed.outputs[0]);
    for decision in ["pay", "deny", "pend", "reverse"] {
        let decision = format!("\"decision\":\"{decision}\"");
        assert!(determinations.contains(&decision), "{determinations}");
    }
    let proposals = String::from_utf8_lossy(&scenario.undisturbed.outputs[5]);
    assert!(proposals.contains("\"kind\":\"recovery\""), "{proposals}");
    scenario.try_all(|_| true);
}

#[test]
fn a_first_night_that_dies_or_fails_at_any_call_is_finished_by_the_same_command() {
    if let Some(scenario) = Scenario::new(None, Given::ByName) {
        scenario.try_all(|_| true);
    }
}

#[test]
fn standard_input_that_cannot_be_kept_for_the_run_is_given_again_and_finished() {
    if let Some(scenario) = Scenario::new(Some(OVERNIGHT), Given::AsStandardInput) {
        scenario.try_all(|call| call.contains("/.claimstream-"));
    }
}

#[test]
fn a_folder_that_cannot_be_synced_keeps_no_run_from_ending() {
    if let Some(scenario) = Scenario::new(Some(OVERNIGHT), Given::ByName) {
        let faults = [Fault {
            fate: "folders",
            at: 1,
        }];
        scenario.try_each(&faults);
    }
}
