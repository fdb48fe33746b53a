//! Frames in the order in which they were added, until some of them are taken back.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How much is gathered before it is written or read.
const BUFFER_BYTES: usize = 1 << 16;

/// Frames that are written one after the other, and then read.
#[derive(Debug)]
pub struct FrameFile {
    writer: BufWriter<File>,
    end: u64,
}

impl FrameFile {
    /// Without a frame, in a file of that folder.
    ///
    /// # Errors
    ///
    /// A folder in which no file can be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            writer: BufWriter::with_capacity(BUFFER_BYTES, tempfile::tempfile_in(folder)?),
            end: 0,
        })
    }

    /// Adds a frame.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        self.writer.write_all(&(frame.len() as u32).to_le_bytes())?;
        self.writer.write_all(frame)?;
        self.end += 4 + frame.len() as u64;
        Ok(())
    }

    /// The place behind the last frame, in bytes.
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.end
    }

    /// Forgets the frames behind a mark.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn go_back(&mut self, mark: u64) -> io::Result<()> {
        if mark >= self.end {
            return Ok(());
        }
        self.writer.seek(SeekFrom::Start(mark))?;
        self.writer.get_mut().set_len(mark)?;
        self.end = mark;
        Ok(())
    }

    /// From here on the frames are read.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn read(self) -> io::Result<FrameReader> {
        let mut file = self
            .writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(FrameReader {
            reader: BufReader::with_capacity(BUFFER_BYTES, file),
            left: self.end,
        })
    }
}

/// Reads the frames of a [`FrameFile`] from front to back.
#[derive(Debug)]
pub struct FrameReader {
    reader: BufReader<File>,
    left: u64,
}

impl FrameReader {
    /// The next frame, in `frame`; `false` behind the last.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn next(&mut self, frame: &mut Vec<u8>) -> io::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        let mut length = [0; 4];
        self.reader.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        frame.resize(length as usize, 0);
        self.reader.read_exact(frame)?;
        self.left = self.left.saturating_sub(4 + u64::from(length));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_behind_a_mark_are_forgotten() {
        let mut file = FrameFile::create(&std::env::temp_dir()).unwrap();
        file.append(b"first").unwrap();
        let mark = file.mark();
        file.append(&vec![7; 3 * BUFFER_BYTES]).unwrap();
        file.append(b"").unwrap();
        file.go_back(mark).unwrap();
        file.append(b"second").unwrap();
        let (mut reader, mut frame) = (file.read().unwrap(), Vec::new());
        for expected in [&b"first"[..], b"second"] {
            assert!(reader.next(&mut frame).unwrap());
            assert_eq!(frame, expected);
        }
        assert!(!reader.next(&mut frame).unwrap());
    }
}
