//! Counts of what changes: by decision, by rule, by billing provider.

use std::collections::BTreeMap;
use std::mem;

use ahash::{AHashMap, AHashSet, RandomState};

use super::{Change, Decided, Pair, Sides};
use crate::claim::as_text;
use crate::output::Run;
use crate::policy::{Decision, RuleKind};
use crate::timeline::Symbol;

/// What two runs over the same inputs come to.
#[derive(Debug)]
pub struct Comparison {
    /// Claims that bear a line which a side judges or takes back.
    pub claims: u64,
    /// Of those, with a line whose decision changes.
    pub changed_claims: u64,
    /// Members (by their key, under any plan) with such a line.
    pub changed_members: u64,
    /// Lines by their decision on the base and on the other side, those that stay among them.
    pub decisions: BTreeMap<(Decision, Decision), Cell>,
    /// Lines whose decision stays, for another deciding rule.
    pub other_rule: Moved,
    /// By rule and its decision.
    pub rules: BTreeMap<(RuleKind, Decision), RuleChange>,
    /// By billing provider; empty where the claims have none.
    pub providers: BTreeMap<String, ProviderChange>,
    counting: Counting,
}

/// Lines of one decision on either side. Money is in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// How many.
    pub lines: u64,
    /// Their charges.
    pub charge_cents: i128,
    /// What the base allows; of lines that pass there, nothing is counted.
    pub base_allowed_cents: i128,
    /// What the other side allows.
    pub with_allowed_cents: i128,
}

/// Lines that change. Money is in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// How many.
    pub lines: u64,
    /// Their charges.
    pub charge_cents: i128,
    /// How much more the other side allows for those that pass on neither side.
    pub difference_cents: i128,
}

/// What a rule decides on either side: with = base - no longer + newly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleChange {
    /// Lines that it decides on the base.
    pub base: u64,
    /// Lines that it decides on the other side.
    pub with: u64,
    /// Lines that it decides on the base alone.
    pub no_longer: Moved,
    /// Lines that it decides on the other side alone.
    pub newly: Moved,
}

/// What changes for a billing provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProviderChange {
    /// Lines that a side judges or takes back.
    pub lines: u64,
    /// Lines whose decision changes.
    pub changed: Moved,
    /// Members with such a line.
    pub members: u64,
}

/// What counting needs, and nobody reads.
#[derive(Debug)]
struct Counting {
    last_claim: Option<u64>,
    last_changed_claim: Option<u64>,
    /// Places in `list`, by the side and its symbol.
    places: AHashMap<(bool, Symbol), usize>,
    by_name: AHashMap<String, usize>,
    list: Vec<(String, ProviderChange)>,
    /// Members with a line that changes, and those of each provider: the hash of each.
    seen: AHashSet<u64>,
    hasher: RandomState,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            claims: 0,
            changed_claims: 0,
            changed_members: 0,
            decisions: BTreeMap::new(),
            other_rule: Moved::default(),
            rules: BTreeMap::new(),
            providers: BTreeMap::new(),
            counting: Counting {
                last_claim: None,
                last_changed_claim: None,
                places: AHashMap::new(),
                by_name: AHashMap::new(),
                list: Vec::new(),
                seen: AHashSet::new(),
                hasher: RandomState::with_seeds(11, 12, 13, 14),
            },
        }
    }
}

impl Moved {
    fn add(&mut self, charge_cents: i64, difference_cents: Option<i64>) {
        self.lines += 1;
        self.charge_cents += i128::from(charge_cents);
        self.difference_cents += i128::from(difference_cents.unwrap_or(0));
    }

    /// Adds others.
    pub fn add_all(&mut self, others: Self) {
        self.lines += others.lines;
        self.charge_cents += others.charge_cents;
        self.difference_cents += others.difference_cents;
    }
}

impl Cell {
    /// Adds others.
    pub fn add_all(&mut self, others: Self) {
        self.lines += others.lines;
        self.charge_cents += others.charge_cents;
        self.base_allowed_cents += others.base_allowed_cents;
        self.with_allowed_cents += others.with_allowed_cents;
    }
}

impl Comparison {
    /// Counts a line; says what changes about it.
    pub fn add(&mut self, sides: Sides<'_>, pair: Pair) -> Option<Change> {
        let base = Decided::of(sides.base, pair.base);
        let with = Decided::of(sides.with, pair.with);
        if (base.decision, with.decision) == (Decision::Pass, Decision::Pass) {
            return None;
        }
        let (run, index, is_base) = match (pair.base, pair.with) {
            (_, Some(index)) => (sides.with, index, false),
            (Some(index), None) => (sides.base, index, true),
            (None, None) => return None,
        };
        let charge = run.batch.lines[index].charge.0;
        let difference = base.difference_cents(with);
        let change = base.change_to(with);
        if self.counting.last_claim.replace(pair.claim) != Some(pair.claim) {
            self.claims += 1;
        }
        self.count_cell(base, with, charge);
        self.count_rules(base, with, charge, difference);
        if change == Some(Change::Rule) {
            self.other_rule.add(charge, difference);
        }
        let provider = self.counting.place_of(run, index, is_base);
        let counted = &mut self.counting.list[provider].1;
        counted.lines += 1;
        if change == Some(Change::Decision) {
            counted.changed.add(charge, difference);
            self.count_changed(run, index, provider, pair.claim);
        }
        change
    }

    fn count_cell(&mut self, base: Decided, with: Decided, charge: i64) {
        let of_line = Cell {
            lines: 1,
            charge_cents: charge.into(),
            base_allowed_cents: base.allowed_cents.unwrap_or(0).into(),
            with_allowed_cents: with.allowed_cents.unwrap_or(0).into(),
        };
        let cell = self.decisions.entry((base.decision, with.decision));
        cell.or_default().add_all(of_line);
    }

    fn count_rules(&mut self, base: Decided, with: Decided, charge: i64, difference: Option<i64>) {
        let key = |side: Decided| Some((side.rule?, side.decision));
        let (ours, theirs) = (key(base), key(with));
        if let Some(ours) = ours {
            let rule = self.rules.entry(ours).or_default();
            rule.base += 1;
            if Some(ours) != theirs {
                rule.no_longer.add(charge, difference);
            }
        }
        if let Some(theirs) = theirs {
            let rule = self.rules.entry(theirs).or_default();
            rule.with += 1;
            if Some(theirs) != ours {
                rule.newly.add(charge, difference);
            }
        }
    }

    fn count_changed(&mut self, run: Run<'_>, index: usize, provider: usize, claim: u64) {
        if self.counting.last_changed_claim.replace(claim) != Some(claim) {
            self.changed_claims += 1;
        }
        let claim = run.batch.claim_of(&run.batch.lines[index]);
        let member = run.batch.symbols.bytes(claim.member);
        let mut is_new = |of: Option<usize>| {
            let hash = self.counting.hasher.hash_one((of, member));
            self.counting.seen.insert(hash)
        };
        let (of_all, of_provider) = (is_new(None), is_new(Some(provider)));
        self.changed_members += u64::from(of_all);
        self.counting.list[provider].1.members += u64::from(of_provider);
    }

    /// All lines are counted.
    #[must_use]
    pub fn finish(mut self) -> Self {
        let list = mem::take(&mut self.counting.list);
        self.providers.extend(list);
        self
    }

    /// Lines whose decision changes.
    #[must_use]
    pub fn changed(&self) -> Moved {
        let mut all = Moved::default();
        for ((base, with), cell) in &self.decisions {
            if base != with {
                all.add_all(cell.moved(*base, *with));
            }
        }
        all
    }
}

impl Cell {
    /// The lines as a change from a decision to another.
    #[must_use]
    pub fn moved(&self, base: Decision, with: Decision) -> Moved {
        let passes = base == Decision::Pass || with == Decision::Pass;
        Moved {
            lines: self.lines,
            charge_cents: self.charge_cents,
            difference_cents: match passes {
                true => 0,
                false => self.with_allowed_cents - self.base_allowed_cents,
            },
        }
    }
}

impl Counting {
    /// The place of the billing provider of a line.
    fn place_of(&mut self, run: Run<'_>, index: usize, is_base: bool) -> usize {
        let batch = run.batch;
        let symbol = batch.claim_of(&batch.lines[index]).billing_provider;
        if let Some(&place) = self.places.get(&(is_base, symbol)) {
            return place;
        }
        let name = as_text(batch.symbols.bytes(symbol)).into_owned();
        let place = match self.by_name.get(&name) {
            Some(&place) => place,
            None => {
                self.list.push((name.clone(), ProviderChange::default()));
                self.by_name.insert(name, self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.places.insert((is_base, symbol), place);
        place
    }
}
