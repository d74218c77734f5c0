//! Keeps the update XML in step with the packages.
//!
//! The publisher examines the packages every few seconds, when checksums become known, and when a
//! request finds that a file has changed. If anything differs, it publishes new XML. A round
//! without changes only costs opening the file of each package. The start of the service does not
//! wait for a round.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::package_memory::PackageMemory;
use super::plan::updates::UpdatesPlan;
use super::process_state::ProcessState;
use super::updates_log::Told;
use crate::site::{LiveSite, Settings};
use crate::supervise::{Rounds, Task, Tasks, blocking};
use crate::updates::addresses::{Addresses, NoAddress};
use crate::updates::documents::Documents;
use crate::updates::memory::Memory;
use crate::updates::publication::{Publication, Term};
use crate::updates::{Listing, Scan, Survey, look};

/// Shortest pause between two rounds, for any trigger. A round takes some milliseconds for a
/// hundred packages.
const PAUSE: Duration = Duration::from_millis(200);
/// After a long round, the pause is so many times as long as the round.
const REST: u32 = 4;

/// A publisher that has not started.
pub(super) struct Publisher {
    plan: UpdatesPlan,
    publication: Arc<Publication>,
    told: Arc<Told>,
    packages: Arc<PackageMemory>,
}

/// A publisher at work.
struct Work {
    publisher: Publisher,
    term: Term,
    site: Arc<LiveSite>,
    last: Option<Basis>,
}

/// The data that documents are made from.
struct Basis {
    settings: Arc<Settings>,
    addresses: Result<Addresses, NoAddress>,
    looks: Scan,
}

impl Publisher {
    /// Prepares a publisher; `None` if update XML is switched off.
    pub(super) fn prepare(plan: &UpdatesPlan, lasting: &ProcessState) -> Option<Self> {
        plan.addresses.is_on.then(|| Self {
            plan: plan.clone(),
            publication: Arc::clone(&lasting.updates),
            told: Arc::clone(&lasting.updates_told),
            packages: Arc::clone(&lasting.packages),
        })
    }

    /// Starts, with the remembered XML. From now on, XML of former publishers is ignored.
    pub(super) async fn every(
        self,
        period: Duration,
        site: Arc<LiveSite>,
        tasks: Tasks,
    ) -> JoinHandle<()> {
        let term = self.publication.begin();
        let at_work = tasks.clone();
        self.told.begin(self.plan.is_wanted);
        let packages = Arc::clone(&self.packages);
        let plan = self.plan.memory.clone();
        let memory = packages.open(&plan, &tasks).await;
        let work = Work { publisher: self, term, site, last: None };
        work.begin(&memory);
        // Shared with the task, so that it survives a panic of one run.
        let work = Arc::new(Mutex::new(work));
        let go_on = move |rounds| {
            let (packages, plan) = (Arc::clone(&packages), plan.clone());
            let (work, tasks) = (Arc::clone(&work), at_work.clone());
            async move {
                let memory = packages.open(&plan, &tasks).await;
                work.lock().await.go_on(&memory, period, rounds).await;
            }
        };
        tokio::spawn(tasks.keep(Task::UpdateXml, go_on))
    }
}

impl Work {
    async fn go_on(&mut self, memory: &Memory, period: Duration, rounds: Rounds) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let publication = Arc::clone(&self.publisher.publication);
        let mut changes = memory.changes();
        loop {
            rounds.begin();
            tokio::select! {
                _ = ticks.tick() => {}
                () = publication.woken() => {}
                () = changed(&mut changes) => {}
            }
            let begun = Instant::now();
            self.look(memory).await;
            sleep(PAUSE.max(begun.elapsed().saturating_mul(REST))).await;
        }
    }

    /// Publishes remembered XML for requests before the first round. XML of a former publisher
    /// stays in force.
    fn begin(&self, memory: &Memory) {
        let Publisher { plan, publication, .. } = &self.publisher;
        let former = publication.current();
        let view = self.site.view();
        let Ok(addresses) = Addresses::new(&plan.addresses, &view.endpoints) else { return };
        memory.claim(addresses.site());
        if !former.is_empty() {
            return;
        }
        let documents = if memory.is_blank() {
            Documents::unknown()
        } else {
            let survey = Survey::remembered(&view.settings.catalog, &plan.rules, addresses, memory);
            Documents::new(plan.site_name.as_deref(), &survey, &former)
        };
        publication.publish(&self.term, &Arc::new(documents));
    }

    async fn look(&mut self, memory: &Memory) {
        let Publisher { plan, publication, told, .. } = &self.publisher;
        let rules = &plan.rules;
        let view = self.site.view();
        let settings = Arc::clone(&view.settings);
        let addresses = Addresses::new(&plan.addresses, &view.endpoints);
        let catalog = &settings.catalog;
        let last = self.last.as_ref().map(|last| &last.looks);
        if let Ok(addresses) = &addresses {
            memory.claim(addresses.site());
        }
        let looks = look(catalog, &settings.folder, rules, addresses.is_ok(), memory, last).await;
        let same = |last: &Basis| {
            Arc::ptr_eq(&last.settings, &settings)
                && last.addresses == addresses
                && last.looks == looks
        };
        if self.last.as_ref().is_some_and(same) {
            return;
        }
        let (rules, former) = (Arc::clone(rules), publication.current());
        let site = plan.site_name.clone();
        let basis = Basis { settings, addresses, looks };
        let is_blank = memory.is_blank();
        let made = blocking(move || {
            let Basis { settings, addresses, looks } = &basis;
            let survey = Survey::of(&settings.catalog, looks, &rules, addresses.clone());
            let documents = Documents::new(site.as_deref(), &survey, &former);
            let documents =
                if is_blank { documents.only_complete(&survey, &former) } else { documents };
            (basis, survey, Arc::new(documents))
        });
        // A panic there is a bug of the bridge: it is logged, and the round is repeated.
        let Ok((basis, survey, documents)) = made.await else { return };
        // The vouched entries are saved before they are published, so that the next start has them
        // even after a crash.
        if let Some(vouched) = &survey.vouched {
            memory.vouch(vouched).await;
        }
        if !survey.packages.iter().any(Listing::is_awaited) {
            memory.has_read_all();
        }
        publication.publish(&self.term, &documents);
        told.tell(&survey);
        self.last = Some(basis);
    }
}

/// Waits for a change; waits for ever if no more changes can come.
async fn changed(changes: &mut watch::Receiver<u64>) {
    if changes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
