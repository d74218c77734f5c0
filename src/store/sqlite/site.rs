//! The statements for the site in the file, and the excesses logged so far.

use crate::store::bounds::Told;
use crate::store::queries::Queries;

/// The statements for the file, and the excesses logged so far.
pub(super) struct SqliteSite {
    pub(super) queries: Queries,
    pub(super) told: Told,
}
