//! Reading in parallel, with the same result as reading from front to back.
//!
//! Inputs are cut into pieces without regard to what is in them. Each piece but an input's
//! first is read on the guess that the bytes before it end inside an interchange of the same
//! delimiters, from the first segment of it that depends on nothing before (an HL or a CLM).
//! Then the pieces are taken in order: what stands before that segment is read by the reader
//! of the piece before, and if that reader then stands where the guess said, the guess was
//! right; otherwise the piece is read again from there, in order.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::collector::Collector;
use super::inputs::Source;
use super::keeper::interest;
use super::{Input, InputError, Intake, Observer, Overflow, ReadOptions, Recall, Units, recall};
use crate::p837::{Interest, Reader, find_anchor};
use crate::validate::Checks;
use crate::x12::{Delimiters, sniff};

/// How many pieces a thread has to take in a wave: enough that none waits long for another.
const PIECES_A_THREAD: usize = 8;

/// How many a thread has to take that is alone.
const PIECES_ALONE: usize = 4;

/// The size of a piece: all that are at hand together should stay in the cache of a core, or of two.
const PIECE_BYTES: usize = 1 << 16;

/// Reads every input, in order.
///
/// # Errors
///
/// An input that cannot be opened or read to its end, a truncated compression included.
/// Whatever is wrong inside an X12 file is an [`crate::x12::Issue`], not an error.
pub fn read(
    inputs: &[Input],
    options: ReadOptions<'_>,
    observer: &mut dyn Observer,
) -> Result<Intake, InputError> {
    read_in_pieces(inputs, options, PIECE_BYTES, Beside::default(), observer)
}

/// [`read`], with whoever takes part beside it. Where earlier runs are asked, every input has
/// a path, and can be read more than once.
///
/// # Errors
///
/// Those of [`read`] and of whoever takes part, and, where earlier runs are asked, a file that
/// changes while it is read.
pub fn read_with(
    inputs: &[Input],
    options: ReadOptions<'_>,
    beside: Beside<'_>,
    observer: &mut dyn Observer,
) -> Result<Intake, InputError> {
    read_in_pieces(inputs, options, PIECE_BYTES, beside, observer)
}

/// Who takes part in reading.
#[derive(Default)]
pub struct Beside<'b> {
    /// Knows what earlier runs took: it is left out.
    pub recall: Option<&'b mut dyn Recall>,
    /// Takes the claims that memory does not hold.
    pub overflow: Option<&'b mut dyn Overflow>,
    /// Hears of units.
    pub units: Option<&'b mut dyn Units>,
}

/// [`read`], with pieces of another size. The result is the same for any.
pub(super) fn read_in_pieces(
    inputs: &[Input],
    options: ReadOptions<'_>,
    piece_bytes: usize,
    beside: Beside<'_>,
    observer: &mut dyn Observer,
) -> Result<Intake, InputError> {
    let interest = interest(options);
    let looking = Looking {
        interest: &interest,
        checks: options.checks,
    };
    let cutter = Cutter {
        inputs: inputs.iter(),
        pieces: 0,
        failure: None,
        open: None,
        piece_bytes,
        taken: 0,
        is_digesting: beside.recall.is_some(),
        rooms: Vec::new(),
    };
    // Borrowed anew, for as long as the interest lives.
    let beside = Beside {
        recall: (beside.recall).map(|recall| -> &mut dyn Recall { recall }),
        overflow: (beside.overflow).map(|overflow| -> &mut dyn Overflow { overflow }),
        units: (beside.units).map(|units| -> &mut dyn Units { units }),
    };
    let collector = Collector::new(options, inputs, beside);
    let mut merger = Merger::new(collector, looking);
    let wave = match rayon::current_num_threads() {
        1 => PIECES_ALONE,
        threads => PIECES_A_THREAD * threads,
    };
    let cutter = Mutex::new(cutter);
    let mut scanned = scan_wave(&cutter, wave, looking);
    while !scanned.is_empty() {
        // While a wave is merged, the next one is read and scanned.
        let (merged, next) = rayon::join(
            || merger.take_all(mem::take(&mut scanned), observer),
            || scan_wave(&cutter, wave, looking),
        );
        lock(&cutter).rooms.append(&mut merged?);
        scanned = next;
    }
    // Now that all before it has been heard.
    match lock(&cutter).failure.take() {
        Some(failure) => Err(failure),
        None => Ok(merger.collector.finish()),
    }
}

/// Reads and scans the next pieces, at most so many; none at the end. Who scans a piece reads it just
/// before, one after the other: it is still in the cache then.
fn scan_wave<'a>(
    cutter: &Mutex<Cutter<'a>>,
    count: usize,
    looking: Looking<'a>,
) -> Vec<Scanned<'a>> {
    let scan = |_| {
        let piece = lock(cutter).piece();
        piece.map(|piece| piece.scan(looking))
    };
    let wave = (0..count).into_par_iter().with_max_len(1);
    let mut scanned: Vec<Scanned<'a>> = wave.filter_map(scan).collect();
    scanned.sort_unstable_by_key(|scanned| scanned.piece.place);
    scanned
}

fn lock<'m, 'i>(cutter: &'m Mutex<Cutter<'i>>) -> MutexGuard<'m, Cutter<'i>> {
    cutter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What readers look for.
#[derive(Clone, Copy)]
struct Looking<'a> {
    interest: &'a Interest,
    checks: Option<&'a Checks>,
}

impl<'a> Looking<'a> {
    fn reader(self) -> Reader<'a> {
        Reader::checking(self.interest, self.checks)
    }
}

/// Memory that one piece after the other uses.
#[derive(Default)]
struct Room<'a> {
    bytes: Vec<u8>,
    reader: Option<Reader<'a>>,
}

/// A piece of an input.
struct Piece<'a> {
    /// Its place among all pieces.
    place: u64,
    input: Arc<str>,
    bytes: Vec<u8>,
    /// A reader that is free.
    reader: Option<Reader<'a>>,
    offset_bytes: u64,
    is_first: bool,
    is_last: bool,
    /// The delimiters with which the input starts.
    delimiters: Option<Delimiters>,
    /// Bytes of the inputs taken by then, before decompression.
    taken: u64,
    /// The digest of the whole input, on its last piece; empty where nobody asked for it.
    digest: String,
}

/// Cuts inputs into pieces.
struct Cutter<'i> {
    inputs: std::slice::Iter<'i, Input>,
    /// How many were cut.
    pieces: u64,
    /// Why an input could not be read.
    failure: Option<InputError>,
    open: Option<OpenInput>,
    piece_bytes: usize,
    /// Bytes of the inputs that are done with.
    taken: u64,
    is_digesting: bool,
    /// What pieces that are done with leave to others.
    rooms: Vec<Room<'i>>,
}

struct OpenInput {
    source: Source,
    name: Arc<str>,
    offset_bytes: u64,
    delimiters: Option<Delimiters>,
    hash: Option<Sha256>,
}

impl<'i> Cutter<'i> {
    /// The next piece; none at the end, and none behind what cannot be read.
    fn piece(&mut self) -> Option<Piece<'i>> {
        if self.failure.is_some() {
            return None;
        }
        self.cut().unwrap_or_else(|failure| {
            self.failure = Some(failure);
            None
        })
    }

    fn cut(&mut self) -> Result<Option<Piece<'i>>, InputError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => match self.inputs.next() {
                Some(input) => OpenInput {
                    source: Source::open(input)?,
                    name: Arc::clone(&input.name),
                    offset_bytes: 0,
                    delimiters: None,
                    hash: self.is_digesting.then(Sha256::new),
                },
                None => return Ok(None),
            },
        };
        let Room { mut bytes, reader } = self.rooms.pop().unwrap_or_default();
        open.source.fill(&mut bytes, self.piece_bytes)?;
        let is_first = open.offset_bytes == 0;
        if is_first {
            open.delimiters = sniff(&bytes);
        }
        if let Some(hash) = &mut open.hash {
            hash.update(&bytes);
        }
        let is_last = bytes.len() < self.piece_bytes;
        let hash = open.hash.take_if(|_| is_last);
        self.pieces += 1;
        let piece = Piece {
            place: self.pieces,
            input: Arc::clone(&open.name),
            offset_bytes: open.offset_bytes,
            is_first,
            is_last,
            delimiters: open.delimiters,
            taken: self.taken + open.source.taken(),
            digest: hash.map(recall::as_text).unwrap_or_default(),
            bytes,
            reader,
        };
        if piece.is_last {
            self.taken += open.source.taken();
        } else {
            open.offset_bytes += piece.bytes.len() as u64;
            self.open = Some(open);
        }
        Ok(Some(piece))
    }
}

/// A piece, and what a reader made of it from `start` on.
struct Scanned<'a> {
    piece: Piece<'a>,
    guess: Option<Guess<'a>>,
}

struct Guess<'a> {
    start: usize,
    /// `None` for an input's first piece, where nothing is guessed.
    delimiters: Option<Delimiters>,
    reader: Reader<'a>,
}

impl<'a> Piece<'a> {
    /// Reads the piece as far as it depends on nothing before it.
    fn scan(mut self, looking: Looking<'a>) -> Scanned<'a> {
        let (start, delimiters, mut reader) = if self.is_first {
            (0, None, looking.reader())
        } else {
            let anchor = self.delimiters.and_then(|delimiters| {
                find_anchor(&self.bytes, delimiters).map(|start| (start, delimiters))
            });
            let Some((start, delimiters)) = anchor else {
                return Scanned {
                    piece: self,
                    guess: None,
                };
            };
            let offset_bytes = self.offset_bytes + start as u64;
            let mut reader = self.reader.take().unwrap_or_else(|| looking.reader());
            reader.restart_at_anchor(delimiters, offset_bytes);
            (start, Some(delimiters), reader)
        };
        reader.push(&self.bytes[start..]);
        Scanned {
            piece: self,
            guess: Some(Guess {
                start,
                delimiters,
                reader,
            }),
        }
    }
}

/// Takes pieces in order.
struct Merger<'a> {
    collector: Collector<'a>,
    /// Stands behind the piece that was taken last.
    reader: Reader<'a>,
    /// Segments of the input that were read before `reader` began.
    segments_before: u64,
    looking: Looking<'a>,
}

impl<'a> Merger<'a> {
    fn new(collector: Collector<'a>, looking: Looking<'a>) -> Self {
        Self {
            collector,
            reader: looking.reader(),
            segments_before: 0,
            looking,
        }
    }

    /// Takes pieces, as long as the batch has room, and gives their room back.
    fn take_all(
        &mut self,
        scanned: Vec<Scanned<'a>>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Room<'a>>, InputError> {
        let mut rooms = Vec::with_capacity(scanned.len());
        for piece in scanned {
            if self.collector.intake.batch.is_nearly_full() {
                return Err(InputError {
                    name: piece.piece.input,
                    problem: "the run holds as many governed lines as it can; give it fewer inputs at once".into(),
                    source: None,
                });
            }
            rooms.push(self.take(piece, observer)?);
            if let Some(failure) = self.collector.failure.take() {
                return Err(failure);
            }
            self.collector.relieve()?;
        }
        Ok(rooms)
    }

    fn take(
        &mut self,
        scanned: Scanned<'a>,
        observer: &mut dyn Observer,
    ) -> Result<Room<'a>, InputError> {
        let Scanned { piece, guess } = scanned;
        if piece.is_first {
            self.collector.begin_file(&piece.input);
            self.segments_before = 0;
            self.reader = self.looking.reader();
        }
        let free = match guess {
            Some(Guess {
                delimiters: None,
                reader,
                ..
            }) => Some(mem::replace(&mut self.reader, reader)),
            Some(guess) => Some(self.join(&piece.bytes, guess, observer)),
            None => {
                self.reader.push(&piece.bytes);
                piece.reader
            }
        };
        if piece.is_last {
            self.reader.finish();
        }
        self.drain(observer);
        if piece.is_last {
            let bytes = piece.offset_bytes + piece.bytes.len() as u64;
            self.collector.end_file(bytes, piece.digest, observer)?;
        }
        observer.progress(piece.taken, self.collector.claims());
        Ok(Room {
            bytes: piece.bytes,
            reader: free,
        })
    }

    /// Puts the reader of a piece in the place of the one before, if its guess was right.
    /// Returns the one that is free.
    fn join(&mut self, bytes: &[u8], guess: Guess<'a>, observer: &mut dyn Observer) -> Reader<'a> {
        let (head, rest) = bytes.split_at(guess.start);
        self.reader.push(head);
        if guess
            .delimiters
            .is_some_and(|delimiters| self.reader.is_at_segment_of(delimiters))
        {
            self.reader.close();
            self.drain(observer);
            self.segments_before += self.reader.segments();
            mem::replace(&mut self.reader, guess.reader)
        } else {
            self.reader.push(rest);
            guess.reader
        }
    }

    fn drain(&mut self, observer: &mut dyn Observer) {
        let events = self.reader.events();
        self.collector.take(events, self.segments_before, observer);
        self.reader.clear();
    }
}
