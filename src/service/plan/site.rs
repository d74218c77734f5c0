//! Reads from the `[joomla]` section the data of the site that do not need its database.

use std::path::PathBuf;

use joomla_password::Rules;
use secrecy::{ExposeSecret, SecretString};

use crate::config::problem::{Problem, Problems};
use crate::config::sections::Joomla;
use crate::jbackend::access::Sessions;
use crate::store::JoomlaVersion;

/// The value of Joomla's `force_ssl` for every page.
const WHOLE_SITE: u64 = 2;

/// The Joomla site.
pub struct SitePlan {
    /// The site's folder, if it is known.
    pub root: Option<PathBuf>,
    /// The site's name.
    pub name: Option<String>,
    /// The version, if the operator has set it.
    pub version: Option<JoomlaVersion>,
    /// Redirect every request without TLS to https.
    pub whole_site_by_tls: bool,
    /// Also read JSON bodies and the API key in a header, as jBackend 3 does.
    pub jbackend3: bool,
    /// How sessions are read.
    pub sessions: SessionPlan,
}

/// How the site keeps its sessions.
pub struct SessionPlan {
    /// Joomla's session handler, if it is not the database: then sessions cannot be read.
    pub elsewhere: Option<String>,
    /// The name of the cookie, if it is known.
    pub cookie: Option<String>,
    /// Minutes a session lives after its last use.
    pub minutes: u64,
}

impl SitePlan {
    pub(super) fn of(section: &Joomla) -> Result<Self, Problems> {
        let version = section.version.as_deref().map(str::parse::<JoomlaVersion>).transpose();
        Ok(Self {
            root: section.root.clone(),
            name: section.site_name.clone(),
            version: version.map_err(|error| Problem::told("joomla.version", error))?,
            whole_site_by_tls: section.force_ssl == WHOLE_SITE,
            jbackend3: section.jbackend3,
            sessions: SessionPlan {
                elsewhere: Some(section.session_handler.clone())
                    .filter(|handler| !handler.eq_ignore_ascii_case("database")),
                cookie: section.session_cookie.clone().or_else(|| cookie_name(section)),
                minutes: section.lifetime,
            },
        })
    }

    /// Returns the rules for password hashes, if the operator has set the version.
    #[must_use]
    pub fn rules(&self) -> Option<Rules> {
        let version = self.version?;
        Some(if version.major < 4 { Rules::Joomla3 } else { Rules::Joomla4 })
    }
}

fn cookie_name(section: &Joomla) -> Option<String> {
    let secret = section.secret.as_ref().map(SecretString::expose_secret)?;
    (!secret.is_empty()).then(|| Sessions::cookie_name(secret, &section.session_name))
}
