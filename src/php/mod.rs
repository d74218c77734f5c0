//! What PHP does, alone: the parts of its behaviour a client or a site's files can see.
//!
//! Used by the `configuration.php` reader, the recipe language, the update XML, the HTTP front and the
//! commands that make requests. Nothing here does I/O, reads a clock or knows what a release, a user
//! or a request is.

pub mod entities;
pub mod json;
pub mod literal;
pub mod number;
pub mod query;
pub mod string_filter;
pub mod tags;
pub mod version_compare;
