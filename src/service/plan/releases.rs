//! From the `[ledger]`, `[releases]` and `[[signing]]` sections to the settings of releases.

use std::path::PathBuf;

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::values::{ConfiguredSigning, WordOrWords};
use crate::packages::private_copies::PrivateCopies;
use crate::signing::{SigningElements, SigningKey, SigningRule, SigningRules};

/// The settings of releases.
#[derive(Debug, Clone)]
pub struct ReleasesPlan {
    /// The file of the ledger, if there is one.
    pub ledger: Option<PathBuf>,
    /// The private copies, if there is a folder for them.
    pub copies: Option<PrivateCopies>,
    /// The largest file that may be uploaded, in bytes; `None` if uploads are switched off.
    pub largest_upload: Option<u64>,
    /// The extensions whose packages are signed.
    pub signing: SigningRules,
}

impl ReleasesPlan {
    /// Reads the sections.
    ///
    /// # Errors
    /// Uploads without a ledger or without a folder, a folder that visitors of the site could reach,
    /// and signatures that could not be checked.
    pub fn of(config: &Config) -> Result<Self, Problems> {
        let section = &config.releases;
        let ledger = config.ledger.url.as_ref().and_then(|url| url.path()).map(PathBuf::from);
        let mut problems = Problems::default();
        if section.upload && ledger.is_none() {
            let what = "`upload` needs a ledger";
            problems.0.push(Problem::new("releases.upload", what, "set `url` in `[ledger]`"));
        }
        if section.upload && section.folder.is_none() {
            let what = "`upload` needs a folder for the files";
            problems.0.push(Problem::new("releases.upload", what, "set `folder` in `[releases]`"));
        }
        if let (Some(folder), Some(root)) = (&section.folder, &config.joomla.root)
            && folder.starts_with(root)
        {
            let what = format!("`{}` is in the site's folder", folder.display());
            let advice = "name a folder that the web server does not hand out";
            problems.0.push(Problem::new("releases.folder", what, advice));
        }
        if section.folder.as_ref().is_some_and(|folder| !folder.is_absolute()) {
            let what = "the folder of private copies is not a whole path";
            problems.0.push(Problem::new("releases.folder", what, "begin it with `/`"));
        }
        let signing = signing_rules(&config.signing, &mut problems);
        if signing.require_some() && section.folder.is_none() {
            let what = "`require` needs a folder for the checked copies of packages";
            problems.0.push(Problem::new("signing", what, "set `folder` in `[releases]`"));
        }
        if !problems.0.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            ledger,
            copies: section.folder.clone().map(PrivateCopies::new),
            largest_upload: section.upload.then_some(section.max_size),
            signing,
        })
    }
}

/// The word for every extension.
const ALL: &str = "all";

fn signing_rules(blocks: &[ConfiguredSigning], problems: &mut Problems) -> SigningRules {
    let rules = blocks.iter().enumerate().map(|(number, block)| {
        let elements = match &block.elements {
            WordOrWords::Word(word) if word == ALL => SigningElements::All,
            WordOrWords::Word(word) => SigningElements::Named(vec![word.clone()]),
            WordOrWords::Words(words) => SigningElements::Named(words.clone()),
        };
        let mut problem = |key: &str, what: &str, advice: &str| {
            problems.0.push(Problem::new(format!("signing.{number}.{key}"), what, advice));
        };
        if let SigningElements::Named(names) = &elements
            && (names.is_empty() || names.iter().any(|name| !is_element(name)))
        {
            let advice = "write elements as manifests have them, like `pkg_redj`, or `all`";
            problem("elements", "names no extension, or a text that is not an element", advice);
        }
        if block.keys.is_empty() {
            problem("keys", "is empty", "add the last line of `minisign.pub`");
        }
        let mut keys = Vec::new();
        for text in &block.keys {
            match SigningKey::parse(text) {
                Ok(key) => keys.push(key),
                Err(told) => {
                    problem("keys", &told.what, told.advice.as_deref().unwrap_or_default());
                }
            }
        }
        SigningRule { elements, keys, is_required: block.require }
    });
    SigningRules(rules.collect())
}

/// In a list, `all` would cover an extension of that name and no other.
fn is_element(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name != ALL && name.bytes().all(is_plain)
}
