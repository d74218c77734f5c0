//! Tells a server that is too busy to greet from an address without an answer.
//!
//! Called once, after an attempt to connect has waited in vain.

use std::time::Duration;

use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{MySqlSettings, ServerAddress};
use crate::store::{
    StoreError,
    error::{GREETING, SIGN_OF_LIFE},
};

/// A port that answers does so at once.
const PATIENCE: Duration = Duration::from_secs(1);

/// Explains whether the address or the server was silent.
pub(super) async fn explain(settings: &MySqlSettings) -> StoreError {
    let is_open = match &settings.address {
        ServerAddress::Tcp { host, port } => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            timeout(PATIENCE, TcpStream::connect((host, *port)))
                .await
                .is_ok_and(|open| open.is_ok())
        }
        ServerAddress::Socket(path) => {
            timeout(PATIENCE, UnixStream::connect(path)).await.is_ok_and(|open| open.is_ok())
        }
    };
    settings.nothing_came(if is_open { GREETING } else { SIGN_OF_LIFE }, settings.connect_timeout)
}
