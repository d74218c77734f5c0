//! Fuzzes what `src/manifest.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::manifest::holds(data));
