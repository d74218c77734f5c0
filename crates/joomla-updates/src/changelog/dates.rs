//! Dates as makers write them into changelogs: days in one word, years, and names of months.
//!
//! Called by `token`. Must not import: `line`, `heading`.

/// A year of this century or the last.
pub(super) fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// `2024.05.01`, `1.5.2024` and `01.05.24`.
pub(super) fn is_dotted_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split('.').collect();
    let [first, second, third] = parts.as_slice() else { return false };
    let value = |part: &str| part.parse::<u32>().unwrap_or(u32::MAX);
    let is = |month: &str, day: &str| {
        month.len() <= 2
            && day.len() <= 2
            && (1..=12).contains(&value(month))
            && (1..=31).contains(&value(day))
    };
    let are_padded =
        parts.iter().all(|part| part.len() == 2) && parts.iter().any(|part| part.starts_with('0'));
    if is_year(first) {
        is(second, third)
    } else if is_year(third) || are_padded {
        is(second, first) || is(first, second)
    } else {
        false
    }
}

/// A day in one word without dots, or a time: `2024-05-01`, `07/23/2025`, `9-Sep-2008`, `20240501`,
/// `2024-05-01T10:00:00`, `15:55:22`, `2024-05`, `2019-xx-xx`.
pub(super) fn is_day(lower: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x')
    };
    if lower.len() == 8 && (lower.starts_with("19") || lower.starts_with("20")) {
        return lower.bytes().all(|byte| byte.is_ascii_digit());
    }
    let clock: Vec<&str> = lower.split(':').collect();
    if clock.len() > 1 && clock.iter().all(|part| is_number(part) && part.len() <= 2) {
        return true;
    }
    let day =
        lower.split_once('t').filter(|(day, _)| day.len() == 10).map_or(lower, |(day, _)| day);
    for mark in ['-', '/'] {
        let parts: Vec<&str> = day.split(mark).collect();
        let has_year = parts.iter().any(|part| is_year(part));
        let are_days = parts.iter().all(|part| is_number(part) || is_month(part));
        if (2..=3).contains(&parts.len())
            && are_days
            && parts.iter().all(|part| part.len() <= 4 || is_month(part))
            && (has_year || parts.len() == 3)
        {
            return true;
        }
    }
    false
}

/// English, and what German, French, Spanish, Italian and Dutch write otherwise.
const MONTHS: [&str; 63] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "januar",
    "februar",
    "märz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "okt",
    "dez",
    "janvier",
    "février",
    "mars",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "gennaio",
    "febbraio",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
];

/// Whether it is the name of a month.
pub(super) fn is_month(lower: &str) -> bool {
    MONTHS.contains(&lower)
}
