//! The bridge in front of the whole site: requests that are not for the release module pass
//! untouched.

mod bodies;
mod faults;
mod headers;
mod log;
mod package_files;
mod real;
mod routing;
mod shadow;
mod smuggling;
pub(crate) mod upstream;

use jbackend_bridge::config::Config;
use testkit::fixture::Schema;

use self::upstream::Upstream;
use crate::common::site::{Server, Site};

/// Starts the recorded site, on SQLite, in front of this upstream.
async fn in_front_of(upstream: &Upstream) -> Server {
    configured(upstream, |_| {}).await
}

/// Starts it with other settings.
async fn configured(upstream: &Upstream, change: impl FnOnce(&mut Config)) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    stand_before(&mut site, upstream);
    change(&mut site.config);
    site.serve().await
}

fn stand_before(site: &mut Site, upstream: &Upstream) {
    site.config.fallback.upstream = Some(format!("http://{}", upstream.address).parse().unwrap());
}
