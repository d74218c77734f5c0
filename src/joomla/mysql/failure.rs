//! What the driver's and the server's errors mean, and which of them a second try may cure.

use mysql_async::{DriverError, Error, IoError, ServerError};

use super::MySqlSettings;
use super::relay::{NO_SERVER, NO_TLS};
use crate::joomla::StoreError;

/// When an error came up; a server's own words are told only where no value of a request can
/// stand in them.
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

/// Whether the server says that a table or column does not exist or may not be read; where
/// rights are few it says the second also of what does not exist.
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

/// Whose fault it is that the server refuses to write rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A row's: without it the others can be written.
    Row,
    /// Most likely the table's, the account's or the server's: no row can be written now.
    Table,
}

/// Why rows were not written, where it is an answer of the server's and the connection stands.
pub(super) fn refusal(error: &Error, settings: &MySqlSettings) -> Option<Refusal> {
    let Error::Server(server) = error else { return None };
    if is_lost_connection(error) {
        return None;
    }
    match explain(error, During::Query, settings) {
        StoreError::Unreachable { .. } | StoreError::Timeout { .. } => None,
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
            | 3572 => Refusal::Table,
            _ => Refusal::Row,
        }),
        _ => Some(Refusal::Table),
    }
}

/// The error of the store for one of the driver.
pub(super) fn explain(error: &Error, during: During, settings: &MySqlSettings) -> StoreError {
    let place = settings.address.to_string();
    let reason = reason(error, during);
    match error {
        Error::Io(_) | Error::Url(_) | Error::Driver(_) | Error::Other(_)
            if during == During::Connect =>
        {
            StoreError::Unreachable { place, reason }
        }
        Error::Server(server) => match server.code {
            NO_SERVER => StoreError::Unreachable { place, reason },
            NO_TLS => StoreError::Tls { place, reason },
            // Wrong password; wrong password to a TLS-only account; host not allowed; account
            // locked or expired.
            1045 | 1698 | 1130 | 3118 | 4151 | 1820 | 1862 => {
                StoreError::Denied { place, user: settings.user.clone() }
            }
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
            // Too many connections, of all or of this account; too many errors; shutting down.
            1040 | 1203 | 1226 | 1129 | 1053 => StoreError::Unreachable { place, reason },
            // Statement or lock took too long.
            1205 | 1317 | 1969 | 3024 => {
                StoreError::Timeout { place, awaited: "answer", limit: settings.query_timeout }
            }
            _ => StoreError::Broken { place, reason },
        },
        _ => StoreError::Broken { place, reason },
    }
}

fn reason(error: &Error, during: During) -> String {
    match error {
        Error::Io(IoError::Io(error)) => error.to_string(),
        Error::Driver(DriverError::ConnectionClosed) => "it closed the connection".to_owned(),
        Error::Driver(DriverError::UnknownAuthPlugin { name }) => {
            format!("it asks for the unknown authentication method `{name}`")
        }
        // The relay's own words.
        Error::Server(ServerError { code: NO_SERVER | NO_TLS, message, .. }) => message.clone(),
        Error::Server(ServerError { code, message, .. }) if during != During::Query => {
            format!("error {code}, {message}")
        }
        Error::Server(ServerError { code, state, .. }) => format!("error {code} ({state})"),
        _ => "it does not speak the MySQL protocol as expected".to_owned(),
    }
}
