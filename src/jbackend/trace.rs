//! Trace rows: written off the request's path, in batches, kept while the table is slow.
//!
//! Requests put rows into a bounded queue and go on. When the queue is full, rows are lost and
//! counted: a log may never slow an answer. A batch whose answer was lost is written again, so that
//! rows may stand there twice. Rows that the table refuses are set aside while it refuses others
//! too: the next row shows whether the fault is theirs or the table's. `docs/protocol.md`, "Trace".

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::task::JoinHandle;

use crate::store::{JBackendTables, StoreError, TraceRow};
use crate::supervise::{Rounds, Task, Tasks};

/// Rows that may wait.
const QUEUE: usize = 10_000;
/// Rows of one statement.
const BATCH: usize = 200;
/// Rows that are set aside. Above, each further row that is tried takes the place of the oldest.
const ASIDE: usize = 1_000;
/// Rest after a failed statement.
const REST: Duration = Duration::from_secs(1);
/// Tries that end in a panic before a batch is given up: it must not be in the way of all others.
const TRIES: u32 = 3;

/// The queue for rows. When the last clone is gone, the writer empties the queue and ends.
#[derive(Clone)]
pub struct Trace {
    queue: Sender<TraceRow>,
    lost: Arc<Lost>,
}

impl Trace {
    /// Starts the writer. When it is aborted it tells how many rows that loses. `lost` counts all
    /// rows that are lost, for metrics.
    #[must_use]
    pub fn start(
        tables: Arc<dyn JBackendTables>,
        lost: Counter,
        tasks: Tasks,
    ) -> (Self, JoinHandle<()>) {
        let (queue, rows) = mpsc::channel(QUEUE);
        let lost = Arc::new(Lost { untold: AtomicU64::new(0), all: lost });
        let batch = Vec::with_capacity(BATCH);
        let writer = Writer {
            rows,
            batch,
            tries: 0,
            aside: VecDeque::new(),
            tables,
            lost: Arc::clone(&lost),
            is_down: false,
        };
        // Outlives a panic, with the rows in it.
        let writer = Arc::new(Mutex::new(writer));
        let run = move |rounds| {
            let writer = Arc::clone(&writer);
            async move { writer.lock().await.run(rounds).await }
        };
        (Self { queue, lost }, tokio::spawn(tasks.keep(Task::TraceWriter, run)))
    }

    /// Hands over a row; never waits.
    pub fn record(&self, row: TraceRow) {
        match self.queue.try_send(row) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {
                if self.lost.add(1) == 0 {
                    tracing::error!(
                        "jBackend's log does not take the trace rows fast enough: rows are lost"
                    );
                }
            }
        }
    }
}

/// Rows that are lost.
struct Lost {
    /// Those that the log has not told of yet.
    untold: AtomicU64,
    all: Counter,
}

impl Lost {
    /// Counts lost rows. Returns how many have not been reported yet.
    fn add(&self, rows: usize) -> u64 {
        self.all.inc_by(rows as u64);
        self.untold.fetch_add(rows as u64, Ordering::Relaxed)
    }

    fn report(&self) {
        let lost = self.untold.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::error!(lost, "trace rows are lost: see why jBackend's log did not take them");
        }
    }
}

struct Writer {
    rows: Receiver<TraceRow>,
    batch: Vec<TraceRow>,
    /// How often the batch was begun to be written.
    tries: u32,
    /// Rows that were refused when no other was taken.
    aside: VecDeque<TraceRow>,
    tables: Arc<dyn JBackendTables>,
    lost: Arc<Lost>,
    is_down: bool,
}

/// The result of writing a batch.
enum Taken {
    /// The table took a row at least.
    Some,
    /// It took none, because of these rows.
    NoneOfThese,
    /// It took none, and it may be the table.
    None(StoreError),
}

impl Writer {
    async fn run(&mut self, rounds: Rounds) {
        loop {
            rounds.begin();
            // Rows already here were being written when the writer panicked.
            if self.batch.is_empty() && !self.fetch().await {
                return;
            }
            if self.tries < TRIES {
                self.tries += 1;
                match self.write().await {
                    Taken::Some => self.settle_those_aside().await,
                    Taken::NoneOfThese => {}
                    Taken::None(error) => {
                        self.tell(&error);
                        self.set_aside();
                    }
                }
            } else {
                self.lost.add(self.batch.len());
            }
            self.batch.clear();
            self.tries = 0;
            if self.rows.is_empty() {
                self.lost.report();
            }
        }
    }

    /// Fetches the rows to try next; there are none any more once all requests are gone. While some
    /// are set aside, new rows show whether the table takes any; without new ones the oldest do.
    async fn fetch(&mut self) -> bool {
        if self.aside.is_empty() {
            return self.rows.recv_many(&mut self.batch, BATCH).await > 0;
        }
        tokio::time::sleep(REST).await;
        let room = ASIDE.saturating_sub(self.aside.len()).clamp(1, BATCH);
        while self.batch.len() < room
            && let Ok(row) = self.rows.try_recv()
        {
            self.batch.push(row);
        }
        if self.batch.is_empty() {
            self.take_from_aside();
        }
        true
    }

    /// Tries until the table has answered.
    async fn write(&mut self) -> Taken {
        loop {
            match self.tables.append_trace(&self.batch).await {
                Ok(refused) => {
                    self.lost.add(refused);
                    if refused == self.batch.len() {
                        return Taken::NoneOfThese;
                    }
                    if std::mem::take(&mut self.is_down) {
                        tracing::info!("trace rows are written again");
                    }
                    return Taken::Some;
                }
                Err(error @ StoreError::TakesNoRows { .. }) => return Taken::None(error),
                Err(error) => {
                    self.tell(&error);
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn tell(&mut self, error: &StoreError) {
        if !std::mem::replace(&mut self.is_down, true) {
            tracing::error!(%error, "trace rows cannot be written: they are kept");
        }
    }

    fn set_aside(&mut self) {
        self.aside.extend(self.batch.drain(..));
        let above = self.aside.len().saturating_sub(ASIDE);
        self.aside.drain(..above);
        self.lost.add(above);
    }

    fn take_from_aside(&mut self) {
        let next = self.aside.len().min(BATCH);
        self.batch.extend(self.aside.drain(..next));
    }

    /// Writes the rows that are set aside, now that the table takes rows: those that it still refuses
    /// are lost by themselves.
    async fn settle_those_aside(&mut self) {
        while !self.aside.is_empty() {
            self.batch.clear();
            self.take_from_aside();
            if let Taken::None(_) = self.write().await {
                self.lost.add(self.batch.len());
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lost.add(self.batch.len() + self.aside.len() + self.rows.len());
        self.lost.report();
    }
}
