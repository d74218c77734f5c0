//! The `level` of `[log]`: a level for the whole program, and other levels for its parts.
//!
//! Used by the command line, which sets up the log, and by `check`. Must not know what is logged.

use std::str::FromStr;

use crate::told::{Told, told};
use tracing_subscriber::EnvFilter;

/// A filter that gives every part of the program a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// Words for levels, in any case: those of tracing, of syslog and of PHP's loggers.
const LEVELS: [(&str, &[&str]); 6] = [
    ("off", &["off", "none", "0"]),
    (
        "error",
        &[
            "error",
            "err",
            "critical",
            "crit",
            "fatal",
            "severe",
            "alert",
            "emergency",
            "emerg",
            "1",
        ],
    ),
    ("warn", &["warn", "warning", "2"]),
    ("info", &["info", "information", "informational", "notice", "3"]),
    ("debug", &["debug", "verbose", "4"]),
    ("trace", &["trace", "all", "5"]),
];

impl From<LogFilter> for EnvFilter {
    fn from(LogFilter(filter): LogFilter) -> Self {
        Self::new(filter)
    }
}

impl FromStr for LogFilter {
    type Err = Told;

    /// Reads directives between commas: a level, or `part=level`. The error shows the text and the
    /// valid forms.
    fn from_str(text: &str) -> Result<Self, Told> {
        let wrong = |what: &str| {
            told!(
                "`{text}` {what}" =>
                "use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`"
            )
        };
        let mut for_everything = false;
        let mut directives = Vec::new();
        for piece in text.split(',').map(str::trim) {
            let directive = match piece.rsplit_once('=') {
                // A span's name and fields are left to the library.
                _ if piece.contains('[') => piece.to_owned(),
                Some((part, word)) if !part.contains('=') => {
                    let level = level(word.trim()).ok_or_else(|| wrong("is no log level"))?;
                    format!("{}={level}", part.trim())
                }
                Some(_) => return Err(wrong("is no log level")),
                // The library reads any other word as a part of the program, and silences the rest.
                None => {
                    for_everything = true;
                    level(piece).ok_or_else(|| wrong("is no log level"))?.to_owned()
                }
            };
            directives.push(directive);
        }
        if !for_everything {
            return Err(wrong("has no level for the rest of the program"));
        }
        let filter = directives.join(",");
        match EnvFilter::try_new(&filter) {
            Ok(_) => Ok(Self(filter)),
            Err(_) => Err(wrong("is no log level")),
        }
    }
}

fn level(word: &str) -> Option<&'static str> {
    let is_word = |name: &&str| name.eq_ignore_ascii_case(word);
    LEVELS.into_iter().find(|(_, words)| words.iter().any(is_word)).map(|(level, _)| level)
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::EnvFilter;

    use super::LogFilter;

    #[test]
    fn words_people_know_are_levels() {
        for (text, filter) in [
            ("warning", "warn"),
            ("WARNING", "warn"),
            ("Err", "error"),
            ("critical", "error"),
            ("notice", "info"),
            ("verbose", "debug"),
            ("0", "off"),
            (" info , mysql_async = Warning ", "mysql_async=warn,info"),
            ("info,[request{code=a}]=debug", "info,[request{code=a}]=debug"),
        ] {
            let read = text.parse::<LogFilter>().map(|filter| EnvFilter::from(filter).to_string());
            assert_eq!(read, Ok(filter.into()));
        }
    }

    #[test]
    fn regression_a_word_that_is_no_level_does_not_silence_the_log() {
        for text in [
            "",
            ",",
            "loud",
            "mysql_async",
            "mysql_async=warn",
            "info,quite",
            "a=b=c",
            "info,a=quite",
        ] {
            assert!(text.parse::<LogFilter>().is_err(), "`{text}`");
        }
    }
}
