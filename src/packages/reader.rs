//! Reads an open package from its start, whatever position its file has.
//!
//! Called by all that read a whole package or its directory. Must not import: `methods`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use super::PackageFile;

impl PackageFile {
    /// Returns a reader of the open file. Reading blocks.
    #[must_use]
    pub fn reader(&self) -> PackageReader<'_> {
        PackageReader { file: self.file(), position: 0, len: self.len() }
    }
}

/// An open package with a position of its own, to read it from its start.
pub struct PackageReader<'a> {
    file: &'a File,
    position: u64,
    len: u64,
}

impl Read for PackageReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for PackageReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
