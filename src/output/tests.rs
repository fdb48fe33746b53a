//! What is written, held against `serde_json` and `csv`.

use std::borrow::Cow;

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::Value;

use super::determination::{Determination, Note, WrittenReason};
use super::json::Json;
use super::monitored::Monitored;
use super::rows::{self, Rows};
use crate::claim::{Cents, ClaimControlNumber, Quantity};
use crate::policy::{Basis, Decision, KINDS, Phase, RuleKind};

const DECISIONS: [Decision; 6] = [
    Decision::Pass,
    Decision::Pay,
    Decision::Reduce,
    Decision::Pend,
    Decision::Deny,
    Decision::Reverse,
];

const BASES: [Basis; 3] = [Basis::Policy, Basis::Coding, Basis::Claim];

const PHASES: [Phase; 2] = [Phase::Diagnostic, Phase::Therapeutic];

const NOTES: [Note; 2] = [Note::OtherPayer, Note::OriginalUnknown];

/// Texts with whatever JSON or CSV has to be careful of, at any place.
fn text() -> impl Strategy<Value = Cow<'static, str>> {
    let texts = prop_oneof![
        "[A-Z0-9]{0,20}",
        "([a-z]|[\"\\\\,;\r\n\t\u{8}\u{c}]|[\u{0}-\u{1f}]|[\u{7f}-\u{9f}]|é|\u{2028}|🩺){0,30}",
    ];
    texts.prop_map(Cow::Owned)
}

fn texts() -> impl Strategy<Value = Vec<Cow<'static, str>>> {
    vec(text(), 0..4)
}

fn number() -> impl Strategy<Value = ClaimControlNumber> {
    "[A-Z2-7]{16}".prop_map(|text| ClaimControlNumber::from_text(text.as_bytes()).unwrap())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    let days = prop_oneof![-800_000..4_000_000, 719_163..750_000];
    days.prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap())
}

fn cents() -> impl Strategy<Value = Cents> {
    prop_oneof![any::<i64>(), -2_000_i64..100_000].prop_map(Cents)
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let whole = (-5_i64..200, 0_u8..1);
    let mantissa = prop_oneof![whole, (any::<i64>(), 0..=Quantity::MOST_DECIMALS)];
    mantissa.prop_map(|(mantissa, decimals)| Quantity::new(mantissa, decimals))
}

/// Of few rules and clauses: many begin alike.
fn reason() -> impl Strategy<Value = WrittenReason<'static>> {
    let kinds: Vec<RuleKind> = KINDS.iter().map(|spec| spec.kind).collect();
    let source = (
        prop::sample::select(kinds[..3].to_vec()),
        prop::sample::select(&BASES[..]),
        prop_oneof![Just(Cow::Borrowed("Policy, 1: \"words\"")), text()],
        prop::sample::select(&DECISIONS[..3]),
    );
    let codes = (
        of(text()),
        of(text()),
        vec("[A-Z\",]{0,4}", 0..3),
        of(text()),
    );
    (source, codes, text()).prop_map(|(source, codes, text)| {
        let (rule, basis, clause, decision) = source;
        let (group, carc, rarc, status) = codes;
        WrittenReason {
            rule,
            basis,
            clause,
            decision,
            group,
            carc,
            rarc: Cow::Owned(rarc),
            status,
            text,
        }
    })
}

fn monitored() -> impl Strategy<Value = Monitored<'static>> {
    (reason(), text(), text(), cents()).prop_map(|(reason, set, citation, amount_at_stake)| {
        Monitored {
            reason,
            set,
            citation,
            amount_at_stake,
        }
    })
}

fn determination() -> impl Strategy<Value = Determination<'static>> {
    let place = (text(), of(text()), of(text()), of(text()), text());
    let claim = (
        of(number()),
        any::<u32>(),
        of(text()),
        of(text()),
        of(text()),
    );
    let whose = (of(date()), text(), of(text()), of(text()), of(date()));
    let billed = (text(), texts(), texts(), of(quantity()), cents());
    let decided = (
        prop::sample::select(&DECISIONS[..]),
        quantity(),
        cents(),
        of(prop::sample::select(&PHASES[..])),
        of(any::<u16>()),
    );
    let told = (
        vec(reason(), 0..4),
        texts(),
        vec(prop::sample::select(&NOTES[..]), 0..3),
        of(number()),
        of(vec(monitored(), 0..3)),
    );
    let all = (place, claim, whose, billed, decided, told);
    all.prop_map(|(place, claim, whose, billed, decided, told)| {
        let (file, interchange, group, transaction, name) = place;
        let (claim_control_number, line, line_control_number, plan, policy) = claim;
        let (policy_version, member, billing_provider, rendering_provider, service_date) = whose;
        let (procedure, modifiers, diagnoses, units, charge) = billed;
        let (decision, units_allowed, amount_allowed, phase, session) = decided;
        let (reasons, unverified, notes, reversed_by, monitored) = told;
        Determination {
            file,
            interchange,
            group,
            transaction,
            claim: name,
            claim_control_number,
            line,
            line_control_number,
            plan,
            policy,
            policy_version,
            member,
            billing_provider,
            rendering_provider,
            service_date,
            procedure,
            modifiers,
            diagnoses,
            units,
            charge,
            decision,
            units_allowed,
            amount_allowed,
            phase,
            session,
            reasons,
            unverified,
            notes,
            reversed_by,
            monitored,
        }
    })
}

/// A row of a determination as its JSON says: a text as it stands, a list as its own JSON.
fn row_of(determination: &Determination<'_>) -> Vec<String> {
    let object = serde_json::to_value(determination).unwrap();
    let cell = |name: &str| match &object[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => match name {
            "modifiers" => serde_json::to_string(&determination.modifiers).unwrap(),
            "diagnoses" => serde_json::to_string(&determination.diagnoses).unwrap(),
            "reasons" => serde_json::to_string(&determination.reasons).unwrap(),
            "unverified" => serde_json::to_string(&determination.unverified).unwrap(),
            "notes" => serde_json::to_string(&determination.notes).unwrap(),
            "monitored" => serde_json::to_string(&determination.monitored).unwrap(),
            _ => panic!("{name} is no list"),
        },
    };
    let deciding = determination.deciding_reason();
    let deciding = deciding.map(|reason| serde_json::to_value(reason).unwrap());
    let deciding_cell = |name: &str| match deciding.as_ref().map(|reason| &reason[name]) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(codes)) => {
            let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
            codes.join(" ")
        }
        _ => String::new(),
    };
    let head = rows::head(determination.monitored.is_some()).unwrap();
    let columns = std::str::from_utf8(&head).unwrap().trim_end().split(',');
    columns
        .map(|name| match name.strip_prefix("deciding_") {
            Some(name) => deciding_cell(name),
            None => cell(name),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn json_lines_are_what_serde_json_writes(all in vec(determination(), 1..8)) {
        let mut json = Json::default();
        let mut expected = Vec::new();
        for determination in &all {
            json.line(determination);
            serde_json::to_writer(&mut expected, determination).unwrap();
            expected.push(b'\n');
        }
        let (written, expected) = (String::from_utf8(json.into_bytes()), String::from_utf8(expected));
        prop_assert_eq!(written, expected);
    }

    #[test]
    fn rows_have_what_the_lines_have(
        all in vec(determination(), 1..8),
        has_monitors in any::<bool>(),
    ) {
        let mut rows = Rows::with_capacity(0);
        let mut expected = Vec::new();
        for determination in all {
            let determination = determination.among(has_monitors);
            rows.add(&determination).unwrap();
            expected.extend(rows::row(row_of(&determination)).unwrap());
        }
        let (written, expected) = (String::from_utf8(rows.into_bytes().unwrap()), String::from_utf8(expected));
        prop_assert_eq!(written, expected);
    }
}

#[test]
fn more_beginnings_of_reasons_than_are_kept_change_nothing() {
    let reason = |clause: usize, text: &'static str| WrittenReason {
        rule: RuleKind::Guidance,
        basis: Basis::Policy,
        clause: format!("Policy, {clause}").into(),
        decision: Decision::Deny,
        group: Some("CO".into()),
        carc: Some("151".into()),
        rarc: Cow::Owned(vec!["N130".to_owned()]),
        status: None,
        text: text.into(),
    };
    let mut json = Json::default();
    let mut expected = String::new();
    for clause in (0..150).chain(0..150) {
        let reason = reason(clause % 100, if clause % 3 == 0 { "a" } else { "b" });
        super::fields::Value::add_json(&reason, &mut json);
        expected += &serde_json::to_string(&reason).unwrap();
    }
    assert_eq!(String::from_utf8(json.into_bytes()).unwrap(), expected);
}
