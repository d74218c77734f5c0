//! Logs the state of update XML: first the number of listed packages, then each package that falls
//! out or comes back. No state is logged twice.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::mask::printable;
use crate::updates::addresses::NoAddress;
use crate::updates::{Listing, Survey};
use crate::words::{TOLD, beyond_told, count};

/// The state that was logged last. It outlives a reload.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<LoggedState>);

#[derive(Debug, Default)]
struct LoggedState {
    /// The operator uses update XML, so defects are warnings.
    is_wanted: bool,
    /// The number of packages was logged.
    is_summed_up: bool,
    no_xml: Option<NoAddress>,
    /// Packages that should be listed but cannot be, with the reason.
    defects: BTreeMap<String, String>,
}

impl Told {
    /// Starts for a new configuration.
    pub(super) fn begin(&self, is_wanted: bool) {
        let mut state = self.0.lock();
        state.is_wanted = is_wanted;
        state.is_summed_up = false;
        state.no_xml = None;
    }

    /// Logs the changes since the last time.
    pub(super) fn tell(&self, survey: &Survey) {
        let mut state = self.0.lock();
        let no_xml = survey.addresses.as_ref().err();
        if let Some(error) = no_xml {
            if state.no_xml.as_ref() != no_xml {
                // A site that neither had update XML nor asked for it needs no warning.
                if state.is_wanted || state.is_summed_up {
                    tracing::warn!("no update XML: {error}");
                } else {
                    tracing::debug!("no update XML: {error}");
                }
            }
        } else if state.no_xml.is_some() {
            tracing::info!("there is update XML");
        }
        state.no_xml = no_xml.cloned();
        if no_xml.is_some() {
            return;
        }
        state.changes(survey);
        if !state.is_summed_up && !survey.packages.iter().any(Listing::is_awaited) {
            state.is_summed_up = true;
            state.sum_up(survey);
        }
    }
}

impl LoggedState {
    fn changes(&mut self, survey: &Survey) {
        let former = std::mem::take(&mut self.defects);
        let (mut fallen, mut back) = (0, 0);
        for listing in &survey.packages {
            let id = &listing.package;
            let before = former.get(id);
            match &listing.reason {
                Some(reason) if listing.is_defect() => {
                    let reason = reason.to_string();
                    // At first they are only counted, in one line.
                    if self.is_summed_up && before != Some(&reason) {
                        fallen += 1;
                        if fallen <= TOLD {
                            let what = if listing.is_kept {
                                "its file is not in the update XML, its last entry stays there"
                            } else {
                                "not in the update XML"
                            };
                            let reason = printable(&reason);
                            tracing::warn!(package = printable(id), "{what}: {reason}");
                        }
                    }
                    self.defects.insert(id.clone(), reason);
                }
                Some(_) if listing.is_awaited() => {
                    if let Some(reason) = before {
                        self.defects.insert(id.clone(), reason.clone());
                    }
                }
                _ => {
                    if self.is_summed_up && before.is_some() && !listing.xml.is_empty() {
                        back += 1;
                        if back <= TOLD {
                            tracing::info!(package = printable(id), "in the update XML again");
                        }
                    }
                }
            }
        }
        if let Some(more) = beyond_told(fallen) {
            tracing::warn!(
                "{more} more packages are not in the update XML: `jbackend-bridge updates` tells the reasons"
            );
        }
        if let Some(more) = beyond_told(back) {
            tracing::info!("{more} more packages are in the update XML again");
        }
    }

    fn sum_up(&self, survey: &Survey) {
        let listed = survey.packages.iter().filter(|listing| !listing.xml.is_empty()).count();
        let listed = count(listed, "package");
        let xml = survey.streams.len();
        if self.defects.is_empty() {
            tracing::info!("{listed} in {xml} update XML");
            return;
        }
        let rest = self.defects.len();
        let rest =
            format!("{rest} should be and cannot: `jbackend-bridge updates` tells the reasons");
        if self.is_wanted {
            tracing::warn!("{listed} in {xml} update XML; {rest}");
        } else {
            tracing::info!("{listed} in {xml} update XML; {rest}");
        }
    }
}
