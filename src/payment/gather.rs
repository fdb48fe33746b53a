//! The payments of a run, gathered by payer and payee.

use std::io;
use std::path::Path;

use ahash::AHashMap;
use serde::{Deserialize, Serialize};

use crate::policy::{Payer, Plans};
use crate::remit::{ClaimPayment, Payee};
use crate::spool::{Key, Sorted, Sorter};

/// How many bytes of payments are gathered in memory.
const IN_MEMORY_BYTES: usize = 16 << 20;

/// A payment on its way into a remittance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Gathered {
    /// Its claim's number in the history; its index in the batch where there is none.
    pub(super) claim: i64,
    /// Whether it takes an earlier payment back.
    pub(super) is_reversal: bool,
    pub(super) payment: ClaimPayment,
}

/// A payee of a payer, and what its payments come to.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Index of the payer.
    pub(super) payer: usize,
    pub(super) payee: Payee,
    /// The sum of CLP04, in whole cents.
    pub(super) cents: i128,
}

/// Payments by payer and payee.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) payers: Vec<Payer>,
    /// By plan: the index of its payer.
    payer_of_plan: Vec<Option<usize>>,
    pub(super) accounts: Vec<Account>,
    places: AHashMap<(usize, [String; 2]), usize>,
    sorter: Sorter,
    frame: Vec<u8>,
}

impl Gathering {
    pub(super) fn new(plans: &Plans, folder: &Path) -> Self {
        let mut payers: Vec<Payer> = Vec::new();
        let mut payer_of_plan = Vec::new();
        for plan in &plans.plans {
            let place = plan.payer.as_ref().map(|payer| {
                // Two tables of one payer may differ in what they say of claims.
                let is_same = |known: &Payer| {
                    (&known.tax_id, &known.receiver_id) == (&payer.tax_id, &payer.receiver_id)
                };
                let known = payers.iter().position(is_same);
                known.unwrap_or_else(|| {
                    payers.push(payer.clone());
                    payers.len() - 1
                })
            });
            payer_of_plan.push(place);
        }
        Self {
            payers,
            payer_of_plan,
            accounts: Vec::new(),
            places: AHashMap::new(),
            sorter: Sorter::new(folder, IN_MEMORY_BYTES),
            frame: Vec::new(),
        }
    }

    /// The payer of a plan, by its index.
    pub(super) fn payer_of(&self, plan: u16) -> Option<usize> {
        self.payer_of_plan.get(usize::from(plan)).copied().flatten()
    }

    /// Adds a payment to the remittance of its payee; `false` where the payee has no id.
    /// Payments stand in the order of `cause`, the claim that they are due to; of one cause
    /// what is taken back stands first.
    pub(super) fn add(
        &mut self,
        payer: usize,
        cause: i64,
        gathered: &Gathered,
    ) -> io::Result<bool> {
        let payee = &gathered.payment.payee;
        let Some(key) = payee.key() else {
            return Ok(false);
        };
        let place = (payer, key.map(str::to_owned));
        let next = self.accounts.len();
        let account = *self.places.entry(place).or_insert(next);
        if account == next {
            self.accounts.push(Account {
                payer,
                payee: payee.clone(),
                cents: 0,
            });
        }
        self.accounts[account].cents += gathered.payment.paid();
        let key = sort_key(payer, account, cause, gathered.is_reversal);
        self.frame.clear();
        let frame = std::mem::take(&mut self.frame);
        self.frame = postcard::to_extend(gathered, frame).map_err(io::Error::other)?;
        self.sorter.add(key, &self.frame)?;
        Ok(true)
    }

    /// Every payment in the order in which it is written.
    pub(super) fn finish(self) -> io::Result<(Vec<Payer>, Vec<Account>, InOrder)> {
        let in_order = InOrder {
            sorted: self.sorter.finish()?,
            frame: Vec::new(),
        };
        Ok((self.payers, self.accounts, in_order))
    }
}

fn sort_key(payer: usize, account: usize, cause: i64, is_reversal: bool) -> Key {
    let mut key = Key::default();
    key[..2].copy_from_slice(&(payer as u16).to_be_bytes());
    key[2..6].copy_from_slice(&(account as u32).to_be_bytes());
    key[6..14].copy_from_slice(&cause.unsigned_abs().to_be_bytes());
    key[14] = u8::from(!is_reversal);
    key
}

/// Payments by payer, payee and cause.
#[derive(Debug)]
pub(super) struct InOrder {
    sorted: Sorted,
    frame: Vec<u8>,
}

impl InOrder {
    /// The next payment, and the index of its account.
    pub(super) fn next(&mut self) -> io::Result<Option<(usize, Gathered)>> {
        let Some(key) = self.sorted.next(&mut self.frame)? else {
            return Ok(None);
        };
        let account = u32::from_be_bytes([key[2], key[3], key[4], key[5]]);
        let gathered = postcard::from_bytes(&self.frame).map_err(io::Error::other)?;
        Ok(Some((account as usize, gathered)))
    }
}
