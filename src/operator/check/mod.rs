//! Everything that can be wrong with a site, found in one run before it goes live.
//!
//! Called by the command line, which shows the [`CheckReport`]. A file per subject; each looks at
//! its part as the service would use it and goes on after failures. A part that cannot be looked at,
//! because something it needs is missing, is reported as skipped. Nothing is written, and no mail
//! is sent unless asked for. Every finding is listed in `docs/check.md`.
//!
//! Must not import: `cli`, `clap`, `anstream`.

mod accounts;
mod api_keys;
mod clock;
mod closing;
mod configuration;
mod database;
mod direct_access;
mod endpoints;
mod finding;
mod forbidden;
mod limits;
mod logins;
mod look_alike;
mod mail;
mod menu_params;
mod offload;
mod options;
mod package_files;
mod package_groups;
mod plugin;
mod public_site;
mod public_url;
mod rights;
mod signatures;
mod standby;
mod tables;
mod updates;

use serde::Serialize;

pub use finding::{Finding, Severity, Subject};
pub use options::CheckOptions;

use crate::config::origin::SetValue;
use crate::config::{Config, ConfigError, Loaded};
use crate::service::plan::Draft;
use crate::site::endpoint::Endpoints;
use database::Database;
use finding::FindingSink;
use plugin::PluginSettings;
use public_site::{PublicSite, SeenAnswer};

/// The result of a check.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// The findings, in the order of the subjects.
    pub findings: Vec<Finding>,
    /// The values that are set, with their sources; none if the configuration does not load.
    pub values: Vec<SetValue>,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notices.
    pub notices: usize,
    /// Parts that could not be looked at.
    pub skipped: usize,
    /// Parts that are as they should be.
    pub ok: usize,
}

impl CheckReport {
    /// Counts the findings.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let of =
            |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        Summary {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notices: of(Severity::Notice),
            skipped: of(Severity::Skipped),
            ok: of(Severity::Ok),
        }
    }
}

impl CheckReport {
    /// Collects the findings of a subject.
    fn on(&mut self, subject: Subject) -> FindingSink<'_> {
        FindingSink::on(subject, &mut self.findings)
    }
}

/// Looks at everything. `progress` gets the subject that is next.
pub async fn run(
    loaded: Result<Loaded, ConfigError>,
    wishes: &CheckOptions,
    progress: impl Fn(Subject),
) -> CheckReport {
    progress(Subject::Configuration);
    let mut report = CheckReport::default();
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            configuration::unusable(&error, &mut report.on(Subject::Configuration));
            return report;
        }
    };
    let Loaded { config, values } = loaded;
    let draft = match &wishes.public_url {
        Some(url) => Draft::at(&config, url),
        None => Draft::of(&config),
    };
    let (config, draft) = (&config, &draft);
    configuration::look(config, draft, &values, &mut report.on(Subject::Configuration));
    configuration::circle(draft, &mut report.on(Subject::Configuration)).await;
    report.values = values;

    progress(Subject::Database);
    let database = database::look(config, draft, &mut report.on(Subject::Database)).await;
    standby::look(draft, &mut report.on(Subject::Database));
    let rows = database.rows.as_ref();

    progress(Subject::Plugin);
    let is_on_a_server = database.place.as_ref().is_some_and(|place| place.name().is_some());
    let settings = plugin::look(draft, rows, is_on_a_server, &mut report.on(Subject::Plugin));
    let plugin = settings.as_ref();
    let mut notes = report.on(Subject::PackageGroups);
    package_groups::look(config, draft, plugin, &database, &mut notes).await;
    drop(notes);

    progress(Subject::PackageFiles);
    let files = package_files::look(draft, plugin, &mut report.on(Subject::PackageFiles)).await;

    signatures::look(config, draft, plugin, &mut report.on(Subject::PackageFiles)).await;

    progress(Subject::DirectAccess);
    let site = PublicSite::of(draft, wishes);
    let files = files.as_ref();
    direct_access::look(config, plugin, files, &site, &mut report.on(Subject::DirectAccess)).await;

    progress(Subject::Accounts);
    accounts::look(&database, wishes, &mut report.on(Subject::Accounts)).await;
    logins::look(config, &database, &mut report.on(Subject::Logins)).await;

    progress(Subject::EndPoints);
    let endpoints =
        endpoints::look(config, draft, &database, &mut report.on(Subject::EndPoints)).await;
    api_keys::look(endpoints.as_ref(), &database, &mut report.on(Subject::ApiKeys)).await;

    progress(Subject::Updates);
    let mut notes = report.on(Subject::Updates);
    updates::look(config, draft, plugin, endpoints.as_ref(), &mut notes).await;
    drop(notes);

    progress(Subject::Mail);
    mail::look(config, draft, wishes, plugin, &mut report.on(Subject::Mail)).await;

    progress(Subject::Limits);
    limits::look(draft, wishes, &mut report.on(Subject::Limits)).await;

    progress(Subject::PublicUrl);
    let seen = look_at_the_public_site(&mut report, config, &site, settings, endpoints).await;
    clock::look(&database, seen, &mut report.on(Subject::Clock));
    report
}

/// Looks at the public URL, and at the web server that sends package files.
async fn look_at_the_public_site(
    report: &mut CheckReport,
    config: &Config,
    site: &PublicSite,
    settings: Option<PluginSettings>,
    endpoints: Option<Endpoints>,
) -> Option<SeenAnswer> {
    let (settings, endpoints) = (settings.as_ref(), endpoints.as_ref());
    let seen = public_url::look(config, endpoints, site, &mut report.on(Subject::PublicUrl)).await;
    offload::look(config, settings, endpoints, site, &mut report.on(Subject::PublicUrl)).await;
    seen
}

impl Database {
    /// Whether the site's rows are there.
    fn is_open(&self) -> bool {
        self.rows.is_some()
    }
}
