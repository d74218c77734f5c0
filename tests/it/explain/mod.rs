//! Explanations as the library makes them.

mod agreement;
