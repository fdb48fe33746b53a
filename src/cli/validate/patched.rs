//! Writing where a byte may be put right later.

use std::io::{self, Seek, SeekFrom, Write};

/// How much is gathered before it is written: what is put right mostly stands in it still.
const BUFFER_BYTES: usize = 1 << 18;

/// A writer whose last bytes are at hand.
pub(super) struct Patched<W> {
    pub(super) out: W,
    buffer: Vec<u8>,
    /// Where the buffer starts.
    start: u64,
}

impl<W: Write + Seek> Patched<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            start: 0,
        }
    }

    /// Where the next byte will stand.
    pub(super) fn end(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Puts a byte in the place of another.
    pub(super) fn patch(&mut self, place: u64, byte: u8) -> io::Result<()> {
        if let Some(index) = place.checked_sub(self.start) {
            if let Some(old) = self.buffer.get_mut(index as usize) {
                *old = byte;
            }
            return Ok(());
        }
        self.out.seek(SeekFrom::Start(place))?;
        self.out.write_all(&[byte])?;
        // Not to the end: behind it what was written before a rewind may still stand.
        self.out.seek(SeekFrom::Start(self.start))?;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.start += self.buffer.len() as u64;
        self.buffer.clear();
        self.out.flush()
    }

    /// All was written elsewhere: starts anew at 0, over what is there.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.out.seek(SeekFrom::Start(0))?;
        self.start = 0;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn what_stands_from_before_a_rewind_is_written_over() {
        let mut patched = Patched::new(Cursor::new(Vec::new()));
        patched.push(b"abcdefgh").unwrap();
        patched.flush().unwrap();
        patched.rewind().unwrap();
        patched.push(b"123").unwrap();
        patched.flush().unwrap();
        patched.patch(1, b'X').unwrap();
        patched.push(b"45").unwrap();
        patched.flush().unwrap();
        assert_eq!(patched.out.into_inner(), b"1X345fgh");
    }

    #[test]
    fn a_byte_is_put_right_in_the_buffer_and_behind_it() {
        let mut patched = Patched::new(Cursor::new(Vec::new()));
        patched.push(b"ab").unwrap();
        patched.patch(1, b'B').unwrap();
        patched.flush().unwrap();
        patched.push(b"cd").unwrap();
        patched.patch(0, b'A').unwrap();
        patched.patch(3, b'D').unwrap();
        patched.push(b"e").unwrap();
        assert_eq!(patched.end(), 5);
        patched.flush().unwrap();
        assert_eq!(patched.out.into_inner(), b"ABcDe");
    }
}
