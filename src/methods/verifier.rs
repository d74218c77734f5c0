//! Password checks: off the async threads, few at a time, with a short queue.
//!
//! A check takes tens of milliseconds of a core by design. Without a limit a flood of logins would
//! stop downloads; with an endless queue all would wait for answers that come too late.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use joomla_password::{Caps, Decoy, Rules, Verdict};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Semaphore, TryAcquireError, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::store::StoredHash;
use crate::supervise::{Task, Tasks};

/// The priority of a check next to everything else, as the command `nice` has it: those who are to
/// be answered at once do not wait for processors that check passwords.
const NICE: i32 = 10;

/// How many checks back the slowest one counts.
const RECENT_CHECKS: usize = 64;

/// The queue is full, or the system has no thread left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Runs password checks. Clones share places, processors and what has been learnt.
#[derive(Clone)]
pub struct Verifier {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    turns: usize,
    queue: usize,
    decoy: Arc<RwLock<Arc<Decoy>>>,
    recent: Arc<Mutex<VecDeque<Duration>>>,
    tasks: Tasks,
}

/// The load of a [`Verifier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Checks that run.
    pub running: usize,
    /// Checks that wait for a processor.
    pub waiting: usize,
}

impl Verifier {
    /// At most one check less than there are processors runs at once (at least one); `queue` more
    /// may wait.
    #[must_use]
    pub fn new(queue: usize, decoy: Decoy) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let running = cores.saturating_sub(1).max(1);
        Self {
            running: Arc::new(Semaphore::new(running)),
            places: Arc::new(Semaphore::new(running + queue)),
            turns: running,
            queue,
            decoy: Arc::new(RwLock::new(Arc::new(decoy))),
            recent: Arc::default(),
            tasks: Tasks::default(),
        }
    }

    /// The same, with its panics told and counted there.
    #[must_use]
    pub fn watched_by(self, tasks: Tasks) -> Self {
        Self { tasks, ..self }
    }

    /// Returns its present load.
    #[must_use]
    pub fn load(&self) -> Load {
        let running = self.turns.saturating_sub(self.running.available_permits());
        let places = self.turns + self.queue;
        let here = places.saturating_sub(self.places.available_permits());
        Load { running, waiting: here.saturating_sub(running) }
    }

    /// Returns the present cost of an unknown user.
    #[must_use]
    pub fn decoy(&self) -> Decoy {
        (*self.current_decoy()).clone()
    }

    /// Raises the cost of an unknown user to the most expensive of these hashes, within the caps.
    pub fn learn<'a>(&self, hashes: impl IntoIterator<Item = &'a StoredHash>) {
        let mut decoy = self.decoy.write();
        for hash in hashes {
            if let Some(dearer) = decoy.raised_to(hash.as_bytes(), &Caps::default()) {
                *decoy = Arc::new(dearer);
            }
        }
    }

    /// Does one of the passwords open the hash? An unknown user (`None`) and a hash that would be
    /// cheap to check cost the time of the dearest hash met so far. A password that is not right is
    /// told when the slowest of the recent checks would have ended: kinds of hashes differ by some
    /// percent of the time that is expected of them.
    ///
    /// # Errors
    /// [`Busy`]: at once when the queue is full; else when no thread is to be had.
    pub async fn verify(
        &self,
        passwords: Vec<Vec<u8>>,
        stored: Option<StoredHash>,
        rules: Rules,
    ) -> Result<Verdict, Busy> {
        self.learn(&stored);
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return Err(Busy),
        };
        let Ok(turn) = Arc::clone(&self.running).acquire_owned().await else { return Err(Busy) };
        let decoy = self.current_decoy();
        let (tell, told) = oneshot::channel();
        let tasks = self.tasks.clone();
        let check = move || {
            // Ignore an error: no known system refuses this, and the check works without it.
            let _ = rustix::process::setpriority_process(None, NICE);
            let started = Instant::now();
            let right = tasks.run(Task::PasswordCheck, || {
                passwords.iter().fold(Verdict::Wrong, |so_far, password| {
                    let verdict = check_one(password, stored.as_ref(), rules, &decoy);
                    if so_far == Verdict::Right || verdict == Verdict::Wrong {
                        so_far
                    } else {
                        verdict
                    }
                })
            });
            // Held until the work is done, not until the client has gone.
            drop((turn, place));
            // The client may be gone.
            let _ = tell.send((right, started));
        };
        // A thread of its own, since its priority cannot be raised again: it costs less than a
        // thousandth of the check.
        thread::Builder::new().name("password".into()).spawn(check).map_err(|_| Busy)?;
        match told.await {
            Ok((Ok(verdict), started)) => {
                let slowest = self.slowest_with(started.elapsed());
                if verdict != Verdict::Right {
                    sleep_until(started + slowest).await;
                }
                Ok(verdict)
            }
            // The request that asked comes to the same end.
            Ok((Err(panic), _)) => panic.go_on(),
            Err(_) => Ok(Verdict::Wrong),
        }
    }

    /// Notes how long a check took, and returns the longest of the recent ones.
    fn slowest_with(&self, took: Duration) -> Duration {
        let mut recent = self.recent.lock();
        recent.truncate(RECENT_CHECKS - 1);
        recent.push_front(took);
        recent.iter().max().copied().unwrap_or(took)
    }

    fn current_decoy(&self) -> Arc<Decoy> {
        Arc::clone(&self.decoy.read())
    }
}

fn check_one(password: &[u8], stored: Option<&StoredHash>, rules: Rules, decoy: &Decoy) -> Verdict {
    let stored = stored.map(StoredHash::as_bytes);
    let verdict = joomla_password::check(password, stored, rules, &Caps::default(), decoy);
    if verdict == Verdict::TooCostly {
        tracing::warn!("a stored password hash is too costly to check: the login is refused");
    }
    verdict
}
