//! Fuzzes what `src/password.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::password::holds(data));
