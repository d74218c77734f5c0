//! A message for the operator in its two parts: the problem and the remedy.
//!
//! Every error that the operator sees gives both by [`Tell`]; `check` shows them apart, the log and the
//! command line show the sentence. It must not know any of the errors.

use std::fmt::{self, Display};

/// The problem and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The problem.
    pub what: String,
    /// The remedy, if there is one.
    pub advice: Option<String>,
    /// The mark between the two.
    joint: &'static str,
}

/// An error that names its remedy.
pub trait Tell {
    /// Returns both parts of the message.
    fn told(&self) -> Told;
}

impl Told {
    /// Makes a message of both parts.
    #[must_use]
    pub fn new(what: impl Display, joint: &'static str, advice: impl Display) -> Self {
        Self { what: what.to_string(), advice: Some(advice.to_string()), joint }
    }

    /// Makes a message without a remedy.
    #[must_use]
    pub fn only(what: impl Display) -> Self {
        Self { what: what.to_string(), advice: None, joint: "" }
    }

    /// Puts other words in front.
    #[must_use]
    pub fn after(self, words: impl Display) -> Self {
        Self { what: format!("{words}{}", self.what), ..self }
    }
}

impl<T: Tell> Tell for &T {
    fn told(&self) -> Told {
        (*self).told()
    }
}

impl Tell for Told {
    fn told(&self) -> Told {
        self.clone()
    }
}

impl Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        self.advice.iter().try_for_each(|advice| write!(out, "{}{advice}", self.joint))
    }
}

impl std::error::Error for Told {}

/// Makes a [`Told`] of one or two format strings, with `=>` in the place of the sentence's colon.
macro_rules! told {
    ($what:literal $(, $value:expr)*) => {
        $crate::told::Told::only(format_args!($what $(, $value)*))
    };
    ($what:literal $(, $value:expr)* => $advice:literal $(, $other:expr)*) => {
        $crate::told::Told::new(
            format_args!($what $(, $value)*), ": ", format_args!($advice $(, $other)*),
        )
    };
    ($what:literal $(, $value:expr)*; $advice:literal $(, $other:expr)*) => {
        $crate::told::Told::new(
            format_args!($what $(, $value)*), "; ", format_args!($advice $(, $other)*),
        )
    };
}

/// Gives an error its message, pattern by pattern, and shows it as the sentence of both parts. With
/// `Tell for`, the error is shown in its own way.
macro_rules! tells {
    (Tell for $error:ty { $($pattern:pat => $told:expr),+ $(,)? }) => {
        impl $crate::told::Tell for $error {
            fn told(&self) -> $crate::told::Told {
                match self { $($pattern => $told),+ }
            }
        }
    };
    ($error:ty { $($pattern:pat => $told:expr),+ $(,)? }) => {
        tells!(Tell for $error { $($pattern => $told),+ });

        impl std::fmt::Display for $error {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::told::Tell::told(self), out)
            }
        }
    };
}

pub(crate) use {tells, told};
