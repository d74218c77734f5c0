//! The tasks of the service, and their names.

use strum::{IntoStaticStr, VariantArray};

/// The background tasks, by their names in the log, the metrics and `/readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
#[repr(u8)]
pub enum Task {
    /// Asks the database for changed settings.
    #[strum(serialize = "settings refresh")]
    SettingsRefresh,
    /// Makes the update XML.
    #[strum(serialize = "update XML")]
    UpdateXml,
    /// Reads package files for their checksums.
    Checksums,
    /// Decides whether the database or its snapshot answers.
    #[strum(serialize = "snapshot watcher")]
    SnapshotWatcher,
    /// Copies the database.
    #[strum(serialize = "snapshot copies")]
    SnapshotCopies,
    /// Writes rows into jBackend's log.
    #[strum(serialize = "trace writer")]
    TraceWriter,
    /// Writes the times of sessions forward.
    #[strum(serialize = "session renewals")]
    SessionRenewals,
    /// Looks after the connection to the server of shared limits.
    #[strum(serialize = "shared limits")]
    SharedLimits,
    /// Looks after the ledger.
    Ledger,
    /// Puts changed releases into force.
    Releases,
    /// Tells the counts of shadow mode.
    #[strum(serialize = "shadow report")]
    ShadowReport,
    /// Takes connections in.
    Listener,
    /// Reads the configuration again when it is told to.
    Reload,
    /// A connection of a client.
    Connection,
    /// A request.
    Request,
    /// A mail that is sent after its request's answer.
    Mail,
    /// A password check.
    #[strum(serialize = "password check")]
    PasswordCheck,
    /// An answer that shadow mode compares.
    #[strum(serialize = "shadow comparison")]
    ShadowComparison,
    /// A task without a name of its own.
    Other,
}

impl Task {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its place in a set of tasks.
    pub(super) fn bit(self) -> u32 {
        1 << (self as u8)
    }
}
