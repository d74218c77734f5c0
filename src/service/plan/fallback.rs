//! Reads the site behind the bridge from the `[fallback]` section.

use std::path::PathBuf;
use std::time::Duration;

use super::numbers::number;
use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::public_url::PublicUrl;
use crate::config::values::{PackageFilesRule, Upstream};
use crate::proxy::shadow::Watched;

/// The site behind the bridge.
pub struct FallbackPlan {
    /// Its web server; `None` if the bridge works without one.
    pub upstream: Option<Upstream>,
    /// Longest time for opening a connection to it.
    pub connect_timeout: Duration,
    /// Longest time without a byte in either direction.
    pub idle_timeout: Duration,
    /// The rule for requests for package files.
    pub package_files: PackageFilesPlan,
    /// Pass offload headers of its answers on to the client.
    pub pass_offload_headers: bool,
    /// The host for a request that names none.
    pub default_host: Option<String>,
    /// Resources that PHP still answers.
    pub watched: Watched,
    /// Answers computed beside PHP's at the same time.
    pub shadow_limit: usize,
}

/// The rule for requests for package files.
pub enum PackageFilesPlan {
    /// They go to the site.
    Allowed,
    /// They should be refused, but cannot be recognised: the site's folder is not known.
    Unknown,
    /// They are refused.
    Refused {
        /// The site's folder.
        root: PathBuf,
        /// The path of the site's address.
        base: String,
        /// Other folders and files that visitors must not see: folders that contain the packages
        /// behind symlinks, and files with customers or keys.
        kept_back: Vec<PathBuf>,
    },
}

impl FallbackPlan {
    pub(super) fn of(config: &Config, url: Option<&PublicUrl>) -> Result<Self, Problems> {
        let section = &config.fallback;
        let mut problems = Problems::default();
        let watched = Watched::parse(&section.shadow)
            .map_err(|error| Problem::told("fallback.shadow", error).as_sentence());
        let watched = problems.sort(watched);
        if watched.as_ref().is_some_and(Watched::is_some) && section.upstream.is_none() {
            let what = "the site's web server: in shadow mode it is PHP that answers";
            problems.0.push(Problem::missing("fallback.upstream", what));
        }
        let (Some(watched), true) = (watched, problems.0.is_empty()) else { return Err(problems) };
        Ok(Self {
            upstream: section.upstream.clone(),
            connect_timeout: seconds(section.connect_timeout),
            idle_timeout: seconds(section.idle_timeout),
            package_files: package_files(config, url),
            pass_offload_headers: section.pass_offload_headers,
            default_host: url.map(|url| url.authority().to_owned()),
            watched,
            shadow_limit: number(section.shadow_limit),
        })
    }
}

/// At least one second, and at most a year, so that sums of times do not overflow.
fn seconds(count: u64) -> Duration {
    Duration::from_secs(count.clamp(1, 365 * 24 * 60 * 60))
}

fn package_files(config: &Config, url: Option<&PublicUrl>) -> PackageFilesPlan {
    if config.fallback.package_files == PackageFilesRule::Allow {
        return PackageFilesPlan::Allowed;
    }
    let Some(root) = config.joomla.root.clone() else { return PackageFilesPlan::Unknown };
    let own = [
        config.updates.checksum_file.as_ref(),
        Some(&config.database.snapshot_file),
        config.license.accepted_keys.as_ref(),
        config.mail.outbox.as_ref(),
        config.mail.templates.as_ref(),
    ];
    let roots = config.release.allow_roots.iter().map(PathBuf::from);
    PackageFilesPlan::Refused {
        root,
        base: url.map(PublicUrl::base).unwrap_or_default(),
        kept_back: roots.chain(own.into_iter().flatten().cloned()).collect(),
    }
}
