//! The reasons to refuse a file for its signature, each with the remedy.

use crate::mask::printable;
use crate::told::{tells, told};

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    Missing {
        /// The trusted comment that one would need.
        comment: String,
    },
    /// The signature file is not one of minisign.
    Malformed,
    /// It is of the old sort that signs the whole file.
    Legacy,
    /// No key of the configuration made it.
    UnknownKey,
    /// The key is one of other extensions.
    KeyOfOthers(String),
    /// The signature is not of these bytes.
    Broken,
    /// The trusted comment lacks a word.
    NoWord(&'static str),
    /// The trusted comment has a word twice.
    Twice(&'static str),
    /// The trusted comment has another value than the manifest.
    Differs {
        /// The word.
        word: &'static str,
        /// The value in the trusted comment.
        signed: String,
        /// The value of the manifest.
        found: String,
    },
    /// It is signed for another package group.
    OtherGroup {
        /// The group in the trusted comment.
        signed: String,
        /// The group of the package; `None` if it is free.
        found: Option<String>,
    },
    /// The ledger describes another file.
    OtherRelease {
        /// The extension and version in the ledger.
        recorded: String,
        /// Those of the manifest.
        found: String,
    },
    /// The identifier was served with another extension.
    OtherExtension {
        /// The extension of the manifest.
        found: String,
        /// The extension that was served.
        seen: String,
    },
    /// The version is lower than one that was served before.
    Lower {
        /// The version of the manifest.
        found: String,
        /// The highest version that was served.
        highest: String,
    },
    /// The manifest cannot be read.
    NoManifest(String),
    /// The file changed while it was read.
    Changing,
}

tells!(SignatureError {
    Self::Missing { comment } => told!(
        "it has no signature" =>
        "sign it on the maker's machine, with `-t '{}'`, and put the `.minisig` file beside it",
        printable(comment)
    ),
    Self::Malformed => told!(
        "its signature file is not one of minisign" => "upload the `.minisig` file again, as text"
    ),
    Self::Legacy => told!(
        "its signature is of an old sort" => "sign it with minisign 0.10 or later, without `-l`"
    ),
    Self::UnknownKey => told!(
        "its signature is of a key that no `[[signing]]` names" =>
        "find out who signed it; a key of yours belongs under `keys`"
    ),
    Self::KeyOfOthers(element) => told!(
        "its signature is of a key that does not count for `{}`", printable(element) =>
        "sign it with a key that is named for this extension in `[[signing]]`"
    ),
    Self::Broken => told!(
        "its signature is of another file" =>
        "the file or its signature was replaced or damaged: compare both with those of the maker"
    ),
    Self::NoWord(word) => told!(
        "the trusted comment of its signature has no `{word}=`" =>
        "sign it again, with a trusted comment as in docs/signing.md"
    ),
    Self::Twice(word) => told!(
        "the trusted comment of its signature has `{word}=` twice" => "sign it again, with one"
    ),
    Self::Differs { word, signed, found } => told!(
        "it is signed with `{word}={}`, and its manifest has `{}`", printable(signed), printable(found) =>
        "sign it again, with the words of its own manifest"
    ),
    Self::OtherGroup { signed, found: Some(found) } => told!(
        "it is signed for the package group `{}` and stands in `{}`", printable(signed), printable(found) =>
        "correct the group of its line"
    ),
    Self::OtherGroup { signed, found: None } => told!(
        "it is signed for the package group `{}` and its line makes it free", printable(signed) =>
        "correct the group of its line"
    ),
    Self::OtherRelease { recorded, found } => told!(
        "the ledger has it as {}, and it is {}", printable(recorded), printable(found) =>
        "find out who changed the ledger, and restore its backup"
    ),
    Self::OtherExtension { found, seen } => told!(
        "it is {}, and this id was served as {}", printable(found), printable(seen) =>
        "correct the path in its line, or give the extension an id of its own"
    ),
    Self::Lower { found, highest } => told!(
        "it is version {}, and version {} was served before", printable(found), printable(highest) =>
        "put that version back, or give the lower one an id of its own"
    ),
    Self::NoManifest(reason) => told!(
        "a signature may be needed and its manifest cannot be read: {reason}"
    ),
    Self::Changing => told!(
        "it changed while it was read" => "put it in place by renaming"
    ),
});
