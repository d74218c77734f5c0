//! Explanations from the library.

mod agreement;
mod decisions;
mod one_field_keys;
