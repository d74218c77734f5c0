//! Opens and serves the admin listener of the `[admin]` section.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::plan::fixed::Fixed;
use super::start_error::StartError;
use crate::admin::Admin;
use crate::admin::health::{Health, PackageCounts};
use crate::http::connection::{Guests, Limits};
use crate::http::counts::Connections;
use crate::http::filter::Routes;
use crate::http::front::Front;
use crate::http::listener::accept;
use crate::http::listener::{ListenError, Listener, listen};

/// Monitors connect rarely and briefly, so small limits are enough.
const LIMITS: Limits = Limits {
    connections: 32,
    header_timeout: Duration::from_secs(5),
    write_timeout: Duration::from_secs(10),
    shutdown_deadline: Duration::from_secs(1),
};

/// Opens the sockets of the admin listener; none if the configuration names no address.
pub(super) async fn open(plan: &Fixed) -> Result<Vec<Listener>, StartError> {
    let Some(on) = &plan.admin else { return Ok(Vec::new()) };
    let listeners =
        listen(on.address(), plan.admin_socket_mode.0).await.map_err(|error| match error {
            ListenError::Tcp { address, reason } => StartError::Admin { address, reason },
            ListenError::Unix { path, reason } => {
                StartError::Admin { address: format!("unix:{}", path.display()), reason }
            }
            other => StartError::Listen(other),
        })?;
    if on.is_public() {
        tracing::warn!(
            "the admin listener can be reached from other machines, and asks nobody who he is: \
             let `listen` in `[admin]` be an address like `127.0.0.1:9180`, or see to it that only \
             your monitoring gets there"
        );
    }
    Ok(listeners)
}

/// Answers requests until `stop` is done.
pub(super) async fn serve(
    listeners: Vec<Listener>,
    admin: Arc<Admin>,
    stop: impl Future<Output = ()>,
) {
    if listeners.is_empty() {
        return;
    }
    // Admin connections count neither against the limit per address nor in the metrics.
    let guests = Guests { shares: Arc::default(), holder: Arc::new(|_| None) };
    let tasks = admin.metrics.tasks.clone();
    let count = Connections::default();
    accept::serve(listeners, Routes::new(admin), LIMITS, guests, count, &tasks, stop).await;
}

/// Reads the state of the service.
pub(super) fn health(front: &Front) -> Health {
    let (core, release) = (&front.core, &front.core.release);
    let updates = front.updates.as_ref().map(|updates| updates.current());
    let packages = updates.map(|documents| PackageCounts {
        listed: documents.listed,
        left_out: documents.defects,
        awaited: documents.awaited,
    });
    Health {
        site: Arc::clone(&core.site),
        stale_after: front.stale_after,
        writer: core.gate.keys.as_ref().and_then(|tables| tables.pool()),
        mails_waiting: front.mails_waiting(),
        limit_entries: release.limits.entries(),
        limits_unshared: release.limits.shared.as_ref().is_some_and(|server| !server.is_up()),
        logins: release.verifier.load(),
        download_memory: (front.budget.in_use(), front.budget.limit()),
        packages: packages.unwrap_or_default(),
    }
}
