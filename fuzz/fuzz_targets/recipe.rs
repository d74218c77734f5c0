//! Fuzzes the property of `src/recipe.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::recipe::holds(data));
