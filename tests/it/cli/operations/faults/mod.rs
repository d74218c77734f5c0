//! Faults of mail servers, package files, clients and the log, and signals at bad moments, on the running
//! program: the documented answer, nobody else disturbed, nothing left behind, well again by itself.

mod clients;
mod download;
mod files;
mod hanging_folder;
mod log;
mod mail;
mod signals;
mod vitals;

pub(super) use self::vitals::open_files;
use super::{Service, configure, eventually, site, usual, validate};
use crate::common::fixture::Schema;
use crate::common::site::Site;

/// A site with these lines of configuration besides the usual ones, and the program serving it.
async fn serving(lines: &str) -> (Site, Service) {
    let site = site(Schema::Sqlite).await;
    configure(&site, &(usual() + lines));
    let service = Service::start(&site).await;
    (site, service)
}

/// Ends the program; it must be a success, and its log must be as quiet as it is in good times.
async fn ends_well(service: Service) -> String {
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("panicked"), "{log}");
    log
}
