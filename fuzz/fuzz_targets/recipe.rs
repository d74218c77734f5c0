//! Fuzzes what `src/recipe.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::recipe::holds(data));
