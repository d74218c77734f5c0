//! The setting that decides a difference, if one is known.

use super::case::Judged;
use super::difference::{Difference, What};

/// Returns advice for the operator.
#[must_use]
pub(super) fn hint(judged: Judged, difference: &Difference) -> Option<&'static str> {
    let (old, new) = (difference.old.as_str(), difference.new.as_str());
    Some(match difference.what {
        What::NoAnswer => "ask that side again by hand; `--timeout` gives it more time",
        What::Answer if judged == Judged::AsEmpty && is_refusal(old) && is_refusal(new) => {
            "the plugin may take an empty parameter for a missing one: if it does, \
             `--empty-is-missing`; or it has a name of its own for the refusal"
        }
        What::Answer => of_answer(old, new)?,
        What::Status if old == "200" || new == "200" => {
            "`http_status` in `[release]` decides whether refusals have a status of their own"
        }
        What::Location => {
            "`public_url` in `[server]` is the address that the bridge redirects to; with a proxy in front it \
             needs `X-Forwarded-Proto`"
        }
        What::Key => {
            "`recipe` in `[license]` is not the plugin's formula, or the hash of the package group \
             or Joomla's `secret` differs: docs/recipes.md"
        }
        What::Text => {
            "the plugin's own words go into `[release.error_codes]`: the result ends with the lines"
        }
        What::File | What::FileName => {
            "the two sides have different files: compare the package folders, and the line of this \
             package in the plugin's settings"
        }
        What::Header if old.starts_with("access-control") || new.starts_with("access-control") => {
            "\"Enable CORS\" of the end-point's menu item decides; or a web server adds the header"
        }
        What::Header if new.starts_with("content-encoding") => {
            "a web server compresses packages: Joomla cannot open them, switch it off for the end-point"
        }
        What::Refusal => "both refuse it, and no client of jBackend depends on how",
        What::Spelling => "JSON readers take both for the same",
        What::Ranges => {
            "the old site sends whole files only; the new one knows ranges and conditions"
        }
        What::MinorHeader if new.starts_with("access-control-allow-") => {
            "the bridge also answers browsers' preflight requests"
        }
        _ => return None,
    })
}

/// Is it the label of a refusal, by whatever code? Others are `ok`, `file`, or hold a blank.
fn is_refusal(label: &str) -> bool {
    !["ok", "file"].contains(&label) && !label.contains(' ')
}

fn of_answer(old: &str, new: &str) -> Option<&'static str> {
    let is_key = |code: &str| code.starts_with("REQ_AK");
    let is_release = |code: &str| code.starts_with("REL_");
    Some(match (old, new) {
        ("ok" | "file", "REL_KNV") | ("REL_KNV", "ok" | "file") => {
            "`recipe` in `[license]` is not the plugin's formula, or the hash of the package group \
             or Joomla's `secret` differs: docs/recipes.md"
        }
        (_, "REL_FNF") => {
            "the new side does not find the file: `root` in `[joomla]`, the plugin's option Folder, \
             the rights of the service's user"
        }
        (_, "REL_RGE") => "something failed on the new side: its log has the cause",
        (_, "REL_RLE") => "a limit of the bridge: ask more slowly with `--rate`",
        (_, "REL_ESM") => "the new side cannot send mails: `[mail]`, and its log",
        ("REQ_MNF", _) => {
            "the old side does not know the module: is the PHP plugin enabled? The comparison needs it"
        }
        (_, "REQ_MNF") => "the module is not on the end-point's list, or `require_enabled` is set",
        (one, _) if one.starts_with("404 ") => {
            "on the old side this form of URL does not come to jBackend: nothing to do if no client \
             uses it"
        }
        ("REQ_RUN", _) => {
            "the plugin has no such method: `--without-keybymail` if that is `keybymail`"
        }
        (one, other) if is_key(one) || is_key(other) => {
            "the access type of the end-point's menu item, `access` in `[[endpoints]]`, or the API keys \
             differ; `read_only` in `[database]` keeps keys from being judged"
        }
        ("ok" | "file", "REL_ANA" | "REL_UNE" | "REL_UNF" | "REL_GNF" | "REL_PNF")
        | ("REL_ANA" | "REL_UNE" | "REL_UNF" | "REL_GNF" | "REL_PNF", "ok" | "file") => {
            "the sides have other users, user groups, packages or package groups: do both read the \
             same database? `inherit_groups` in `[release]` counts a child group as its parents"
        }
        (one, other) if is_release(one) && is_release(other) => {
            "either the sides have other users or settings, or the plugin has a name of its own for \
             the refusal: then the result ends with its line for `[release.error_codes]`"
        }
        (_, other) if other.starts_with("redirect") => {
            "\"Force SSL\" of the menu item or Joomla's `force_ssl`: ask the new side by https, or tell \
             it so with `--new-header 'X-Forwarded-Proto: https'`; it believes the addresses of \
             `trusted_proxies` in `[server]`"
        }
        (_, other) if other.starts_with("404") => {
            "the new side has no end-point there: the site's menu, `[[endpoints]]`, or the path \
             in front of it (`public_url` in `[server]`)"
        }
        (_, other) if other.starts_with("50") => {
            "the new side, or the web server in front of it, failed: look at their logs"
        }
        _ => return None,
    })
}
