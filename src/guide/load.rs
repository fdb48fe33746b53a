//! Reading a guide's table.

use std::num::NonZeroU64;

use super::codes::{CodeSet, LONGEST_CODE, packed};
use super::model::{
    Child, CodeList, DataType, ElementUse, Guide, Key, Loop, Note, SegmentUse, Tag, Unit, UnitKind,
    Usage,
};
use super::notation::{
    Parsed, number, parse_most, parse_note, parse_shape, parse_type, parse_usage, split_usage,
};
use super::table::Transitions;

/// Why a table is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the guide's table: {problem}")]
pub struct GuideError {
    /// From 1.
    pub line: usize,
    /// In words.
    pub problem: &'static str,
}

#[derive(Default)]
struct Loader {
    guide: [&'static str; 3],
    units: Vec<Unit>,
    loops: Vec<Loop>,
    segments: Vec<SegmentUse>,
    elements: Vec<ElementUse>,
    notes: Vec<Note>,
    lists: Vec<CodeList>,
    /// The loops that are open, the outermost first.
    open: Vec<u16>,
    /// The unit whose root comes next.
    unit: Option<(UnitKind, Tag, Option<&'static str>)>,
}

impl Guide {
    /// Reads a table; the notation is described at the [module](crate::guide).
    ///
    /// # Errors
    ///
    /// A line that is not in the notation.
    pub fn parse(text: &'static str) -> Result<Self, GuideError> {
        let mut loader = Loader::default();
        for (index, line) in text.lines().enumerate() {
            let taken = loader.line(line);
            taken.map_err(|problem| GuideError {
                line: index + 1,
                problem,
            })?;
        }
        loader.close_loops(0);
        loader.list_required();
        let [version, transaction, group] = loader.guide;
        Ok(Self {
            version,
            transaction,
            group,
            transitions: Transitions::new(&loader.loops, &loader.segments, &loader.units),
            units: loader.units,
            loops: loader.loops,
            segments: loader.segments,
            elements: loader.elements,
            notes: loader.notes,
            lists: loader.lists,
        })
    }
}

impl Loader {
    fn line(&mut self, line: &'static str) -> Parsed<()> {
        let words: Vec<&'static str> = line.split_ascii_whitespace().collect();
        let depth = (line.len() - line.trim_start().len()) / 2;
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["guide", version, transaction, group] => {
                self.guide = [version, transaction, group];
                Ok(())
            }
            ["codes", name, ref codes @ ..] => self.list(Some(name), codes.to_vec()).map(|_| ()),
            ["unit", kind, begin] => self.begin_unit(kind, begin),
            ["loop", id, usage, most, position] => {
                self.begin_loop(depth, id, usage, [most, position])
            }
            [id, usage, most, position, notes, ref elements @ ..] => {
                self.close_loops(depth.saturating_sub(1));
                self.segment([id, usage, most, position, notes], elements)
            }
            _ => Err("too few words"),
        }
    }

    fn begin_unit(&mut self, kind: &str, begin: &'static str) -> Parsed<()> {
        self.close_loops(0);
        let kind = match kind {
            "header" => UnitKind::Header,
            "level" => UnitKind::Level,
            "claim" => UnitKind::Claim,
            _ => return Err("no such unit"),
        };
        let (tag, code) = match begin.split_once('=') {
            Some((tag, code)) => (tag, Some(code)),
            None => (begin, None),
        };
        let tag = Tag::of(tag.as_bytes()).ok_or("no segment id")?;
        self.unit = Some((kind, tag, code));
        Ok(())
    }

    fn begin_loop(
        &mut self,
        depth: usize,
        id: &'static str,
        usage: &str,
        [most, position]: [&str; 2],
    ) -> Parsed<()> {
        self.close_loops(depth.saturating_sub(1));
        let index = self.loops.len() as u16;
        if let Some((kind, tag, level_code)) = self.unit.take() {
            self.units.push(Unit {
                kind,
                tag,
                level_code,
                root: index,
            });
        }
        let segments = self.segments.len() as u16;
        self.loops.push(Loop {
            id: Some(id).filter(|id| *id != "-"),
            parent: self.open.last().copied(),
            usage: parse_usage(usage)?,
            most: parse_most(most)?,
            position: number(position)?,
            trigger: segments,
            segments: segments..segments,
            loops: index..index,
            required: Vec::new(),
        });
        self.open.push(index);
        Ok(())
    }

    /// Ends loops until so many are open.
    fn close_loops(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(index) = self.open.pop() else { break };
            let (segments, loops) = (self.segments.len() as u16, self.loops.len() as u16);
            let ended = &mut self.loops[usize::from(index)];
            ended.segments.end = segments;
            ended.loops.end = loops;
        }
    }

    fn segment(
        &mut self,
        [id, usage, most, position, notes]: [&'static str; 5],
        elements: &[&'static str],
    ) -> Parsed<()> {
        let owner = *self.open.last().ok_or("a segment outside any loop")?;
        let tag = Tag::of(id.as_bytes()).ok_or("no segment id")?;
        let (usage, is_told_by_second) = match usage.strip_suffix("+2") {
            Some(usage) => (usage, true),
            None => (usage, false),
        };
        let mut own = Vec::with_capacity(elements.len());
        for element in elements {
            own.push(self.element(element)?);
        }
        let first_note = self.notes.len() as u16;
        for note in notes.split(',').filter(|note| *note != "-") {
            self.notes.push(parse_note(note)?);
        }
        let key = self.key(&own, is_told_by_second);
        let first = self.elements.len() as u16;
        self.elements.append(&mut own);
        self.segments.push(SegmentUse {
            tag,
            owner,
            usage: parse_usage(usage)?,
            most: parse_most(most)?,
            position: number(position)?,
            key,
            elements: first..self.elements.len() as u16,
            notes: first_note..self.notes.len() as u16,
        });
        Ok(())
    }

    fn key(&self, own: &[ElementUse], is_told_by_second: bool) -> Option<Key> {
        let mut first = own.first()?;
        if first.usage != Usage::Required {
            return None;
        }
        if first.data_type == DataType::Composite {
            first = self.elements.get(usize::from(first.components.start))?;
        }
        let second = own.get(1).filter(|_| is_told_by_second);
        let list = first.codes.filter(|_| !first.is_external)?;
        let also = second.and_then(|second| second.codes);
        let CodeList { name, codes, .. } = self.lists.get(usize::from(list))?;
        let only = match codes[..] {
            [only] if name.is_none() && also.is_none() => packed(only.as_bytes()),
            _ => None,
        };
        Some(Key {
            list,
            also,
            only: only.and_then(NonZeroU64::new),
        })
    }

    /// Reads an element; components of a composite are added to the elements.
    fn element(&mut self, text: &'static str) -> Parsed<ElementUse> {
        let (usage, rest) = split_usage(text)?;
        let mut element = ElementUse {
            number: rest,
            usage,
            data_type: DataType::Text,
            shortest: 0,
            longest: u16::MAX,
            most: 1,
            codes: None,
            is_external: false,
            shape: None,
            components: 0..0,
        };
        if usage == Usage::NotUsed {
            return Ok(element);
        }
        if let Some((head, components)) = rest.split_once('(') {
            let components = components.strip_suffix(')').ok_or("no closing bracket")?;
            let mut own = Vec::new();
            for component in components.split(';') {
                own.push(self.element(component)?);
            }
            let first = self.elements.len() as u16;
            self.elements.append(&mut own);
            (element.number, element.most) = match head.split_once('*') {
                Some((head, most)) => (head, number(most)?),
                None => (head, 1),
            };
            element.data_type = DataType::Composite;
            element.components = first..self.elements.len() as u16;
            return Ok(element);
        }
        let (number_text, value) = rest.split_once(':').ok_or("no type")?;
        element.number = number_text;
        self.value(&mut element, value)?;
        Ok(element)
    }

    /// Reads a type, its lengths, its codes and its shape.
    fn value(&mut self, element: &mut ElementUse, text: &'static str) -> Parsed<()> {
        let (text, shape) = match text.split_once('!') {
            Some((text, shape)) => (text, Some(parse_shape(shape)?)),
            None => (text, None),
        };
        element.shape = shape;
        let end = text.find(['=', '@']).unwrap_or(text.len());
        let (head, codes) = text.split_at(end);
        let (data_type, lengths) = ["N0", "AN", "ID", "DT", "TM", "R"]
            .iter()
            .find_map(|name| Some((*name, head.strip_prefix(name)?)))
            .ok_or("no such type")?;
        element.data_type = parse_type(data_type);
        let (shortest, longest) = lengths.split_once('-').unwrap_or((lengths, lengths));
        (element.shortest, element.longest) = (number(shortest)?, number(longest)?);
        element.is_external = codes.starts_with('@');
        if let Some(codes) = codes.get(1..).filter(|codes| !codes.is_empty()) {
            element.codes = Some(self.codes(codes)?);
        }
        Ok(())
    }

    /// The list that an element names or spells out.
    fn codes(&mut self, text: &'static str) -> Parsed<u16> {
        if let Some((name, codes)) = text.split_once(':') {
            return self.list(Some(name), codes.split(',').collect());
        }
        if text.starts_with(|first: char| first.is_ascii_lowercase()) {
            let found = self.lists.iter().position(|list| list.name == Some(text));
            return found.map(|index| index as u16).ok_or("no such code list");
        }
        self.list(None, text.split(',').collect())
    }

    fn list(&mut self, name: Option<&'static str>, codes: Vec<&'static str>) -> Parsed<u16> {
        let numbers = codes.iter().map(|code| packed(code.as_bytes()));
        let numbers: Vec<u64> = numbers.collect::<Option<_>>().ok_or(LONG_CODE)?;
        let list = CodeList {
            name,
            codes,
            set: CodeSet::new(&numbers),
        };
        if let Some(index) = self.lists.iter().position(|known| *known == list) {
            return Ok(index as u16);
        }
        self.lists.push(list);
        Ok(self.lists.len() as u16 - 1)
    }

    /// Lists what must be in each loop.
    fn list_required(&mut self) {
        for (index, segment) in self.segments.iter().enumerate() {
            let owner = &mut self.loops[usize::from(segment.owner)];
            if segment.usage == Usage::Required && usize::from(owner.trigger) != index {
                let child = Child::Segment(index as u16);
                owner.required.push((segment.position, child));
            }
        }
        for index in 0..self.loops.len() {
            let Loop {
                parent,
                usage,
                position,
                ..
            } = self.loops[index];
            if let (Some(parent), Usage::Required) = (parent, usage) {
                let child = Child::Loop(index as u16);
                self.loops[usize::from(parent)]
                    .required
                    .push((position, child));
            }
        }
        for one in &mut self.loops {
            one.required.sort_by_key(|(position, _)| *position);
        }
    }
}

const LONG_CODE: &str = "a code is too long";

const _: () = assert!(LONGEST_CODE == 8, "LONG_CODE says nothing of it");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::professional;

    #[test]
    fn the_professional_claim_is_read_whole() {
        let guide = professional().unwrap();
        assert_eq!((guide.version, guide.transaction), ("005010X222A1", "837"));
        assert_eq!(guide.units.len(), 5);
        assert_eq!(guide.segments.len(), 213);
        let claim = &guide.loops[usize::from(guide.units[4].root)];
        assert_eq!(claim.id, Some("2300"));
        assert_eq!(claim.required.len(), 2);
        let names = guide.list_names();
        assert!(names.contains(&"state") && names.contains(&"claim-filing"));
    }

    #[test]
    fn what_is_no_table_says_where() {
        let told = |text| Guide::parse(text).map(|_| ()).unwrap_err().to_string();
        assert_eq!(
            told("guide 1 2 3\nNM1 R 1 0 -"),
            "line 2 of the guide's table: a segment outside any loop"
        );
        for text in [
            "unit tail ST",
            "loop A Q 1 1",
            "loop A R 1 1\n  NM1 R 1 1 X0102 -1",
            "loop A R 1 1\n  NM1 R 1 1 - R1:XX2",
            "loop A R 1 1\n  NM1 R 1 1 - R1:ID2=nowhere",
            "NM1",
        ] {
            assert!(Guide::parse(text).is_err(), "{text}");
        }
    }
}
