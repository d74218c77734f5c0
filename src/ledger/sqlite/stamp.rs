//! Tells without a query whether a ledger was written to, by this process or another one.
//!
//! Each commit in WAL mode changes the header of the WAL index, the file `-shm`, before the write is
//! answered (<https://www.sqlite.org/walformat.html>, "The WAL-Index Header"). Reading these bytes takes
//! less than a microsecond, so each request can do it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

/// Bytes of the header.
const HEADER: usize = 48;

/// All index files that were opened, by device and inode. None is ever closed: closing any descriptor
/// of a file drops the locks that SQLite holds on it for the whole process.
static OPEN: Mutex<BTreeMap<(u64, u64), Arc<File>>> = Mutex::new(BTreeMap::new());

/// The WAL index of a ledger.
#[derive(Debug)]
pub struct WriteStamp(Arc<File>);

impl WriteStamp {
    /// Opens the index of a ledger that this process has open.
    ///
    /// # Errors
    /// The system's, if there is no index.
    pub fn open(ledger: &Path) -> io::Result<Self> {
        let mut name = ledger.as_os_str().to_owned();
        name.push("-shm");
        let mut open = OPEN.lock();
        let metadata = fs::metadata(&name)?;
        let key = (metadata.dev(), metadata.ino());
        if let Some(known) = open.get(&key) {
            return Ok(Self(Arc::clone(known)));
        }
        let file = Arc::new(File::open(&name)?);
        open.insert(key, Arc::clone(&file));
        Ok(Self(file))
    }

    /// Reads bytes that differ after each commit.
    ///
    /// # Errors
    /// The system's.
    pub fn read(&self) -> io::Result<[u8; HEADER]> {
        let mut header = [0; HEADER];
        self.0.read_exact_at(&mut header, 0)?;
        Ok(header)
    }
}
