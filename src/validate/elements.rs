//! A segment's elements against the guide: levels 1, 2 and 5.

use super::finding::Problem;
use super::notes;
use super::report::{At, Report};
use super::shapes::is_in_shape;
use super::types::wrong_type;
use super::words;
use crate::guide::{DataType, ElementUse, SegmentUse, Usage, ValueShape, packed};

/// What a value stands in.
#[derive(Clone, Copy)]
struct Field<'a> {
    element: &'a ElementUse,
    position: usize,
    component: Option<usize>,
    repetition: Option<u16>,
    loop_id: Option<&'static str>,
    /// The element or component before it.
    before: &'a [u8],
}

impl Field<'_> {
    fn name(&self, report: &Report<'_>) -> String {
        words::name(report.tag, self.position, self.component)
    }

    #[cold]
    fn tell(&self, report: &mut Report<'_>, problem: Problem, level: u8, expectation: &str) {
        let message = format!("{} {expectation}", self.name(report));
        let mut at = At::element(self.position, self.element.number);
        if let Some(component) = self.component {
            at = at.component(component, self.element.number);
        }
        at.repetition = self.repetition;
        report.push(problem, level, self.loop_id, at, message);
    }
}

/// Checks the elements of a segment that stands where the guide has it.
#[cold]
pub(super) fn check(report: &mut Report<'_>, segment: &SegmentUse) {
    let guide = report.guide();
    let (elements, loop_id) = (report.elements, guide.loop_id(segment));
    let uses =
        &guide.elements[usize::from(segment.elements.start)..usize::from(segment.elements.end)];
    let count = elements.count();
    let mut before: &[u8] = b"";
    for (index, element) in uses.iter().enumerate() {
        let position = index + 1;
        if position > count && element.usage != Usage::Required {
            continue;
        }
        let value = elements.element(position);
        let field = Field {
            element,
            position,
            component: None,
            repetition: None,
            loop_id,
            before,
        };
        check_element(report, field, value);
        before = value;
    }
    if count > uses.len() {
        let expectation = format!(
            "is too much: {} has {} elements",
            report.tag.as_str(),
            uses.len()
        );
        tell_beyond(report, uses, loop_id, &expectation);
    } else if count > 0 && elements.element(count).is_empty() {
        let message = format!(
            "{} ends with empty elements: they are left out with their separators",
            report.tag.as_str()
        );
        report.segment(Problem::TrailingEmpty, loop_id, message);
    }
    let notes = usize::from(segment.notes.start)..usize::from(segment.notes.end);
    notes::check(report, &guide.notes[notes], uses, loop_id);
}

#[cold]
fn tell_beyond(
    report: &mut Report<'_>,
    uses: &[ElementUse],
    loop_id: Option<&'static str>,
    expectation: &str,
) {
    let position = uses.len() + 1;
    let message = format!("{} {expectation}", words::name(report.tag, position, None));
    let at = At {
        data_element: None,
        ..At::element(position, "")
    };
    report.push(Problem::TooManyElements, 2, loop_id, at, message);
}

#[inline]
fn check_element(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let element = field.element;
    if value.is_empty() {
        if element.usage == Usage::Required {
            let expectation = format!("is required{}", words::in_loop(field.loop_id));
            field.tell(report, Problem::ElementMissing, 2, &expectation);
        }
        return;
    }
    if element.usage == Usage::NotUsed {
        let expectation = format!("is not used{}", words::in_loop(field.loop_id));
        field.tell(report, Problem::ElementNotUsed, 2, &expectation);
        return;
    }
    let split = report.elements.split;
    if element.data_type == DataType::Composite {
        check_repetitions(report, field, value);
    } else if split.has_repetitions || split.has_components {
        check_undivided(report, field, value);
    } else {
        check_value(report, field, value);
    }
}

/// An element of one value, in a segment that has separators somewhere.
fn check_undivided(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let delimiters = report.elements.delimiters;
    if value.contains(&delimiters.component) {
        field.tell(report, Problem::TooManyComponents, 2, "has no components");
    } else if value
        .iter()
        .any(|byte| Some(*byte) == delimiters.repetition)
    {
        field.tell(report, Problem::TooManyRepetitions, 2, "does not repeat");
    } else {
        check_value(report, field, value);
    }
}

fn check_repetitions(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let repetition = report.elements.delimiters.repetition;
    if !report.elements.split.has_repetitions {
        return check_components(report, field, value);
    }
    let most = field.element.most;
    for (index, one) in value.split(|byte| Some(*byte) == repetition).enumerate() {
        let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
        let field = Field {
            repetition: Some(number),
            ..field
        };
        if number > most {
            let expectation = match most {
                1 => "does not repeat".to_owned(),
                most => format!("repeats at most {most} times"),
            };
            field.tell(report, Problem::TooManyRepetitions, 2, &expectation);
            return;
        }
        check_components(report, field, one);
    }
}

fn check_components(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let guide = report.guide();
    let range = &field.element.components;
    let uses = &guide.elements[usize::from(range.start)..usize::from(range.end)];
    let separator = report.elements.delimiters.component;
    let mut given = value.split(|byte| *byte == separator);
    let mut before: &[u8] = b"";
    let mut last: &[u8] = b"-";
    for (index, element) in uses.iter().enumerate() {
        let component = match given.next() {
            Some(component) => {
                last = component;
                component
            }
            None if element.usage == Usage::Required => b"",
            None => continue,
        };
        let own = Field {
            element,
            component: Some(index + 1),
            before,
            ..field
        };
        check_component(report, own, component);
        before = component;
    }
    if let Some(beyond) = given.next() {
        let expectation = format!("has {} components at most", uses.len());
        field.tell(report, Problem::TooManyComponents, 2, &expectation);
        last = beyond;
    }
    if last.is_empty() {
        field.tell(
            report,
            Problem::TrailingEmpty,
            1,
            "ends with empty components: they are left out with their separators",
        );
    }
}

fn check_component(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let usage = field.element.usage;
    if value.is_empty() {
        if usage == Usage::Required {
            let expectation = format!("is required{}", words::in_loop(field.loop_id));
            field.tell(report, Problem::ElementMissing, 2, &expectation);
        }
    } else if usage == Usage::NotUsed {
        let expectation = format!("is not used{}", words::in_loop(field.loop_id));
        field.tell(report, Problem::ElementNotUsed, 2, &expectation);
    } else {
        check_value(report, field, value);
    }
}

/// Checks a value that is there: the first thing that is wrong with it is told.
#[inline]
fn check_value(report: &mut Report<'_>, field: Field<'_>, value: &[u8]) {
    let (element, level) = (field.element, report.checks.level);
    if let Some(problem) = wrong_type(element, value, report.elements.split.has_controls) {
        return tell_type(report, field, problem);
    }
    if level < 2 {
        return;
    }
    if let Some(list) = element.codes {
        let (wanted, problem) = if element.is_external {
            (5, Problem::CodeUnknown)
        } else {
            (2, Problem::CodeNotAllowed)
        };
        if level >= wanted
            && !report.checks.allows(list, packed(value))
            && !is_abroad(report, field)
        {
            return tell_code(report, field, list, problem, wanted);
        }
    }
    if let Some(shape) = element.shape
        && level >= 5
        && !is_in_shape(shape, field.before, value)
    {
        tell_shape(report, field, shape);
    }
}

/// Whether a state is one of a country whose states no list here has.
#[cold]
fn is_abroad(report: &Report<'_>, field: Field<'_>) -> bool {
    if field.element.number != "156" {
        return false;
    }
    // N402 with N404, CLM11-4 with CLM11-5.
    let country = match field.component {
        Some(component) => report.elements.component(field.position, component + 1),
        None => report.elements.element(field.position + 2),
    };
    !matches!(country, b"" | b"US" | b"CA")
}

#[cold]
fn tell_type(report: &mut Report<'_>, field: Field<'_>, problem: Problem) {
    let expectation = match problem {
        Problem::TooShort | Problem::TooLong => format!("has {}", words::lengths(field.element)),
        _ => format!("is {}", words::of_type(field.element)),
    };
    field.tell(report, problem, 1, &expectation);
}

#[cold]
fn tell_code(report: &mut Report<'_>, field: Field<'_>, list: u16, problem: Problem, level: u8) {
    let list = &report.guide().lists[usize::from(list)];
    let expectation = format!("is {}{}", words::codes(list), words::in_loop(field.loop_id));
    field.tell(report, problem, level, &expectation);
}

#[cold]
fn tell_shape(report: &mut Report<'_>, field: Field<'_>, shape: ValueShape) {
    let problem = match shape {
        ValueShape::Npi => Problem::NpiInvalid,
        ValueShape::Period | ValueShape::Date => Problem::DateInvalid,
        ValueShape::Time => Problem::TimeInvalid,
        _ => Problem::ShapeInvalid,
    };
    let expectation = format!("is {}", words::of_shape(shape));
    field.tell(report, problem, 5, &expectation);
}
