//! Reads answers back with the engine's own decoder, and checks what they state of themselves.

use std::collections::BTreeMap;

use crate::x12::{Decoder, Header, Segment, Sink, Stray};

/// Reads an answer back and checks it as it goes.
#[derive(Default)]
pub(super) struct Checked {
    /// Ids and elements of the segments of an interchange.
    segments: Vec<Vec<String>>,
    /// Claims in 277CA.
    pub(super) claims: usize,
    pub(super) sets: usize,
}

impl Sink for Checked {
    fn header(&mut self, header: &Header, _: u64, _: u64) {
        assert!(header.is_complete && header.is_fixed_width);
        let delimiters = header.delimiters.unwrap();
        assert_eq!((delimiters.element, delimiters.segment), (b'*', b'~'));
        let number = String::from_utf8(header.element(13).to_vec()).unwrap();
        self.segments = vec![vec!["ISA".to_owned(), number]];
    }

    fn segment(&mut self, segment: Segment<'_>) {
        assert!(!segment.is_unterminated && !segment.may_be_wrapped);
        let text = String::from_utf8(segment.bytes.to_vec()).unwrap();
        assert!(
            text.is_ascii() && !text.contains(char::is_control),
            "{text:?}"
        );
        assert!(!text.ends_with('*'), "{text}");
        let elements: Vec<String> = text.split('*').map(str::to_owned).collect();
        self.segments.push(elements);
        match &*self.segments[self.segments.len() - 1][0] {
            "SE" => self.end("ST", None),
            "GE" => self.end("GS", Some("ST")),
            "IEA" => self.end("ISA", Some("GS")),
            _ => {}
        }
    }

    fn stray(&mut self, stray: Stray) {
        panic!("{stray:?}");
    }
}

impl Checked {
    fn end(&mut self, header: &str, counted: Option<&str>) {
        let start = self.segments.iter().rposition(|each| each[0] == header);
        let inside = &self.segments[start.unwrap()..];
        let number = |segment: &[String]| match header {
            "ISA" => segment[1].clone(),
            "GS" => segment[6].clone(),
            _ => segment[2].clone(),
        };
        let trailer = inside.last().unwrap();
        assert_eq!(trailer[2], number(&inside[0]));
        let count = match counted {
            Some(id) => inside.iter().filter(|each| each[0] == id).count(),
            None => inside.len(),
        };
        assert_eq!(trailer[1], count.to_string(), "{trailer:?}");
        if inside[0][..2] == ["ST", "277"] {
            check_claims(inside);
            let claims = inside
                .iter()
                .filter(|each| each[0] == "STC" && each[1].as_bytes()[1] != b'1');
            self.claims += claims.count();
        }
        self.sets += usize::from(header == "ST");
    }
}

fn cents(text: &str) -> i64 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<i64>().unwrap() * 100 + format!("{decimals:0<2}").parse::<i64>().unwrap()
}

/// Levels count from 1 and name a parent that is there; totals are of what follows them.
fn check_claims(segments: &[Vec<String>]) {
    let levels: Vec<&Vec<String>> = segments.iter().filter(|each| each[0] == "HL").collect();
    let mut parents = BTreeMap::new();
    for (index, level) in levels.iter().enumerate() {
        assert_eq!(level[1], (index + 1).to_string());
        let above = match &*level[3] {
            "20" => "",
            "21" => "20",
            "19" => "21",
            _ => "19",
        };
        assert_eq!(parents.get(&*level[2]).copied().unwrap_or_default(), above);
        parents.insert(&*level[1], &*level[3]);
    }
    let mut totals: Vec<(String, i64, i64)> = Vec::new();
    let mut found = BTreeMap::new();
    for segment in segments.iter().rev() {
        match (&*segment[0], &*segment[1]) {
            ("STC", "A1:19:PR") => {
                // Those of the set come last, from behind, and are of all providers.
                let is_of_set = !segment[2].is_empty();
                let all: Vec<&(String, i64, i64)> = totals
                    .iter()
                    .filter(|(kind, ..)| is_of_set == (kind.len() > 2))
                    .collect();
                assert_eq!(
                    cents(&segment[4]),
                    all.iter()
                        .filter(|total| total.2 == 1)
                        .map(|total| total.1)
                        .sum::<i64>()
                );
                if !is_of_set {
                    totals.retain(|(kind, ..)| kind.len() > 2);
                }
            }
            ("STC", _) => {
                let is_accepted = segment[3] == "WQ";
                let amount = cents(&segment[4]);
                for (kind, amount) in [("QTY", 1), ("AMT", amount)] {
                    for of in ["", "all"] {
                        *found.entry((kind, is_accepted, of)).or_default() += amount;
                    }
                }
                totals.push(("C".to_owned(), amount, 1));
                totals.push(("set".to_owned(), amount, 1));
            }
            ("QTY" | "AMT", qualifier) => {
                let is_accepted = matches!(qualifier, "90" | "QA" | "YU");
                let is_of_set = levels_above(segments, segment) == "21";
                let of = if is_of_set { "all" } else { "" };
                let kind = if segment[0] == "QTY" { "QTY" } else { "AMT" };
                let expected = found.remove(&(kind, is_accepted, of));
                let told = match kind {
                    "QTY" => segment[2].parse().unwrap(),
                    _ => cents(&segment[2]),
                };
                assert_eq!(Some(told), expected, "{segment:?}");
            }
            _ => {}
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

/// HL03 of the level that a segment stands in.
fn levels_above<'a>(segments: &'a [Vec<String>], segment: &Vec<String>) -> &'a str {
    let index = segments.iter().position(|each| std::ptr::eq(each, segment));
    let above = segments[..index.unwrap()]
        .iter()
        .rfind(|each| each[0] == "HL");
    &above.unwrap()[3]
}

/// What reads back of an answer, given to the decoder in two pieces.
pub(super) fn check(text: &str) -> Checked {
    let mut checked = Checked::default();
    let mut decoder = Decoder::default();
    let (start, end) = text.as_bytes().split_at(text.len() / 2);
    decoder.push(start, &mut checked);
    decoder.push(end, &mut checked);
    decoder.finish(&mut checked);
    let last = checked.segments.last().unwrap();
    assert_eq!(last[0], "IEA");
    checked
}
