//! Keeps the update XML in step with the packages: looks every few seconds, when checksums have become
//! known, and when a request has found a file that is not as it was; where something has changed, new
//! XML comes into force.
//!
//! A look that finds nothing new costs opening each package's file. The start waits for none.

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

/// Between two looks, whoever asks for them: some milliseconds for a hundred packages each.
const PAUSE: Duration = Duration::from_millis(200);
/// After a look that took long, so many times as long.
const REST: u32 = 4;

/// A publisher that has not begun.
pub(super) struct Publisher {
    plan: UpdatesPlan,
    publication: Arc<Publication>,
    told: Arc<Told>,
    packages: Arc<PackageMemory>,
}

/// One at work.
struct Work {
    publisher: Publisher,
    term: Term,
    site: Arc<LiveSite>,
    last: Option<Basis>,
}

/// What documents are made from.
struct Basis {
    settings: Arc<Settings>,
    addresses: Result<Addresses, NoAddress>,
    looks: Scan,
}

impl Publisher {
    /// Prepares one; `None` if update XML is switched off.
    pub(super) fn prepare(plan: &UpdatesPlan, lasting: &ProcessState) -> Option<Self> {
        plan.addresses.is_on.then(|| Self {
            plan: plan.clone(),
            publication: Arc::clone(&lasting.updates),
            told: Arc::clone(&lasting.updates_told),
            packages: Arc::clone(&lasting.packages),
        })
    }

    /// Begins, with what is remembered of the XML. What another one publishes from now on does not
    /// count.
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
        // Its own, so that it outlives a panic.
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

    /// Until the first look: a request that comes now is answered by what is remembered.
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
        // A panic there is ours: it is told, and the look is taken again.
        let Ok((basis, survey, documents)) = made.await else { return };
        // Whatever happens next, what clients are told from now on is known at the next start.
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

/// Waits for something new; for ever where there will be nothing.
async fn changed(changes: &mut watch::Receiver<u64>) {
    if changes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
