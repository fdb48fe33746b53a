//! The code sets of a policy file.

use toml::Spanned;
use toml::de::DeValue;

use super::model::{AddOn, CodeSets, DatedCode, Role};
use super::section::{At, Section};

/// The code sets of governed procedures, by key.
const ROLES: [(&str, Role); 6] = [
    ("session", Role::Session),
    ("guidance", Role::Guidance),
    ("guidance_reviewed", Role::ReviewedGuidance),
    ("office_visit", Role::OfficeVisit),
    ("dry_needling", Role::DryNeedling),
    ("add_on", Role::AddOn),
];

/// How long a procedure code of SV101-1 `HC` is.
const PROCEDURE_LETTERS: usize = 5;

/// How long a diagnosis code of ICD-10-CM may be, without its dot.
const DIAGNOSIS_LETTERS: std::ops::RangeInclusive<usize> = 3..=7;

/// How many letters of a diagnosis code stand before its dot.
const BEFORE_DOT: usize = 3;

pub(super) fn codes(section: &Section<'_, '_>) -> Option<CodeSets> {
    let codes = section.required("codes", section.table("codes"))?;
    let mut sets = CodeSets::default();
    let mut add_ons: Vec<At<AddOn>> = Vec::new();
    for (key, role) in ROLES {
        let Some((list, place)) = codes.list(key) else {
            continue;
        };
        if list.is_empty() {
            codes.fault(
                place,
                format!("code set `{key}` is empty; leave it out or name codes"),
            );
        }
        let mut set: Vec<DatedCode> = Vec::new();
        for value in list {
            let Some(code) = dated_code(&codes, value, role, &mut add_ons) else {
                continue;
            };
            let others = sets.roles.iter().flat_map(|(_, codes)| codes).chain(&set);
            if others.into_iter().any(|other| other.code == code.code) {
                let message = format!(
                    "code {} stands in the code sets twice; a code has one part",
                    code.code
                );
                codes.fault(value.span().start, message);
            }
            set.push(code);
        }
        sets.roles.push((role, set));
    }
    for (add_on, place) in add_ons {
        check_beside(&codes, &add_on, place, &sets);
        sets.add_ons.push(add_on);
    }
    sets.other_guided = texts(&codes, "other_guided", procedure);
    sets.diagnoses = texts(&codes, "diagnoses", diagnosis);
    if !codes.has("session") {
        codes.lacks("[codes] lacks `session`: the codes of the limited service");
    }
    codes.finish();
    Some(sets)
}

/// A code, with dates or without; what an add-on is paid beside goes to `add_ons`.
fn dated_code<'s, 't>(
    codes: &Section<'s, 't>,
    value: &'s Spanned<DeValue<'t>>,
    role: Role,
    add_ons: &mut Vec<At<AddOn>>,
) -> Option<DatedCode> {
    let place = value.span().start;
    let is_add_on = role == Role::AddOn;
    if let Some(code) = value.get_ref().as_str() {
        if is_add_on {
            let message = format!(
                "code {code} of `add_on` needs `beside`: {{ code = \"{code}\", beside = [\"…\"] }}"
            );
            codes.fault(place, message);
        }
        return Some(DatedCode {
            code: procedure(codes, code, place)?,
            from: None,
            until: None,
        });
    }
    let name = if is_add_on {
        "an add-on code"
    } else {
        "a code with dates"
    };
    let dated = codes.element(value, name)?;
    let code = dated.required("code", dated.string("code"));
    let code = code.and_then(|(code, place)| procedure(&dated, code, place));
    let (from, until) = (dated.date("from"), dated.date("until"));
    if let Some(((from, _), (until, place))) = from.zip(until)
        && until < from
    {
        dated.fault(place, "`until` lies before `from`");
    }
    if is_add_on {
        let beside = dated.required("beside", dated.strings("beside"));
        if let Some((beside, place)) = beside {
            let beside = beside.iter().map(|code| code.to_uppercase()).collect();
            let code = code.clone().unwrap_or_default();
            add_ons.push((AddOn { code, beside }, place));
        }
    }
    dated.finish();
    Some(DatedCode {
        code: code?,
        from: from.map(|(date, _)| date),
        until: until.map(|(date, _)| date),
    })
}

/// An add-on hangs on lines that are governed and are no add-ons themselves.
fn check_beside(codes: &Section<'_, '_>, add_on: &AddOn, place: usize, sets: &CodeSets) {
    let AddOn { code, beside } = add_on;
    if beside.is_empty() {
        codes.fault(place, format!("add-on {code} is paid beside no code"));
    }
    let others = sets.roles.iter().filter(|(role, _)| *role != Role::AddOn);
    let others: Vec<&str> = others
        .flat_map(|(_, codes)| codes)
        .map(|other| &*other.code)
        .collect();
    for other in beside.iter().filter(|other| !others.contains(&&***other)) {
        let message = format!("add-on {code} is paid beside {other}, which no other code set has");
        codes.fault(place, message);
    }
}

/// A list of codes, each read by `read`.
fn texts(
    codes: &Section<'_, '_>,
    key: &'static str,
    read: fn(&Section<'_, '_>, &str, usize) -> Option<String>,
) -> Vec<String> {
    let (list, _) = codes.list(key).unwrap_or_default();
    let code = |value: &&Spanned<DeValue<'_>>| {
        let place = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            codes.fault(place, format!("`{key}` of [codes] must be a list of texts"));
            return None;
        };
        read(codes, text, place)
    };
    list.iter().filter_map(code).collect()
}

/// A procedure code as lines have it: upper case.
fn procedure(codes: &Section<'_, '_>, text: &str, place: usize) -> Option<String> {
    let is_code =
        text.len() == PROCEDURE_LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_code {
        let message =
            format!("`{text}` is no procedure code: five letters or digits, without a modifier");
        codes.fault(place, message);
        return None;
    }
    Some(text.to_ascii_uppercase())
}

/// A diagnosis code as lines have it: upper case, without its dot. A trailing `*` stands for
/// any code that begins so.
fn diagnosis(codes: &Section<'_, '_>, text: &str, place: usize) -> Option<String> {
    let (start, star) = match text.strip_suffix('*') {
        Some(start) => (start, "*"),
        None => (text, ""),
    };
    let plain = match start.split_once('.') {
        Some((category, rest)) if category.len() == BEFORE_DOT => format!("{category}{rest}"),
        _ => start.to_owned(),
    };
    let fewest = if star.is_empty() {
        *DIAGNOSIS_LETTERS.start()
    } else {
        1
    };
    let is_code = (fewest..=*DIAGNOSIS_LETTERS.end()).contains(&plain.len())
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && plain.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !is_code {
        let message = format!(
            "`{text}` is no diagnosis code: a letter and two to six letters or digits, with or \
             without the dot behind the third, for example M79.18; a trailing * stands for any \
             code that begins so"
        );
        codes.fault(place, message);
        return None;
    }
    Some(plain.to_ascii_uppercase() + star)
}
