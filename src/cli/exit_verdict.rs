//! The exit codes of the subcommands.
//!
//! Returned by each subcommand, turned into an exit code by `main`.

/// The result that a subcommand gives to the script that called it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitVerdict {
    /// Done, found, equal, allowed.
    Yes,
    /// The question was answered, and the answer is no: refused, different, not found.
    No,
}

impl ExitVerdict {
    /// Returns the exit code as `grep` and `diff` do: 0 for yes, 1 for no; [`FAILED`] if there is
    /// no answer.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
        }
    }
}

/// The exit code of a subcommand that could not do its work.
pub const FAILED: u8 = 2;
