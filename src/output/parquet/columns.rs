//! The columns of a Parquet file: the fields of a determination, in their order.
//!
//! A field that is added later is one line of [`record_batch`], nullable, so that files of before and after
//! can be read together.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Decimal128Array, LargeStringArray, ListArray,
    PrimitiveArray, RecordBatch, StructArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, Field, Fields};
use chrono::{Datelike, NaiveDate};

use crate::claim::{Cents, Quantity};
use crate::output::{Determination, Monitored, Note, WrittenReason};

/// Digits of an amount: as many as whole cents have at most.
const AMOUNT_PRECISION: u8 = 19;

/// Digits after the point of an amount.
const AMOUNT_DECIMALS: i8 = 2;

/// Digits of a quantity: as many as Parquet has at most.
const QUANTITY_PRECISION: u8 = 38;

/// 1970-01-01, where Parquet counts from, in days of the common era.
const EPOCH: i32 = 719_163;

/// The element of a list is called so by the format's own description.
const ELEMENT: &str = "element";

/// Determinations as columns, `monitored` among them where they have it.
///
/// # Errors
///
/// None that determinations lead to: columns of one length, values within their types.
pub(super) fn record_batch(
    rows: &[Determination<'_>],
    has_monitors: bool,
) -> Result<RecordBatch, ArrowError> {
    let all = || rows.iter();
    let may_be_null = true;
    let never_null = false;
    let columns = [
        ("file", never_null, required(all().map(|d| &*d.file))),
        (
            "interchange",
            may_be_null,
            text(all().map(|d| d.interchange.as_deref())),
        ),
        (
            "group",
            may_be_null,
            text(all().map(|d| d.group.as_deref())),
        ),
        (
            "transaction",
            may_be_null,
            text(all().map(|d| d.transaction.as_deref())),
        ),
        ("claim", never_null, required(all().map(|d| &*d.claim))),
        (
            "claim_control_number",
            may_be_null,
            text(all().map(|d| Some(d.claim_control_number.as_ref()?.as_str()))),
        ),
        (
            "line",
            never_null,
            numbers::<Int64Type>(all().map(|d| Some(d.line.into()))),
        ),
        (
            "line_control_number",
            may_be_null,
            text(all().map(|d| d.line_control_number.as_deref())),
        ),
        ("plan", may_be_null, text(all().map(|d| d.plan.as_deref()))),
        (
            "policy",
            may_be_null,
            text(all().map(|d| d.policy.as_deref())),
        ),
        (
            "policy_version",
            may_be_null,
            dates(all().map(|d| d.policy_version)),
        ),
        ("member", never_null, required(all().map(|d| &*d.member))),
        (
            "billing_provider",
            may_be_null,
            text(all().map(|d| d.billing_provider.as_deref())),
        ),
        (
            "rendering_provider",
            may_be_null,
            text(all().map(|d| d.rendering_provider.as_deref())),
        ),
        (
            "service_date",
            may_be_null,
            dates(all().map(|d| d.service_date)),
        ),
        (
            "procedure",
            never_null,
            required(all().map(|d| &*d.procedure)),
        ),
        (
            "modifiers",
            never_null,
            texts(rows, |d| d.modifiers.iter().map(|code| &**code))?,
        ),
        (
            "diagnoses",
            never_null,
            texts(rows, |d| d.diagnoses.iter().map(|code| &**code))?,
        ),
        ("units", may_be_null, quantities(all().map(|d| d.units))?),
        ("charge", never_null, amounts(all().map(|d| d.charge))?),
        (
            "decision",
            never_null,
            required(all().map(|d| d.decision.as_str())),
        ),
        (
            "units_allowed",
            never_null,
            quantities(all().map(|d| Some(d.units_allowed)))?,
        ),
        (
            "amount_allowed",
            never_null,
            amounts(all().map(|d| d.amount_allowed))?,
        ),
        (
            "phase",
            may_be_null,
            text(all().map(|d| Some(d.phase?.as_str()))),
        ),
        (
            "session",
            may_be_null,
            numbers::<Int32Type>(all().map(|d| Some(d.session?.into()))),
        ),
        ("reasons", never_null, reasons(rows, |d| &d.reasons)?),
        (
            "unverified",
            never_null,
            texts(rows, |d| d.unverified.iter().map(|name| &**name))?,
        ),
        (
            "notes",
            never_null,
            texts(rows, |d| d.notes.iter().map(|note| Note::as_str(*note)))?,
        ),
        (
            "reversed_by",
            may_be_null,
            text(all().map(|d| Some(d.reversed_by.as_ref()?.as_str()))),
        ),
    ];
    let monitored = match has_monitors {
        true => Some(("monitored", may_be_null, monitored(rows)?)),
        false => None,
    };
    let columns = columns.into_iter().chain(monitored);
    let columns = columns.map(|(name, is_nullable, cells)| (name, cells, is_nullable));
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// Cells of text, some of them without. They are counted in 64 bits: some thousand lines of a claim whose
/// CLM01 is nearly a mebibyte are more text than 32 bits count. The file is the same.
fn text<'d>(cells: impl Iterator<Item = Option<&'d str>>) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter(cells))
}

/// Cells of text, each with one.
fn required<'d>(cells: impl Iterator<Item = &'d str>) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter_values(cells))
}

fn numbers<T: ArrowPrimitiveType>(cells: impl Iterator<Item = Option<T::Native>>) -> ArrayRef {
    Arc::new(cells.collect::<PrimitiveArray<T>>())
}

fn dates(cells: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    numbers::<Date32Type>(cells.map(|date| Some(date?.num_days_from_ce() - EPOCH)))
}

fn amounts(cells: impl Iterator<Item = Cents>) -> Result<ArrayRef, ArrowError> {
    let cents = Decimal128Array::from_iter_values(cells.map(|cents| cents.0.into()));
    Ok(Arc::new(cents.with_precision_and_scale(
        AMOUNT_PRECISION,
        AMOUNT_DECIMALS,
    )?))
}

fn quantities(cells: impl Iterator<Item = Option<Quantity>>) -> Result<ArrayRef, ArrowError> {
    let scaled: Decimal128Array = cells.map(|cell| Some(cell?.scaled())).collect();
    let decimals = Quantity::MOST_DECIMALS as i8;
    Ok(Arc::new(
        scaled.with_precision_and_scale(QUANTITY_PRECISION, decimals)?,
    ))
}

/// Lists of text.
fn texts<'r, T, I>(rows: &'r [T], list: impl Fn(&'r T) -> I) -> Result<ArrayRef, ArrowError>
where
    I: ExactSizeIterator<Item = &'r str>,
{
    let lengths = rows.iter().map(|row| list(row).len());
    lists(lengths, required(rows.iter().flat_map(&list)))
}

/// Lists of reasons.
fn reasons<'r, 'd>(
    rows: &'r [Determination<'d>],
    list: impl Fn(&'r Determination<'d>) -> &'r [WrittenReason<'d>],
) -> Result<ArrayRef, ArrowError> {
    let lengths = rows.iter().map(|row| list(row).len());
    let reasons: Vec<&WrittenReason<'_>> = rows.iter().flat_map(&list).collect();
    lists(lengths, structs(reason_columns(&reasons)?)?)
}

/// Lists of what monitored rules would have decided.
fn monitored(rows: &[Determination<'_>]) -> Result<ArrayRef, ArrowError> {
    let lengths = rows
        .iter()
        .map(|row| row.monitored.as_ref().map_or(0, Vec::len));
    let hits: Vec<&Monitored<'_>> = rows
        .iter()
        .flat_map(|row| row.monitored.iter().flatten())
        .collect();
    let reasons: Vec<&WrittenReason<'_>> = hits.iter().map(|hit| &hit.reason).collect();
    let all = || hits.iter();
    let mut columns = reason_columns(&reasons)?;
    columns.extend([
        ("set", false, required(all().map(|hit| &*hit.set))),
        ("citation", false, required(all().map(|hit| &*hit.citation))),
        (
            "amount_at_stake",
            false,
            amounts(all().map(|hit| hit.amount_at_stake))?,
        ),
    ]);
    lists(lengths, structs(columns)?)
}

/// A column: its name, whether it may be null, and its cells.
type Column = (&'static str, bool, ArrayRef);

fn reason_columns(reasons: &[&WrittenReason<'_>]) -> Result<Vec<Column>, ArrowError> {
    let all = || reasons.iter();
    Ok(vec![
        (
            "rule",
            false,
            required(all().map(|reason| reason.rule.name())),
        ),
        (
            "basis",
            false,
            required(all().map(|reason| reason.basis.as_str())),
        ),
        (
            "clause",
            false,
            required(all().map(|reason| &*reason.clause)),
        ),
        (
            "decision",
            false,
            required(all().map(|reason| reason.decision.as_str())),
        ),
        (
            "group",
            true,
            text(all().map(|reason| reason.group.as_deref())),
        ),
        (
            "carc",
            true,
            text(all().map(|reason| reason.carc.as_deref())),
        ),
        (
            "rarc",
            false,
            texts(reasons, |reason| reason.rarc.iter().map(String::as_str))?,
        ),
        (
            "status",
            true,
            text(all().map(|reason| reason.status.as_deref())),
        ),
        ("text", false, required(all().map(|reason| &*reason.text))),
    ])
}

fn structs(columns: Vec<Column>) -> Result<ArrayRef, ArrowError> {
    let (fields, cells): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, is_nullable, cells)| {
            let field = Field::new(name, cells.data_type().clone(), is_nullable);
            (field, cells)
        })
        .unzip();
    Ok(Arc::new(StructArray::try_new(
        Fields::from(fields),
        cells,
        None,
    )?))
}

/// Lists of these lengths, one after the other.
fn lists(lengths: impl Iterator<Item = usize>, elements: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let field = Field::new(ELEMENT, elements.data_type().clone(), false);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(
        field.into(),
        offsets,
        elements,
        None,
    )?))
}
