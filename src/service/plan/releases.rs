//! From the `[ledger]` and `[releases]` sections to the settings of releases.

use std::path::PathBuf;

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::packages::private_copies::PrivateCopies;

/// The settings of releases.
#[derive(Debug, Clone)]
pub struct ReleasesPlan {
    /// The file of the ledger, if there is one.
    pub ledger: Option<PathBuf>,
    /// The private copies, if there is a folder for them.
    pub copies: Option<PrivateCopies>,
    /// The largest file that may be uploaded, in bytes; `None` if uploads are switched off.
    pub largest_upload: Option<u64>,
}

impl ReleasesPlan {
    /// Reads the sections.
    ///
    /// # Errors
    /// Uploads without a ledger or without a folder, and a folder that visitors of the site could
    /// reach.
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
        if !problems.0.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            ledger,
            copies: section.folder.clone().map(PrivateCopies::new),
            largest_upload: section.upload.then_some(section.max_size),
        })
    }
}
