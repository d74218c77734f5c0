//! Keeps background tasks alive: a panic in a task is caught, logged and counted, and the task
//! begins again.
//!
//! Every background task of the service is started through [`Tasks`], which is independent of their
//! work. Data that a task must not lose stays outside the future that [`Tasks::keep`] makes anew.
//! The text of a panic may hold anything, even a password: the log names the place in the source,
//! never the text.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

mod file_limit;
mod panic;
mod task;

pub use self::file_limit::let_too_large_writes_fail;
pub use self::panic::{Panic, blocking, keep_panics_quiet};
pub use self::task::Task;

use self::panic::{UNCAUGHT, caught, caught_now, install};

/// The rest before a task begins again, after its first panic.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The same after many in a row.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// A task that has run this long works, even if its next round is far away.
const LONG: Duration = Duration::from_secs(10);

/// The label of both metrics.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Label {
    task: &'static str,
}

/// Starts and watches tasks. Clones are of one service.
#[derive(Debug, Clone, Default)]
pub struct Tasks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    panics: Family<Label, Counter>,
    failing: Family<Label, Gauge>,
    /// Tasks that are made to panic, as bits.
    broken: AtomicU32,
    /// Panics outside all tasks that are counted.
    others: AtomicU64,
    news: Notify,
}

impl Default for Inner {
    fn default() -> Self {
        install();
        let inner = Self {
            panics: Family::default(),
            failing: Family::default(),
            broken: AtomicU32::new(0),
            others: AtomicU64::new(0),
            news: Notify::new(),
        };
        for task in Task::ALL {
            let label = Label { task: task.name() };
            drop(inner.panics.get_or_create(&label));
            drop(inner.failing.get_or_create(&label));
        }
        inner
    }
}

impl Tasks {
    /// How often each has panicked, for metrics.
    #[must_use]
    pub fn panics(&self) -> Family<Label, Counter> {
        self.0.panics.clone()
    }

    /// How many of each have panicked and not worked since, for metrics.
    #[must_use]
    pub fn failing(&self) -> Family<Label, Gauge> {
        self.0.failing.clone()
    }

    /// The names of those that have panicked and not worked since.
    #[must_use]
    pub fn failing_names(&self) -> Vec<&'static str> {
        let fails =
            |task: &&Task| self.0.failing.get_or_create(&Label { task: task.name() }).get() > 0;
        Task::ALL.iter().filter(|task| fails(task)).map(|task| task.name()).collect()
    }

    /// Takes over how many panics there have been outside all tasks.
    pub fn count_others(&self) {
        let all = UNCAUGHT.load(Ordering::Relaxed);
        let counted = self.0.others.fetch_max(all, Ordering::Relaxed);
        let others = self.0.panics.get_or_create(&Label { task: Task::Other.name() });
        others.inc_by(all.saturating_sub(counted));
    }

    /// Makes a task panic wherever it is and whenever it begins again, until it is mended. For tests:
    /// no configuration leads here.
    pub fn break_task(&self, task: Task) {
        self.0.broken.fetch_or(task.bit(), Ordering::Relaxed);
        self.0.news.notify_waiters();
    }

    /// Lets the task work again.
    pub fn mend(&self, task: Task) {
        self.0.broken.fetch_and(!task.bit(), Ordering::Relaxed);
    }

    /// Runs a task to its end. `start` makes its future: again after each panic, after a pause that
    /// grows as long as it does not work.
    pub async fn keep<F: Future<Output = ()>>(
        self,
        task: Task,
        mut start: impl FnMut(Rounds) -> F,
    ) {
        let rounds = Rounds(Arc::new(TaskStanding::new(self.clone(), task)));
        let mut pause = SHORTEST_PAUSE;
        loop {
            rounds.0.is_fresh.store(true, Ordering::Relaxed);
            let work = caught(async {
                tokio::select! {
                    biased;
                    () = self.is_broken(task) => self.panic_if_broken(task),
                    () = start(rounds.clone()) => {}
                    () = rounds.last_long() => {}
                }
            });
            let Err(panic) = work.await else { return };
            if !rounds.0.is_failing.load(Ordering::Relaxed) {
                pause = SHORTEST_PAUSE;
            }
            rounds.0.fails();
            self.note(task, &panic);
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// Runs something that is not begun again.
    ///
    /// # Errors
    /// It has panicked; that is told and counted.
    pub async fn once<F: Future>(&self, task: Task, future: F) -> Result<F::Output, Panic> {
        let work = caught(async {
            self.panic_if_broken(task);
            future.await
        });
        work.await.inspect_err(|panic| self.note(task, panic))
    }

    /// Runs work that is not a future, as [`Tasks::once`] runs a future.
    ///
    /// # Errors
    /// Fails if it panicked; that is logged and counted.
    pub fn run<T>(&self, task: Task, work: impl FnOnce() -> T) -> Result<T, Panic> {
        let outcome = caught_now(|| {
            self.panic_if_broken(task);
            work()
        });
        outcome.inspect_err(|panic| self.note(task, panic))
    }

    fn note(&self, task: Task, panic: &Panic) {
        self.0.panics.get_or_create(&Label { task: task.name() }).inc();
        tracing::error!(
            task = task.name(),
            at = panic.place,
            "a fault of this program was met and caught: please report it with this line"
        );
    }

    async fn is_broken(&self, task: Task) {
        loop {
            let mut news = pin!(self.0.news.notified());
            news.as_mut().enable();
            if self.0.broken.load(Ordering::Relaxed) & task.bit() != 0 {
                return;
            }
            news.await;
        }
    }

    /// Breaks a task as a fault of the program would.
    #[allow(clippy::panic, reason = "only a test breaks a task")]
    fn panic_if_broken(&self, task: Task) {
        if self.0.broken.load(Ordering::Relaxed) & task.bit() != 0 {
            std::panic::panic_any("a secret that no log may show");
        }
    }
}

/// The status that a task reports.
#[derive(Clone)]
pub struct Rounds(Arc<TaskStanding>);

impl Rounds {
    /// Whether the task begins again after a panic.
    #[must_use]
    pub fn follow_a_panic(&self) -> bool {
        self.0.is_failing.load(Ordering::Relaxed)
    }

    /// A round of the task's work begins. When one has come to its end, the task works again.
    pub fn begin(&self) {
        if !self.0.is_fresh.swap(false, Ordering::Relaxed) {
            self.0.works_again();
        }
    }

    /// Never ends.
    async fn last_long(&self) {
        tokio::time::sleep(LONG).await;
        self.0.works_again();
        std::future::pending::<()>().await;
    }
}

struct TaskStanding {
    tasks: Tasks,
    task: Task,
    /// It has begun, and not come to the end of a round.
    is_fresh: AtomicBool,
    is_failing: AtomicBool,
}

impl TaskStanding {
    fn new(tasks: Tasks, task: Task) -> Self {
        Self { tasks, task, is_fresh: AtomicBool::new(true), is_failing: AtomicBool::new(false) }
    }

    fn fails(&self) {
        if !self.is_failing.swap(true, Ordering::Relaxed) {
            self.tasks.0.failing.get_or_create(&Label { task: self.task.name() }).inc();
        }
    }

    fn works_again(&self) {
        if self.works() {
            tracing::info!(task = self.task.name(), "the task works again");
        }
    }

    /// Says whether it did not before.
    fn works(&self) -> bool {
        let failed = self.is_failing.swap(false, Ordering::Relaxed);
        if failed {
            self.tasks.0.failing.get_or_create(&Label { task: self.task.name() }).dec();
        }
        failed
    }
}

impl Drop for TaskStanding {
    fn drop(&mut self) {
        self.works();
    }
}
