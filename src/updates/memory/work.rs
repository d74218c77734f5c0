//! Reads the files that are wanted: some at a time, off the async threads, and each only when it rests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use joomla_updates::entry::Checksums;
use tokio::time::{Instant, timeout_at};

use super::batch::Batch;
use super::inner::{Inner, MemoryState, WantedChecksums};
use super::jobs::{Job, JobEnd, Next};
use crate::mask::printable;
use crate::packages::{PackageFile, Packages};
use crate::supervise::{Rounds, Task, blocking};
use crate::updates::{Reason, reading};

/// Between two tellings that something became known.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two writings of the file, while there is more to come.
const UNSAVED: Duration = Duration::from_secs(10);

/// Adds files, and starts workers for them.
pub(super) fn want(inner: &Arc<Inner>, folder: &Arc<dyn Packages>, wanted: &[WantedChecksums]) {
    if inner.is_stopped() {
        return;
    }
    let mut state = inner.state.lock();
    let MemoryState { jobs, batch, known, .. } = &mut *state;
    // One may have become known since the last check.
    let unknown = |one: &&WantedChecksums| known.checksums(&one.path, &one.version).is_none();
    let new: Vec<_> =
        wanted.iter().filter(unknown).filter(|one| jobs.add(&one.path, folder)).collect();
    if new.is_empty() {
        return;
    }
    let bytes = new.iter().map(|one| one.bytes).sum();
    inner.progress.ahead(bytes);
    let begun = match batch {
        Some(batch) => {
            batch.add(new.len(), bytes);
            None
        }
        None => Some(Arc::clone(batch.insert(Arc::new(Batch::new(new.len(), bytes))))),
    };
    let hired = jobs.hire(inner.workers);
    // Release the lock before the log is written.
    drop(state);
    if let Some(batch) = begun {
        batch.tell_begin();
    }
    for _ in 0..hired {
        let (tasks, inner) = (inner.tasks.clone(), Arc::clone(inner));
        let work = move |rounds| work(Arc::clone(&inner), rounds);
        tokio::spawn(tasks.keep(Task::Checksums, work));
    }
    inner.woken.notify_waiters();
}

async fn work(inner: Arc<Inner>, rounds: Rounds) {
    let (mut told, mut saved) = (Instant::now(), Instant::now());
    loop {
        rounds.begin();
        let woken = inner.woken.notified();
        if inner.is_stopped() {
            return;
        }
        let next = inner.state.lock().jobs.next(Instant::now());
        let job = match next {
            Next::Nothing => return,
            Next::At(due) => {
                // Whichever comes first.
                let _ = timeout_at(due, woken).await;
                continue;
            }
            Next::Job(job) => *job,
        };
        let held = Held { inner: Arc::clone(&inner), job: Some(job) };
        let Some(job) = &held.job else { continue };
        let attempted = inner.tasks.once(Task::Checksums, attempt(&inner, job)).await;
        let end = attempted.unwrap_or(JobEnd::Failed(Reason::Storage(std::io::ErrorKind::Other)));
        if inner.is_stopped() {
            return;
        }
        let Some(job) = held.taken() else { continue };
        let is_idle = settle(&inner, job, end);
        if is_idle || saved.elapsed() >= UNSAVED {
            inner.save().await;
            saved = Instant::now();
        }
        if is_idle || told.elapsed() >= PAUSE {
            inner.changes.send_modify(|count| *count += 1);
            told = Instant::now();
        }
    }
}

/// A job that a worker holds. It goes back to the queue if the worker ends suddenly: the next
/// worker could not find it otherwise.
struct Held {
    inner: Arc<Inner>,
    job: Option<Job>,
}

impl Held {
    fn taken(mut self) -> Option<Job> {
        self.job.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            let end = JobEnd::Failed(Reason::Storage(std::io::ErrorKind::Other));
            self.inner.state.lock().jobs.ended(job, end, Instant::now());
        }
    }
}

/// Records how a job ended; `true` if every waiting job was tried.
fn settle(inner: &Inner, job: Job, end: JobEnd) -> bool {
    let mut state = inner.state.lock();
    let MemoryState { jobs, batch, .. } = &mut *state;
    let path = job.path.clone();
    let trouble = match &end {
        JobEnd::Failed(reason) => Some(reason.clone()),
        _ => None,
    };
    let is_first = jobs.ended(job, end, Instant::now());
    let (is_idle, to_retry) = (jobs.is_idle(), jobs.to_retry());
    let ended = if is_idle { batch.take() } else { None };
    drop(state);
    if let Some(reason) = trouble.filter(|_| is_first) {
        let path = printable(path.as_str());
        tracing::warn!("package file `{path}` is in no update XML for now: {reason}");
    }
    if let Some(batch) = ended {
        batch.tell_end(to_retry);
    }
    is_idle
}

async fn attempt(inner: &Arc<Inner>, job: &Job) -> JobEnd {
    let stopped = inner.woken.notified();
    tokio::pin!(stopped);
    let opened = loop {
        tokio::select! {
            opened = job.folder.open(&job.path) => break opened,
            () = &mut stopped => {
                if inner.is_stopped() { return JobEnd::Done }
                stopped.set(inner.woken.notified());
            }
        }
    };
    // The next scan reports that it cannot be opened, and requests it again when it can.
    let Ok(file) = opened else { return JobEnd::Done };
    let known = inner.state.lock().known.checksums(&job.path, &file.identity()).is_some();
    if known {
        return JobEnd::Done;
    }
    let pause = file.settles_in(SystemTime::now());
    if !pause.is_zero() {
        // Once is chance; a file that was written to again is being written to.
        return if job.waited {
            JobEnd::Failed(Reason::Changing)
        } else {
            JobEnd::Unsettled(pause)
        };
    }
    let (reader, batch) = (Arc::clone(inner), inner.state.lock().batch.clone());
    let read = blocking(move || {
        let sums = read(&reader, &file, batch.as_deref());
        (file, sums)
    });
    match read.await {
        Ok((file, Ok(Some(checksums)))) => {
            let mut state = inner.state.lock();
            state.known.learn_checksums(&job.path, &file.identity(), checksums);
            state.is_unsaved = true;
            if let Some(batch) = &state.batch {
                batch.done();
            }
            JobEnd::Done
        }
        Ok((_, Ok(None))) => JobEnd::Done,
        Ok((_, Err(reason))) => JobEnd::Failed(reason),
        Err(_) => JobEnd::Failed(Reason::Storage(std::io::ErrorKind::Other)),
    }
}

fn read(
    inner: &Inner,
    file: &PackageFile,
    batch: Option<&Batch>,
) -> Result<Option<Checksums>, Reason> {
    reading::checksums(file, &|bytes| {
        inner.progress.read(bytes);
        if let Some(batch) = batch {
            batch.read(bytes);
        }
        !inner.is_stopped()
    })
}
