//! Everything that can be wrong with a site, found in one run before it goes live.
//!
//! Called by the command line, which shows the [`CheckReport`]. A file per subject; each looks at its part
//! as the service would use it and goes on after failures. What cannot be looked at, because something
//! it needs is missing, is reported as skipped. Nothing is written, and no mail is sent unless asked
//! for. Every finding is listed in `docs/check.md`.
//!
//! It must not know how findings are shown.

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
mod package_files;
mod package_groups;
mod plugin;
mod public_site;
mod public_url;
mod rights;
mod standby;
mod tables;
mod updates;

use serde::Serialize;

pub use finding::{Finding, Severity, Subject};

use crate::config::origin::SetValue;
use crate::config::public_url::PublicUrl;
use crate::config::{ConfigError, Loaded};
use crate::operator::http_client::Certificates;
use crate::service::plan::Draft;
use database::Database;
use finding::FindingSink;
use public_site::PublicSite;

/// What the operator wants looked at.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// The site's address, where the configuration's is missing or another one is meant.
    pub public_url: Option<PublicUrl>,
    /// Leave out whatever asks the public site or a mail server.
    pub offline: bool,
    /// Send a test mail to this address.
    pub send_test: Option<String>,
    /// Make the test mail the letter for this package group, with sample values.
    pub letter: Option<String>,
    /// Show e-mail addresses whole.
    pub show_emails: bool,
    /// What is believed of the public site by https.
    pub certificates: Certificates,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// The findings, in the order of the subjects.
    pub findings: Vec<Finding>,
    /// The values that are set, with their sources; none where the configuration does not load.
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
    /// What could not be looked at.
    pub skipped: usize,
    /// What is as it should be.
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

/// Looks at everything. `progress` is told what is looked at next.
pub async fn run(
    loaded: Result<Loaded, ConfigError>,
    wishes: &CheckOptions,
    progress: impl Fn(Subject),
) -> CheckReport {
    progress(Subject::Configuration);
    let mut report = CheckReport::default();
    let found = &mut report.findings;
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            configuration::unusable(&error, &mut FindingSink::on(Subject::Configuration, found));
            return report;
        }
    };
    let Loaded { config, values } = loaded;
    let draft = match &wishes.public_url {
        Some(url) => Draft::at(&config, url),
        None => Draft::of(&config),
    };
    let mut notes = FindingSink::on(Subject::Configuration, found);
    configuration::look(&config, &draft, &values, &mut notes);
    configuration::circle(&draft, &mut notes).await;
    drop(notes);
    report.values = values;
    let (config, draft) = (&config, &draft);

    progress(Subject::Database);
    let database =
        database::look(config, draft, &mut FindingSink::on(Subject::Database, found)).await;
    standby::look(draft, &mut FindingSink::on(Subject::Database, found));
    let rows = database.rows.as_ref();

    progress(Subject::Plugin);
    let is_on_a_server = database.place.as_ref().is_some_and(|place| place.name().is_some());
    let settings =
        plugin::look(draft, rows, is_on_a_server, &mut FindingSink::on(Subject::Plugin, found));
    package_groups::look(
        config,
        draft,
        settings.as_ref(),
        &database,
        &mut FindingSink::on(Subject::PackageGroups, found),
    )
    .await;

    progress(Subject::PackageFiles);
    let files = package_files::look(
        draft,
        settings.as_ref(),
        &mut FindingSink::on(Subject::PackageFiles, found),
    )
    .await;

    progress(Subject::DirectAccess);
    let site = PublicSite::of(draft, wishes);
    direct_access::look(
        config,
        settings.as_ref(),
        files.as_ref(),
        &site,
        &mut FindingSink::on(Subject::DirectAccess, found),
    )
    .await;

    progress(Subject::Accounts);
    accounts::look(&database, wishes, &mut FindingSink::on(Subject::Accounts, found)).await;
    logins::look(config, &database, &mut FindingSink::on(Subject::Logins, found)).await;

    progress(Subject::EndPoints);
    let endpoints =
        endpoints::look(config, draft, &database, &mut FindingSink::on(Subject::EndPoints, found))
            .await;
    api_keys::look(endpoints.as_ref(), &database, &mut FindingSink::on(Subject::ApiKeys, found))
        .await;

    progress(Subject::Updates);
    updates::look(
        config,
        draft,
        settings.as_ref(),
        endpoints.as_ref(),
        &mut FindingSink::on(Subject::Updates, found),
    )
    .await;

    progress(Subject::Mail);
    mail::look(
        config,
        draft,
        wishes,
        settings.as_ref(),
        &mut FindingSink::on(Subject::Mail, found),
    )
    .await;

    progress(Subject::Limits);
    limits::look(draft, wishes, &mut FindingSink::on(Subject::Limits, found)).await;

    progress(Subject::PublicUrl);
    let seen = public_url::look(
        config,
        endpoints.as_ref(),
        &site,
        &mut FindingSink::on(Subject::PublicUrl, found),
    )
    .await;
    offload::look(
        config,
        settings.as_ref(),
        endpoints.as_ref(),
        &site,
        &mut FindingSink::on(Subject::PublicUrl, found),
    )
    .await;
    clock::look(&database, seen, &mut FindingSink::on(Subject::Clock, found));
    report
}

/// What needs the database says so when there is none.
fn without_database(what: &str, notes: &mut FindingSink<'_>) {
    notes.skipped(format!("{what}: not looked at, since the database could not be read"));
}

impl Database {
    /// Whether the site's rows are there.
    fn is_open(&self) -> bool {
        self.rows.is_some()
    }
}
