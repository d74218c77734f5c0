//! The operator's questions to a MySQL or MariaDB server.
//!
//! One connection of its own, which may only read. Opened before anything is known of the tables,
//! so that a database that cannot be served can still be described.

use std::time::Duration;

use async_trait::async_trait;
use mysql_async::{Conn, Error, Pool, Row, prelude::Queryable};

use super::{
    MySqlSettings, MySqlStore, ServerVersion,
    failure::{During, explain, is_absent, is_hidden},
    session::Examined,
};
use crate::store::{
    StoreError,
    inspection::{Inspection, MYSQL, Prepared, Rights, ServerFacts, Source, roles},
    rows::Cells,
};

/// The operator's queries may take longer than a request.
const PATIENCE: Duration = Duration::from_secs(20);

const NO_SUCH_TABLE: u16 = 1146;

const LIMITS: &str = "SHOW VARIABLES WHERE Variable_name IN \
    ('max_connections', 'max_user_connections')";
const SESSION: &str = "SELECT CURRENT_USER(), UNIX_TIMESTAMP()";
const CIPHER: &str = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
const COLLATIONS: &str = "SELECT column_name, collation_name FROM information_schema.columns \
    WHERE table_schema = DATABASE() AND table_name = '#table#' \
    AND column_name IN ('email', 'username')";
const GRANTS: &str = "SHOW GRANTS";
/// The variables that keep a server from writing.
const READ_ONLY: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
    ('read_only', 'super_read_only', 'innodb_read_only')";
/// Most roles whose rights are read.
const MOST_ROLES: usize = 20;

struct Server {
    settings: MySqlSettings,
    pool: Pool,
    version: ServerVersion,
}

/// Connects for the operator's queries. Reads no data yet.
///
/// # Errors
///
/// A [`StoreError`] if the server cannot be reached or refuses the account.
pub async fn inspect_mysql(settings: &MySqlSettings) -> Result<Inspection, StoreError> {
    let settings = MySqlSettings {
        pool_max: 1,
        query_timeout: settings.query_timeout.max(PATIENCE),
        ..settings.clone()
    };
    let Examined { server, reading, .. } = MySqlStore::examine(&settings).await?;
    let pool = Pool::new(settings.options(vec![reading])?);
    let prefix = settings.prefix.clone();
    Ok(Inspection::new(Box::new(Server { settings, pool, version: server }), prefix, &MYSQL))
}

impl Server {
    async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>, StoreError> {
        let mut conn = self.checkout().await?;
        let rows: Vec<Row> = self.settings.within(conn.query(statement)).await?;
        let texts = |mut row: Row| (0..row.len()).map(|column| row.text(column)).collect();
        Ok(rows.into_iter().map(texts).collect())
    }

    async fn checkout(&self) -> Result<Conn, StoreError> {
        self.settings.connection(self.pool.get_conn()).await
    }

    async fn facts(&self, users: &str) -> Result<ServerFacts, StoreError> {
        let mut facts = ServerFacts { version: self.version.to_string(), ..ServerFacts::default() };
        for mut row in self.rows(LIMITS).await? {
            let value = row.number(1).and_then(|value| value.try_into().ok()).unwrap_or_default();
            match row.text(0).as_str() {
                "max_connections" => facts.max_connections = value,
                _ => facts.max_user_connections = value,
            }
        }
        if let Some(mut row) = self.rows(SESSION).await?.into_iter().next() {
            facts.account = row.text(0);
            facts.now = row.number(1);
        }
        let cipher = self.rows(CIPHER).await?.into_iter().next();
        facts.is_encrypted = cipher.is_some_and(|mut row| !row.text(1).is_empty());
        for mut row in self.rows(READ_ONLY).await? {
            if !matches!(row.text(1).as_str(), "OFF" | "0" | "") {
                facts.read_only = Some(row.text(0));
            }
        }
        // The prefix holds letters, digits and `_` only.
        for mut row in self.rows(&COLLATIONS.replace("#table#", users)).await? {
            facts.collations.insert(row.text(0).to_lowercase(), row.text(1));
        }
        Ok(facts)
    }
}

impl Server {
    /// The rights of the account and of its roles, whether they are switched on or not.
    async fn all_rights(&self) -> Result<Rights, StoreError> {
        // Not the pool's connection: the other queries must run under the roles of every session.
        let options = self.settings.options(Vec::new())?;
        let mut conn = self.settings.connection(Conn::new(options)).await?;
        let mut lines = self.grants(&mut conn).await?;
        let (mut asked, mut hidden) = (Vec::new(), Vec::new());
        // A role can hold further ones.
        while let Some(role) =
            roles(lines.iter().map(String::as_str)).into_iter().find(|role| !asked.contains(role))
        {
            if asked.len() >= MOST_ROLES {
                hidden.push(role);
                break;
            }
            let switched =
                self.settings.answer(conn.query_drop(format!("SET ROLE {role}"))).await?;
            match switched {
                Ok(()) => lines.extend(self.grants(&mut conn).await?),
                Err(_) => hidden.push(role.clone()),
            }
            asked.push(role);
        }
        // Closing is a courtesy to the server's error counters.
        let _ = self.settings.answer(conn.disconnect()).await?;
        let mut rights = Rights::read(lines.iter().map(String::as_str));
        rights.hidden_roles = hidden;
        Ok(rights)
    }

    async fn grants(&self, conn: &mut Conn) -> Result<Vec<String>, StoreError> {
        let rows: Vec<Row> = self.settings.within(conn.query(GRANTS)).await?;
        Ok(rows.into_iter().map(|mut row| row.text(0)).collect())
    }
}

#[async_trait]
impl Source for Server {
    async fn ask(&self, statement: String) -> Result<Vec<Vec<String>>, StoreError> {
        self.rows(&statement).await
    }

    async fn prepares(&self, statement: String) -> Result<Prepared, StoreError> {
        let mut conn = self.checkout().await?;
        match self.settings.answer(conn.prep(statement)).await? {
            Ok(prepared) => {
                let _ = self.settings.answer(conn.close(prepared)).await?;
                Ok(Prepared::Yes)
            }
            Err(Error::Server(error)) if error.code == NO_SUCH_TABLE => Ok(Prepared::NoTable),
            Err(error) if is_hidden(&error) => Ok(Prepared::Denied),
            Err(error) if is_absent(&error) => Ok(Prepared::NoColumn),
            Err(error) => Err(explain(&error, During::Probe, &self.settings)),
        }
    }

    async fn server(&self, users: &str) -> Result<ServerFacts, StoreError> {
        self.facts(users).await
    }

    async fn rights(&self) -> Result<Option<Rights>, StoreError> {
        self.all_rights().await.map(Some)
    }
}
