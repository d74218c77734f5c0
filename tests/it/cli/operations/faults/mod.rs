//! Faults of mail servers, package files, clients and the log, and signals at bad moments, on the
//! running program. The answer is the documented one, other clients are not disturbed, nothing is
//! left behind, and the program recovers by itself.

mod clients;
mod download;
mod files;
mod hanging_folder;
mod log;
mod mail;
mod signals;
mod vitals;

pub(super) use self::vitals::open_files;
use testkit::fixture::Schema;

use super::{Service, configure, eventually, site, usual, validate};
use crate::common::site::Site;

/// Starts the program for a site, with these lines of configuration besides the usual ones.
async fn serving(lines: &str) -> (Site, Service) {
    let site = site(Schema::Sqlite).await;
    configure(&site, &(usual() + lines));
    let service = Service::start(&site).await;
    (site, service)
}

/// Ends the program. It must succeed, and its log must hold no panic.
async fn ends_well(service: Service) -> String {
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("panicked"), "{log}");
    log
}
