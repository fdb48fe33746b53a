//! An 837P file of some claims of others: envelopes, numbers and levels are put right, the
//! bytes of claims stay.

use std::io;

use super::patched::Patched;
use super::spool::Kind;
use crate::cli::exit::Failure;
use crate::cli::files::PendingFile;
use crate::x12::Delimiters;

/// Something that is written when a claim stands in it.
#[derive(Debug, Clone, Default)]
struct Around {
    bytes: Vec<u8>,
    is_given: bool,
    is_written: bool,
    /// HL01 as written, of a level.
    number: u64,
    /// Where HL04 stands as written.
    children: u64,
}

impl Around {
    fn give(&mut self, bytes: &[u8]) {
        self.forget();
        self.bytes.extend_from_slice(bytes);
        self.is_given = true;
    }

    fn forget(&mut self) {
        self.bytes.clear();
        (self.is_given, self.is_written) = (false, false);
    }
}

/// One of the files.
pub(super) struct ClaimFile {
    out: Patched<PendingFile>,
    delimiters: Option<Delimiters>,
    line_break: &'static [u8],
    interchange: Around,
    group: Around,
    header: Around,
    /// 2000A, 2000B and 2000C.
    levels: [Around; 3],
    /// A level is open that claims cannot be written under.
    is_astray: bool,
    groups: u64,
    sets: u64,
    segments: u64,
    level_number: u64,
    /// Claims that were written.
    pub(super) claims: u64,
    /// Claims that could not be written.
    pub(super) homeless: u64,
}

impl ClaimFile {
    pub(super) fn new(file: PendingFile) -> Self {
        Self {
            out: Patched::new(file),
            delimiters: None,
            line_break: b"",
            interchange: Around::default(),
            group: Around::default(),
            header: Around::default(),
            levels: Default::default(),
            is_astray: false,
            groups: 0,
            sets: 0,
            segments: 0,
            level_number: 0,
            claims: 0,
            homeless: 0,
        }
    }

    /// All is written.
    pub(super) fn finish(mut self) -> Result<PendingFile, Failure> {
        match self.out.flush() {
            Ok(()) => Ok(self.out.out),
            Err(error) => Err(self.out.out.failure(&error)),
        }
    }

    /// An interchange begins; without delimiters nothing of it can be written.
    pub(super) fn begin_interchange(&mut self, interchange: Option<&(Vec<u8>, Delimiters)>) {
        self.interchange.forget();
        self.group.forget();
        self.forget_set();
        self.groups = 0;
        self.delimiters = interchange.map(|(_, delimiters)| *delimiters);
        if let Some((isa, _)) = interchange {
            self.interchange.give(isa);
        }
    }

    fn forget_set(&mut self) {
        self.header.forget();
        self.levels.iter_mut().for_each(Around::forget);
        self.is_astray = false;
        self.level_number = 0;
    }

    /// What stands around claims: it is written when a claim of this file stands in it.
    pub(super) fn around(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        match kind {
            Kind::Group => {
                self.group.give(bytes);
                self.sets = 0;
            }
            Kind::Set => self.forget_set(),
            Kind::Header => self.header.give(bytes),
            Kind::BillingProvider => self.level(0, bytes),
            Kind::Subscriber => self.level(1, bytes),
            Kind::Patient => self.level(2, bytes),
            Kind::StraySubscriber => {
                self.levels[1..].iter_mut().for_each(Around::forget);
                self.is_astray = true;
            }
            Kind::OtherLevel => self.is_astray = true,
            Kind::Claim => {}
            Kind::EndSet => self.end_set()?,
            Kind::EndGroup => self.end_group()?,
        }
        Ok(())
    }

    fn level(&mut self, depth: usize, bytes: &[u8]) {
        self.is_astray = false;
        self.levels[depth].give(bytes);
        self.levels[depth + 1..].iter_mut().for_each(Around::forget);
    }

    /// Writes a claim, and of what stands around it what is not there yet.
    pub(super) fn claim(&mut self, bytes: &[u8]) -> io::Result<()> {
        let [billing, subscriber, _] = &self.levels;
        let around = [
            &self.interchange,
            &self.group,
            &self.header,
            billing,
            subscriber,
        ];
        if self.is_astray || around.iter().any(|one| !one.is_given) {
            self.homeless += 1;
            return Ok(());
        }
        self.begin()?;
        for depth in 0..3 {
            if self.levels[depth].is_given && !self.levels[depth].is_written {
                self.write_level(depth)?;
            }
        }
        self.claims += 1;
        self.write(bytes)
    }

    /// Writes ISA, GS and the header, where they are not there yet.
    fn begin(&mut self) -> io::Result<()> {
        let Some(delimiters) = self.delimiters.filter(|_| !self.header.is_written) else {
            return Ok(());
        };
        self.line_break = line_break(&self.header.bytes, delimiters);
        if !self.interchange.is_written {
            self.interchange.is_written = true;
            self.out.push(&self.interchange.bytes)?;
            self.out.push(self.line_break)?;
        }
        if !self.group.is_written {
            self.group.is_written = true;
            self.groups += 1;
            self.out.push(&self.group.bytes)?;
            self.out.push(&[delimiters.segment])?;
            self.out.push(self.line_break)?;
        }
        self.header.is_written = true;
        self.sets += 1;
        self.segments = 0;
        let header = std::mem::take(&mut self.header.bytes);
        self.write(&header)?;
        self.header.bytes = header;
        Ok(())
    }

    /// Writes a level with the next HL01, the HL01 of the level above it, and an HL04 that says
    /// that nothing stands under it, until something does.
    fn write_level(&mut self, depth: usize) -> io::Result<()> {
        let Some(delimiters) = self.delimiters else {
            return Ok(());
        };
        let (above, own) = self.levels.split_at_mut(depth);
        let level = &mut own[0];
        self.level_number += 1;
        (level.number, level.is_written) = (self.level_number, true);
        let end = memchr::memchr(delimiters.segment, &level.bytes);
        let (hl, rest) = level.bytes.split_at(end.unwrap_or(level.bytes.len()));
        let mut text = b"HL".to_vec();
        let separator = delimiters.element;
        text.push(separator);
        text.extend_from_slice(level.number.to_string().as_bytes());
        text.push(separator);
        if let Some(parent) = above.last() {
            text.extend_from_slice(parent.number.to_string().as_bytes());
        }
        let unbroken: Vec<u8> = hl
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_control())
            .collect();
        let mut elements = unbroken.split(|byte| *byte == separator).skip(3);
        text.push(separator);
        text.extend_from_slice(elements.next().unwrap_or_default());
        text.push(separator);
        level.children = self.out.end() + text.len() as u64;
        text.push(b'0');
        for element in elements.skip(1) {
            text.push(separator);
            text.extend_from_slice(element);
        }
        text.extend_from_slice(rest);
        if let Some(parent) = above.last() {
            self.out.patch(parent.children, b'1')?;
        }
        self.write(&text)
    }

    /// Writes segments, each with its terminator.
    fn write(&mut self, segments: &[u8]) -> io::Result<()> {
        if let Some(delimiters) = self.delimiters {
            self.segments += memchr::memchr_iter(delimiters.segment, segments).count() as u64;
        }
        self.out.push(segments)?;
        self.out.push(self.line_break)
    }

    /// Writes a trailer: its id, a count, and the control number of the header it ends.
    fn trailer(&mut self, id: &str, count: u64, control_number: &[u8]) -> io::Result<()> {
        let Some(delimiters) = self.delimiters else {
            return Ok(());
        };
        let mut text = id.as_bytes().to_vec();
        text.push(delimiters.element);
        text.extend_from_slice(count.to_string().as_bytes());
        text.push(delimiters.element);
        text.extend_from_slice(control_number);
        text.push(delimiters.segment);
        self.write(&text)
    }

    fn end_set(&mut self) -> io::Result<()> {
        if self.header.is_written {
            let control_number = self.element(&self.header.bytes, 2);
            self.trailer("SE", self.segments + 1, &control_number)?;
        }
        self.forget_set();
        Ok(())
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.group.is_written {
            let control_number = self.element(&self.group.bytes, 6);
            self.trailer("GE", self.sets, &control_number)?;
        }
        self.group.forget();
        Ok(())
    }

    pub(super) fn end_interchange(&mut self) -> io::Result<()> {
        if self.interchange.is_written {
            let control_number = self.element(&self.interchange.bytes, 13);
            self.trailer("IEA", self.groups, &control_number)?;
        }
        self.interchange.forget();
        Ok(())
    }

    /// An element of the first segment, without line breaks.
    fn element(&self, bytes: &[u8], position: usize) -> Vec<u8> {
        let Some(delimiters) = self.delimiters else {
            return Vec::new();
        };
        let mut segments = bytes.split(|byte| *byte == delimiters.segment);
        let segment = segments.next().unwrap_or_default();
        let mut elements = segment.split(|byte| *byte == delimiters.element);
        let element = elements.nth(position).unwrap_or_default();
        element
            .iter()
            .copied()
            .filter(|byte| !matches!(byte, b'\r' | b'\n'))
            .collect()
    }
}

/// What stands behind the first segment of a header.
fn line_break(header: &[u8], delimiters: Delimiters) -> &'static [u8] {
    let end = memchr::memchr(delimiters.segment, header);
    match end.map_or(&[][..], |end| &header[end + 1..]) {
        [b'\r', b'\n', ..] => b"\r\n",
        [b'\n', ..] => b"\n",
        _ => b"",
    }
}
