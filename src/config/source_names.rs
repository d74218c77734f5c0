//! The names of the sources of values, and the flags among them.
//!
//! Set by `load`, read by the explanations of where a value came from.

/// Each flag with the section and key it sets.
pub(super) const FLAGS: [(&str, &str, &str); 3] = [
    ("--joomla-root", "joomla", "root"),
    ("--recipe", "license", "recipe"),
    ("--listen", "server", "listen"),
];

/// The TOML file among the sources of a value.
pub(super) const FILE: &str = "the file";

/// The command line among the sources of a value.
pub(super) const COMMAND_LINE: &str = "the command line";

/// What all our variables start with.
pub const PREFIX: &str = "JBRIDGE_";

/// The environment among the sources of a value.
pub(super) const ENVIRONMENT: &str = "the environment";

/// The name of the variable for a key.
#[must_use]
pub fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase())
}
