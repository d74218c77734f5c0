//! The reaction of the updaters of Joomla 3.10.11, 4.4.0 and 5.3.2 to the answer to a download, and
//! the administrator's messages: `docs/updates.md`, "Joomla's behaviour".
//!
//! It was written from measurements on them, and is checked against the recordings in `recordings`.

use std::collections::BTreeMap;
use std::io::Cursor;

use joomla_updates::entry::Checksums;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zip::ZipArchive;

use super::joomla::{Order, Site};

/// An answer over HTTP.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body as it was sent: Joomla requests no content coding and decodes none.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The result of an update.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// The new version is installed.
    pub(crate) is_installed: bool,
    /// The messages that the administrator reads: kind and text.
    pub(crate) messages: Vec<(&'static str, String)>,
}

/// Joomla follows so many redirects, and fails at the next one.
const REDIRECTS: usize = 20;

/// Downloads and installs; `ask` gets each URL as it is sent, and answers.
pub(crate) async fn install(
    site: &Site,
    order: &Order,
    extra_query: &str,
    mut ask: impl AsyncFnMut(&str) -> Answer,
) -> Outcome {
    let bad = failure(site);
    let mut messages = Vec::new();
    let mut downloaded = None;
    let url = with_extra_query(&order.url, extra_query);
    let mirror = order.mirror.as_ref().map(|mirror| with_extra_query(mirror.trim(), extra_query));
    for url in [Some(&url), mirror.as_ref()].into_iter().flatten() {
        match download(url, &mut ask).await {
            Ok(answer) => {
                downloaded = Some((file_name(url, &answer), answer.body));
                break;
            }
            Err(reason) => {
                messages.push(("warning", format!("Error connecting to the server: {reason}")));
            }
        }
    }
    let Some((name, body)) = downloaded else {
        let by_hand = "Failed to download package. Download it and install manually from";
        messages.push((bad, format!("{by_hand} {url}.")));
        return Outcome { is_installed: false, messages };
    };
    match unpack(&name, &body) {
        Unpacked::Package => {}
        unpacked => {
            if let Unpacked::Nothing = unpacked {
                let nothing = "JInstaller: :Install: Can't find XML setup file.";
                messages.push(("warning", nothing.to_owned()));
            }
            messages.push((bad, format!("Failed to extract file: {name}")));
            return Outcome { is_installed: false, messages };
        }
    }
    if !order.is_for(&checksums_of(&body)) {
        let wrong = "The checksum verification failed. Please make sure you are using the correct \
                     update server!";
        messages.push((bad, wrong.to_owned()));
        if !site.is_joomla3() {
            return Outcome { is_installed: false, messages };
        }
    } else if order.has_no_sums() && !site.is_joomla3() {
        let missing = "This extension does not provide a checksum for validation of the integrity \
                       of the downloaded file.";
        messages.push(("warning", missing.to_owned()));
    }
    messages.push(("success", "Updating package was successful.".to_owned()));
    Outcome { is_installed: true, messages }
}

/// Names the kind of an error message.
pub(crate) fn failure(site: &Site) -> &'static str {
    if site.is_joomla3() { "error" } else { "danger" }
}

/// Computes the checksums of a file.
pub(crate) fn checksums_of(file: &[u8]) -> Checksums {
    let hexadecimal = |bytes: &[u8]| base16ct::lower::encode_string(bytes);
    Checksums {
        sha256: hexadecimal(&Sha256::digest(file)),
        sha384: hexadecimal(&Sha384::digest(file)),
        sha512: hexadecimal(&Sha512::digest(file)),
    }
}

/// Adds the site's `extra_query` to the download URL.
fn with_extra_query(url: &str, extra_query: &str) -> String {
    if extra_query.is_empty() {
        return url.to_owned();
    }
    let join = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{join}{extra_query}").replace("&amp;", "&");
    url.split('#').next().unwrap_or_default().to_owned()
}

/// Downloads, and follows redirects. Every status except 200 is an error, whose body is dropped.
async fn download(url: &str, ask: &mut impl AsyncFnMut(&str) -> Answer) -> Result<Answer, String> {
    if !Order::is_url(url) {
        return Err("URL using bad/illegal format or missing URL".to_owned());
    }
    let mut at = url.to_owned();
    for _ in 0..=REDIRECTS {
        let answer = ask(&at).await;
        match (answer.status, answer.header("location")) {
            (200, _) => return Ok(answer),
            (301 | 302 | 303 | 307 | 308, Some(location)) => at = location_from(&at, location),
            (status, _) => return Err(status.to_string()),
        }
    }
    Err(format!("Maximum ({REDIRECTS}) redirects followed"))
}

fn location_from(url: &str, location: &str) -> String {
    if !location.starts_with('/') {
        return location.to_owned();
    }
    let host = url.find("//").map_or(0, |at| at + 2);
    let path = url[host..].find('/').map_or(url.len(), |at| host + at);
    format!("{}{location}", &url[..path])
}

/// Finds the name under which the download is saved; only its extension decides the kind of
/// archive.
fn file_name(url: &str, answer: &Answer) -> String {
    let named = answer.header("content-disposition").and_then(named_by).unwrap_or_default();
    if !named.is_empty() {
        return named.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let last = url.rsplit('/').next().unwrap_or_default();
    let kept = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    last.chars().map(kept).collect()
}

/// Reads the text after the first `filename=`, letter by letter; `filename*=` is a different word.
fn named_by(disposition: &str) -> Option<String> {
    let (at, word) = disposition.match_indices("filename").find(|(at, word)| {
        disposition[at + word.len()..].trim_start_matches(' ').starts_with('=')
    })?;
    let value = disposition[at + word.len()..].trim_start_matches(' ').strip_prefix('=')?;
    let value = value.trim_start_matches(' ').split(';').next()?;
    Some(value.trim_matches('"').trim().to_owned())
}

enum Unpacked {
    /// Not an archive of the kind that its name promises.
    Broken,
    /// An archive without a manifest, or an empty file with an archive's name.
    Nothing,
    /// An archive that can be installed.
    Package,
}

fn unpack(name: &str, body: &[u8]) -> Unpacked {
    let is_zip = name.rsplit_once('.').is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("zip"));
    if !is_zip {
        return Unpacked::Broken;
    }
    if body.is_empty() {
        return Unpacked::Nothing;
    }
    // A body that does not begin like a ZIP was encoded, or is not a ZIP.
    let Some(zip) = body.starts_with(b"PK").then(|| ZipArchive::new(Cursor::new(body))) else {
        return Unpacked::Broken;
    };
    let Ok(zip) = zip else { return Unpacked::Broken };
    let mut files = zip.file_names().flatten();
    let has_manifest = files.any(|file| !file.contains('/') && file.ends_with(".xml"));
    if has_manifest { Unpacked::Package } else { Unpacked::Nothing }
}
