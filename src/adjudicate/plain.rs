//! What lines bill on which no rule fires: asked once, and not once for each line.

use rayon::prelude::*;

use crate::policy::{Plan, Plans};
use crate::rules::{ServiceContext, is_plain};
use crate::timeline::Batch;

/// For each policy, which services of a batch are plain ([`is_plain`]).
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// By plan: which of `lists` is that of its policy.
    list_of: Vec<u32>,
    /// By policy, then service.
    lists: Vec<Vec<bool>>,
}

impl Plain {
    /// Asks about every service of a batch, under every policy.
    pub(super) fn new(batch: &Batch, plans: &Plans) -> Self {
        let mut policies: Vec<&Plan> = Vec::new();
        let mut plain = Self::default();
        for plan in &plans.plans {
            let mut known = policies.iter();
            let place = known.position(|known| known.policy.digest == plan.policy.digest);
            plain.list_of.push(place.unwrap_or(policies.len()) as u32);
            if place.is_none() {
                policies.push(plan);
            }
        }
        let of_policy = |plan: &Plan| {
            let services = batch.services().par_iter().with_min_len(1 << 8);
            let of_service = |service| {
                is_plain(&ServiceContext {
                    batch,
                    service,
                    plan,
                })
            };
            services.map(of_service).collect()
        };
        plain.lists = policies.into_iter().map(of_policy).collect();
        plain
    }

    /// By service, for lines of a plan.
    pub(super) fn of(&self, plan: u16) -> &[bool] {
        let list = self.list_of.get(usize::from(plan));
        let list = list.and_then(|list| self.lists.get(*list as usize));
        list.map_or(&[], Vec::as_slice)
    }
}
