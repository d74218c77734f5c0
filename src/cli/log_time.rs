//! The time in front of a line of the log: `2026-02-28T12:00:00.000000Z`.
//!
//! Used only by `logging`. Each thread formats all but the microseconds once a second, because
//! formatting often costs more than the rest of the line.

use std::cell::RefCell;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

thread_local! {
    /// The second written last, and its text without the `Z`.
    static WRITTEN: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Writes the time in UTC.
pub(super) struct UtcTime;

impl FormatTime for UtcTime {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        // A clock before 1970 is no clock.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let second = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        WRITTEN.with_borrow_mut(|(written, text)| {
            if *written != second {
                let time = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
                format!("{time:.0}").trim_end_matches('Z').clone_into(text);
                *written = second;
            }
            out.write_str(text)
        })?;
        write!(out, ".{:06}Z", now.subsec_micros())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tracing_subscriber::fmt::format::Writer;
    use tracing_subscriber::fmt::time::FormatTime as _;

    use super::UtcTime;

    #[test]
    fn it_is_the_time() {
        for _ in 0..3 {
            let before = Timestamp::now();
            let mut text = String::new();
            assert!(UtcTime.format_time(&mut Writer::new(&mut text)).is_ok());
            let after = Timestamp::now();
            assert_eq!(text.len(), "2026-02-28T12:00:00.000000Z".len(), "{text}");
            let told: Result<Timestamp, _> = text.parse();
            let whole = |time: Timestamp| time.as_microsecond();
            let told = told.map(whole);
            assert!(
                told.is_ok_and(|told| (whole(before)..=whole(after)).contains(&told)),
                "{text}"
            );
        }
    }
}
