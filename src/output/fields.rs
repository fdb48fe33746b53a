//! The fields of a determination, in the order in which JSON lines and CSV have them.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::determination::{Determination, Note, WrittenReason};
use super::json::Json;
use super::monitored::Monitored;
use crate::claim::{Cents, ClaimControlNumber, IsoDate, Quantity};
use crate::policy::{Basis, Decision, Phase, RuleKind};

/// The name of a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// As a column has it.
    pub(super) plain: &'static str,
    /// As JSON has it, between the field before it and its value.
    pub(super) json: &'static str,
}

/// Takes the fields of determinations, one after the other.
pub(super) trait Fields<'a> {
    /// Takes a field, by its name and by what gives its value.
    fn take<V: Value>(
        &mut self,
        name: Name,
        value: impl for<'d> Fn(&'d Determination<'a>) -> &'d V,
    );
}

/// The name of a field that is called like that of a struct.
macro_rules! name {
    ($name:ident) => {
        $crate::output::fields::Name {
            plain: stringify!($name),
            json: concat!(",\"", stringify!($name), "\":"),
        }
    };
}
pub(super) use name;

/// The last field of a run with a monitor; no other run has it.
pub(super) const MONITORED: Name = name!(monitored);

/// Gives all fields but [`MONITORED`], in their order: a public format.
#[inline]
pub(super) fn each<'a>(fields: &mut impl Fields<'a>) {
    macro_rules! each {
        ($($name:ident),+ $(,)?) => {
            $(fields.take(name!($name), |determination| &determination.$name);)+
        };
    }
    each!(
        file,
        interchange,
        group,
        transaction,
        claim,
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
    );
}

/// A value as it is written.
pub(super) trait Value {
    /// Adds it as JSON.
    fn add_json(&self, json: &mut Json);

    /// Adds it as a column has it: a text as it stands, a list as JSON.
    fn add_cell(&self, cell: &mut Json) {
        self.add_json(cell);
    }
}

/// Nothing is null, and an empty cell.
impl<V: Value> Value for Option<V> {
    fn add_json(&self, json: &mut Json) {
        match self {
            Some(value) => value.add_json(json),
            None => json.add(b"null"),
        }
    }

    fn add_cell(&self, cell: &mut Json) {
        if let Some(value) = self {
            value.add_cell(cell);
        }
    }
}

impl Value for str {
    fn add_json(&self, json: &mut Json) {
        json.add_text(self);
    }

    fn add_cell(&self, cell: &mut Json) {
        cell.add(self.as_bytes());
    }
}

impl Value for String {
    fn add_json(&self, json: &mut Json) {
        self.as_str().add_json(json);
    }

    fn add_cell(&self, cell: &mut Json) {
        self.as_str().add_cell(cell);
    }
}

impl Value for Cow<'_, str> {
    fn add_json(&self, json: &mut Json) {
        self.as_ref().add_json(json);
    }

    fn add_cell(&self, cell: &mut Json) {
        self.as_ref().add_cell(cell);
    }
}

impl Value for u32 {
    fn add_json(&self, json: &mut Json) {
        json.add(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl Value for u16 {
    fn add_json(&self, json: &mut Json) {
        u32::from(*self).add_json(json);
    }
}

/// Values whose text stands between quotation marks in JSON, and has nothing to escape.
macro_rules! quoted {
    ($($type:ty: $value:ident => $text:expr;)+) => {$(
        impl Value for $type {
            fn add_json(&self, json: &mut Json) {
                json.add(b"\"");
                self.add_cell(json);
                json.add(b"\"");
            }

            fn add_cell(&self, cell: &mut Json) {
                let $value = self;
                cell.add($text.as_bytes());
            }
        }
    )+};
}

quoted! {
    ClaimControlNumber: number => number;
    Cents: cents => cents.text();
    Quantity: quantity => quantity.text();
    RuleKind: rule => rule.name();
    Basis: basis => basis.as_str();
    Decision: decision => decision.as_str();
    Phase: phase => phase.as_str();
    Note: note => note.as_str();
}

impl Value for NaiveDate {
    fn add_json(&self, json: &mut Json) {
        json.add(b"\"");
        self.add_cell(json);
        json.add(b"\"");
    }

    fn add_cell(&self, cell: &mut Json) {
        match IsoDate(*self).text() {
            Some(text) => cell.add(text.as_bytes()),
            None => cell.add(self.to_string().as_bytes()),
        }
    }
}

impl<V: Value> Value for [V] {
    fn add_json(&self, json: &mut Json) {
        json.add(b"[");
        for (place, value) in self.iter().enumerate() {
            if place > 0 {
                json.add(b",");
            }
            value.add_json(json);
        }
        json.add(b"]");
    }
}

impl<V: Value> Value for Vec<V> {
    fn add_json(&self, json: &mut Json) {
        self.as_slice().add_json(json);
    }
}

impl<V: Value + Clone> Value for Cow<'_, [V]> {
    fn add_json(&self, json: &mut Json) {
        self.as_ref().add_json(json);
    }
}

impl Value for WrittenReason<'_> {
    fn add_json(&self, json: &mut Json) {
        json.add_reason(self);
        json.add(b"}");
    }
}

impl Value for Monitored<'_> {
    fn add_json(&self, json: &mut Json) {
        json.add_reason(&self.reason);
        json.add_field(name!(set), &self.set);
        json.add_field(name!(citation), &self.citation);
        json.add_field(name!(amount_at_stake), &self.amount_at_stake);
        json.add(b"}");
    }
}
