//! The sections for whoever operates the service: the ledger, the admin listener
//! and the log.
//!
//! Part of what `sections` lists; the comments are the operator's manual.

use secrecy::SecretString;

use super::ledger_url::LedgerUrl;
use super::section::{section, setting};
use super::values::{AdminListen, LogFormat};

setting!(AdminListen, Text);
setting!(LedgerUrl, Text);
setting!(LogFormat, Text);

section! {
    /// The bridge's own records, in a database of its own; see docs/ledger.md.
    "ledger" Ledger {
        /// Its address: `sqlite:` and the whole path of a file. Not set: `bridge.db` in systemd's
        /// state directory, if there is one; our unit has one. Else there is no ledger.
        /// Empty: none.
        url: Option<LedgerUrl> = None => "\"sqlite:/var/lib/jbackend-bridge/bridge.db\"";
    }
}
section! {
    /// The admin listener: `/healthz`, `/readyz` and `/metrics`; see docs/operations.md.
    "admin" Admin {
        /// Address of its own to listen on: a port (on this machine alone), `host:port` or
        /// `unix:/path/to.sock`. Not set: there is none, since a port chosen by us could be taken.
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
        /// What is logged: `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`.
        /// Words of other programs count, too: `warning`, `critical`, `notice`, `verbose`, in any case.
        level: String = "info".into();
        /// Secret with which a short hash of the customer's e-mail is put into the request log, so that
        /// all requests of one customer can be found; `jbackend-bridge log-hash EMAIL` prints the hash.
        /// Without it no trace of the e-mail is logged.
        email_hash_key: Option<SecretString> = None => "\"…\"";
    }
}
