//! The store for a live site on MySQL or MariaDB.
//!
//! Only the application names it. One pool of few connections, which are read only and kept;
//! prepared statements, each one round trip. Every call has a time limit on both sides, and a
//! connection that was lost meanwhile is replaced once, within that limit. A name beyond ASCII
//! costs one or two more, to check that its column can hold it.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use async_trait::async_trait;
use mysql_async::{Conn, Params, Pool, params};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

mod asking;
mod cells;
mod charset;
mod copy;
mod failure;
mod inspect;
mod live_store;
mod probe;
mod relay;
mod session;
mod session_times;
mod settings;
mod silence;
mod waiting;
mod writer;

pub use inspect::inspect_mysql;
pub use live_store::MySqlStore;
use live_store::{NameColumn, SiteShape, site_queries};
use session::Examined;
pub use session::ServerVersion;
pub use session_times::MySqlSessionTimes;
pub use settings::{MySqlSettings, ServerAddress, Tls};
pub use writer::MySqlWriter;

use self::asking::converted;
use self::failure::{During, explain};
use self::waiting::GRACE;
use super::{
    Account, EndpointRows, Ids, Joomla, JoomlaVersion, MemberSpan, Oddity, PoolState, Session,
    SiteRows, StoreError, StoredHash, User,
    bounds::{BoundedRows, Told},
    endpoint_rows,
    queries::Queries,
    rows::{self, Cells},
    samples, session_row,
    user::{self, LONGEST_NAME},
    version::Shape,
};

impl MySqlStore {
    /// Connects, and checks that all needed data can be read.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], each naming the remedy.
    pub async fn connect(settings: MySqlSettings) -> Result<Self, StoreError> {
        let Examined { server, reading, .. } = Self::examine(&settings).await?;
        let pool = Pool::new(settings.options(vec![reading.clone()])?);
        let store = Self {
            site: Mutex::new(SiteShape {
                queries: Arc::new(site_queries(&settings, Shape::default())),
                version: None,
            }),
            name_charsets: settings
                .prefix
                .statement(include_str!("../../../sql/queries/name_charsets.mysql.sql")),
            told: Told::default(),
            settings,
            pool,
            server,
            reading,
        };
        store.probe().await?;
        Ok(store)
    }

    /// The server's kind and version, as found when connecting.
    #[must_use]
    pub fn server(&self) -> &ServerVersion {
        &self.server
    }

    async fn examine(settings: &MySqlSettings) -> Result<Examined, StoreError> {
        let options = settings.options(Vec::new())?;
        let deadline = Instant::now() + settings.connect_timeout;
        let connected = timeout_at(deadline, Conn::new(options)).await;
        let Ok(connected) = connected else { return Err(silence::explain(settings).await) };
        let mut conn = connected.map_err(|error| explain(&error, During::Connect, settings))?;
        let deadline = Instant::now() + settings.query_timeout;
        let examined = timeout_at(deadline, session::examine(&mut conn, settings.query_timeout))
            .await
            .map_err(|_| settings.no_answer())?
            .map_err(|error| explain(&error, During::Probe, settings));
        // Closing is a courtesy to the server's error counters.
        let _ = timeout_at(deadline, conn.disconnect()).await;
        examined
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let settings = &self.settings;
        let mut conn = self.checkout(Instant::now() + settings.connect_timeout).await?;
        let deadline = Instant::now() + settings.query_timeout;
        let shape = timeout_at(deadline, probe::check(&mut conn, settings))
            .await
            .map_err(|_| settings.no_answer())??;
        self.site.lock().queries = Arc::new(site_queries(settings, shape));
        Ok(())
    }

    async fn read_site_rows(&self) -> Result<SiteRows, StoreError> {
        let deadline = self.deadline();
        let known = self.site.lock().clone();
        let queries = &known.queries;
        let extensions = self.rows(&queries.extensions, Params::Empty, deadline).await?;
        let groups = self.rows(&queries.usergroups, Params::Empty, deadline).await?;
        let levels = self.rows(&queries.viewlevels, Params::Empty, deadline).await?;
        let site = SiteRows::assemble(
            self.told.cut(BoundedRows::Extensions, converted(extensions, rows::extension)),
            self.told.cut(BoundedRows::UserGroups, converted(groups, rows::group)),
            self.told.cut(BoundedRows::ViewLevels, converted(levels, rows::view_level)),
            queries.shape,
        );
        if site.version != known.version {
            self.look_again(site.version, deadline).await?;
        }
        Ok(site)
    }

    /// Looks at the tables again, once after connecting and after every update of Joomla.
    async fn look_again(
        &self,
        version: Option<JoomlaVersion>,
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let mut conn = self.checkout(deadline).await?;
        let shape = timeout_at(deadline, probe::shape(&mut conn, &self.settings, version))
            .await
            .map_err(|_| self.settings.no_answer())??;
        *self.site.lock() =
            SiteShape { queries: Arc::new(site_queries(&self.settings, shape)), version };
        Ok(())
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.connect_timeout + self.settings.query_timeout + GRACE
    }

    fn no_sessions(&self) -> StoreError {
        StoreError::NotGranted {
            place: self.settings.address.to_string(),
            database: self.settings.database.clone(),
            user: self.settings.user.clone(),
            reason: format!("`{}` cannot be read", self.settings.prefix.table("session")),
        }
    }

    fn queries(&self) -> Arc<Queries> {
        self.site.lock().queries.clone()
    }
}

#[async_trait]
impl Joomla for MySqlStore {
    async fn users_by_email(&self, email: &str) -> Result<Vec<User>, StoreError> {
        if email.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let deadline = self.deadline();
        if !self.can_hold(NameColumn::Email, email, deadline).await? {
            return Ok(Vec::new());
        }
        let params = params! { "sent" => email, "plus" => user::with_plus(email) };
        let statement = &self.queries().users_by_email;
        let found = self.accounts(statement, params, deadline, rows::user).await?;
        Ok(user::users(found, email))
    }

    async fn users_by_username(&self, username: &str) -> Result<Vec<Account>, StoreError> {
        if username.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let (queries, deadline) = (self.queries(), self.deadline());
        if !self.can_hold(NameColumn::Username, username, deadline).await? {
            return Ok(Vec::new());
        }
        let params = params! { "sent" => username };
        let account = |row: &mut dyn Cells| rows::account(row, queries.shape.second_factor);
        let found = self.accounts(&queries.users_by_username, params, deadline, account);
        Ok(user::accounts(found.await?, username))
    }

    async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        let statement = &self.queries().user_by_id;
        let params = params! { "id" => id };
        let found = self.accounts(statement, params, self.deadline(), rows::user).await?;
        Ok(user::by_id(found).into_iter().next())
    }

    async fn recent_hashes(&self) -> Result<Vec<StoredHash>, StoreError> {
        let statement = &self.queries().recent_hashes;
        let found = self.rows(statement, Params::Empty, self.deadline()).await?;
        Ok(converted(found, |row| Some(rows::hash(row))))
    }

    async fn highest_user(&self) -> Result<i64, StoreError> {
        let statement = &self.queries().highest_user;
        let found = self.rows(statement, Params::Empty, self.deadline()).await?;
        Ok(converted(found, |row| row.number(0)).into_iter().next().unwrap_or(0))
    }

    async fn users_from(&self, first: i64) -> Result<Vec<User>, StoreError> {
        let (statement, params) = (&self.queries().users_from, params! { "first" => first });
        let found = self.accounts(statement, params, self.deadline(), rows::user).await?;
        Ok(user::by_id(found))
    }

    async fn members_between(&self, group: u32, ids: Ids) -> Result<Vec<User>, StoreError> {
        let statement = &self.queries().members_between;
        let params = params! { "group" => group, "first" => ids.first, "last" => ids.last };
        let found = self.accounts(statement, params, self.deadline(), rows::user).await?;
        Ok(user::by_id(found))
    }

    async fn member_spans(&self, groups: &[u32], ids: Ids) -> Result<Vec<MemberSpan>, StoreError> {
        let statement = self.queries().looks.member_spans(groups);
        let params = params! { "first" => ids.first, "last" => ids.last };
        let found = self.rows(&statement, params, self.deadline()).await?;
        Ok(converted(found, samples::member_span))
    }

    async fn odd_user(&self, oddity: &Oddity, ids: Ids) -> Result<Option<i64>, StoreError> {
        let statement = self.queries().looks.odd_user(oddity);
        let params = params! { "first" => ids.first, "last" => ids.last };
        let found = self.rows(&statement, params, self.deadline()).await?;
        Ok(converted(found, |row| row.number(0)).into_iter().next())
    }

    async fn site_rows(&self) -> Result<SiteRows, StoreError> {
        self.read_site_rows().await
    }

    async fn group_titles(&self) -> Result<BTreeMap<u32, String>, StoreError> {
        let statement = &self.queries().usergroup_titles;
        let found = self.rows(statement, Params::Empty, self.deadline()).await?;
        Ok(converted(found, rows::group_title).into_iter().collect())
    }

    async fn endpoint_rows(&self) -> Result<EndpointRows, StoreError> {
        let (queries, deadline) = (self.queries(), self.deadline());
        let mut found =
            EndpointRows { menu_is_hidden: queries.menu.is_none(), ..EndpointRows::default() };
        if let Some(statement) = &queries.menu {
            let rows = self.rows(statement, Params::Empty, deadline).await?;
            let items = converted(rows, endpoint_rows::menu_item);
            found.menu = endpoint_rows::by_id(self.told.cut(BoundedRows::MenuItems, items));
        }
        if let Some(statement) = &queries.languages {
            let rows = self.rows(statement, Params::Empty, deadline).await?;
            let languages = converted(rows, endpoint_rows::language);
            found.languages = self.told.cut(BoundedRows::Languages, languages);
        }
        Ok(found)
    }

    async fn session(&self, id: &[u8]) -> Result<Option<Session>, StoreError> {
        let queries = self.queries();
        let Some(statement) = &queries.session else {
            return Err(self.no_sessions());
        };
        let found = self.rows(statement, params! { "session" => id }, self.deadline());
        Ok(converted(found.await?, session_row::session).into_iter().next())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.rows(&self.queries().ping, Params::Empty, self.deadline()).await?;
        Ok(())
    }

    fn pool(&self) -> Option<PoolState> {
        Some(pool_state(&self.pool, &self.settings))
    }
}

fn pool_state(pool: &Pool, settings: &MySqlSettings) -> PoolState {
    let metrics = pool.metrics();
    let idle = metrics.connections_in_pool.load(Ordering::Relaxed);
    let all = metrics.connection_count.load(Ordering::Relaxed);
    PoolState {
        idle,
        busy: all.saturating_sub(idle),
        limit: settings.pool_size(),
        awaited: metrics.active_wait_requests.load(Ordering::Relaxed),
    }
}
