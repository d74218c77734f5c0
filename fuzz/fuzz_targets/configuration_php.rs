//! Fuzzes the property of `src/configuration_php.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::configuration_php::holds(data));
