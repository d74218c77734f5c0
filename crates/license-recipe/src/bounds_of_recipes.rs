//! How large a recipe and its values may be.

/// The longest recipe, in bytes.
pub const MAX_SOURCE: usize = 4 * 1024;

/// How deep parentheses, calls and lists may be nested.
pub const MAX_DEPTH: usize = 32;

/// The longest value any part of a recipe may have, in bytes.
pub const MAX_VALUE: usize = 64 * 1024;
