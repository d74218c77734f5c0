//! Fuzzes what `src/target.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::target::holds(data));
