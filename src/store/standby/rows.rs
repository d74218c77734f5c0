//! Rows on their way from the database into a snapshot, page by page.
//!
//! The database's store hands them over, the writer of the file takes them. Few pages are on the
//! way at a time: a million accounts need no more memory than a thousand.

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::store::version::Shape;

/// Pages that may wait for the writer.
const PAGES: usize = 2;

/// A value of a column.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) enum Cell {
    Null,
    Number(i64),
    Text(Vec<u8>),
}

/// A row, column by column, as [`Table`] lists them.
pub(in crate::store) type CopiedRow = Vec<Cell>;

/// A table of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Table {
    Users,
    Memberships,
    UserGroups,
    ViewLevels,
    Extensions,
    Menu,
    Languages,
}

/// A message to the writer.
pub(super) enum CopyPart {
    /// The tables' shape: first, and once.
    Shape(Shape),
    /// Rows of a table.
    Rows(Table, Vec<CopiedRow>),
    /// All rows were there. Without it the file is thrown away.
    End,
}

/// The way to the writer.
pub struct Copying(Sender<CopyPart>);

impl Copying {
    pub(super) fn new() -> (Self, Receiver<CopyPart>) {
        let (sender, receiver) = channel(PAGES);
        (Self(sender), receiver)
    }

    /// Tells which tables and columns there are, before the first rows.
    pub(in crate::store) async fn shape(&self, shape: Shape) {
        self.send(CopyPart::Shape(shape)).await;
    }

    /// Hands over rows; waits while the writer is behind.
    pub(in crate::store) async fn rows(&self, table: Table, rows: Vec<CopiedRow>) {
        if !rows.is_empty() {
            self.send(CopyPart::Rows(table, rows)).await;
        }
    }

    /// Returns whether the writer has given up: parts sent now are lost.
    pub(in crate::store) fn is_given_up(&self) -> bool {
        self.0.is_closed()
    }

    pub(super) async fn end(&self) {
        self.send(CopyPart::End).await;
    }

    /// A writer that has given up says so itself.
    async fn send(&self, piece: CopyPart) {
        let _ = self.0.send(piece).await;
    }
}
