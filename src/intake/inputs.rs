//! Files, folders and pipes, decompressed.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Input, InputError, Inputs};

/// The name of standard input on a command line.
const STANDARD_INPUT: &str = "-";

/// How much is asked of a file at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Lists the inputs of a command line: files, folders (every regular file in them, byte
/// order of names), `-` for standard input.
///
/// # Errors
///
/// A path that does not exist or cannot be listed, and a folder without files.
pub fn list_inputs(paths: &[PathBuf]) -> Result<Inputs, InputError> {
    let mut inputs = Inputs::default();
    for path in paths {
        if path.as_os_str() == STANDARD_INPUT {
            inputs.list.push(Input {
                name: STANDARD_INPUT.into(),
                path: None,
                size_bytes: None,
            });
            continue;
        }
        let about = fs::metadata(path).map_err(|error| cannot(path, "cannot be opened", error))?;
        if about.is_dir() {
            list_folder(path, &mut inputs)?;
        } else {
            inputs.list.push(input(path.clone(), about.len()));
        }
    }
    Ok(inputs)
}

fn list_folder(folder: &Path, inputs: &mut Inputs) -> Result<(), InputError> {
    let failed = |error| cannot(folder, "cannot be listed", error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Links are followed; what is no regular file is not read, and told.
        let about =
            fs::metadata(&path).map_err(|error| cannot(&path, "cannot be opened", error))?;
        if about.is_file() {
            files.push((path, about.len()));
        } else {
            inputs.passed_over.push(name(&path));
        }
    }
    if files.is_empty() {
        return Err(InputError {
            name: name(folder),
            problem: "this folder holds no files; name a folder that holds 837P files, or the files themselves".into(),
            source: None,
        });
    }
    files.sort_by(|(left, _), (right, _)| {
        left.as_os_str()
            .as_encoded_bytes()
            .cmp(right.as_os_str().as_encoded_bytes())
    });
    inputs.passed_over.sort();
    inputs
        .list
        .extend(files.into_iter().map(|(path, size)| input(path, size)));
    Ok(())
}

fn input(path: PathBuf, size_bytes: u64) -> Input {
    Input {
        name: name(&path),
        path: Some(path),
        size_bytes: Some(size_bytes),
    }
}

fn name(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

fn cannot(path: &Path, problem: &str, source: io::Error) -> InputError {
    InputError {
        name: name(path),
        problem: format!("{problem}: {source}"),
        source: Some(source),
    }
}

/// Reads an input from front to back, decompressed: `take` gets its pieces, and how many bytes
/// of it were read by then, before decompression.
///
/// # Errors
///
/// An input that cannot be opened or read, or whose compression is damaged or cut.
pub fn read_pieces(input: &Input, mut take: impl FnMut(&[u8], u64)) -> Result<(), InputError> {
    let mut source = Source::open(input)?;
    let mut piece = Vec::new();
    loop {
        source.fill(&mut piece, BUFFER_BYTES)?;
        if piece.is_empty() {
            return Ok(());
        }
        take(&piece, source.taken());
    }
}

/// An open input, decompressed.
pub(super) struct Source {
    name: Arc<str>,
    reader: Box<dyn Read + Send>,
    compression: Option<&'static str>,
    /// Bytes read before decompression.
    taken: Arc<AtomicU64>,
}

impl Source {
    /// Opens an input; gzip and zstd are told by their first bytes.
    ///
    /// # Errors
    ///
    /// An input that cannot be opened or read.
    pub(super) fn open(input: &Input) -> Result<Self, InputError> {
        let taken = Arc::new(AtomicU64::new(0));
        let failed = |error: io::Error| InputError {
            name: Arc::clone(&input.name),
            problem: format!("cannot be read: {error}"),
            source: Some(error),
        };
        let file: Box<dyn Read + Send> = match &input.path {
            Some(path) => Box::new(File::open(path).map_err(failed)?),
            None => Box::new(io::stdin()),
        };
        let mut reader = Counted {
            reader: file,
            taken: Arc::clone(&taken),
        };
        let mut magic = Vec::with_capacity(4);
        Read::by_ref(&mut reader)
            .take(4)
            .read_to_end(&mut magic)
            .map_err(failed)?;
        let compression = match magic[..] {
            [0x1f, 0x8b, ..] => Some("gzip"),
            [0x28, 0xb5, 0x2f, 0xfd] => Some("zstd"),
            _ => None,
        };
        let whole = io::Cursor::new(magic).chain(reader);
        let reader: Box<dyn Read + Send> = match compression {
            None => Box::new(whole),
            Some("gzip") => {
                let buffered = BufReader::with_capacity(BUFFER_BYTES, whole);
                Box::new(flate2::bufread::MultiGzDecoder::new(buffered))
            }
            Some(_) => Box::new(zstd::Decoder::new(whole).map_err(failed)?),
        };
        Ok(Self {
            name: Arc::clone(&input.name),
            reader,
            compression,
            taken,
        })
    }

    /// Bytes read so far, before decompression.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Fills a buffer with up to `limit` bytes; fewer only at the end.
    ///
    /// # Errors
    ///
    /// An input that cannot be read, or whose compression is damaged or cut.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, limit: usize) -> Result<(), InputError> {
        // A buffer that was filled before has nothing to be cleared.
        buffer.resize(limit, 0);
        let read = self.read_up_to(buffer);
        let filled = read.map_err(|error| {
            let problem = match self.compression {
                Some(kind) => format!(
                    "the {kind} compression is damaged or cut short ({error}); get the file again from its sender"
                ),
                None => format!("cannot be read: {error}"),
            };
            InputError { name: Arc::clone(&self.name), problem, source: Some(error) }
        })?;
        buffer.truncate(filled);
        Ok(())
    }

    fn read_up_to(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// Counts the bytes that come through.
struct Counted {
    reader: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
