//! The lines that close folders of a web server: for Apache and for nginx.
//!
//! They close the open paths and as little beside them as possible: whole folders that hold no free
//! package, and single files elsewhere, because free packages may be linked directly.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::public_url::encoded;

/// A path to close, below the package folder and without slashes around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closed {
    /// A folder; the empty path is the package folder itself.
    Folder(String),
    /// A single file.
    File(String),
}

/// Returns the paths to close, so that all open ones are closed and no free package is.
pub(super) fn to_close(open: &[&str], free: &[&str]) -> BTreeSet<Closed> {
    open.iter().map(|path| closed(path, free)).collect()
}

/// The highest folder above the file without a free package in it, or the file.
fn closed(path: &str, free: &[&str]) -> Closed {
    let ends = path.match_indices('/').map(|(at, _)| at);
    let folders = std::iter::once("").chain(ends.filter_map(|end| path.get(..end)));
    let holds_none = |folder: &&str| {
        !free.iter().any(|free| folder.is_empty() || free.starts_with(&format!("{folder}/")))
    };
    let mut folders = folders.filter(holds_none);
    folders
        .next()
        .map_or_else(|| Closed::File(path.to_owned()), |folder| Closed::Folder(folder.to_owned()))
}

/// The lines, to be copied. `disk` is the package folder on this machine, `url` its path on the web
/// server, without slashes around it.
pub(super) fn lines(closed: &BTreeSet<Closed>, disk: &Path, url: &str) -> Vec<String> {
    let mut lines = vec!["# Apache 2.4, in the site's VirtualHost:".to_owned()];
    for one in closed {
        match one {
            Closed::Folder(folder) => {
                let folder = if folder.is_empty() { disk.to_owned() } else { disk.join(folder) };
                lines.push(format!("<Directory \"{}\">", folder.display()));
                lines.push("    Require all denied".to_owned());
                lines.push("</Directory>".to_owned());
            }
            Closed::File(file) => {
                lines.push(format!("<Location \"/{}\">", joined(url, file)));
                lines.push("    Require all denied".to_owned());
                lines.push("</Location>".to_owned());
            }
        }
    }
    if closed.iter().any(|one| matches!(one, Closed::Folder(_))) {
        lines.push("# or, if you cannot change that, in a file `.htaccess` in each folder:".into());
        lines.push("Require all denied".into());
    }
    lines.push("# nginx, in the site's server block:".into());
    for one in closed {
        lines.push(match one {
            Closed::Folder(folder) => {
                format!(
                    "location ^~ {} {{ deny all; }}",
                    quoted(&format!("/{}/", joined(url, folder)))
                )
            }
            Closed::File(file) => {
                format!("location = {} {{ deny all; }}", quoted(&format!("/{}", joined(url, file))))
            }
        });
    }
    lines
}

fn joined(url: &str, path: &str) -> String {
    [url, path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// nginx compares decoded paths; blanks and its own signs need quotes.
fn quoted(path: &str) -> String {
    if encoded(path) == path {
        path.to_owned()
    } else {
        format!("\"{}\"", path.replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::{Closed, to_close};

    #[test]
    fn as_much_as_possible_is_closed_but_no_free_package() {
        let folder = |path: &str| Closed::Folder(path.to_owned());
        let file = |path: &str| Closed::File(path.to_owned());
        for (open, free, closed) in [
            (
                &["private/a/x.zip", "private/b/y.zip"][..],
                &["public/f.zip"][..],
                vec![folder("private")],
            ),
            (&["a/x.zip"], &[], vec![folder("")]),
            (&["a/x.zip", "a/b/y.zip"], &["a/free.zip"], vec![folder("a/b"), file("a/x.zip")]),
            (&["x.zip"], &["free.zip"], vec![file("x.zip")]),
            (&["ab/x.zip"], &["a/free.zip"], vec![folder("ab")]),
        ] {
            assert_eq!(to_close(open, free).into_iter().collect::<Vec<_>>(), closed, "{open:?}");
        }
    }
}
