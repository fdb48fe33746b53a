//! All numbers of the page, as data.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::night::Night;
use super::outliers::{Median, Outlier, outliers};
use super::problems::{Problem, Problems};
use super::split::{Dollars, Split, per_mille};
use crate::claim::IsoDate;
use crate::output::asked_by;
use crate::report::decided::Decided;
use crate::report::monitored::MonitorCount;
use crate::report::recovered::Recovered;
use crate::report::remitted::Remitted;
use crate::report::summary::{
    Charges, Fates, HistoryUsed, LineFates, RuleCount, Summary, Unrouted,
};

/// The most providers that are shown one by one; the others come together.
pub(super) const MOST_PROVIDERS: usize = 500;

/// All numbers of the page, written into it for programs.
#[derive(Debug, Serialize)]
pub(super) struct Numbers<'s> {
    pub(super) engine: &'static str,
    #[serde(serialize_with = "date")]
    pub(super) latest_billing_date: Option<NaiveDate>,
    pub(super) files: Fates,
    pub(super) interchanges: Fates,
    pub(super) groups: Fates,
    pub(super) transaction_sets: Fates,
    pub(super) claims: LineFates,
    pub(super) lines: LineFates,
    pub(super) history: Option<&'s HistoryUsed>,
    pub(super) remitted: Option<&'s Remitted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recoveries: Option<&'s Recovered>,
    pub(super) charges: &'s Charges,
    pub(super) decided: Split,
    pub(super) without_a_person: Share,
    pub(super) policies: Vec<ByPolicy<'s>>,
    pub(super) rules: &'s [RuleCount],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) monitored: Option<&'s [MonitorCount]>,
    pub(super) pends: Vec<Pended<'s>>,
    pub(super) providers: Vec<ByProvider<'s>>,
    pub(super) other_providers: Option<OtherProviders>,
    pub(super) medians: Vec<Median>,
    pub(super) outliers: Vec<Outlier>,
    pub(super) sessions: u64,
    pub(super) months: Vec<Month>,
    pub(super) problems: Vec<&'s Problem>,
    pub(super) unrouted: &'s Unrouted,
    pub(super) warnings: &'s [String],
}

/// A share of lines.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Share {
    pub(super) lines: u64,
    pub(super) of: u64,
    pub(super) per_mille: Option<u64>,
}

/// What a policy decided.
#[derive(Debug, Serialize)]
pub(super) struct ByPolicy<'s> {
    pub(super) policy: &'s str,
    #[serde(flatten)]
    pub(super) split: Split,
}

/// Lines that wait for a person, by the reason that decides.
#[derive(Debug, Serialize)]
pub(super) struct Pended<'s> {
    pub(super) policy: &'s str,
    pub(super) rule: &'static str,
    pub(super) status: &'s str,
    pub(super) clause: &'s str,
    pub(super) needed: &'static str,
    pub(super) lines: u64,
    pub(super) charge: Dollars,
}

/// What was decided for a billing provider under a plan.
#[derive(Debug, Serialize)]
pub(super) struct ByProvider<'s> {
    pub(super) plan: &'s str,
    pub(super) billing_provider: &'s str,
    pub(super) members: u64,
    pub(super) sessions: u64,
    #[serde(flatten)]
    pub(super) split: Split,
}

/// The providers that are not shown one by one.
#[derive(Debug, Default, Serialize)]
pub(super) struct OtherProviders {
    pub(super) providers: u64,
    pub(super) sessions: u64,
    #[serde(flatten)]
    pub(super) split: Split,
}

/// The sessions of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    pub(super) year: i32,
    pub(super) month: u32,
    pub(super) sessions: u64,
}

impl Month {
    pub(super) fn name(&self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// Months from the first one of the calendar.
    pub(super) fn ordinal(&self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            month: String,
            sessions: u64,
        }
        let written = Written {
            month: self.name(),
            sessions: self.sessions,
        };
        written.serialize(serializer)
    }
}

fn date<S: Serializer>(date: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(&IsoDate(*date)),
        None => serializer.serialize_none(),
    }
}

impl<'s> Numbers<'s> {
    pub(super) fn new(
        summary: &'s Summary,
        decided: &Decided,
        night: &'s Night,
        problems: &'s Problems,
    ) -> Self {
        let mut all = Split::default();
        for provider in &night.providers {
            all.add_all(&provider.split);
        }
        let (providers, other_providers) = by_provider(night);
        let (medians, outliers) = outliers(night);
        Self {
            engine: summary.engine,
            latest_billing_date: decided.latest_billing_date,
            files: summary.files,
            interchanges: summary.interchanges,
            groups: summary.groups,
            transaction_sets: summary.transaction_sets,
            claims: summary.claims,
            lines: summary.lines,
            history: summary.history.as_ref(),
            remitted: summary.remitted.as_ref(),
            recoveries: summary.recoveries.as_ref(),
            charges: &summary.charges,
            decided: all,
            without_a_person: Share {
                lines: all.lines_without_a_person(),
                of: all.lines(),
                per_mille: per_mille(all.lines_without_a_person(), all.lines()),
            },
            policies: by_policy(night),
            rules: &summary.rules,
            monitored: summary.monitored.as_deref(),
            pends: pended(night),
            providers,
            other_providers,
            medians,
            outliers,
            sessions: night.months.values().sum(),
            months: months(night),
            problems: problems.by_count(),
            unrouted: &summary.unrouted,
            warnings: &summary.warnings,
        }
    }

    /// Claims that were refused or rejected.
    pub(super) fn claims_turned_away(&self) -> u64 {
        self.claims.refused + self.claims.rejected
    }

    /// Whether decisions of earlier runs were written again.
    pub(super) fn is_written_again(&self) -> bool {
        self.history.is_some_and(|history| history.is_written_again)
    }
}

/// In the order of the plans.
fn by_policy(night: &Night) -> Vec<ByPolicy<'_>> {
    let mut policies: Vec<ByPolicy<'_>> = Vec::new();
    for (key, &place) in &night.places {
        let split = &night.providers[place].split;
        let mut known = policies.iter_mut();
        match known.find(|known| known.policy == key.policy) {
            Some(known) => known.split.add_all(split),
            None => policies.push(ByPolicy {
                policy: &key.policy,
                split: *split,
            }),
        }
    }
    policies
}

/// Those that bill most first.
fn by_provider(night: &Night) -> (Vec<ByProvider<'_>>, Option<OtherProviders>) {
    let places = night.places.iter();
    let mut providers: Vec<ByProvider<'_>> = places
        .map(|(key, &place)| {
            let provider = &night.providers[place];
            ByProvider {
                plan: &key.plan,
                billing_provider: &key.billing_provider,
                members: provider.members,
                sessions: provider.sessions,
                split: provider.split,
            }
        })
        .collect();
    providers.sort_by_key(|provider| std::cmp::Reverse(provider.split.billed()));
    let others = providers.split_off(providers.len().min(MOST_PROVIDERS));
    if others.is_empty() {
        return (providers, None);
    }
    let mut together = OtherProviders::default();
    for other in others {
        together.providers += 1;
        together.sessions += other.sessions;
        together.split.add_all(&other.split);
    }
    (providers, Some(together))
}

/// Those with most lines first; plans of one policy together.
fn pended(night: &Night) -> Vec<Pended<'_>> {
    let mut sums = BTreeMap::new();
    for (key, sum) in &night.pends {
        let reason = (&*key.policy, key.rule, &*key.status, &*key.clause);
        let total: &mut crate::report::decided::Sum = sums.entry(reason).or_default();
        total.add_all(*sum);
    }
    let mut pends: Vec<Pended<'_>> = sums
        .into_iter()
        .map(|((policy, rule, status, clause), sum)| Pended {
            policy,
            rule: rule.name(),
            status,
            clause,
            needed: asked_by(rule),
            lines: sum.lines,
            charge: Dollars(sum.cents),
        })
        .collect();
    pends.sort_by_key(|pended| std::cmp::Reverse(pended.lines));
    pends
}

fn months(night: &Night) -> Vec<Month> {
    let months = night.months.iter();
    months
        .map(|(&(year, month), &sessions)| Month {
            year,
            month,
            sessions,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::night::tests::sessions;
    use super::*;

    #[test]
    fn providers_beyond_the_most_stand_together_and_nothing_is_lost() {
        let names: Vec<String> = (0..MOST_PROVIDERS + 2).map(|n| format!("{n:04}")).collect();
        let of = |name: &String| if name == "0300" { &[3][..] } else { &[1][..] };
        let given: Vec<(&str, &[u32])> = names.iter().map(|name| (&**name, of(name))).collect();
        let night = sessions(&given);
        let (shown, others) = by_provider(&night);
        let others = others.unwrap();
        assert_eq!((shown.len(), others.providers), (MOST_PROVIDERS, 2));
        assert_eq!(shown[0].billing_provider, "0300");
        assert_eq!(shown[1].billing_provider, "0000");
        let mut all = others.split;
        let mut sessions = others.sessions;
        for provider in &shown {
            all.add_all(&provider.split);
            sessions += provider.sessions;
        }
        assert_eq!(sessions, night.months.values().sum::<u64>());
        assert_eq!(all, by_policy(&night)[0].split);
    }
}
