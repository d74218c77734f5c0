//! Numbers, sizes, times and lists in words, the same in all output for the operator.
//!
//! Called by the commands and their reports.

use std::fmt::Display;
use std::time::Duration;

/// `1 package`, `2 packages`.
#[must_use]
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Lines of one kind that a report shows; it counts the rest.
pub const TOLD: usize = 20;

/// How many of so many things a report of [`TOLD`] leaves out; `None` if it shows all.
#[must_use]
pub fn beyond_told(all: usize) -> Option<usize> {
    all.checked_sub(TOLD).filter(|more| *more > 0)
}

/// Bytes: `21 bytes`, `1.4 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    // Whole tenths, so that a size is never rounded up beyond the file's.
    let tenths = u128::from(bytes) * 10 / u128::from(unit);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// A time in a unit that fits: `0.4 s`, `90 s`, `75 min`, `3 h`, `2 days`.
#[must_use]
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{:.1} s", time.as_secs_f64()),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `a, b and c`, each in backticks.
#[must_use]
pub fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "and")
}

/// `a, b or c`, each in backticks.
#[must_use]
pub fn choice<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "or")
}

fn joined<T: Display>(items: impl IntoIterator<Item = T>, word: &str) -> String {
    let mut items: Vec<_> = items.into_iter().map(|item| format!("`{item}`")).collect();
    match items.pop() {
        None => String::new(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} {word} {last}", items.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{count, size, span};

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|number| count(number, "key")), ["0 keys", "1 key", "2 keys"]);
    }

    #[test]
    fn sizes_are_told_in_a_unit_that_fits() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1024 * 1024 - 1, "1023.9 KiB"),
            (1_500_000, "1.4 MiB"),
            (u64::MAX, "17179869183.9 GiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }

    #[test]
    fn spans_are_told_in_a_unit_that_fits() {
        for (seconds, told) in [
            (0.42, "0.4 s"),
            (61.0, "61 s"),
            (120.0, "2 min"),
            (7_199.0, "119 min"),
            (7_200.0, "2 h"),
            (172_800.0, "2 days"),
        ] {
            assert_eq!(span(Duration::from_secs_f64(seconds)), told);
        }
    }
}
