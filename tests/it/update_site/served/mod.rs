//! Update XML over HTTP: a running server, and the updaters of Joomla as its clients.

mod addresses;
mod behind;
mod caching;
mod changelogs;
mod changes;
mod looks;
mod never_lower;
mod replaced;
mod updater;

use std::time::Duration;

use testkit::client::Reply;
use testkit::fixture::Schema;
use tokio::time::{sleep, timeout};

use crate::cli::updates::{package, put_recorded};
use crate::common::site::{Server, Site};

/// Longer than any step here takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// The public address of the sites here.
pub(super) const PUBLIC: &str = "https://www.example.com";
/// The file of the package `redj_com_190`.
pub(super) const COMMUNITY: &str = "public/joomla/redj/ReDJ1.9.0Community_J3.zip";
/// The file of the package `redj_ent_190`.
pub(super) const ENTERPRISE: &str = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";
/// The XML of the free package.
pub(super) const XML: &str = "/packages/updates/pkg_redj.xml";

/// Makes the recorded site with packages that Joomla can install, and a public address.
pub(super) async fn site(schema: Schema) -> Site {
    let mut site = Site::new(schema).await;
    put_recorded(&site);
    site.config.server.public_url = Some(PUBLIC.into());
    site
}

/// Polls until an event that must come.
pub(super) async fn eventually(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !happened().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, polling).await.unwrap_or_else(|_| panic!("{what} did not happen"));
}

/// Waits until the XML lists a version, and returns the answer.
pub(crate) async fn listed(server: &Server, target: &str, version: &str) -> Reply {
    let wanted = format!("<version>{version}</version>");
    let mut last = None;
    eventually(&format!("{version} in {target}"), async || {
        let reply = server.get(target).await;
        let lists = reply.text().contains(&wanted);
        last = Some(reply);
        lists
    })
    .await;
    last.unwrap()
}

/// Finds the texts of the elements of this name.
pub(super) fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let open = format!("<{name}>");
    xml.split(&*open).skip(1).map(|rest| rest.split('<').next().unwrap()).collect()
}

/// Puts a file into place as `docs/updates.md` requires: by renaming.
pub(crate) fn replace(site: &Site, path: &str, content: &[u8]) {
    let file = site.packages().join(path);
    let beside = file.with_extension("new");
    std::fs::write(&beside, content).unwrap();
    std::fs::rename(beside, file).unwrap();
}

/// Makes the free package in another version.
pub(super) fn version(version: &str) -> Vec<u8> {
    package("redj", version, "[345]")
}
