//! The settings with which the bridge's store reads the databases of the tests.

use std::net::Ipv4Addr;
use std::time::Duration;

use jbackend_bridge::store::{MySqlSettings, ServerAddress, TablePrefix};
use testkit::fixture;
use testkit::mariadb::{Database, PASSWORD, USER};
use tokio::net::TcpListener;

/// A database that a store can read.
pub(crate) trait StoreSettings {
    /// Returns settings to read it with, by TCP, under the fixture's prefix and with short limits.
    fn settings(&self) -> MySqlSettings;
}

impl StoreSettings for Database<'_> {
    fn settings(&self) -> MySqlSettings {
        MySqlSettings {
            address: ServerAddress::Tcp {
                host: Ipv4Addr::LOCALHOST.to_string(),
                port: self.port(),
            },
            database: self.name.clone(),
            user: USER.to_owned(),
            password: PASSWORD.into(),
            prefix: fixture::prefix().parse::<TablePrefix>().expect("prefix"),
            tls: None,
            pool_max: 4,
            connect_timeout: Duration::from_secs(5),
            query_timeout: Duration::from_secs(5),
        }
    }
}

/// Makes settings for a server of [`testkit::mysql_greeter`], with long time limits.
pub(crate) fn greeter_settings(listener: &TcpListener) -> MySqlSettings {
    let port = listener.local_addr().unwrap().port();
    MySqlSettings {
        address: ServerAddress::Tcp { host: "127.0.0.1".into(), port },
        database: "site".into(),
        user: "joomla".into(),
        password: "hunter2".into(),
        prefix: "jos_".parse().unwrap(),
        tls: None,
        pool_max: 1,
        connect_timeout: Duration::from_secs(30),
        query_timeout: Duration::from_secs(30),
    }
}
