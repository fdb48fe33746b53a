//! What is right as a file, and pays what nobody may mean to pay.

use super::kind::RuleKind;
use super::model::{Policy, Role};
use super::plan::Plan;

/// What a policy or a plan lets through without these rules.
const GUARDS: [(RuleKind, &str); 2] = [
    (
        RuleKind::MemberUnidentified,
        "claims without a subscriber id are judged as those of one member",
    ),
    (
        RuleKind::ServiceDateInvalid,
        "lines without a date of service are paid, under no version of the policy and counted \
         against no limit",
    ),
];

/// The rules that judge the lines of a code set.
const SETS: [(Role, RuleKind); 5] = [
    (Role::Guidance, RuleKind::Guidance),
    (Role::ReviewedGuidance, RuleKind::Guidance),
    (Role::OfficeVisit, RuleKind::OfficeVisit),
    (Role::DryNeedling, RuleKind::DryNeedling),
    (Role::AddOn, RuleKind::AddOn),
];

impl Policy {
    /// What it lets through and may not mean to, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let has = |kind| {
            self.rules
                .iter()
                .any(|rule| rule.kind == kind && rule.enabled)
        };
        let mut warnings = Vec::new();
        for (kind, paid) in GUARDS.iter().filter(|(kind, _)| !has(*kind)) {
            warnings.push(format!("without [rule.{kind}] {paid}"));
        }
        for (role, _) in &self.codes.roles {
            let judged = SETS.iter().find(|(known, _)| known == role);
            if let Some((_, kind)) = judged.filter(|(_, kind)| !has(*kind)) {
                warnings.push(format!(
                    "code set `{role}` stands without [rule.{kind}]: its lines are paid whatever \
                     stands beside them"
                ));
            }
        }
        let is_listed = !self.codes.diagnoses.is_empty();
        if is_listed && !has(RuleKind::DiagnosisNotListed) {
            let kind = RuleKind::DiagnosisNotListed;
            let told = "every diagnosis is taken";
            warnings.push(format!("`diagnoses` stands without [rule.{kind}]: {told}"));
        }
        if !self.criteria.is_empty() && !has(RuleKind::Documentation) {
            let kind = RuleKind::Documentation;
            let told = "no criterion is asked of any session";
            warnings.push(format!(
                "[[criterion]] stands without [rule.{kind}]: {told}"
            ));
        }
        warnings
    }
}

impl Plan {
    /// What its overrides let through, and monitors that can have no hits, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let is_off = |kind: RuleKind| {
            let changes = self.overrides.iter().rev();
            let mut said = changes.filter(|change| change.rule == kind);
            said.find_map(|change| change.enabled) == Some(false)
        };
        let off = GUARDS.iter().filter(|(kind, _)| is_off(*kind));
        let off = off.map(|(kind, paid)| format!("plan {} switches off {kind}: {paid}", self.id));
        off.chain(self.idle_monitors()).collect()
    }
}
