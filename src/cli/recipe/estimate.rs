//! How long a search will take, and how far it is.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use license_recipe::search::Search;

use crate::cli::output;

/// Searches smaller than this are over before an estimate is.
const SMALL: u64 = 1_000_000;

/// Estimates the time of the whole search; `None` if it is too short to mention.
pub(super) fn estimate(search: &Search) -> Option<Duration> {
    let sizes = search.sizes();
    if sizes.iter().sum::<u64>() < SMALL {
        return None;
    }
    let whole = (1..).zip(sizes).map(|(joined, size)| {
        let start = Instant::now();
        let tried = search.try_some(joined).max(1);
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let share = *size as f64 / tried as f64;
        start.elapsed().mul_f64(share)
    });
    Some(whole.sum())
}

/// How far the search is, in formulas.
pub(super) fn bar(size: u64) -> ProgressBar {
    output::bar(size, "{percent:>3} %  {human_pos} of {human_len}  {eta} left")
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
