//! Fuzzes what `src/settings.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::settings::holds(data));
