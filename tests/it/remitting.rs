//! Runs that remit, and what they remitted.

use std::fs;
use std::ops::Deref;

use super::advice::{self, Advice};
use super::nights::{Line, night};
use super::place::{Place, claimstream, words};

/// A folder in which runs remit, each of which must balance and leave the history whole.
pub struct Remitting(Place);

impl Deref for Remitting {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

impl Remitting {
    pub fn new() -> Self {
        Self(Place::new())
    }

    /// Adjudicates a night of its own file, and gives its remittances.
    pub fn night(&self, number: u32, lines: &[Line<'_>], more: &[&str]) -> Vec<Advice> {
        let file = self.write(&format!("{number}.837"), night(number, lines));
        self.run(&file, more)
    }

    pub fn run(&self, file: &str, more: &[&str]) -> Vec<Advice> {
        let (history, remit) = (self.path("h.history"), self.path("r.835"));
        let out = self.path("o.jsonl");
        let given = [
            "adjudicate",
            file,
            "--history",
            &history,
            "--remit",
            &remit,
            "--out",
            &out,
        ];
        let plans = ["--plans", "fixtures/plans.toml"];
        let output = claimstream(&[&given, &plans[..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let text = fs::read_to_string(&remit).unwrap();
        let advices = advice::read(&text);
        advices.iter().for_each(Advice::assert_balanced);
        if !text.is_empty() {
            let output = claimstream(&["remit", "check", &remit]);
            assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        }
        self.check();
        advices
    }

    /// What must hold of the history holds.
    pub fn check(&self) {
        let output = claimstream(&["history", "check", "--history", &self.path("h.history")]);
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    }

    /// Decides every pended line alike; gives what is said of it.
    pub fn decide(&self, decision: &str) -> String {
        let history = self.path("h.history");
        let pends = self.path("pends.csv");
        let asked = ["history", "pends", "--history", &history, "--csv", &pends];
        assert_eq!(claimstream(&asked).status.code(), Some(0));
        let text = fs::read_to_string(&pends).unwrap();
        let decided = text.replace(",,,,,,\n", &format!(",{decision},RN,2027-06-02\n"));
        self.write("pends.csv", &decided);
        let plans = ["--plans", "fixtures/plans.toml"];
        let output = claimstream(
            &[
                &["history", "decide", &pends, "--history", &history],
                &plans[..],
            ]
            .concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        words(&output)
    }
}

/// Claims as `number status paid`.
pub fn claims(advices: &[Advice]) -> Vec<String> {
    let claims = advices.iter().flat_map(|advice| &advice.claims);
    claims
        .map(|claim| format!("{} {} {}", claim.number, claim.status, claim.paid))
        .collect()
}
