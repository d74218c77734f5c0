//! PHP's own conversions, for programs that have to give the same bytes as a PHP site.
//!
#![doc = include_str!("../README.md")]

pub mod entities;
pub mod expression;
pub mod json;
pub mod literal;
pub mod number;
pub mod query;
pub mod string_filter;
pub mod tags;
pub mod version_compare;
