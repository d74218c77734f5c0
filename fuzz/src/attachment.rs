//! `Content-Disposition`: whatever a file is called, the header is one, and Joomla and browsers read
//! the name they can use.

use http::HeaderValue;
use jbackend_bridge::http::download::headers::attachment;

/// Names a file.
pub fn holds(data: &[u8]) {
    let name = String::from_utf8_lossy(data);
    let value = attachment(&name);
    assert!(HeaderValue::from_str(&value).is_ok(), "a header can hold it");
    assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "plain ASCII");

    // As Joomla's updater reads it.
    let (_, rest) = value.split_once("filename=").expect("a name");
    let plain = rest.split(';').next().unwrap_or_default();
    let plain = plain.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("quoted");
    assert!(!plain.contains(['"', '\\']), "nothing ends the quotes");
    assert_eq!(plain.chars().count(), name.chars().count(), "character by character");
    for (shown, meant) in plain.chars().zip(name.chars()) {
        assert!(shown == meant || shown == '_', "the same or replaced");
    }
    match value.split_once("; filename*=UTF-8''") {
        None => assert_eq!(plain, name, "nothing was lost"),
        Some((_, full)) => {
            let decoded = php_compat::query::percent_decode(full.as_bytes(), false);
            assert_eq!(decoded, name.as_bytes(), "the full name follows");
        }
    }
}
