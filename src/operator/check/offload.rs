//! Does the web server in front send the packages that the bridge tells it to send? One HEAD for a
//! free package at its public URL.

use super::finding::FindingSink;
use super::plugin::PluginSettings;
use super::public_site::{PublicSite, SeenAnswer};
use crate::config::Config;
use crate::config::offload::OffloadTo;
use crate::http::download::offload::{X_ACCEL_REDIRECT, X_SENDFILE};
use crate::site::endpoint::{Access, Endpoint, Endpoints};

const SETTING: &str = "`packages.offload`";

pub(super) async fn look(
    config: &Config,
    settings: Option<&PluginSettings>,
    endpoints: Option<&Endpoints>,
    site: &PublicSite,
    notes: &mut FindingSink<'_>,
) {
    if config.packages.offload == OffloadTo::Off {
        return;
    }
    if config.server.trusted_proxies.is_empty() {
        notes
            .warning("the web server is told to send packages, but none is trusted: the bridge sends them all")
            .at(SETTING)
            .advise("name the web server in `trusted_proxies` in `[server]`");
        return;
    }
    let Some(path) = endpoints
        .filter(|_| config.joomla.sef)
        .and_then(|endpoints| endpoints.iter().find(|endpoint| is_harmless(endpoint)))
        .zip(settings.and_then(free_package))
        .map(|(endpoint, id)| format!("{}/get/release/download/{id}", endpoint.path))
    else {
        notes
            .skipped("whether the web server sends packages: there is no free one at a public end-point without traces")
            .at(SETTING)
            .advise("download a package, and see that it is not empty");
        return;
    };
    match site.visitor() {
        Err((why, advice)) => {
            notes.skipped(format!("whether the web server sends packages: {why}")).advise(advice);
        }
        Ok(visitor) => match visitor.head(&path).await {
            Ok(seen) => judge(&seen, notes),
            Err(error) => {
                notes.error(format!("the site gives {error}")).at(visitor.url.of(&path));
            }
        },
    }
}

fn judge(seen: &SeenAnswer, notes: &mut FindingSink<'_>) {
    for name in [X_ACCEL_REDIRECT, X_SENDFILE] {
        if seen.headers.contains_key(&name) {
            notes
                .error(format!(
                    "no web server obeys `{name}`: customers get empty packages, and see the paths of the files"
                ))
                .at(&seen.url)
                .advise("set the web server up as docs/offload.md says, or `offload = \"off\"` in `[packages]`");
            return;
        }
    }
    if seen.status == 200 {
        notes.ok(format!("a package comes from {}", seen.url));
    } else {
        notes
            .error(format!("in place of a package comes the status {}", seen.status))
            .at(&seen.url)
            .advise(
                "see the web server's error log: the folder it looks in, and its right to read the \
                 packages (docs/offload.md)",
            );
    }
}

fn is_harmless(endpoint: &Endpoint) -> bool {
    let behaviour = &endpoint.behaviour;
    behaviour.access == Access::Free
        && behaviour.modules.publish(b"release")
        && !behaviour.trace
        && !endpoint.path.is_empty()
}

/// A free package whose id stands in a path as it is.
fn free_package(settings: &PluginSettings) -> Option<&str> {
    let plain =
        |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let packages = settings.catalog.packages().into_iter();
    packages
        .filter(|package| package.group.is_none() && package.path.is_ok())
        .map(|package| package.id.as_str())
        .find(|id| plain(id))
}
