//! The store that asks the database, and its snapshot while the database has failed.
//!
//! While all is well a call costs what it costs without snapshots. Whether the database has failed
//! is the [`super::Watcher`]'s decision; who is asked when is [`super::attempt`]'s.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;

use super::attempt::{Attempt, From};
use super::taken::{Taken, Unusable};
use super::watch::Watcher;
use super::{SnapshotSettings, Source, StandIn};
use crate::joomla::{
    Account, Answer, EndpointRows, Ids, Joomla, MemberSpan, Oddity, PoolState, Session, SiteRows,
    StoreError, StoredHash, User,
};

/// A database that is being opened.
pub type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Source>, StoreError>> + Send>>;

/// Opens the database, again and again until it succeeds.
pub type Open = Box<dyn Fn() -> Opening + Send + Sync>;

/// A Joomla site's database with a snapshot beside it.
pub struct WithSnapshot {
    pub(super) settings: SnapshotSettings,
    open: Open,
    live: OnceLock<Arc<dyn Source>>,
    /// Whether the database counts as failed.
    failed: AtomicBool,
    /// Whether settings and end-points in force are the snapshot's: then nobody else answers.
    turned: AtomicBool,
    /// Grows with every change of who answers; odd while it is under way.
    turn: AtomicU64,
    taken: RwLock<Option<Arc<Taken>>>,
    /// One whose copying ended when the database had failed already.
    late: Mutex<Option<Arc<Taken>>>,
    /// There is one.
    pub(super) late_one: Notify,
    wanted_since: Instant,
    /// Why it did the last time.
    error: Mutex<Option<StoreError>>,
    /// A call has met a failure.
    pub(super) doubt: Notify,
    verdicts: watch::Receiver<u64>,
    /// Whether anybody looks at failures.
    pub(super) is_watched: AtomicBool,
}

/// A store that was opened.
pub struct Opened {
    /// The store.
    pub store: Arc<WithSnapshot>,
    /// What has to run beside it.
    pub watcher: Watcher,
}

impl WithSnapshot {
    /// Opens the database. Where `at_start` it cannot be reached, and there is a snapshot of the same
    /// site that is young enough, that one answers.
    ///
    /// # Errors
    /// The database's own: also where it answers and refuses, since what is wrong then is mostly the
    /// configuration.
    pub async fn open(
        settings: SnapshotSettings,
        open: Open,
        at_start: bool,
    ) -> Result<Opened, StoreError> {
        let to_open = settings.clone();
        let taken = spawn_blocking(move || Taken::open(&to_open)).await;
        let taken = match taken.unwrap_or_else(|_| Err(Unusable::Missing(settings.file.clone()))) {
            Ok(taken) => Some(taken),
            Err(Unusable::Missing(_)) => None,
            Err(unusable) => {
                tracing::warn!(%unusable, "the snapshot there is cannot be used");
                None
            }
        };
        let opened = open().await;
        let is_young = |taken: &Taken| taken.age().is_some_and(|age| age <= settings.max_age);
        let may_begin = at_start && taken.as_ref().is_some_and(is_young);
        let (live, failure) = match opened {
            Ok(opened) => (OnceLock::from(opened), None),
            Err(error) if may_begin && error.is_out_of_reach() => (OnceLock::new(), Some(error)),
            Err(error) => return Err(error),
        };
        if let (Some(error), Some(taken)) = (&failure, &taken) {
            let age = taken.age().unwrap_or_default().as_secs();
            tracing::error!(%error, age, "the database cannot be reached: its snapshot answers");
        }
        let (sender, verdicts) = watch::channel(0);
        let store = Arc::new(Self {
            settings,
            open,
            live,
            failed: AtomicBool::new(failure.is_some()),
            turned: AtomicBool::new(failure.is_some()),
            turn: AtomicU64::new(0),
            taken: RwLock::new(taken.map(Arc::new)),
            late: Mutex::new(None),
            late_one: Notify::new(),
            wanted_since: Instant::now(),
            error: Mutex::new(failure),
            doubt: Notify::new(),
            verdicts,
            is_watched: AtomicBool::new(false),
        });
        let watcher = Watcher::new(Arc::clone(&store), sender);
        Ok(Opened { store, watcher })
    }

    /// The database, where it was ever reached; else it is tried now.
    pub(super) async fn reach(&self) -> Result<Arc<dyn Source>, StoreError> {
        if let Some(live) = self.live.get() {
            return Ok(Arc::clone(live));
        }
        let opened = (self.open)().await?;
        Ok(Arc::clone(self.live.get_or_init(|| opened)))
    }

    /// The database, where it was ever reached.
    pub(super) fn live(&self) -> Option<Arc<dyn Source>> {
        self.live.get().cloned()
    }

    /// The snapshot, while it is its turn and it is young enough.
    pub(super) fn stand_in_now(&self) -> Option<Arc<Taken>> {
        if !self.has_turned() {
            return None;
        }
        self.young()
    }

    /// Whether settings and end-points in force are the snapshot's. Until the database's are, it is
    /// not asked, whatever it could answer and however old the snapshot is.
    pub(super) fn has_turned(&self) -> bool {
        self.turned.load(Ordering::Acquire)
    }

    /// The snapshot, where it is young enough to answer.
    pub(super) fn young(&self) -> Option<Arc<Taken>> {
        self.taken().filter(|taken| self.is_young(taken))
    }

    fn is_young(&self, taken: &Taken) -> bool {
        taken.age().is_some_and(|age| age <= self.settings.max_age)
    }

    /// The snapshot, whatever its age.
    pub(super) fn taken(&self) -> Option<Arc<Taken>> {
        self.taken.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new snapshot. Once the database has failed it waits: the one that answers goes with the
    /// settings in force. Right as long as the one that calls this and the one that declares failures
    /// are one task ([`Watcher::run`]).
    pub(super) fn offer(&self, taken: Taken) {
        let taken = Some(Arc::new(taken));
        if self.has_failed() {
            *self.late.lock().unwrap_or_else(PoisonError::into_inner) = taken;
            self.late_one.notify_one();
        } else {
            self.replace(taken);
        }
    }

    /// The snapshot that waits, where it is young enough to answer.
    pub(super) fn take_late(&self) -> Option<Arc<Taken>> {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner).take();
        late.filter(|taken| self.is_young(taken))
    }

    /// Puts a snapshot, or none, in the place of the former one.
    pub(super) fn replace(&self, taken: Option<Arc<Taken>>) {
        *self.taken.write().unwrap_or_else(PoisonError::into_inner) = taken;
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// The database has failed, and nothing stands in for it.
    pub(super) fn set_failed(&self) {
        self.failed.store(true, Ordering::Release);
    }

    /// The database has failed, and its snapshot answers; or it answers itself.
    pub(super) fn set_turned(&self, turned: bool) {
        self.failed.store(turned, Ordering::Release);
        self.turned.store(turned, Ordering::Release);
    }

    /// A change of who answers begins, or is over.
    pub(super) fn next_turn(&self) {
        self.turn.fetch_add(1, Ordering::AcqRel);
    }

    /// Why the database counts as failed.
    pub(super) fn error(&self) -> StoreError {
        let noted = self.error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        noted.unwrap_or_else(|| StoreError::Broken {
            place: self.settings.site.clone(),
            reason: "it has not answered yet".to_owned(),
        })
    }

    pub(super) fn note(&self, error: StoreError) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Waits until the watcher has looked at the database once more; not at all where nobody watches.
    pub(super) async fn verdict(&self) {
        if !self.is_watched.load(Ordering::Acquire) {
            return;
        }
        let mut verdicts = self.verdicts.clone();
        verdicts.mark_unchanged();
        self.doubt.notify_one();
        // An error: the watcher has gone, and with it this configuration.
        let _ = verdicts.changed().await;
    }
}

/// Asks the one whose turn it is, and another one where the first has failed.
macro_rules! ask {
    ($store:expr, $from:expr, $call:ident($($argument:expr),*)) => {{
        let store = $store;
        Box::pin(async move {
            let mut attempt = Attempt::new(store, $from);
            loop {
                let asked = attempt.whom()?;
                let answer = asked.$call($($argument),*).await;
                if let Some(answer) = attempt.judge(answer).await {
                    return answer;
                }
            }
        })
    }};
}

impl Joomla for WithSnapshot {
    fn users_by_email<'a>(&'a self, email: &'a str) -> Answer<'a, Vec<User>> {
        ask!(self, From::Either, users_by_email(email))
    }

    fn users_to_write_to<'a>(&'a self, email: &'a str) -> Answer<'a, Vec<User>> {
        ask!(self, From::Database, users_by_email(email))
    }

    fn users_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Vec<Account>> {
        ask!(self, From::EitherWithPasswords, users_by_username(username))
    }

    fn user_by_id(&self, id: i64) -> Answer<'_, Option<User>> {
        ask!(self, From::Either, user_by_id(id))
    }

    /// None of a snapshot without them.
    fn recent_hashes(&self) -> Answer<'_, Vec<StoredHash>> {
        Box::pin(async move {
            if self.stand_in_now().is_some_and(|taken| !taken.has_passwords) {
                return Ok(Vec::new());
            }
            ask!(self, From::EitherWithPasswords, recent_hashes()).await
        })
    }

    fn highest_user(&self) -> Answer<'_, i64> {
        ask!(self, From::Either, highest_user())
    }

    fn users_from(&self, first: i64) -> Answer<'_, Vec<User>> {
        ask!(self, From::Either, users_from(first))
    }

    fn members_between(&self, group: u32, ids: Ids) -> Answer<'_, Vec<User>> {
        ask!(self, From::Either, members_between(group, ids))
    }

    fn member_spans<'a>(&'a self, groups: &'a [u32], ids: Ids) -> Answer<'a, Vec<MemberSpan>> {
        ask!(self, From::Either, member_spans(groups, ids))
    }

    fn odd_user<'a>(&'a self, oddity: &'a Oddity, ids: Ids) -> Answer<'a, Option<i64>> {
        ask!(self, From::Either, odd_user(oddity, ids))
    }

    fn site_rows(&self) -> Answer<'_, SiteRows> {
        ask!(self, From::Either, site_rows())
    }

    fn group_titles(&self) -> Answer<'_, BTreeMap<u32, String>> {
        ask!(self, From::Database, group_titles())
    }

    fn endpoint_rows(&self) -> Answer<'_, EndpointRows> {
        ask!(self, From::Either, endpoint_rows())
    }

    fn session<'a>(&'a self, id: &'a [u8]) -> Answer<'a, Option<Session>> {
        // Many sites keep their sessions elsewhere: that they cannot be read is no failure.
        Box::pin(async move {
            match self.live() {
                Some(live) if !self.has_turned() => live.session(id).await,
                _ => Err(self.error()),
            }
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        ask!(self, From::Database, ping())
    }

    fn pool(&self) -> Option<PoolState> {
        self.live.get()?.pool()
    }

    fn stand_in(&self) -> Option<StandIn> {
        let taken = self.taken();
        let age = taken.map_or(Some(self.wanted_since.elapsed()), |taken| taken.age());
        Some(StandIn {
            answers: self.stand_in_now().is_some(),
            age: age.unwrap_or(Duration::MAX),
            max_age: self.settings.max_age,
        })
    }

    fn stand_in_age(&self) -> Option<Duration> {
        self.stand_in_now().and_then(|taken| taken.age())
    }

    fn turn(&self) -> u64 {
        self.turn.load(Ordering::Acquire)
    }
}
