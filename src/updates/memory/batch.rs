//! Logs a long reading: its start, its progress and its end.
//!
//! Called by the memory and its workers, from several threads.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::words::{count, size, span};

/// Between two lines in the log.
const PAUSE: Duration = Duration::from_secs(10);

/// Files that are read together.
pub(super) struct Batch {
    began: Instant,
    told: Mutex<Instant>,
    packages: AtomicUsize,
    bytes: AtomicU64,
    done: AtomicUsize,
    read: AtomicU64,
}

impl Batch {
    /// So many files of so many bytes in all.
    pub(super) fn new(packages: usize, bytes: u64) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            told: Mutex::new(now),
            packages: packages.into(),
            bytes: bytes.into(),
            done: 0.into(),
            read: 0.into(),
        }
    }

    /// Tells the beginning.
    pub(super) fn tell_begin(&self) {
        tracing::info!(
            "computing checksums of {}, {}",
            count(self.packages.load(Ordering::Relaxed), "package"),
            size(self.bytes.load(Ordering::Relaxed))
        );
    }

    /// There are more.
    pub(super) fn add(&self, packages: usize, bytes: u64) {
        self.packages.fetch_add(packages, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A chunk was read.
    pub(super) fn read(&self, bytes: u64) {
        let read = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let mut told = self.told.lock();
        if told.elapsed() >= PAUSE {
            *told = Instant::now();
            tracing::info!(
                "checksums: {} of {}, {} of {}",
                self.done.load(Ordering::Relaxed),
                count(self.packages.load(Ordering::Relaxed), "package"),
                size(read),
                size(self.bytes.load(Ordering::Relaxed))
            );
        }
    }

    /// A file's checksums are known.
    pub(super) fn done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells the end: `to_retry` files are tried again.
    pub(super) fn tell_end(&self, to_retry: usize) {
        let later = match to_retry {
            0 => String::new(),
            number => format!("; {} to be tried again", count(number, "file")),
        };
        tracing::info!(
            "checksums of {} computed, {} in {}{later}",
            count(self.done.load(Ordering::Relaxed), "package"),
            size(self.read.load(Ordering::Relaxed)),
            span(self.began.elapsed())
        );
    }
}
