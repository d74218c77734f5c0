//! Explanations as the library makes them.

mod agreement;
mod decisions;
mod one_field_keys;
