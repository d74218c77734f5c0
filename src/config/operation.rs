//! The sections for the operator of the service: the ledger, releases, the admin listener and the log.
//!
//! Part of the list in `sections`; the comments are the operator's manual.

use std::path::PathBuf;

use secrecy::SecretString;

use super::ledger_url::LedgerUrl;
use super::section::{section, setting};
use super::values::{AdminListen, LogFormat};

setting!(AdminListen, Text);
setting!(LedgerUrl, Text);
setting!(LogFormat, Text);

section! {
    /// The bridge's own records, in a separate database; see docs/ledger.md.
    "ledger" Ledger {
        /// Its address: `sqlite:` and the whole path of a file. Not set: `bridge.db` in systemd's
        /// state directory, if the unit has one, as ours does; otherwise there is no ledger. Empty:
        /// no ledger.
        url: Option<LedgerUrl> = None => "\"sqlite:/var/lib/jbackend-bridge/bridge.db\"";
    }
}

section! {
    /// Releases that are published through the bridge; see docs/releases.md. They need a ledger.
    "releases" Releases {
        /// Folder of the private copies from which releases are served. It must not be below the
        /// site's folder. Not set: `releases` in systemd's state directory, if there is one.
        folder: Option<PathBuf> = None => "\"/var/lib/jbackend-bridge/releases\"";
        /// Accept uploads with a token at `PUT /<end-point>/releases/<file name>`.
        upload: bool = false;
        /// Bytes that an uploaded file may have.
        max_size: u64 = 1024 * 1024 * 1024;
    }
}

section! {
    /// The admin listener: `/healthz`, `/readyz` and `/metrics`; see docs/operations.md.
    "admin" Admin {
        /// Address of the admin listener: a port (only on this machine), `host:port` or
        /// `unix:/path/to.sock`. Not set: no admin listener, because a default port could be in use
        /// already.
        listen: Option<AdminListen> = None => "\"127.0.0.1:9180\"";
        /// Permission bits of the unix socket, octal.
        socket_mode: String = "660".into();
    }
}

section! {
    /// The log, on standard error.
    "log" Log {
        /// `text` or `json`.
        format: LogFormat = LogFormat::Text => "\"text\"";
        /// The level of the log: `error`, `warn`, `info`, `debug`, or a filter like
        /// `info,mysql_async=warn`. Words of other programs work, too: `warning`, `critical`,
        /// `notice`, `verbose`, in any case.
        level: String = "info".into();
        /// Secret for hashing the customer's e-mail address in the request log, so that all
        /// requests of one customer can be found; `jbackend-bridge log-hash EMAIL` prints the hash.
        /// Not set: no trace of the address is logged.
        email_hash_key: Option<SecretString> = None => "\"…\"";
    }
}
