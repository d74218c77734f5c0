//! The commands about a site, for its operator: `check`, `compare` and `explain`.
//!
//! Called by `cli`. Nothing of the service imports them.

pub mod check;
pub mod compare;
pub mod explain;
pub mod http_client;
