//! The statements for the site in the file, and what the log has told of it.

use crate::store::bounds::Told;
use crate::store::queries::Queries;

/// What is asked of the file, and what the log has told of it.
pub(super) struct SqliteSite {
    pub(super) queries: Queries,
    pub(super) told: Told,
}
