//! Sessions that were used: their times are written forward off the request's path.
//!
//! Requests hand over sessions and go on. A session that does not fit in the queue, or cannot be
//! written, is left out: the session's next request hands it over again. `docs/protocol.md`,
//! "Access type `user`".

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::site::settings::unix_now;
use crate::store::{SessionTimes, UsedSession};
use crate::supervise::{Rounds, Task, Tasks};

/// Sessions that may wait.
const QUEUE: usize = 256;
/// Rest after a failure: the right may be missing, and each try opens a connection.
const REST: Duration = Duration::from_mins(1);

/// The queue for used sessions. When the last clone is gone, the writer ends.
#[derive(Clone)]
pub struct Renewals(Sender<UsedSession>);

impl Renewals {
    /// Starts the writer.
    #[must_use]
    pub fn start(times: Arc<dyn SessionTimes>, tasks: Tasks) -> Self {
        let (queue, used) = mpsc::channel(QUEUE);
        // Outlives a panic, with the sessions in it.
        let used = Arc::new(Mutex::new(used));
        let run = move |rounds| {
            let (used, times) = (Arc::clone(&used), Arc::clone(&times));
            async move { write(&mut *used.lock().await, times, rounds).await }
        };
        tokio::spawn(tasks.keep(Task::SessionRenewals, run));
        Self(queue)
    }

    /// Hands over a session; never waits.
    pub fn offer(&self, used: UsedSession) {
        let _ = self.0.try_send(used);
    }
}

async fn write(queue: &mut Receiver<UsedSession>, times: Arc<dyn SessionTimes>, rounds: Rounds) {
    let mut is_down = false;
    while let Some(used) = queue.recv().await {
        rounds.begin();
        match times.renew(&used, unix_now()).await {
            Ok(()) if std::mem::take(&mut is_down) => {
                tracing::info!("the times of sessions are written again");
            }
            Ok(()) => {}
            Err(error) => {
                if !std::mem::replace(&mut is_down, true) {
                    tracing::warn!(
                        %error,
                        "sessions are not renewed: visitors who only use the bridge are logged out when \
                         their session's lifetime is over"
                    );
                }
                // Ends at once when the queue's other end goes meanwhile.
                let _ = tokio::time::timeout(REST, closed(queue)).await;
            }
        }
    }
}

/// Ends when no request can come any more. Sessions that come meanwhile are left out.
async fn closed(queue: &mut Receiver<UsedSession>) {
    while queue.recv().await.is_some() {}
}
