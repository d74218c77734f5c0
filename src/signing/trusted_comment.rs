//! The trusted comment of a signature: the words that bind it to an extension and a version.
//!
//! Pure. Called by `signing::signature`. Unknown words are allowed.

use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::manifest::Manifest;

use super::SignatureError;

/// The words that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedComment {
    kind: Option<String>,
    element: Option<String>,
    folder: Option<String>,
    client: Option<String>,
    version: Option<String>,
    group: Option<String>,
}

impl TrustedComment {
    /// Reads the words; blanks and tabs separate them.
    ///
    /// # Errors
    /// A known word that is there twice.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let mut read = Self::default();
        for (name, value) in text.split_ascii_whitespace().filter_map(|word| word.split_once('=')) {
            let (word, place) = match name {
                "type" => ("type", &mut read.kind),
                "element" => ("element", &mut read.element),
                "folder" => ("folder", &mut read.folder),
                "client" => ("client", &mut read.client),
                "version" => ("version", &mut read.version),
                "group" => ("group", &mut read.group),
                _ => continue,
            };
            if place.replace(value.to_owned()).is_some() {
                return Err(SignatureError::Twice(word));
            }
        }
        Ok(read)
    }

    /// Compares the words with a manifest.
    ///
    /// # Errors
    /// A word that is missing or differs.
    pub fn matches(&self, manifest: &Manifest) -> Result<(), SignatureError> {
        let Extension { kind, element, folder, client } = &manifest.extension;
        let has_client = matches!(
            kind,
            ExtensionType::Module | ExtensionType::Template | ExtensionType::Language
        );
        compare("type", self.kind.as_deref(), kind.name(), true)?;
        compare("element", self.element.as_deref(), element, true)?;
        compare("folder", self.folder.as_deref(), folder, !folder.is_empty())?;
        compare("client", self.client.as_deref(), client_word(*client), has_client)?;
        compare("version", self.version.as_deref(), &manifest.version, true)
    }

    /// Compares the group with that of a package; a comment without a group fits all.
    ///
    /// # Errors
    /// Another group.
    pub fn matches_group(&self, found: Option<&str>) -> Result<(), SignatureError> {
        match &self.group {
            Some(signed) if found != Some(signed) => Err(SignatureError::OtherGroup {
                signed: signed.clone(),
                found: found.map(str::to_owned),
            }),
            _ => Ok(()),
        }
    }

    /// Writes the comment for a manifest, as it must be signed.
    #[must_use]
    pub fn of(manifest: &Manifest, group: Option<&str>) -> String {
        let Extension { kind, element, folder, client } = &manifest.extension;
        let has_client =
            !matches!(kind, ExtensionType::Component | ExtensionType::Package) && folder.is_empty();
        let words = [
            Some(("type", kind.name())),
            Some(("element", element.as_str())),
            (!folder.is_empty()).then_some(("folder", folder.as_str())),
            has_client.then(|| ("client", client_word(*client))),
            Some(("version", manifest.version.as_str())),
            group.map(|group| ("group", group)),
        ];
        let words = words.iter().flatten().map(|(word, value)| format!("{word}={value}"));
        words.collect::<Vec<_>>().join(" ")
    }
}

fn compare(
    word: &'static str,
    signed: Option<&str>,
    found: &str,
    is_needed: bool,
) -> Result<(), SignatureError> {
    match signed {
        None if is_needed => Err(SignatureError::NoWord(word)),
        Some(signed) if signed != found => Err(SignatureError::Differs {
            word,
            signed: signed.to_owned(),
            found: found.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The client in a trusted comment, as manifests name it.
fn client_word(client: Client) -> &'static str {
    match client {
        Client::Site => "site",
        Client::Administrator => "administrator",
        Client::Api => "api",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use joomla_updates::manifest::Manifest;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::TrustedComment;
    use crate::signing::SignatureError;

    fn manifest(text: &str) -> Manifest {
        Manifest::parse(text.as_bytes(), "a.xml").unwrap().unwrap()
    }

    fn package() -> Manifest {
        manifest(
            "<extension type=\"package\"><name>ReDJ</name><packagename>redj</packagename>\
             <version>1.9.0</version></extension>",
        )
    }

    fn judged(comment: &str, manifest: &Manifest) -> Result<(), SignatureError> {
        TrustedComment::parse(comment)?.matches(manifest)
    }

    #[test]
    fn every_word_must_be_that_of_the_manifest() {
        let package = package();
        let good = "timestamp:1\ttype=package element=pkg_redj version=1.9.0 by=ci file:a.zip";
        assert_eq!(judged(good, &package), Ok(()));
        for (from, to, word) in [
            ("type=package", "type=component", "type"),
            ("pkg_redj", "pkg_other", "element"),
            ("1.9.0", "1.9.1", "version"),
            ("by=ci", "folder=system", "folder"),
            ("by=ci", "client=api", "client"),
        ] {
            let refused = judged(&good.replace(from, to), &package);
            assert!(
                matches!(&refused, Err(SignatureError::Differs { word: it, .. }) if *it == word),
                "{word}: {refused:?}"
            );
        }
        for word in ["type", "element", "version"] {
            let without = good.replace(&format!("{word}="), "x=");
            assert_eq!(judged(&without, &package), Err(SignatureError::NoWord(word)));
            let twice = format!("{good} {word}=package");
            assert_eq!(judged(&twice, &package), Err(SignatureError::Twice(word)));
        }
    }

    #[test]
    fn plugins_need_their_folder_and_modules_their_client() {
        let plugin = manifest(
            "<extension type=\"plugin\" group=\"system\"><name>x</name><version>1</version>\
             <files><filename plugin=\"redj\">redj.php</filename></files></extension>",
        );
        let words = "type=plugin element=redj version=1";
        assert_eq!(judged(words, &plugin), Err(SignatureError::NoWord("folder")));
        assert_eq!(judged(&format!("{words} folder=system"), &plugin), Ok(()));
        let module = manifest(
            "<extension type=\"module\" client=\"administrator\"><name>x</name><version>1</version>\
             <files><filename module=\"mod_redj\">mod_redj.php</filename></files></extension>",
        );
        let words = "type=module element=mod_redj version=1";
        assert_eq!(judged(words, &module), Err(SignatureError::NoWord("client")));
        assert_eq!(judged(&format!("{words} client=administrator"), &module), Ok(()));
        assert!(judged(&format!("{words} client=site"), &module).is_err());
    }

    #[test]
    fn a_group_in_the_comment_is_that_of_the_line() {
        let signed = TrustedComment::parse("group=redj_ent").unwrap();
        assert_eq!(signed.matches_group(Some("redj_ent")), Ok(()));
        assert!(signed.matches_group(Some("other")).is_err());
        assert!(signed.matches_group(None).is_err());
        let open = TrustedComment::parse("version=1").unwrap();
        assert_eq!(open.matches_group(None), Ok(()));
        assert_eq!(open.matches_group(Some("redj_ent")), Ok(()));
    }

    proptest! {
        /// Only the comment that the manifest asks for fits it, whatever else a comment says.
        #[test]
        fn no_other_version_fits(version in "[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]", other in "\\PC{0,40}") {
            let package = package();
            let comment = format!("type=package element=pkg_redj version={version}");
            prop_assert_eq!(judged(&comment, &package).is_ok(), version == package.version);
            let names_a_word = ["type=", "element=", "folder=", "client=", "version="]
                .iter().any(|word| other.contains(word));
            let more = format!("{} {other}", TrustedComment::of(&package, None));
            prop_assert!(names_a_word || judged(&more, &package).is_ok());
        }
    }
}
