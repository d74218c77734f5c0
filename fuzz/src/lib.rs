//! Properties of every input that a stranger can send or leave in a file: one function a subject,
//! which panics if the property does not hold.
//!
//! Called by the fuzz targets with invented inputs, and by the tests (`tests/it/fuzz_corpora.rs`
//! includes this file) with the seeds and with former findings. A property uses only public
//! functions and must not know how they work.

pub mod attachment;
pub mod body;
pub mod configuration_php;
pub mod manifest;
pub mod password;
pub mod range;
pub mod recipe;
pub mod settings;
pub mod string_filter;
pub mod target;

/// A property: panics on an input of which it does not hold.
pub type Property = fn(&[u8]);

/// All of them, by the name of their fuzz target.
pub const ALL: [(&str, Property); 10] = [
    ("attachment", attachment::holds),
    ("body", body::holds),
    ("configuration_php", configuration_php::holds),
    ("manifest", manifest::holds),
    ("password", password::holds),
    ("range", range::holds),
    ("recipe", recipe::holds),
    ("settings", settings::holds),
    ("string_filter", string_filter::holds),
    ("target", target::holds),
];

/// Separates the parts of an input that has several.
const BETWEEN: u8 = 0x1f;

/// Stands for a secret: whatever the rest of the input is, no message may show it.
const SECRET: &str = "ZqSeCrEtqZ";

/// The next part of an input, empty when there is none.
fn part<'a>(parts: &mut impl Iterator<Item = &'a [u8]>) -> &'a [u8] {
    parts.next().unwrap_or_default()
}

/// The parts of an input.
fn parts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == BETWEEN)
}
