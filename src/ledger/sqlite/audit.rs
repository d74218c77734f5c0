//! Writes with their rows of the audit log, in one transaction.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::SqliteLedger;
use crate::ledger::LedgerError;
use crate::ledger::audit::{Act, AuditHead, AuditRow};
use crate::ledger::audit_key::AuditKey;
use crate::ledger::audit_verification::{AuditReport, AuditVerification};

const LAST: &str = include_str!("../../../sql/ledger/sqlite/last_audit_row.sql");
const ROWS: &str = include_str!("../../../sql/ledger/sqlite/audit_rows.sql");
const APPEND: &str = include_str!("../../../sql/ledger/sqlite/append_audit_row.sql");

impl SqliteLedger {
    /// Runs a job in one transaction, which also raises the revision and appends the act to the audit
    /// log. The job may complete the act by what it finds; an act that [did
    /// nothing](Act::did_nothing) leaves no row, and the revision as it was.
    ///
    /// # Errors
    /// Those of the job and of the store; nothing was changed then.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        mut act: Act,
        job: impl FnOnce(&Transaction<'_>, &mut Act) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let ledger = self.clone();
        let written = self.run(move |connection| {
            let broken = |error: rusqlite::Error| LedgerError::broken(&ledger.place(), &error);
            let behavior = TransactionBehavior::Immediate;
            let write = connection.transaction_with_behavior(behavior).map_err(broken)?;
            let done = job(&write, &mut act).map_err(broken)?;
            if act.has_happened() {
                write.execute("UPDATE ledger SET revision = revision + 1", []).map_err(broken)?;
                ledger.append(&write, &act)?;
            }
            write.commit().map_err(broken)?;
            Ok(done)
        });
        written.await?
    }

    /// Reads the rows of the audit log from a time on, in their order.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] if the file cannot be read.
    pub async fn audit_rows(&self, since: Option<Timestamp>) -> Result<Vec<AuditRow>, LedgerError> {
        let since = since.map_or(i64::MIN, Timestamp::as_second);
        self.ask(move |connection| {
            connection.prepare(ROWS)?.query_map([since], audit_row)?.collect()
        })
        .await
    }

    /// Reads the last row of the audit log.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] if the file cannot be read.
    pub async fn audit_head(&self) -> Result<AuditHead, LedgerError> {
        let last = self.ask(|connection| last(connection)).await?;
        Ok(last.as_ref().map_or_else(AuditHead::empty, AuditRow::head))
    }

    /// Verifies all rows of the audit log. The row of `head` must be among them, if it is given.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger or its key cannot be read.
    pub async fn verify_audit(&self, head: Option<AuditHead>) -> Result<AuditReport, LedgerError> {
        let ledger = self.clone();
        let report = self.run(move |connection| {
            let broken = |error: rusqlite::Error| LedgerError::broken(&ledger.place(), &error);
            let key = AuditKey::of_log(&ledger.path, last(connection).map_err(broken)?.is_some())?;
            let mut verification = AuditVerification::new(&key, head.as_ref());
            let mut read = connection.prepare(ROWS).map_err(broken)?;
            for row in read.query_map([i64::MIN], audit_row).map_err(broken)? {
                verification.take(row.map_err(broken)?);
            }
            Ok(verification.finish())
        });
        report.await?
    }

    /// Appends an act to the audit log, within a transaction.
    pub(super) fn append(&self, write: &Connection, act: &Act) -> Result<AuditRow, LedgerError> {
        let broken = |error: rusqlite::Error| LedgerError::broken(&self.place(), &error);
        let last = last(write).map_err(broken)?;
        let key = AuditKey::of_log(&self.path, last.is_some())?;
        let now = Timestamp::now().as_second();
        let row = AuditRow::following(last.as_ref(), act, now, &key);
        let AuditRow { number, at, actor, what, before, after, seal } = &row;
        write
            .execute(APPEND, params![number, at, actor, what, before, after, seal])
            .map_err(broken)?;
        Ok(row)
    }
}

/// Reads the last row; `None` for an empty log.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<Option<AuditRow>> {
    connection.query_row(LAST, [], audit_row).optional()
}

fn audit_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        number: row.get("number")?,
        at: row.get("at")?,
        actor: text(row, "actor")?.unwrap_or_default(),
        what: text(row, "what")?.unwrap_or_default(),
        before: text(row, "before")?,
        after: text(row, "after")?,
        seal: row.get("hmac")?,
    })
}

/// Reads a text. Bytes that are no text were not written by this program: the HMAC does not fit them.
fn text(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    let bytes = row.get_ref(column)?.as_bytes_or_null()?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}
