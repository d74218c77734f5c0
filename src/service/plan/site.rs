//! From the `[joomla]` section to what is known of the site without its database.

use std::path::PathBuf;

use joomla_password::Rules;
use secrecy::{ExposeSecret, SecretString};

use crate::config::problem::{Problem, Problems};
use crate::config::sections::Joomla;
use crate::jbackend::access::Sessions;
use crate::store::JoomlaVersion;

/// Joomla's `force_ssl` for every page.
const WHOLE_SITE: u64 = 2;

/// The Joomla site.
pub struct SitePlan {
    /// The site's folder, if it is known.
    pub root: Option<PathBuf>,
    /// The site's name.
    pub name: Option<String>,
    /// The version that the operator fixed.
    pub version: Option<JoomlaVersion>,
    /// Every request without TLS is sent to https.
    pub whole_site_by_tls: bool,
    /// What jBackend 3 reads besides is read.
    pub jbackend3: bool,
    /// How sessions are read.
    pub sessions: SessionPlan,
}

/// How the site keeps its sessions.
pub struct SessionPlan {
    /// Where, if not in the database: nothing else can be read.
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

    /// Which password hashes log in, if the operator fixed the version.
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
