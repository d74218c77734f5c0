//! Fuzzes what `src/body.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::body::holds(data));
