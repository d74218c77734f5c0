//! Fuzzes what `src/range.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::range::holds(data));
