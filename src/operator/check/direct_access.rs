//! Paid packages that the web server hands out without a key: one HEAD for each at its public URL.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use futures_util::StreamExt;
use futures_util::stream;
use hyper::header::LOCATION;

use super::closing;
use super::finding::FindingSink;
use super::package_files::PackageFiles;
use super::plugin::PluginSettings;
use super::public_site::{PublicSite, SeenAnswer, Visitor};
use crate::config::Config;
use crate::config::public_url::PublicUrl;
use crate::operator::http_client::HttpClientError;
use crate::words::count;

/// Requests on their way at the same time, so that the site is not kept from its visitors.
const AT_ONCE: usize = 2;

/// Open packages that are named; more are counted.
const MOST_SHOWN: usize = 20;

/// The answer of the web server to a request for a paid package.
enum FileExposure {
    /// It is handed out.
    Open,
    /// It is not.
    Closed,
    /// Another answer, in words.
    Unclear(String),
}

pub(super) async fn look(
    config: &Config,
    settings: Option<&PluginSettings>,
    files: Option<&PackageFiles>,
    site: &PublicSite,
    notes: &mut FindingSink<'_>,
) {
    let (Some(settings), Some(files)) = (settings, files) else {
        notes.skipped("paid packages at the public URL: the settings could not be read");
        return;
    };
    let (paid, free) = paths(settings);
    if paid.is_empty() {
        notes.ok("there is no paid package that could be open");
        return;
    }
    let Some(root) = &config.joomla.root else {
        notes
            .skipped("paid packages at the public URL: the site's folder is not known")
            .advise("set `root` in `[joomla]` or `--joomla-root`");
        return;
    };
    let Some(below) = below(root, &files.folder) else {
        let folder = files.folder.display();
        notes.ok(format!(
            "the package folder is not below the site's folder, so the web server does not know it: \
             `{folder}`"
        ));
        return;
    };
    let Some(visitor) = visitor(site, paid.len(), notes) else { return };
    let (open, is_whole) = ask_for_all(visitor, &below, &paid, files, notes).await;
    if !open.is_empty() {
        let closed = closing::to_close(&open, &free);
        let url = url_path(&visitor.url, &below);
        let at_least = if is_whole { "" } else { "at least " };
        let finding = notes
            .error(format!(
                "all visitors can download {at_least}{} without a license key, past the bridge",
                count(open.len(), "paid package")
            ))
            .at(format!("folder `{}`", files.folder.display()))
            .advise(
                "close the folder in the web server with the lines below, reload it, and run this \
                 again; downloads through the bridge go on",
            );
        for path in open.iter().take(MOST_SHOWN) {
            let ids = paid.get(path).map(|ids| ids.join(", ")).unwrap_or_default();
            finding.line(format!("{ids}: {}", visitor.url.of(&joined(&below, path))));
        }
        let more = open.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            finding.line(format!("and {more} more"));
        }
        for line in closing::lines(&closed, &files.folder, url.trim_matches('/')) {
            finding.line(line);
        }
    }
}

/// A visitor of the public site; `None`, with a note, if none can ask.
fn visitor<'s>(
    site: &'s PublicSite,
    paid: usize,
    notes: &mut FindingSink<'_>,
) -> Option<&'s Visitor> {
    match site.visitor() {
        Ok(visitor) => Some(visitor),
        Err((why, advice)) => {
            let number = count(paid, "paid package");
            notes
                .skipped(format!("whether the web server hands out {number} without a key: {why}"))
                .advise(advice);
            None
        }
    }
}

/// The path of the package folder in the site's URL.
fn url_path(site: &PublicUrl, below: &str) -> String {
    [site.base().as_str(), below].join("/")
}

/// The distinct paths of paid packages with their ids, and those of free ones.
fn paths(settings: &PluginSettings) -> (BTreeMap<&str, Vec<&str>>, Vec<&str>) {
    let (mut paid, mut free) = (BTreeMap::<&str, Vec<&str>>::new(), BTreeSet::new());
    for package in settings.catalog.packages() {
        let Ok(path) = &package.path else { continue };
        match package.group {
            Some(_) => paid.entry(path.as_str()).or_default().push(&package.id),
            None => {
                free.insert(path.as_str());
            }
        }
    }
    // A file that is paid under one id and free under another is free.
    paid.retain(|path, _| !free.contains(path));
    (paid, free.into_iter().collect())
}

/// The path of the package folder below the site's, as its name says or as its links lead.
fn below(root: &Path, folder: &Path) -> Option<String> {
    let real = |path: &Path| path.canonicalize().ok();
    let by_name = relative(&plain(root), &plain(folder));
    by_name.or_else(|| relative(&real(root)?, &real(folder)?))
}

fn relative(root: &Path, folder: &Path) -> Option<String> {
    Some(folder.strip_prefix(root).ok()?.to_str()?.trim_matches('/').to_owned())
}

/// Without `.` and, as far as names tell, without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// Asks for every paid package; gives the paths of those that are open, and whether all were answered.
async fn ask_for_all<'a>(
    visitor: &Visitor,
    below: &str,
    paid: &BTreeMap<&'a str, Vec<&'a str>>,
    files: &PackageFiles,
    notes: &mut FindingSink<'_>,
) -> (Vec<&'a str>, bool) {
    let ask = async |path: &'a str| {
        let below = joined(below, path);
        (path, visitor.head(&below).await, visitor.url.of(&below))
    };
    let (mut open, mut closed, mut unanswered) = (Vec::new(), 0, 0);
    let mut failure: Option<HttpClientError> = None;
    let mut answers = stream::iter(paid.keys().copied()).map(ask).buffered(AT_ONCE);
    while let Some((path, answer, url)) = answers.next().await {
        let seen = match answer {
            Ok(seen) => seen,
            Err(error) => {
                unanswered += 1;
                failure = Some(error);
                // A site that does not answer is not asked again and again.
                if open.is_empty() && closed == 0 {
                    unanswered = paid.len();
                    break;
                }
                continue;
            }
        };
        let ids = paid.get(path).map(|ids| ids.join("`, `")).unwrap_or_default();
        match verdict(&seen, files.sizes.get(path).copied()) {
            FileExposure::Closed => closed += 1,
            FileExposure::Open => open.push(path),
            FileExposure::Unclear(what) => {
                notes
                    .notice(format!("package `{ids}`: {what}"))
                    .at(url)
                    .advise("look at it with a browser");
            }
        }
    }
    if closed > 0 {
        notes.ok(format!(
            "{} cannot be had from the web server directly",
            count(closed, "paid package")
        ));
    }
    if let Some(error) = failure {
        notes
            .skipped(format!("{}: {error}", count(unanswered, "paid package")))
            .at(visitor.url.to_string())
            .advise("see the subject public URL, and run this again");
    }
    (open, unanswered == 0)
}

fn verdict(seen: &SeenAnswer, size: Option<u64>) -> FileExposure {
    match seen.status {
        200..=299 => {
            let is_the_file = size.is_some() && seen.length() == size;
            if seen.is_page() && !is_the_file {
                FileExposure::Unclear(
                    "the web server answers with a web page, not with the file".into(),
                )
            } else {
                FileExposure::Open
            }
        }
        401 | 403 | 404 | 410 | 451 => FileExposure::Closed,
        300..=399 => FileExposure::Unclear(format!("redirected to `{}`", seen.header(LOCATION))),
        status => FileExposure::Unclear(format!("the web server answers with the status {status}")),
    }
}
