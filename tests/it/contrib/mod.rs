//! Tests the contents of `contrib/`: the web servers' files on real web servers, the units, the
//! README's snippets.

mod apache;
mod delivery;
mod expectations;
mod nginx;
mod offload;
mod readme;
mod snippet;
