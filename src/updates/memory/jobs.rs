//! The queue of files to read: selects the next file, and when a changed one is tried again.
//!
//! Called by the memory and its workers, under a lock. It uses no clock and no file.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::packages::Packages;
use crate::release::package_path::PackagePath;
use crate::updates::Reason;

/// After the first failure; doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A file whose checksums are to be computed.
pub(super) struct Job {
    pub(super) path: PackagePath,
    pub(super) folder: Arc<dyn Packages>,
    due: Instant,
    /// It was found just written, and waited for once.
    pub(super) waited: bool,
    failures: u32,
    reason: Option<Reason>,
}

/// The next step of a worker.
pub(super) enum Next {
    /// Reads this.
    Job(Box<Job>),
    /// Waits until then, or until something is added.
    At(Instant),
    /// No job is left, and the worker is no longer counted.
    Nothing,
}

/// How a job ended.
pub(super) enum JobEnd {
    /// There is no more to do.
    Done,
    /// The file was just written to: it is looked at again after this time.
    Unsettled(Duration),
    /// It is tried again later.
    Failed(Reason),
}

/// All of them. A path is in it once.
#[derive(Default)]
pub(super) struct Jobs {
    waiting: VecDeque<Job>,
    /// Why the last attempt failed, of all there are.
    known: HashMap<PackagePath, Option<Reason>>,
    running: usize,
    workers: usize,
}

impl Jobs {
    /// Adds a file; `false` if it is waiting or being read already.
    pub(super) fn add(&mut self, path: &PackagePath, folder: &Arc<dyn Packages>) -> bool {
        if self.known.contains_key(path) {
            return false;
        }
        self.known.insert(path.clone(), None);
        self.waiting.push_back(Job {
            path: path.clone(),
            folder: Arc::clone(folder),
            due: Instant::now(),
            waited: false,
            failures: 0,
            reason: None,
        });
        true
    }

    /// How many workers to start, so that there are enough and not more than `most`.
    pub(super) fn hire(&mut self, most: usize) -> usize {
        let missing = self.waiting.len().min(most).saturating_sub(self.workers);
        self.workers += missing;
        missing
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        let ready = self.waiting.iter().position(|job| job.due <= now);
        if let Some(job) = ready.and_then(|index| self.waiting.remove(index)) {
            self.running += 1;
            return Next::Job(Box::new(job));
        }
        if let Some(due) = self.waiting.iter().map(|job| job.due).min() {
            return Next::At(due);
        }
        self.workers = self.workers.saturating_sub(1);
        Next::Nothing
    }

    /// Takes back a job from a worker; `true` if this is the first failure of the file.
    pub(super) fn ended(&mut self, mut job: Job, end: JobEnd, now: Instant) -> bool {
        self.running = self.running.saturating_sub(1);
        // Forgotten meanwhile.
        let Some(known) = self.known.get_mut(&job.path) else { return false };
        match end {
            JobEnd::Done => {
                self.known.remove(&job.path);
                return false;
            }
            JobEnd::Unsettled(pause) => {
                job.waited = true;
                job.due = now + pause;
            }
            JobEnd::Failed(reason) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << job.failures.min(6));
                job.due = now + pause.min(LONGEST_PAUSE);
                job.failures += 1;
                job.waited = false;
                job.reason = Some(reason.clone());
                *known = Some(reason);
            }
        }
        let first = job.failures == 1 && !job.waited;
        self.waiting.push_back(job);
        first
    }

    /// Why the last attempt to read this file failed.
    pub(super) fn trouble(&self, path: &PackagePath) -> Option<&Reason> {
        self.known.get(path)?.as_ref()
    }

    /// Was everything tried at least once?
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting.iter().all(|job| job.failures > 0)
    }

    /// How many are to be tried again.
    pub(super) fn to_retry(&self) -> usize {
        self.waiting.len()
    }

    /// Drops jobs that are no longer needed.
    pub(super) fn retain(&mut self, wanted: impl Fn(&PackagePath) -> bool) {
        self.waiting.retain(|job| wanted(&job.path));
        self.known.retain(|path, _| wanted(path));
    }
}
