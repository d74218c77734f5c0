//! Faults of the whole site: each of them affects all clients, or all customers.
//!
//! The refresh, which logs them, and the admin listener find them again each time, from the
//! end-points and settings in force. Must not know how either of them reports a fault.

use strum::IntoStaticStr;

use super::view::SiteView;
use crate::release::settings::Package;

/// The module that answers for packages.
const RELEASE: &[u8] = b"release";

/// A fault of the whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SiteFault {
    /// No menu item of jBackend is published for guests.
    NoEndPoint,
    /// No end-point publishes the module `release`.
    NoModule,
    /// The plugin's row is missing from the table of extensions.
    NoPlugin,
    /// The plugin is disabled, and `require_enabled` is set.
    PluginDisabled,
    /// The settings name no package.
    NoPackage,
    /// No paid package has a package group that allows any user group.
    NoPaidPackage,
}

impl SiteFault {
    /// All faults. For clients, the first ones hide the later ones.
    pub const ALL: [Self; 6] = [
        Self::NoEndPoint,
        Self::NoModule,
        Self::PluginDisabled,
        Self::NoPlugin,
        Self::NoPackage,
        Self::NoPaidPackage,
    ];

    /// Returns its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the fault and its effect on clients, without any name of the site.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoEndPoint => "no end-point: every client gets 404",
            Self::NoModule => {
                "no end-point publishes the module `release`: every client gets REQ_MNF"
            }
            Self::NoPlugin => {
                "the plugin's row is not in the database: its last settings are in force"
            }
            Self::PluginDisabled => "the plugin is disabled in Joomla: every client gets REQ_MNF",
            Self::NoPackage => "no package: every client gets REL_PNF",
            Self::NoPaidPackage => "no paid package can be had: every customer is refused",
        }
    }

    /// Returns the remedy for the operator.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::NoEndPoint => {
                "publish the menu item of type jBackend in Joomla, with an access level that guests \
                 have, or name its path in `[[endpoints]]`"
            }
            Self::NoModule => {
                "publish all modules, or the module `release`, in the menu item's options"
            }
            Self::NoPlugin => {
                "install the plugin jBackend Release System again, or put `folder`, `groups` and \
                 `packages` into `[release]`"
            }
            Self::PluginDisabled => {
                "enable it with access Public, or remove `require_enabled` from `[release]`"
            }
            Self::NoPackage => {
                "fill in the option Packages of the plugin: `package id;package path[;package group]`"
            }
            Self::NoPaidPackage => {
                "correct the package groups: each needs a line `package group;user groups` that \
                 names user groups of the site"
            }
        }
    }

    /// Finds the faults of a site.
    #[must_use]
    pub fn of(view: &SiteView) -> Vec<Self> {
        let holds = |fault: &Self| fault.holds(view);
        Self::ALL.into_iter().filter(holds).collect()
    }

    fn holds(self, view: &SiteView) -> bool {
        let SiteView { settings, endpoints, .. } = view;
        let packages = || settings.catalog.packages();
        match self {
            Self::NoEndPoint => endpoints.iter().next().is_none(),
            Self::NoModule => {
                let publishes = |module| {
                    endpoints.iter().any(|endpoint| endpoint.behaviour.modules.publish(module))
                };
                endpoints.iter().next().is_some() && !publishes(RELEASE)
            }
            Self::NoPlugin => view.plugin_is_gone(),
            Self::PluginDisabled => !settings.published,
            Self::NoPackage => packages().is_empty(),
            Self::NoPaidPackage => {
                let can_be_had = |package: &&Package| {
                    let group = package.group.as_deref().map(|id| settings.group(id));
                    group.is_some_and(|group| {
                        group.is_some_and(|group| !group.user_groups.is_empty())
                    })
                };
                let packages = packages();
                packages.iter().any(|package| package.group.is_some())
                    && !packages.iter().any(can_be_had)
            }
        }
    }
}
