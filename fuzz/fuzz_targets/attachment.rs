//! Fuzzes what `src/attachment.rs` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::attachment::holds(data));
