//! Interprets errors of the driver and the server, and decides which of them a second try may cure.

use std::io;

use mysql_async::{DriverError, Error, IoError, ServerError};

use super::MySqlSettings;
use super::relay::{NO_SERVER, NO_TLS};
use crate::store::{AccountFault, StoreError};

/// When an error occurred; a server's own words are shown only if they cannot hold a value of a
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum During {
    Connect,
    Probe,
    Query,
}

/// Whether a connection in use was lost, or its prepared statements were: another connection
/// may answer.
pub(super) fn is_lost_connection(error: &Error) -> bool {
    match error {
        Error::Io(IoError::Io(_))
        | Error::Driver(DriverError::ConnectionClosed | DriverError::PacketOutOfOrder) => true,
        // Shutdown; connection killed (MariaDB); idle for too long (MySQL); statement unknown,
        // or out of date.
        Error::Server(error) => matches!(error.code, 1053 | 1927 | 4031 | 1243 | 1615),
        _ => false,
    }
}

/// Returns whether the server says that a table or column does not exist or may not be read; if
/// rights are few it says the second also of missing ones.
pub(super) fn is_absent(error: &Error) -> bool {
    matches!(error, Error::Server(error) if matches!(error.code, 1054 | 1146 | 1142 | 1143))
}

/// Whether the account has rights on other columns of the table only.
pub(super) fn is_hidden_column(error: &Error) -> bool {
    matches!(error, Error::Server(error) if error.code == 1143)
}

/// Whether the account has too few rights on the table or the column.
pub(super) fn is_hidden(error: &Error) -> bool {
    matches!(error, Error::Server(error) if matches!(error.code, 1142 | 1143))
}

/// The cause of a server's refusal to write rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteRefusal {
    /// A row's: without it the others can be written.
    Row,
    /// Most likely the table's, the account's or the server's: no row can be written now.
    Table,
}

/// Returns why rows were not written, if the server answered and the connection stands.
pub(super) fn refusal(error: &Error, settings: &MySqlSettings) -> Option<WriteRefusal> {
    let Error::Server(server) = error else { return None };
    if is_lost_connection(error) {
        return None;
    }
    match explain(error, During::Query, settings) {
        StoreError::Unreachable { .. } | StoreError::Busy { .. } | StoreError::Timeout { .. } => {
            None
        }
        // No file, no space, no memory, no such table, a table that is damaged, full or locked;
        // a deadlock; a server or session that only reads; a cluster without its quorum; a view
        // that takes none.
        StoreError::Broken { .. } => Some(match server.code {
            1016
            | 1017
            | 1021
            | 1030
            | 1034..=1038
            | 1041
            | 1047
            | 1100
            | 1114
            | 1146
            | 1180
            | 1181
            | 1194
            | 1195
            | 1213
            | 1223
            | 1290
            | 1356
            | 1412
            | 1449
            | 1461
            | 1471
            | 1792
            | 1812
            | 1836
            | 1932
            | 3572 => WriteRefusal::Table,
            _ => WriteRefusal::Row,
        }),
        _ => Some(WriteRefusal::Table),
    }
}

/// The error of the store for one of the driver.
pub(super) fn explain(error: &Error, during: During, settings: &MySqlSettings) -> StoreError {
    let place = settings.address.to_string();
    if let Some(fault) = account_fault(error) {
        return StoreError::Account { place, user: settings.user.clone(), fault };
    }
    if let Some((reason, advice)) = limit(error) {
        return StoreError::Busy { place, reason, advice };
    }
    let reason = reason(error, during);
    match error {
        Error::Io(_) | Error::Url(_) | Error::Driver(_) | Error::Other(_)
            if during == During::Connect =>
        {
            let advice = match error {
                Error::Io(IoError::Io(error)) => way(error, &reason),
                _ => START,
            };
            StoreError::Unreachable { place, reason, advice }
        }
        Error::Server(server) => match server.code {
            NO_SERVER => {
                let advice = way(&io::Error::from_raw_os_error(number_in(&reason)), &reason);
                StoreError::Unreachable { place, reason, advice }
            }
            NO_TLS => StoreError::Tls { place, reason },
            // Wrong password, also to a TLS-only account.
            1045 | 1698 => StoreError::Denied {
                place,
                user: settings.user.clone(),
                host: host_of(&server.message),
                with_tls: settings.tls.is_some(),
            },
            1044 | 1049 => StoreError::NoDatabase {
                place,
                database: settings.database.clone(),
                user: settings.user.clone(),
            },
            1142 | 1143 => StoreError::NotGranted {
                place,
                database: settings.database.clone(),
                user: settings.user.clone(),
                reason,
            },
            1054 => StoreError::NotJoomla { place, database: settings.database.clone(), reason },
            // Shutting down.
            1053 => StoreError::Unreachable { place, reason, advice: START },
            // Statement or lock took too long.
            1205 | 1317 | 1969 | 3024 => {
                StoreError::Timeout { place, awaited: "answer", limit: settings.query_timeout }
            }
            _ => StoreError::Broken { place, reason },
        },
        _ => StoreError::Broken { place, reason },
    }
}

/// Returns why an account is refused, if the password is not the reason.
fn account_fault(error: &Error) -> Option<AccountFault> {
    let server = match error {
        Error::Driver(error) => return unknown_method(error),
        Error::Server(server) => server,
        _ => return None,
    };
    Some(match server.code {
        // MySQL; MariaDB.
        3118 | 4151 => AccountFault::Locked,
        3955 | 4150 => AccountFault::Blocked,
        1820 | 1862 => AccountFault::PasswordExpired,
        3159 => AccountFault::NeedsTls,
        1130 => AccountFault::NotFromHere,
        // Not known to the client; of before 4.1; not loaded, and named between quotes.
        1251 | 1275 => AccountFault::Method("mysql_old_password".into()),
        1524 => AccountFault::Method(server.message.split('\'').nth(1).unwrap_or("?").to_owned()),
        _ => return None,
    })
}

fn unknown_method(error: &DriverError) -> Option<AccountFault> {
    Some(AccountFault::Method(match error {
        DriverError::UnknownAuthPlugin { name } => name.clone(),
        DriverError::MysqlOldPasswordDisabled => "mysql_old_password".into(),
        DriverError::CleartextPluginDisabled => "mysql_clear_password".into(),
        _ => return None,
    }))
}

/// The limits of an account, as servers call them when one is reached.
const RESOURCES: [&str; 6] = [
    "max_user_connections",
    "max_connections_per_hour",
    "max_queries_per_hour",
    "max_updates_per_hour",
    "max_questions",
    "max_updates",
];

const FEWER: &str = "raise that limit of the account (`ALTER USER … WITH …`, or ask the provider of the \
    database), lower `pool_size` in `[database]`, or give the bridge an account of its own";

/// Which limit of the server is reached, and how to make room.
fn limit(error: &Error) -> Option<(String, &'static str)> {
    let Error::Server(server) = error else { return None };
    Some(match server.code {
        1040 => (
            "all connections of the server are in use (error 1040, `max_connections`)".to_owned(),
            "see who holds them (`SHOW PROCESSLIST`), raise `max_connections` on the server, or lower \
             `pool_size` in `[database]`",
        ),
        1203 => (
            "the account has no connection left (error 1203, `max_user_connections`)".into(),
            FEWER,
        ),
        1226 => {
            let name = RESOURCES.iter().find(|name| server.message.contains(**name));
            let name = name.map_or(String::new(), |name| format!(", `{name}`"));
            (format!("a limit of the account is reached (error 1226{name})"), FEWER)
        }
        1129 => (
            "it has shut this machine out after broken connections (error 1129)".into(),
            "run `mysqladmin flush-hosts` (`mariadb-admin`) as the server's administrator, and find \
             the cause of the broken connections",
        ),
        3032 => (
            "it is switched to `offline_mode` (error 3032)".into(),
            "wait until its administrator switches that off",
        ),
        _ => return None,
    })
}

/// `… for user 'joomla'@'192.0.2.1' (using password: YES)`.
fn host_of(message: &str) -> Option<String> {
    let (_, rest) = message.rsplit_once("'@'")?;
    rest.split_once('\'').map(|(host, _)| host.to_owned())
}

const START: &str =
    "start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php";

/// The system's number of an error in its words, `… (os error 111)`; 0 if they have none.
fn number_in(reason: &str) -> i32 {
    let number = reason.rsplit_once("(os error ").and_then(|(_, rest)| rest.split_once(')'));
    number.and_then(|(number, _)| number.parse().ok()).unwrap_or_default()
}

/// Advises on an address at which no server could be reached.
fn way(error: &io::Error, reason: &str) -> &'static str {
    match error.kind() {
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::TimedOut => {
            "no way leads to that machine, so see whether it is up, and the routes and firewalls \
             between, or correct `host` in `[database]` or configuration.php"
        }
        io::ErrorKind::PermissionDenied => {
            "let the service's user use the socket, and pass the folders above it, or connect by TCP \
             with `host` in `[database]`"
        }
        // The system's library has words of its own for each cause.
        _ if reason.contains("failed to lookup address information") => {
            "the name is not known here, so correct `host` in `[database]` or configuration.php, or see \
             to this machine's name server"
        }
        _ => START,
    }
}

fn reason(error: &Error, during: During) -> String {
    match error {
        Error::Io(IoError::Io(error)) => error.to_string(),
        Error::Driver(DriverError::ConnectionClosed) => "it closed the connection".to_owned(),
        // The relay's own words.
        Error::Server(ServerError { code: NO_SERVER | NO_TLS, message, .. }) => message.clone(),
        Error::Server(ServerError { code, message, .. }) if during != During::Query => {
            format!("error {code}, {message}")
        }
        Error::Server(ServerError { code, state, .. }) => format!("error {code} ({state})"),
        _ => "it does not speak the MySQL protocol as expected".to_owned(),
    }
}
