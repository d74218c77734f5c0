//! Reads the place of the site's database from the `[database]` section.
//!
//! It must not know how a database is opened.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use joomla_config::DbHost;
use secrecy::{ExposeSecret, SecretString};

use super::numbers::{number, port, seconds};
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Database;
use crate::config::values;
use crate::store::{MySqlSettings, ServerAddress, TablePrefix, Tls};

/// The default port of MySQL.
const MYSQL_PORT: u16 = 3306;
/// Places of the server's socket: Debian's and those of most others.
const SOCKETS: &[&str] =
    &["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

/// Connections for writing.
const WRITERS: usize = 2;

/// The site's database.
#[derive(Clone)]
pub struct DatabasePlan {
    /// The server or file of the database.
    pub place: DatabaseLocation,
    /// How to reach jBackend's own tables for writing; `None` for a file, which is only read.
    pub writer: Option<MySqlSettings>,
    /// The bridge writes no rows.
    pub read_only: bool,
}

/// The server or file of a site's database.
#[derive(Clone)]
pub enum DatabaseLocation {
    /// On a server.
    MySql(MySqlSettings),
    /// In a file.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The prefix of the site's tables.
        prefix: TablePrefix,
        /// Longest time for a query.
        limit: Duration,
    },
}

impl DatabasePlan {
    /// Reads the section.
    ///
    /// # Errors
    /// A section without a database.
    pub fn of(section: &Database) -> Result<Self, Problems> {
        let place = DatabaseLocation::of(section)?;
        let writer = match &place {
            DatabaseLocation::MySql(settings) => Some(writer(settings.clone(), section)),
            DatabaseLocation::Sqlite { .. } => None,
        };
        Ok(Self { place, writer, read_only: section.read_only })
    }
}

impl DatabaseLocation {
    fn of(section: &Database) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let url = section.url.as_ref().map(Url::parse).transpose();
        let url = problems.sort(url).map(Option::unwrap_or_default);
        let prefix = problems.sort(prefix(section));
        let limit = seconds(section.query_timeout);
        let named = section.port.map(|number| port("database.port", number)).transpose();
        let named = problems.sort(named);
        let Some(url) = url else { return Err(problems) };
        if let Some(path) = url.sqlite {
            let Some(prefix) = prefix else { return Err(problems) };
            return Ok(Self::Sqlite { path, prefix, limit });
        }
        let address = address(section, &url, named.flatten());
        let database = section.name.clone().or(url.name);
        let user = section.user.clone().or(url.user);
        let (Some(address), Some(database), Some(user), Some(prefix), Some(_)) = (
            problems.sort(address),
            problems.sort(database.ok_or_else(|| {
                let what = "the database, `$db` in configuration.php";
                Problem::missing("database.name", what)
            })),
            problems.sort(user.ok_or_else(|| {
                let what = "the account, `$user` in configuration.php";
                Problem::missing("database.user", what)
            })),
            prefix,
            named,
        ) else {
            return Err(problems);
        };
        Ok(Self::MySql(MySqlSettings {
            address,
            database,
            user,
            password: section.password.clone().or(url.password).unwrap_or_default(),
            prefix,
            tls: tls(section),
            pool_max: number(section.pool_size),
            connect_timeout: seconds(section.connect_timeout),
            query_timeout: limit,
        }))
    }

    /// Returns the name of the table with the plugins, for messages.
    #[must_use]
    pub fn extensions_table(&self) -> String {
        self.table("extensions")
    }

    /// Returns the full name of a table of the site, for messages.
    #[must_use]
    pub fn table(&self, name: &str) -> String {
        let prefix = match self {
            Self::MySql(settings) => &settings.prefix,
            Self::Sqlite { prefix, .. } => prefix,
        };
        format!("{prefix}{name}")
    }

    /// Returns the address, socket or file.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::MySql(settings) => settings.address.to_string(),
            Self::Sqlite { path, .. } => path.display().to_string(),
        }
    }

    /// Returns the name of the database on its server; `None` for a file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::MySql(settings) => Some(&settings.database),
            Self::Sqlite { .. } => None,
        }
    }
}

fn prefix(section: &Database) -> Result<TablePrefix, Problem> {
    let what = "the table prefix, `$dbprefix` in configuration.php";
    let prefix = section.prefix.as_deref();
    let prefix = prefix.ok_or_else(|| Problem::missing("database.prefix", what))?;
    TablePrefix::from_str(prefix)
        .map_err(|error| Problem::told("database.prefix", error).as_sentence())
}

fn writer(reader: MySqlSettings, section: &Database) -> MySqlSettings {
    let mut settings = MySqlSettings { pool_max: WRITERS, ..reader };
    if let Some(user) = &section.writer_user {
        settings.user.clone_from(user);
        settings.password = section.writer_password.clone().unwrap_or_default();
    }
    settings
}

fn address(config: &Database, url: &Url, port: Option<u16>) -> Result<ServerAddress, Problem> {
    if let Some(socket) = &config.socket {
        return Ok(ServerAddress::Socket(socket.clone()));
    }
    let text = config.host.as_deref().or(url.host.as_deref()).ok_or_else(|| {
        let what =
            "the database server, or set `root` in `[joomla]` to read it from configuration.php";
        Problem::missing("database.host", what)
    })?;
    let host = DbHost::parse(text);
    let named = port.or(url.port);
    // PHP uses the local socket for `localhost` without a port. Without a socket, use TCP.
    if host.is_default_socket()
        && named.is_none()
        && let Some(socket) = SOCKETS.iter().map(PathBuf::from).find(|path| path.exists())
    {
        return Ok(ServerAddress::Socket(socket));
    }
    if let Some(socket) = host.socket {
        return Ok(ServerAddress::Socket(socket));
    }
    // `DbHost` adds the default port to a host without one, so a port of its own key wins over the
    // default.
    let port = match host.port {
        Some(port) if port != MYSQL_PORT => port,
        _ => named.unwrap_or(MYSQL_PORT),
    };
    Ok(ServerAddress::Tcp { host: host.host.unwrap_or_default(), port })
}

fn tls(config: &Database) -> Option<Tls> {
    let verify = match config.tls {
        values::Tls::Off => return None,
        values::Tls::Required => false,
        values::Tls::Verify => true,
    };
    let identity = config.tls_cert.clone().zip(config.tls_key.clone());
    Some(Tls { verify, ca: config.tls_ca.clone(), identity })
}

/// The parts of `database.url`.
#[derive(Default)]
struct Url {
    sqlite: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<SecretString>,
    name: Option<String>,
}

impl Url {
    fn parse(url: &SecretString) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(
                "database.url",
                "`database.url` is not valid",
                "write `mysql://user:password@host:port/name` (with `%40` \
                 for `@`, `%2F` for `/`, `%3A` for `:`, `%3F` for `?`, `%23` for `#`, `%25` for `%` \
                 in the parts) or `sqlite:/path/to/file.db`; or set `host`, `name`, `user` and \
                 `password` in its place, which take every character as it is",
            )
            .as_sentence()
        };
        let url = url.expose_secret();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Self { sqlite: Some(path.into()), ..Self::default() });
        }
        let rest = url
            .strip_prefix("mysql://")
            .or_else(|| url.strip_prefix("mariadb://"))
            .ok_or_else(wrong)?;
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        // Such a name is the rest of a password with a bare `/`; no message may show it.
        if name.contains(['@', '/', '?', '#']) {
            return Err(wrong());
        }
        let (login, host) = match authority.rsplit_once('@') {
            None => (None, authority),
            Some((login, host)) => (Some(login), host),
        };
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, "")))
        {
            None => (None, None),
            Some((user, password)) => (Some(decoded(user)), Some(decoded(password).into())),
        };
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, Some(port.parse().map_err(|_| wrong())?))
            }
            _ => (host, None),
        };
        let some = |text: &str| (!text.is_empty()).then(|| decoded(text));
        Ok(Self { sqlite: None, host: some(host), port, user, password, name: some(name) })
    }
}

fn decoded(text: &str) -> String {
    let bytes = php_compat::query::percent_decode(text.as_bytes(), false);
    String::from_utf8_lossy(&bytes).into_owned()
}
