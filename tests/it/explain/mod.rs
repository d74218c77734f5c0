//! Explanations as the library makes them.

mod agreement;
mod one_field_keys;
