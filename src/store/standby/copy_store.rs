//! The copy of the database as a store: it answers while it is young enough, and only queries that
//! a copy may answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::failover::Failover;
use super::standby_copy::StandbyCopy;
use crate::store::{
    Account, BoxFuture, EndpointRows, Ids, Joomla, MemberSpan, Oddity, PoolState, Reads, Session,
    SiteRows, StoreError, StoredHash, User,
};

/// A copy that answers in place of the database.
pub(super) struct CopyStore {
    taken: Arc<StandbyCopy>,
    store: Arc<dyn Joomla>,
    failover: Arc<Failover>,
}

impl CopyStore {
    pub(super) fn of(taken: Arc<StandbyCopy>, failover: &Arc<Failover>) -> Arc<dyn Joomla> {
        let store = taken.store();
        Arc::new(Self { taken, store, failover: Arc::clone(failover) })
    }

    /// Refuses, with the database's error, once the copy is too old.
    fn young(&self) -> Result<&dyn Joomla, StoreError> {
        if self.taken.is_within(self.failover.settings.max_age) {
            Ok(&*self.store)
        } else {
            Err(self.failover.error())
        }
    }

    fn has_passwords(&self) -> bool {
        self.taken.has_passwords && self.failover.settings.passwords
    }

    /// Refuses queries that only the database itself may answer.
    fn refuse<T: Send + 'static>(&self) -> BoxFuture<'_, T> {
        Box::pin(async { Err(self.failover.error()) })
    }
}

impl Joomla for CopyStore {
    fn users_by_email<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Vec<User>> {
        Box::pin(async move { self.young()?.users_by_email(email).await })
    }

    fn users_by_username<'a>(&'a self, username: &'a str) -> BoxFuture<'a, Vec<Account>> {
        if !self.has_passwords() {
            return self.refuse();
        }
        Box::pin(async move { self.young()?.users_by_username(username).await })
    }

    fn user_by_id(&self, id: i64) -> BoxFuture<'_, Option<User>> {
        Box::pin(async move { self.young()?.user_by_id(id).await })
    }

    /// None of a copy without them.
    fn recent_hashes(&self) -> BoxFuture<'_, Vec<StoredHash>> {
        Box::pin(async move {
            let store = self.young()?;
            if self.has_passwords() { store.recent_hashes().await } else { Ok(Vec::new()) }
        })
    }

    fn highest_user(&self) -> BoxFuture<'_, i64> {
        Box::pin(async move { self.young()?.highest_user().await })
    }

    fn users_from(&self, first: i64) -> BoxFuture<'_, Vec<User>> {
        Box::pin(async move { self.young()?.users_from(first).await })
    }

    fn members_between(&self, group: u32, ids: Ids) -> BoxFuture<'_, Vec<User>> {
        Box::pin(async move { self.young()?.members_between(group, ids).await })
    }

    fn member_spans<'a>(&'a self, groups: &'a [u32], ids: Ids) -> BoxFuture<'a, Vec<MemberSpan>> {
        Box::pin(async move { self.young()?.member_spans(groups, ids).await })
    }

    fn odd_user<'a>(&'a self, oddity: &'a Oddity, ids: Ids) -> BoxFuture<'a, Option<i64>> {
        Box::pin(async move { self.young()?.odd_user(oddity, ids).await })
    }

    fn site_rows(&self) -> BoxFuture<'_, SiteRows> {
        Box::pin(async move { self.young()?.site_rows().await })
    }

    fn group_titles(&self) -> BoxFuture<'_, BTreeMap<u32, String>> {
        self.refuse()
    }

    fn endpoint_rows(&self) -> BoxFuture<'_, EndpointRows> {
        Box::pin(async move { self.young()?.endpoint_rows().await })
    }

    fn session<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Option<Session>> {
        self.refuse()
    }

    fn ping(&self) -> BoxFuture<'_, ()> {
        self.refuse()
    }

    fn pool(&self) -> Option<PoolState> {
        self.failover.live()?.pool()
    }

    fn reads(&self) -> Reads {
        Reads::Copy { age: self.young().ok().and_then(|_| self.taken.age()) }
    }
}
