//! An 835 read again, plainly: what a practice's own software would make of it.

use std::collections::BTreeMap;

/// A transaction set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advice {
    /// BPR02, in cents.
    pub payment: i128,
    /// BPR04.
    pub method: String,
    /// BPR16.
    pub date: String,
    /// TRN02.
    pub trace: String,
    /// 1000B N104.
    pub payee: String,
    pub claims: Vec<Paid>,
    /// PLB: reason, reference and cents.
    pub balances: Vec<(String, String, i128)>,
}

/// A claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paid {
    /// CLP01.
    pub number: String,
    /// CLP02.
    pub status: String,
    pub charge: i128,
    pub paid: i128,
    /// CLP07.
    pub control_number: String,
    pub lines: Vec<PaidLine>,
}

/// A service line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaidLine {
    /// SVC01-2.
    pub procedure: String,
    pub charge: i128,
    pub paid: i128,
    /// CAS: `CO-151`, and cents.
    pub adjustments: Vec<(String, i128)>,
    /// LQ*HE.
    pub remarks: Vec<String>,
    /// REF*0K.
    pub policies: Vec<String>,
}

/// An amount in cents.
fn cents(text: &str) -> i128 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= 2, "{text}");
    let number = |text: &str| text.parse::<i128>().unwrap();
    sign * (number(whole) * 100 + number(&format!("{part:0<2}")))
}

/// The transaction sets of a file of ours, whose envelopes must fit.
pub fn read(text: &str) -> Vec<Advice> {
    let mut advices: Vec<Advice> = Vec::new();
    let (mut segments, mut sets, mut group, mut interchange) = (0, 0, "", "");
    for line in text.lines() {
        let elements: Vec<&str> = line.strip_suffix('~').unwrap().split('*').collect();
        let get = |position: usize| elements.get(position).copied().unwrap_or_default();
        segments += 1;
        let advice = advices.last_mut();
        match get(0) {
            "ISA" => interchange = get(13),
            "GS" => (group, sets) = (get(6), 0),
            "ST" => {
                (segments, sets) = (1, sets + 1);
                assert_eq!(get(2), format!("{sets:04}"));
                advices.push(Advice::default());
            }
            "SE" => assert_eq!(
                (get(1), get(2)),
                (&*segments.to_string(), &*format!("{sets:04}"))
            ),
            "GE" => assert_eq!((get(1), get(2)), (&*sets.to_string(), group)),
            "IEA" => assert_eq!((get(1), get(2)), ("1", interchange)),
            id => advice.unwrap().segment(id, &get),
        }
    }
    advices
}

impl Advice {
    fn segment<'t>(&mut self, id: &str, get: &impl Fn(usize) -> &'t str) {
        let claim = self.claims.last_mut();
        match id {
            "BPR" => {
                (self.payment, self.method) = (cents(get(2)), get(4).to_owned());
                self.date = get(16).to_owned();
            }
            "TRN" => self.trace = get(2).to_owned(),
            "N1" if get(1) == "PE" => self.payee = get(4).to_owned(),
            "CLP" => self.claims.push(Paid {
                number: get(1).to_owned(),
                status: get(2).to_owned(),
                charge: cents(get(3)),
                paid: cents(get(4)),
                control_number: get(7).to_owned(),
                lines: Vec::new(),
            }),
            "SVC" => claim.unwrap().lines.push(PaidLine {
                procedure: get(1).split(':').nth(1).unwrap().to_owned(),
                charge: cents(get(2)),
                paid: cents(get(3)),
                ..PaidLine::default()
            }),
            "CAS" => {
                let reason = (format!("{}-{}", get(1), get(2)), cents(get(3)));
                claim.unwrap().line().adjustments.push(reason);
            }
            "LQ" => claim.unwrap().line().remarks.push(get(2).to_owned()),
            "REF" if get(1) == "0K" => claim.unwrap().line().policies.push(get(2).to_owned()),
            "PLB" => {
                for position in [3, 5] {
                    if let Some((reason, reference)) = get(position).split_once(':') {
                        let amount = cents(get(position + 1));
                        let balance = (reason.to_owned(), reference.to_owned(), amount);
                        self.balances.push(balance);
                    }
                }
            }
            _ => {}
        }
    }

    /// Holds the set to its arithmetic: lines, claims, payment.
    pub fn assert_balanced(&self) {
        for claim in &self.claims {
            for line in &claim.lines {
                let adjusted: i128 = line.adjustments.iter().map(|(_, cents)| cents).sum();
                assert_eq!(line.charge - adjusted, line.paid, "{}", claim.number);
            }
            let sum = |of: fn(&PaidLine) -> i128| claim.lines.iter().map(of).sum::<i128>();
            assert_eq!(claim.charge, sum(|line| line.charge), "{}", claim.number);
            assert_eq!(claim.paid, sum(|line| line.paid), "{}", claim.number);
        }
        let claims: i128 = self.claims.iter().map(|claim| claim.paid).sum();
        let balances: i128 = self.balances.iter().map(|(.., cents)| cents).sum();
        assert_eq!(self.payment, claims - balances, "{}", self.payee);
        assert!(self.payment >= 0);
        assert_eq!(self.payment == 0, self.method == "NON");
    }
}

impl Paid {
    fn line(&mut self) -> &mut PaidLine {
        self.lines.last_mut().unwrap()
    }
}

/// What claims come to over some advices, by claim control number, in cents.
pub fn paid_by_claim(advices: &[Advice]) -> BTreeMap<String, i128> {
    let mut paid = BTreeMap::new();
    for claim in advices.iter().flat_map(|advice| &advice.claims) {
        *paid.entry(claim.control_number.clone()).or_default() += claim.paid;
    }
    paid
}
