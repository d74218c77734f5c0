//! The tasks of the service, and their names.

/// The background tasks, by their names in the log, the metrics and `/readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Task {
    /// Asks the database for changed settings.
    SettingsRefresh,
    /// Makes the update XML.
    UpdateXml,
    /// Reads package files for their checksums.
    Checksums,
    /// Decides whether the database or its snapshot answers.
    SnapshotWatcher,
    /// Copies the database.
    SnapshotCopies,
    /// Writes rows into jBackend's log.
    TraceWriter,
    /// Writes the times of sessions forward.
    SessionRenewals,
    /// Looks after the connection to the server of shared limits.
    SharedLimits,
    /// Looks after the ledger.
    Ledger,
    /// Puts changed releases into force.
    Releases,
    /// Tells the counts of shadow mode.
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
    PasswordCheck,
    /// An answer that shadow mode compares.
    ShadowComparison,
    /// A task without a name of its own.
    Other,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::SettingsRefresh,
        Self::UpdateXml,
        Self::Checksums,
        Self::SnapshotWatcher,
        Self::SnapshotCopies,
        Self::TraceWriter,
        Self::SessionRenewals,
        Self::SharedLimits,
        Self::Ledger,
        Self::Releases,
        Self::ShadowReport,
        Self::Listener,
        Self::Reload,
        Self::Connection,
        Self::Request,
        Self::Mail,
        Self::PasswordCheck,
        Self::ShadowComparison,
        Self::Other,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SettingsRefresh => "settings refresh",
            Self::UpdateXml => "update XML",
            Self::Checksums => "checksums",
            Self::SnapshotWatcher => "snapshot watcher",
            Self::SnapshotCopies => "snapshot copies",
            Self::TraceWriter => "trace writer",
            Self::SessionRenewals => "session renewals",
            Self::SharedLimits => "shared limits",
            Self::Ledger => "ledger",
            Self::Releases => "releases",
            Self::ShadowReport => "shadow report",
            Self::Listener => "listener",
            Self::Reload => "reload",
            Self::Connection => "connection",
            Self::Request => "request",
            Self::Mail => "mail",
            Self::PasswordCheck => "password check",
            Self::ShadowComparison => "shadow comparison",
            Self::Other => "other",
        }
    }

    /// Its place in a set of tasks.
    pub(super) fn bit(self) -> u32 {
        1 << (self as u8)
    }
}
