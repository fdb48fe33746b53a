//! Nights in words: what is billed, what is decided, what is proposed.
//!
//! A script is read line by line:
//!
//! - `night` begins a run; its rows are `CLAIM DATE CODE[-MODIFIERS] DECISION` and keys
//!   (`member=`, `billing=`, `rendering=`, `units=`, `charge=`, `dx=`, `freq=`, `ref=`, `type=RP`). Rows of one
//!   claim that stand together are its lines. A member that begins with `P` is of CareSource.
//! - `=> KIND CLAIM.LINE would be DECISION AMOUNT by CLAIMS [notes]` is what the night proposes, all of it.
//! - `review CLAIM.LINE pay` or `deny` is a reviewer's decision; `import DATE CODE [member=] [pcn=]` a
//!   session paid elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::history::{
    Asking, Configuration, History, RunInput, SqliteHistory, decide, import, judge_after, record,
};
use crate::intake::{Beside, Intake, Observer, ReadOptions, list_inputs, read_with};
use crate::output::Run;
use crate::policy::{FactsTable, Members, Plans};
use crate::recoveries::{Proposal, SecondLook};
use crate::x12::Issue;

/// A row of a night.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) claim: String,
    pub(super) date: String,
    /// The code with its modifiers.
    pub(super) code: String,
    pub(super) decision: String,
    pub(super) keys: BTreeMap<String, String>,
}

impl Row {
    pub(super) fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap_or_else(|| panic!("{text}"));
        let [claim, date, code, decision] = [word(), word(), word(), word()];
        let keys = words.map(|key| {
            let (key, value) = key.split_once('=').unwrap();
            (key.to_owned(), value.to_owned())
        });
        Self {
            claim,
            date,
            code,
            decision,
            keys: keys.collect(),
        }
    }

    fn key<'r>(&'r self, key: &str, or: &'r str) -> &'r str {
        self.keys.get(key).map_or(or, String::as_str)
    }
}

/// A claim, and a line of it.
pub(super) type Name = (String, u32);

/// What was decided of governed lines, or of all.
pub(super) type Decisions = BTreeMap<Name, String>;

/// The names of rows: rows of one claim that stand together are its lines.
pub(super) fn names(rows: &[Row]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::with_capacity(rows.len());
    for row in rows {
        let line = match names.last() {
            Some((claim, line)) if *claim == row.claim => line + 1,
            _ => 1,
        };
        names.push((row.claim.clone(), line));
    }
    names
}

/// A billing or rendering provider, by a digit.
fn provider(digit: &str) -> String {
    format!("123456789{digit}")
}

/// An interchange of rows, billed on 2027-06-01.
fn interchange(number: usize, rows: &[Row]) -> String {
    let mut set = String::new();
    let mut hl = 0;
    for lines in rows.chunk_by(|one, other| one.claim == other.claim) {
        let row = &lines[0];
        let member = row.key("member", "W1");
        let payer = match member.starts_with('P') {
            true => "CSPASSE",
            false => "62308",
        };
        let _ = write!(
            set,
            "HL*{}**20*1~NM1*85*2*CLINIC*****XX*{}~HL*{}*{}*22*0~SBR*P*18*******CI~\
             NM1*IL*1*DOE*PAT****MI*{member}~NM1*PR*2*PAYER*****PI*{payer}~\
             CLM*{}*100***11:B:{}*Y*A*Y*Y~",
            hl + 1,
            provider(row.key("billing", "1")),
            hl + 2,
            hl + 1,
            row.claim,
            row.key("freq", "1"),
        );
        hl += 2;
        if let Some(original) = row.keys.get("ref") {
            let _ = write!(set, "REF*F8*{original}~");
        }
        let _ = write!(
            set,
            "HI*ABK:{}~NM1*82*1*ROE*SAM****XX*{}~",
            row.key("dx", "M7918"),
            provider(row.key("rendering", row.key("billing", "1")))
        );
        for (index, row) in lines.iter().enumerate() {
            let _ = write!(
                set,
                "LX*{}~SV1*HC:{}*{}*UN*{}***1~DTP*472*D8*{}~",
                index + 1,
                row.code.replace('-', ":"),
                row.key("charge", "100"),
                row.key("units", "1"),
                row.date.replace('-', "")
            );
        }
    }
    let kind = rows.first().map_or("CH", |row| row.key("type", "CH"));
    let set = format!("ST*837*0001*005010X222A1~BHT*0019*00*R*20270601*0600*{kind}~{set}");
    let segments = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *270601*0600*^*00501*{number:09}*0*P*:~\
         GS*HC*S*R*20270601*0600*1*X*005010X222A1~{set}SE*{segments}*0001~GE*1*1~IEA*1*{number:09}~"
    )
}

struct Deaf;

impl Observer for Deaf {
    fn issue(&mut self, issue: Issue) {
        panic!("{issue:?}");
    }

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}

/// A history, and the runs that it is given.
pub(super) struct Nights {
    folder: TempDir,
    pub(super) plans: Plans,
    members: Members,
    all_lines: bool,
    nights: usize,
    /// Claim control numbers, and the claims that have them.
    names: BTreeMap<String, String>,
}

impl Nights {
    pub(super) fn new() -> Self {
        Self::under(Plans::embedded().unwrap())
    }

    pub(super) fn under(plans: Plans) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            plans,
            members: Members::default(),
            all_lines: false,
            nights: 0,
            names: BTreeMap::new(),
        }
    }

    pub(super) fn with_all_lines(mut self) -> Self {
        self.all_lines = true;
        self
    }

    pub(super) fn with_members(mut self, crosswalk: &str) -> Self {
        self.members = Members::read("members", crosswalk.as_bytes()).unwrap();
        self
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("h.history")
    }

    pub(super) fn open(&self) -> SqliteHistory {
        SqliteHistory::create(&self.path()).unwrap()
    }

    /// Adjudicates a night; gives its run, its decisions, and what it proposes before it is
    /// committed.
    pub(super) fn night(&mut self, rows: &[Row]) -> (i64, Decisions, Vec<Proposal>) {
        self.nights += 1;
        let path = self.folder.path().join(format!("{}.837", self.nights));
        std::fs::write(&path, interchange(self.nights, rows)).unwrap();
        let mut history = self.open();
        history.begin().unwrap();
        let (decisions, run) = self.adjudicate(&mut history, &path);
        let proposals = self.proposals(&mut history, run);
        history.commit().unwrap();
        assert_eq!(self.open().check().unwrap(), Vec::<String>::new());
        (run, decisions, proposals)
    }

    fn adjudicate(&mut self, history: &mut SqliteHistory, path: &Path) -> (Decisions, i64) {
        let facts = FactsTable::default();
        let options = ReadOptions {
            plans: &self.plans,
            members: &self.members,
            all_lines: self.all_lines,
            lenient_envelope: false,
            strict: false,
            checks: None,
        };
        let inputs = list_inputs(&[path.to_owned()]).unwrap().list;
        let asking = &mut Asking(history);
        let beside = Beside {
            recall: Some(asking),
            ..Beside::default()
        };
        let Intake { batch, files, .. } = read_with(&inputs, options, beside, &mut Deaf).unwrap();
        let judged = judge_after(history, &batch, &self.plans, &facts, &self.members).unwrap();
        let run = Run {
            batch: &batch,
            plans: &self.plans,
            adjudication: &judged.adjudication,
            reversals: &judged.reversals,
        };
        let mut decisions = Decisions::new();
        for determination in run.determinations(0..batch.claims.len(), self.all_lines) {
            if determination.reversed_by.is_none() {
                let number = determination.claim_control_number.unwrap().to_string();
                self.names.insert(number, determination.claim.to_string());
                let name = (determination.claim.to_string(), determination.line);
                decisions.insert(name, determination.decision.to_string());
            }
        }
        let given: Vec<RunInput<'_>> = files
            .iter()
            .map(|read| RunInput {
                name: "night",
                read,
            })
            .collect();
        let configuration = Configuration {
            has_all_lines: self.all_lines,
            ..Configuration::new(&self.plans, None, None)
        };
        let run = record(
            history,
            run,
            &facts,
            &judged.earlier,
            &given,
            &configuration,
            "2027-06-01 06:00:00",
        );
        (decisions, run.unwrap().unwrap())
    }

    /// What a run proposes, as the history tells now.
    pub(super) fn proposals(&self, history: &mut dyn History, run: i64) -> Vec<Proposal> {
        let look =
            |history: &mut dyn History| SecondLook::at(history, run, &self.plans, &self.members);
        let proposals = all(look(history).unwrap(), history);
        let whole = look(history).unwrap().of_whole_timelines();
        assert_eq!(
            proposals,
            all(whole, history),
            "timelines that were left out"
        );
        proposals
    }

    /// A proposal as a script has it.
    pub(super) fn told(&self, proposal: &Proposal) -> String {
        let by: Vec<&str> = proposal
            .caused_by
            .iter()
            .map(|number| &*self.names[number.as_str()])
            .collect();
        let mut told = format!(
            "{} {}.{} would be {} {} by {}",
            proposal.kind,
            proposal.claim,
            proposal.line,
            proposal.would_be,
            proposal.amount,
            by.join(" ")
        );
        for note in &proposal.notes {
            let note = serde_json::to_string(note).unwrap();
            let _ = write!(told, " {}", note.trim_matches('"'));
        }
        told
    }

    fn number_of(&self, claim: &str) -> &str {
        let mut names = self.names.iter();
        names.find(|(_, name)| *name == claim).unwrap().0
    }

    fn review(&self, words: &str) {
        let (line, decision) = words.split_once(' ').unwrap();
        let (claim, line) = line.split_once('.').unwrap();
        let codes = match decision {
            "deny" => "CO,50,",
            _ => ",,",
        };
        let text = format!(
            "claim_control_number,line,decision,group,carc,rarc,reviewer,decided_on\n{},{line},{decision},{codes},ann,2027-06-02\n",
            self.number_of(claim)
        );
        let mut history = self.open();
        history.begin().unwrap();
        let decided = decide(
            &mut history,
            ("review", &text),
            text.as_bytes(),
            &self.plans,
            &self.members,
            "2027-06-02 06:00:00",
        );
        assert!(decided.unwrap().run.is_some(), "{words}");
        history.commit().unwrap();
    }

    fn import(&self, words: &str) {
        let mut words = words.split_whitespace();
        let (date, code) = (words.next().unwrap(), words.next().unwrap());
        let keys: BTreeMap<&str, &str> = words.map(|word| word.split_once('=').unwrap()).collect();
        let key = |key: &str, or: &'static str| keys.get(key).map_or(or, |value| value).to_owned();
        let member = key("member", "W1");
        let payer = match member.starts_with('P') {
            true => "CSPASSE",
            false => "62308",
        };
        let mut plans = self.plans.plans.iter();
        let plan = plans.find(|plan| plan.takes(payer.as_bytes(), b""));
        let text = format!(
            "plan,member,service_date,procedure,billing_provider,rendering_provider,patient_control_number,phase,muscles\n{},{member},{date},{code},{},,{},,\n",
            plan.unwrap().id,
            provider("1"),
            key("pcn", "")
        );
        let mut history = self.open();
        history.begin().unwrap();
        import(
            &mut history,
            ("import", &text),
            text.as_bytes(),
            &self.plans,
            &self.members,
            "2027-06-02 06:00:00",
        )
        .unwrap();
        history.commit().unwrap();
    }

    /// Plays a script, and checks what each night decides and proposes: when it is recorded,
    /// and again when all nights are.
    pub(super) fn play(&mut self, script: &str) {
        let mut rows: Vec<Row> = Vec::new();
        let mut expected: Vec<String> = Vec::new();
        let mut played = Vec::new();
        let lines = script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        for line in lines.chain(["night"]) {
            if let Some(proposal) = line.strip_prefix("=> ") {
                expected.push(proposal.to_owned());
                continue;
            }
            let step = line.split(' ').next().unwrap();
            if matches!(step, "night" | "review" | "import") && !rows.is_empty() {
                let (run, decisions, proposals) = self.night(&rows);
                let wanted = rows.iter().map(|row| row.decision.clone());
                let wanted: Decisions = names(&rows).into_iter().zip(wanted).collect();
                assert_eq!(decisions, wanted, "decisions of run {run}\n{script}");
                let told: Vec<String> = proposals.iter().map(|of| self.told(of)).collect();
                assert_eq!(told, expected, "proposals of run {run}\n{script}");
                played.push((run, proposals));
                (rows, expected) = (Vec::new(), Vec::new());
            }
            match step {
                "night" => {}
                "review" => self.review(&line["review ".len()..]),
                "import" => self.import(&line["import ".len()..]),
                _ => rows.push(Row::parse(line)),
            }
        }
        for (run, proposals) in played {
            let mut history = self.open();
            history.begin().unwrap();
            let again = self.proposals(&mut history, run);
            assert_eq!(again, proposals, "run {run} again\n{script}");
        }
    }
}

fn all(mut look: SecondLook<'_>, history: &mut dyn History) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    while let Some(part) = look.next_part(history).unwrap() {
        proposals.extend(part);
    }
    proposals
}

/// Plays a script under the embedded policies.
pub(super) fn play(script: &str) {
    Nights::new().play(script);
}
