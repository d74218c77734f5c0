//! The names of the sources of values, and the flags among them.
//!
//! Set by `load`, read by the code that explains the source of a value.

/// The flags, each with its section and key.
pub(super) const FLAGS: [(&str, &str, &str); 3] = [
    ("--joomla-root", "joomla", "root"),
    ("--recipe", "license", "recipe"),
    ("--listen", "server", "listen"),
];

/// The name of the TOML file among the sources of a value.
pub(super) const FILE: &str = "the file";

/// The name of the command line among the sources of a value.
pub(super) const COMMAND_LINE: &str = "the command line";

/// The prefix of all our variables.
pub const PREFIX: &str = "JBRIDGE_";

/// The name of the environment among the sources of a value.
pub(super) const ENVIRONMENT: &str = "the environment";

/// Returns the name of the variable for a key.
#[must_use]
pub fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase())
}
