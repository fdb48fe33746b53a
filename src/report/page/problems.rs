//! Errors and warnings about the inputs, counted while they are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::x12::{Issue, Severity};

/// How many places are kept of each code.
const MOST_PLACES: usize = 5;

/// What is wrong with the inputs, by code: it grows with the codes, not with the inputs.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    /// Errors first.
    codes: BTreeMap<(bool, &'static str), Problem>,
}

/// Of one code.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    pub(super) code: &'static str,
    pub(super) count: u64,
    /// What is wrong in words, as first told; never a value.
    pub(super) message: Box<str>,
    /// The first ones.
    pub(super) places: Vec<Place>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) offset_bytes: u64,
    pub(super) segment_in_file: Option<u64>,
    #[serde(rename = "loop")]
    pub(super) loop_id: Option<&'static str>,
    pub(super) segment: Option<Box<str>>,
    pub(super) element: Option<u8>,
}

impl Problems {
    /// Counts an error or a warning.
    pub fn add(&mut self, issue: &Issue) {
        let key = (issue.severity == Severity::Warning, issue.code);
        let problem = self.codes.entry(key).or_insert_with(|| Problem {
            severity: issue.severity,
            code: issue.code,
            count: 0,
            message: issue.message.clone(),
            places: Vec::new(),
        });
        problem.count += 1;
        if problem.places.len() < MOST_PLACES {
            problem.places.push(Place {
                file: Arc::clone(&issue.file),
                offset_bytes: issue.offset_bytes,
                segment_in_file: issue.segment_in_file,
                loop_id: issue.loop_id,
                segment: issue.segment.clone(),
                element: issue.element,
            });
        }
    }

    /// Errors, then warnings; the most frequent first.
    pub(super) fn by_count(&self) -> Vec<&Problem> {
        let mut problems: Vec<&Problem> = self.codes.values().collect();
        problems.sort_by_key(|problem| {
            let is_warning = problem.severity == Severity::Warning;
            (is_warning, std::cmp::Reverse(problem.count))
        });
        problems
    }
}
