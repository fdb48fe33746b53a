//! What waits on disk, in files without a name.
//!
//! Such a file has mode 0600, and is gone with the process, however that ends. What is kept is
//! frames: bytes that are read back together.

mod blocks;
mod frame_file;
mod sorter;

pub use blocks::{BLOCK_BYTES, Blocks, Frames};
pub use frame_file::{FrameFile, FrameReader};
pub use sorter::{KEY_BYTES, Key, Sorted, Sorter};
