//! Trace rows: written off the request's path, in batches, kept while the table is slow.
//!
//! Requests put rows into a bounded queue and go on. When the queue is full, rows are lost and
//! counted: a log may never slow an answer. `docs/protocol.md`, "Trace".

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::task::JoinHandle;

use crate::joomla::{JBackendTables, TraceRow};

/// Rows that may wait.
const QUEUE: usize = 10_000;
/// Rows of one statement.
const BATCH: usize = 200;
/// Rest after a failed statement.
const REST: Duration = Duration::from_secs(1);

/// Where requests put their rows. When the last clone is gone, the writer empties the queue and
/// ends.
#[derive(Clone)]
pub struct Trace {
    queue: Sender<TraceRow>,
    lost: Arc<AtomicU64>,
}

impl Trace {
    /// Starts the writer.
    #[must_use]
    pub fn start(tables: Arc<dyn JBackendTables>) -> (Self, JoinHandle<()>) {
        let (queue, rows) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = tokio::spawn(write(rows, tables, Arc::clone(&lost)));
        (Self { queue, lost }, writer)
    }

    /// Hands over a row; never waits.
    pub fn record(&self, row: TraceRow) {
        match self.queue.try_send(row) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {
                if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::error!(
                        "jBackend's log does not take the trace rows fast enough: rows are lost"
                    );
                }
            }
        }
    }
}

async fn write(
    mut rows: Receiver<TraceRow>,
    tables: Arc<dyn JBackendTables>,
    lost: Arc<AtomicU64>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut down = false;
    while rows.recv_many(&mut batch, BATCH).await > 0 {
        loop {
            match tables.append_trace(&batch).await {
                Ok(()) => {
                    if std::mem::take(&mut down) {
                        let lost = lost.swap(0, Ordering::Relaxed);
                        tracing::info!(lost, "trace rows are written again");
                    }
                    break;
                }
                Err(error) => {
                    if !std::mem::replace(&mut down, true) {
                        tracing::error!(%error, "trace rows cannot be written: they are kept");
                    }
                    tokio::time::sleep(REST).await;
                }
            }
        }
        batch.clear();
    }
}
