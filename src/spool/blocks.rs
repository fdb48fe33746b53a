//! Several streams of frames in one file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The size of a block.
pub const BLOCK_BYTES: usize = 1 << 16;

/// Streams that are written side by side, and then read.
#[derive(Debug)]
pub struct Blocks {
    file: File,
    end: u64,
    streams: Vec<Stream>,
}

#[derive(Debug, Default)]
struct Stream {
    /// Where its blocks start; all but the last are whole.
    blocks: Vec<u64>,
    length: u64,
    /// What is not written yet.
    rest: Vec<u8>,
}

impl Blocks {
    /// So many empty streams, in a file of that folder.
    ///
    /// # Errors
    ///
    /// A folder in which no file can be made.
    pub fn create(folder: &Path, streams: usize) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            end: 0,
            streams: std::iter::repeat_with(Stream::default)
                .take(streams)
                .collect(),
        })
    }

    /// How many streams there are.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Adds an empty stream; returns its number.
    pub fn add_stream(&mut self) -> usize {
        self.streams.push(Stream::default());
        self.streams.len() - 1
    }

    /// Adds a frame to a stream: bytes that are read back together.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn append(&mut self, stream: usize, frame: &[u8]) -> io::Result<()> {
        self.append_bytes(stream, &(frame.len() as u32).to_le_bytes())?;
        self.append_bytes(stream, frame)
    }

    fn append_bytes(&mut self, stream: usize, mut bytes: &[u8]) -> io::Result<()> {
        let Self { file, end, streams } = self;
        let stream = &mut streams[stream];
        stream.length += bytes.len() as u64;
        while stream.rest.len() + bytes.len() >= BLOCK_BYTES {
            let (some, others) = bytes.split_at(BLOCK_BYTES - stream.rest.len());
            stream.rest.extend_from_slice(some);
            bytes = others;
            stream.write(file, end)?;
        }
        stream.rest.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what is not written yet: from here on the streams are read.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn finish(&mut self) -> io::Result<()> {
        let Self { file, end, streams } = self;
        for stream in streams {
            if !stream.rest.is_empty() {
                stream.write(file, end)?;
            }
            stream.rest = Vec::new();
        }
        Ok(())
    }

    /// Reads the block of a stream that comes after so many; `false` behind the last.
    fn read_block(&self, stream: usize, block: usize, into: &mut Vec<u8>) -> io::Result<bool> {
        let stream = &self.streams[stream];
        let Some(start) = stream.blocks.get(block) else {
            return Ok(false);
        };
        let before = (block * BLOCK_BYTES) as u64;
        let length = (stream.length - before).min(BLOCK_BYTES as u64);
        into.clear();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(*start))?;
        file.take(length).read_to_end(into)?;
        Ok(true)
    }
}

impl Stream {
    fn write(&mut self, file: &mut File, end: &mut u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(*end))?;
        file.write_all(&self.rest)?;
        self.blocks.push(*end);
        *end += self.rest.len() as u64;
        self.rest.clear();
        Ok(())
    }
}

/// Reads the frames of a stream, one after the other, block by block.
#[derive(Debug, Default)]
pub struct Frames {
    stream: usize,
    next_block: usize,
    block: Vec<u8>,
    at: usize,
}

impl Frames {
    /// Those of a stream.
    #[must_use]
    pub fn of(stream: usize) -> Self {
        Self {
            stream,
            ..Self::default()
        }
    }

    /// The next frame, in `frame`; `false` behind the last.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn next(&mut self, blocks: &Blocks, frame: &mut Vec<u8>) -> io::Result<bool> {
        let mut length = [0; 4];
        if self.at == self.block.len() && !self.next_block(blocks)? {
            return Ok(false);
        }
        self.fill(blocks, &mut length)?;
        frame.resize(u32::from_le_bytes(length) as usize, 0);
        self.fill(blocks, frame)?;
        Ok(true)
    }

    fn fill(&mut self, blocks: &Blocks, mut into: &mut [u8]) -> io::Result<()> {
        while !into.is_empty() {
            if self.at == self.block.len() && !self.next_block(blocks)? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = into.len().min(self.block.len() - self.at);
            let (some, others) = into.split_at_mut(count);
            some.copy_from_slice(&self.block[self.at..self.at + count]);
            self.at += count;
            into = others;
        }
        Ok(())
    }

    fn next_block(&mut self, blocks: &Blocks) -> io::Result<bool> {
        let is_there = blocks.read_block(self.stream, self.next_block, &mut self.block)?;
        if is_there {
            self.next_block += 1;
            self.at = 0;
        }
        Ok(is_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_gives_back_its_own_frames() {
        let mut blocks = Blocks::create(&std::env::temp_dir(), 3).unwrap();
        let frame = |stream: usize, index: usize| vec![stream as u8; index * 37 % 5000];
        for index in 0..200 {
            for stream in [0, 2] {
                blocks.append(stream, &frame(stream, index)).unwrap();
            }
        }
        blocks.append(2, &vec![7; 3 * BLOCK_BYTES]).unwrap();
        blocks.finish().unwrap();
        let mut readers: Vec<Frames> = (0..3).map(Frames::of).collect();
        let mut read = Vec::new();
        for index in 0..200 {
            for stream in [2, 0] {
                assert!(readers[stream].next(&blocks, &mut read).unwrap());
                assert_eq!(read, frame(stream, index));
            }
        }
        assert!(readers[2].next(&blocks, &mut read).unwrap());
        assert_eq!(read.len(), 3 * BLOCK_BYTES);
        for mut reader in readers {
            assert!(!reader.next(&blocks, &mut read).unwrap());
        }
    }
}
