//! Signatures of packages: whose are needed, and whether one is good.
//!
//! `service` puts the [`Gate`] in front of the package files, and `publish` judges a file by the same
//! rules. The public keys are in the bridge's configuration only. See `docs/signing.md`. Must not
//! import: `http`, `methods`, `store`.
//!
//! - [`rules`]: the extensions that need a signature, and the keys that count for each.
//! - [`trusted_comment`]: the words that bind a signature to an extension and a version.
//! - [`signature`]: a signature and the bytes that it signs.
//! - [`judge`]: reads a file once, and decides for a package of the catalog.
//! - [`seen`]: the identifiers that were signed before, and their versions.
//! - [`gate`]: opens only files that pass.

mod error;
pub mod gate;
pub mod judge;
pub mod rules;
pub mod seen;
pub mod signature;
pub mod trusted_comment;

pub use error::SignatureError;
pub use gate::Gate;
pub use rules::{SigningElements, SigningKey, SigningRule, SigningRules};
