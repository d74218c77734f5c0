//! Values that no site has.

/// An address that does not exist, so that no mail can go there.
pub(super) const NOBODY: &str = "nobody@jbackend-bridge.invalid";

/// A key that no customer has.
pub(super) const WRONG_KEY: &str = "00000000000000000000000000000000";

/// A package group, package or user name no site has.
pub(super) const UNKNOWN: &str = "jbackend-bridge-compare-unknown";
