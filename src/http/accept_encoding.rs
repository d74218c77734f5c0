//! Decides if a client gets its answer compressed: RFC 9110 section 12.5.3.
//!
//! Called by `http::update_xml`. Downloads are never compressed: Joomla could not open them.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// Does the client accept gzip, and prefer it to no coding or rate both the same? Without the
/// header the answer is no: Joomla's updater sends none and does not decompress.
#[must_use]
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut any): (Option<f32>, Option<f32>, Option<f32>) =
        Default::default();
    for value in headers.get_all(ACCEPT_ENCODING) {
        let Ok(text) = value.to_str() else { return false };
        for item in text.split(',') {
            let mut parts = item.split(';');
            let coding = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let Some(weight) = weight(parts) else { continue };
            match coding.as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight.max(gzip.unwrap_or(0.0))),
                "identity" => identity = Some(weight),
                "*" => any = Some(weight),
                _ => {}
            }
        }
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    // A client that does not name `identity` accepts it, but does not prefer it.
    let identity = identity.unwrap_or(0.0);
    gzip > 0.0 && gzip >= identity
}

/// Reads the weight, from 0 to 1: 1 if there is none, `None` if it is not valid.
fn weight<'t>(parameters: impl Iterator<Item = &'t str>) -> Option<f32> {
    for parameter in parameters {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        if name.trim().eq_ignore_ascii_case("q") {
            let value: f32 = value.trim().parse().ok()?;
            return (0.0..=1.0).contains(&value).then_some(value);
        }
    }
    Some(1.0)
}
