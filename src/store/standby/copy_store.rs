//! The copy of the database as a store: it answers while it is young enough, and only queries that
//! a copy may answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::failover::Failover;
use super::standby_copy::StandbyCopy;
use crate::store::{
    Account, EndpointRows, Ids, Joomla, MemberSpan, Oddity, PoolState, Reads, Session, SiteRows,
    StoreError, StoredHash, User,
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
    fn refuse<T>(&self) -> Result<T, StoreError> {
        Err(self.failover.error())
    }
}

#[async_trait]
impl Joomla for CopyStore {
    async fn users_by_email(&self, email: &str) -> Result<Vec<User>, StoreError> {
        self.young()?.users_by_email(email).await
    }

    async fn users_by_username(&self, username: &str) -> Result<Vec<Account>, StoreError> {
        if !self.has_passwords() {
            return self.refuse();
        }
        self.young()?.users_by_username(username).await
    }

    async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        self.young()?.user_by_id(id).await
    }

    /// None of a copy without them.
    async fn recent_hashes(&self) -> Result<Vec<StoredHash>, StoreError> {
        let store = self.young()?;
        if self.has_passwords() { store.recent_hashes().await } else { Ok(Vec::new()) }
    }

    async fn highest_user(&self) -> Result<i64, StoreError> {
        self.young()?.highest_user().await
    }

    async fn users_from(&self, first: i64) -> Result<Vec<User>, StoreError> {
        self.young()?.users_from(first).await
    }

    async fn members_between(&self, group: u32, ids: Ids) -> Result<Vec<User>, StoreError> {
        self.young()?.members_between(group, ids).await
    }

    async fn member_spans(&self, groups: &[u32], ids: Ids) -> Result<Vec<MemberSpan>, StoreError> {
        self.young()?.member_spans(groups, ids).await
    }

    async fn odd_user(&self, oddity: &Oddity, ids: Ids) -> Result<Option<i64>, StoreError> {
        self.young()?.odd_user(oddity, ids).await
    }

    async fn site_rows(&self) -> Result<SiteRows, StoreError> {
        self.young()?.site_rows().await
    }

    async fn group_titles(&self) -> Result<BTreeMap<u32, String>, StoreError> {
        self.refuse()
    }

    async fn endpoint_rows(&self) -> Result<EndpointRows, StoreError> {
        self.young()?.endpoint_rows().await
    }

    async fn session(&self, _: &[u8]) -> Result<Option<Session>, StoreError> {
        self.refuse()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.refuse()
    }

    fn pool(&self) -> Option<PoolState> {
        self.failover.live()?.pool()
    }

    fn reads(&self) -> Reads {
        Reads::Copy { age: self.young().ok().and_then(|_| self.taken.age()) }
    }
}
