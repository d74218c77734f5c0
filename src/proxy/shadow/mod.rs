//! Shadow mode: PHP answers, the bridge computes its own answer too, and differences are logged.
//! PHP's answer is never changed and never has to wait.

pub mod counts;
mod rehearsal;
pub mod seen;
pub(super) mod tee;

use std::future::Future;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use tokio::sync::{Semaphore, oneshot};

pub use self::counts::ShadowCounts;
use self::seen::ShadowAnswer;
use self::tee::Tee;
use crate::jbackend::route::Call;
use crate::methods::{Argument, Method};
use crate::supervise::Task;
use crate::told::{tells, told};

/// The name for all resources.
const ALL: &str = "all";

/// A name that is not one of the module's resources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownResource(String);

tells!(UnknownResource {
    Self(name) => told!(
        "`fallback.shadow`: `{name}` is no resource" =>
        "use `all`, or some of `keybyemail`, `keybyauth`, `validate`, `verify`, `download`"
    )
});

/// Which resources PHP still answers, and the counts of the comparisons.
pub struct Shadow {
    watched: Watched,
    room: Arc<Semaphore>,
    counts: Arc<ShadowCounts>,
}

/// The resources that PHP answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// All of them.
    All,
    /// These only.
    These(Vec<Method>),
}

impl Watched {
    /// Reads the names.
    ///
    /// # Errors
    /// See [`UnknownResource`].
    pub fn parse(resources: &[String]) -> Result<Self, UnknownResource> {
        if resources.iter().any(|name| name == ALL) {
            return Ok(Self::All);
        }
        let method = |name: &String| {
            Method::find(b"post", name.as_bytes()).ok_or_else(|| UnknownResource(name.clone()))
        };
        resources.iter().map(method).collect::<Result<_, _>>().map(Self::These)
    }

    /// Does PHP answer any resource?
    #[must_use]
    pub fn is_some(&self) -> bool {
        !matches!(self, Self::These(methods) if methods.is_empty())
    }
}

impl Shadow {
    /// At most `limit` answers are computed at the same time. `counts` outlives a reload.
    #[must_use]
    pub fn new(watched: Watched, limit: usize, counts: Arc<ShadowCounts>) -> Self {
        let room = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self { watched, room, counts }
    }

    /// Does PHP answer any resource?
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.watched.is_some()
    }

    /// Returns the counts of the comparisons.
    #[must_use]
    pub fn counts(&self) -> Arc<ShadowCounts> {
        Arc::clone(&self.counts)
    }

    /// Does PHP answer this request for the release module? The action does not matter: an answer
    /// to a wrong one can be compared, too.
    pub(super) fn covers(&self, call: &Call) -> bool {
        match &self.watched {
            Watched::All => true,
            Watched::These(methods) => match call.params.argument("resource") {
                Argument::Text(name) => {
                    Method::find(b"post", &name).is_some_and(|method| methods.contains(&method))
                }
                Argument::Absent | Argument::Unusable => false,
            },
        }
    }

    /// Does PHP answer downloads? Then the site answers for their update XML, too.
    pub(super) fn covers_downloads(&self) -> bool {
        match &self.watched {
            Watched::All => true,
            Watched::These(methods) => methods.contains(&Method::Download),
        }
    }

    /// Starts to compute the bridge's answer, unless too many are being computed already.
    fn begin(&self, ours: impl Future<Output = Ours> + Send + 'static) -> Option<Watch> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            self.counts.dropped();
            return None;
        };
        let (theirs, arrival) = oneshot::channel();
        let counts = Arc::clone(&self.counts);
        counts.begun();
        tokio::spawn(async move {
            let Ok(ours) = counts.tasks().once(Task::ShadowComparison, ours).await else {
                return counts.failed();
            };
            // A client that reads PHP's answer slowly must not keep other answers from being
            // compared.
            drop(room);
            match arrival.await {
                Ok(theirs) => counts.compare(&ours, &theirs),
                Err(_) => counts.unread(&ours),
            }
        });
        Some(Watch(theirs))
    }
}

/// The bridge's answer, and the parts of the request that may be logged.
struct Ours {
    resource: &'static str,
    id: Option<String>,
    seen: ShadowAnswer,
}

/// Waits for PHP's answer. If it is dropped, there was no answer to compare.
pub(super) struct Watch(oneshot::Sender<ShadowAnswer>);

impl Watch {
    /// Reads the head of PHP's answer; JSON is read while it streams by.
    pub(super) fn sees(self, status: StatusCode, headers: &HeaderMap) -> Option<Tee> {
        if status == StatusCode::OK && seen::is_json(headers) {
            return Some(Tee::new(self.0, headers));
        }
        // Sending fails if the bridge is stopping and has dropped the receiver.
        let _ = self.0.send(ShadowAnswer::of_head(status, headers));
        None
    }
}
