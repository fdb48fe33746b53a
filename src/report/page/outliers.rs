//! Providers whose members have far more sessions than those of others.

use serde::Serialize;

use super::night::{Night, Provider, ProviderKey};

/// The fewest members with a session of which a provider is compared.
pub(super) const LEAST_MEMBERS: u64 = 10;

/// How many times the median stands out.
pub(super) const TIMES: u128 = 3;

/// The median of a plan: of the sessions for each member, over the providers with a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Median {
    pub(super) plan: String,
    /// Its providers that have a session.
    pub(super) providers: usize,
    #[serde(rename = "sessions_per_member")]
    pub(super) ratio: Ratio,
}

/// A provider that stands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Outlier {
    pub(super) plan: String,
    pub(super) billing_provider: String,
    pub(super) members: u64,
    pub(super) sessions: u64,
    #[serde(rename = "sessions_per_member")]
    pub(super) ratio: Ratio,
    pub(super) median: Ratio,
}

/// A fraction; written rounded to hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    over: u128,
    /// INVARIANT: not zero.
    under: u128,
}

impl Ratio {
    fn of(provider: &Provider) -> Option<Self> {
        (provider.members > 0).then(|| Self {
            over: provider.sessions.into(),
            under: provider.members.into(),
        })
    }

    /// Rounded to the nearest hundredth.
    pub(super) fn hundredths(self) -> u128 {
        (self.over * 100 + self.under / 2)
            .checked_div(self.under)
            .unwrap_or_default()
    }

    fn cmp(self, other: Self) -> std::cmp::Ordering {
        (self.over * other.under).cmp(&(other.over * self.under))
    }

    fn midway(self, other: Self) -> Self {
        Self {
            over: self.over * other.under + other.over * self.under,
            under: 2 * self.under * other.under,
        }
    }

    fn times(self, factor: u128) -> Self {
        Self {
            over: self.over * factor,
            ..self
        }
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = self.hundredths();
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl Serialize for Ratio {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The median of each plan, and the providers that stand out, those far out first.
pub(super) fn outliers(night: &Night) -> (Vec<Median>, Vec<Outlier>) {
    let providers: Vec<(&ProviderKey, &Provider)> = night
        .places
        .iter()
        .map(|(key, &place)| (key, &night.providers[place]))
        .collect();
    let (mut medians, mut outliers) = (Vec::new(), Vec::new());
    for of_plan in providers.chunk_by(|(one, _), (other, _)| one.plan == other.plan) {
        let ratios = of_plan.iter();
        let ratios: Vec<Ratio> = ratios.filter_map(|(_, given)| Ratio::of(given)).collect();
        let Some(median) = median(&ratios) else {
            continue;
        };
        for (key, provider) in of_plan {
            let ratio = Ratio::of(provider).filter(|_| provider.members >= LEAST_MEMBERS);
            let Some(ratio) = ratio.filter(|ratio| ratio.cmp(median.times(TIMES)).is_ge()) else {
                continue;
            };
            outliers.push(Outlier {
                plan: key.plan.clone(),
                billing_provider: key.billing_provider.clone(),
                members: provider.members,
                sessions: provider.sessions,
                ratio,
                median,
            });
        }
        medians.push(Median {
            plan: of_plan
                .first()
                .map_or(String::new(), |(key, _)| key.plan.clone()),
            providers: ratios.len(),
            ratio: median,
        });
    }
    outliers.sort_by(|one, other| other.ratio.cmp(one.ratio));
    (medians, outliers)
}

/// The middle one, or midway between the two in the middle.
fn median(ratios: &[Ratio]) -> Option<Ratio> {
    let mut sorted = ratios.to_vec();
    sorted.sort_by(|one, other| one.cmp(*other));
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len() % 2 {
        0 => Some(sorted.get(middle.checked_sub(1)?)?.midway(upper)),
        _ => Some(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::super::night::tests::sessions;
    use super::*;

    fn found(providers: &[(&str, &[u32])]) -> (String, Vec<String>) {
        let (medians, outliers) = outliers(&sessions(providers));
        let names = outliers.into_iter().map(|outlier| outlier.billing_provider);
        (medians[0].ratio.to_string(), names.collect())
    }

    #[test]
    fn three_times_the_median_stands_out_and_less_does_not() {
        let (three, less) = ([3; 10], [3, 3, 3, 3, 3, 3, 3, 3, 3, 2]);
        let given: [(&str, &[u32]); 5] = [
            ("A", &[1]),
            ("B", &[1, 1]),
            ("C", &[1]),
            ("D", &three),
            ("E", &less),
        ];
        assert_eq!(found(&given), ("1.00".into(), vec!["D".into()]));
    }

    #[test]
    fn nine_members_are_too_few() {
        let given: [(&str, &[u32]); 4] = [("A", &[1]), ("B", &[1]), ("C", &[1]), ("D", &[9; 9])];
        assert_eq!(found(&given), ("1.00".into(), vec![]));
    }

    #[test]
    fn the_median_of_an_even_number_is_midway() {
        let given: [(&str, &[u32]); 4] = [("A", &[1]), ("B", &[1, 2]), ("C", &[2]), ("D", &[9])];
        assert_eq!(found(&given).0, "1.75");
    }
}
