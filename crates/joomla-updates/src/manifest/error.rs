//! Why a manifest cannot be used.

/// Characters of a name of an extension or version. Joomla's own columns hold fewer.
pub(super) const LONGEST: usize = 255;

/// Why a manifest cannot be used. The messages tell the package's maker the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not well-formed.
    #[error("its XML is broken at byte {0}: Joomla could not install it either")]
    Broken(u64),
    /// Blanks before the XML declaration.
    #[error(
        "something stands before its `<?xml`: Joomla 3 to 6 take no such manifest: remove the blanks \
         and lines before it"
    )]
    BeforeDeclaration,
    /// Text, or another element, beside the root.
    #[error(
        "something stands outside of its root element: Joomla 3 to 6 take no such manifest: remove it"
    )]
    Outside,
    /// A root that Joomla took long ago.
    #[error(
        "its root is `<{0}>`, as for Joomla 1.5: Joomla 3 to 6 take only `<extension>`: rename it"
    )]
    OldRoot(String),
    /// A document type with declarations of its own, or an entity that one should explain.
    #[error(
        "it has a document type (`<!DOCTYPE`) with declarations or entities of its own, which are not \
         read: remove them"
    )]
    DocType,
    /// An entity that XML does not have by itself.
    #[error(
        "it uses an entity that only a document type could explain: write the character itself"
    )]
    Entity,
    /// Bytes that are no text in the encoding it says, or one that is not known.
    #[error("it is not in the encoding it says, or in none that is known: save it as UTF-8")]
    Encoding,
    /// A type Joomla does not have.
    #[error("its type `{0}` is none of Joomla's")]
    UnknownType(String),
    /// A client Joomla does not have.
    #[error("its client `{0}` is none of Joomla's: write `site` or `administrator`")]
    UnknownClient(String),
    /// The source of its element is missing.
    #[error("it does not say its element: {0} is missing or holds no usable character")]
    NoElement(&'static str),
    /// A plugin without a folder.
    #[error("it is a plugin without `group=\"…\"`")]
    NoFolder,
    /// No version.
    #[error("it has no `<version>`")]
    NoVersion,
    /// The name or version of the extension is longer than Joomla's tables can hold.
    #[error("its {0} is longer than {LONGEST} characters, which Joomla could not store")]
    TooLong(&'static str),
}

impl ManifestError {
    /// Does Joomla's installer take the document for a manifest? Else it goes on to the next file.
    #[must_use]
    pub fn is_of_a_manifest(&self) -> bool {
        match self {
            Self::Broken(_)
            | Self::BeforeDeclaration
            | Self::Outside
            | Self::OldRoot(_)
            | Self::Entity
            | Self::Encoding => false,
            Self::DocType
            | Self::UnknownType(_)
            | Self::UnknownClient(_)
            | Self::NoElement(_)
            | Self::NoFolder
            | Self::NoVersion
            | Self::TooLong(_) => true,
        }
    }
}
