//! Copies the database again and again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::failover::Failover;
use super::rows::Copying;
use super::standby_copy::{StandbyCopy, Unusable};
use super::writer::{self, WriteError};
use crate::store::StoreError;
use crate::supervise::Rounds;

/// After a failed copy the next one comes no later.
const RETRY: Duration = Duration::from_mins(1);

/// While the database has failed there is no source to copy.
const UNTIL_BACK: Duration = Duration::from_secs(1);

/// Why there is no new snapshot.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Read(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// A copy whenever one is due, for ever.
pub(super) async fn copy_regularly(failover: &Failover, rounds: Rounds) {
    let every = failover.settings.every;
    let mut wait = failover.taken().and_then(|taken| due_in(&taken, failover)).unwrap_or_default();
    let mut failing = false;
    loop {
        rounds.begin();
        sleep(wait).await;
        if failover.has_failed() {
            wait = UNTIL_BACK;
            continue;
        }
        wait = every;
        match copy(failover).await {
            Ok(users) => {
                if std::mem::take(&mut failing) {
                    tracing::info!(users, "a snapshot of the database could be taken again");
                } else {
                    tracing::debug!(users, "a snapshot of the database was taken");
                }
            }
            // The other process logs its result, and its copy is found at the next start.
            Err(CopyError::Write(WriteError::Busy { .. })) => wait = every.min(RETRY),
            Err(error) => {
                wait = every.min(RETRY);
                if let CopyError::Read(_) = &error {
                    failover.doubt();
                }
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "no standby copy of the database could be made: the former one, if there is one, stays");
                }
            }
        }
    }
}

/// A snapshot of an earlier process counts, unless it lacks something.
fn due_in(taken: &StandbyCopy, failover: &Failover) -> Option<Duration> {
    if taken.has_passwords != failover.settings.passwords {
        return None;
    }
    Some(failover.settings.every.saturating_sub(taken.age()?))
}

/// Reads the database and writes the file, both at the same time; gives the number of accounts.
async fn copy(failover: &Failover) -> Result<u64, CopyError> {
    let Some(live) = failover.live() else { return Ok(0) };
    let began = Instant::now();
    let taken_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (copying, pieces) = Copying::new();
    let settings = failover.settings.clone();
    let write =
        move || writer::write(&settings, i64::try_from(taken_at).unwrap_or(i64::MAX), pieces);
    let written = spawn_blocking(write);
    let read = live.copy(failover.settings.passwords, &copying).await;
    if read.is_ok() {
        copying.end().await;
    }
    drop(copying);
    let written = written.await.unwrap_or(Err(WriteError::CutOff));
    let users = match (read, written) {
        // The writer gave up because the rows ended, or the reader because the writer had.
        (Err(error), Err(WriteError::CutOff)) => return Err(error.into()),
        (_, written) => written?,
    };
    let settings = failover.settings.clone();
    let taken = spawn_blocking(move || StandbyCopy::open(&settings)).await;
    let taken = taken.unwrap_or_else(|_| Err(Unusable::Missing(failover.settings.file.clone())))?;
    failover.offer(taken.since(began));
    Ok(users)
}
