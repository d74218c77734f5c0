//! The settings that only a restart changes: sockets, limits of connections, the form of the log.
//!
//! A reload compares the new settings with those of the start, and names those that wait for a
//! restart.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::numbers::{number, seconds};
use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::values::{AdminListen, Listen, LogFormat};
use crate::http::connection::Limits;

/// The permissions of a unix socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketMode(pub u32);

/// The settings of a start.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The address that clients connect to.
    pub listen: Listen,
    /// The permissions of that socket.
    pub socket_mode: SocketMode,
    /// The limits of connections.
    pub limits: Limits,
    /// Most connections of one address, if the key is set.
    per_address: Option<u64>,
    /// The address that the operator's programs connect to, if there is an admin listener.
    pub admin: Option<AdminListen>,
    /// The permissions of that socket.
    pub admin_socket_mode: SocketMode,
    /// The file of the ledger, if there is one.
    pub ledger: Option<PathBuf>,
    /// The format of log lines.
    pub log_format: LogFormat,
}

impl Fixed {
    pub(super) fn of(config: &Config) -> Result<Self, Problems> {
        let (server, admin) = (&config.server, &config.admin);
        let mut problems = Problems::default();
        let mode = problems.sort(SocketMode::read("server.socket_mode", &server.socket_mode));
        let admin_mode = problems.sort(SocketMode::read("admin.socket_mode", &admin.socket_mode));
        let (Some(socket_mode), Some(admin_socket_mode)) = (mode, admin_mode) else {
            return Err(problems);
        };
        Ok(Self {
            listen: server.listen.clone(),
            socket_mode,
            limits: Limits {
                connections: number(server.max_connections.max(1)).min(Semaphore::MAX_PERMITS),
                header_timeout: seconds(server.header_timeout),
                write_timeout: seconds(server.write_timeout),
                shutdown_deadline: Duration::from_secs(server.shutdown_deadline),
            },
            per_address: server.max_connections_per_address,
            admin: admin.listen.clone(),
            admin_socket_mode,
            ledger: config.ledger.url.as_ref().and_then(|url| url.path()).map(PathBuf::from),
            log_format: config.log.format,
        })
    }

    /// Returns how many connections one address may have.
    #[must_use]
    pub fn connections_per_address(&self) -> usize {
        self.per_address.map_or(self.limits.connections / 4, number).max(1)
    }

    /// Names the keys that have another value in the other plan.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (old, new) = (&self.limits, &other.limits);
        let keys = [
            ("`listen` in `[server]`", self.listen != other.listen),
            ("`socket_mode` in `[server]`", self.socket_mode != other.socket_mode),
            ("`max_connections` in `[server]`", old.connections != new.connections),
            ("`max_connections_per_address` in `[server]`", self.per_address != other.per_address),
            ("`header_timeout` in `[server]`", old.header_timeout != new.header_timeout),
            ("`write_timeout` in `[server]`", old.write_timeout != new.write_timeout),
            ("`shutdown_deadline` in `[server]`", old.shutdown_deadline != new.shutdown_deadline),
            ("`listen` in `[admin]`", self.admin != other.admin),
            ("`socket_mode` in `[admin]`", self.admin_socket_mode != other.admin_socket_mode),
            ("`url` in `[ledger]`", self.ledger != other.ledger),
            ("`format` in `[log]`", self.log_format != other.log_format),
        ];
        keys.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key).collect()
    }
}

impl SocketMode {
    fn read(key: &str, text: &str) -> Result<Self, Problem> {
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
        mode.map(Self).ok_or_else(|| {
            let what = format_args!("`{text}` is no octal permission");
            Problem::new(key, what, "write one like `660`")
        })
    }
}
