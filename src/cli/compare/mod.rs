//! `compare`: sends the same requests to the running PHP site and the bridge, and shows the
//! differences.

mod inputs;
mod show;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::inputs::Named;
use super::ExitVerdict;
use super::output::{Format, bar};
use super::site_options::SiteOptions;
use crate::operator::compare::built_in::Plugin;
use crate::operator::compare::plan::Plan;
use crate::operator::compare::report::{CaseCounts, Comparison};
use crate::operator::compare::runner::{self, Pacing};
use crate::operator::compare::side::{Side, Which};
use crate::operator::compare::values::Values;
use crate::operator::compare::{built_in, random, sample};
use crate::operator::http_client::Certificates;
use crate::service::site::OpenSite;

/// Compare the bridge with the running PHP site before it takes over.
///
/// Sends the same requests to both and shows every difference in status, code, headers that matter
/// and content. No data is changed: no mails are sent and no account is logged in to, unless you
/// say so. Keys, passwords and e-mails are masked in everything it prints.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = EXAMPLES)]
pub(super) struct Compare {
    /// The PHP site: URL of the end-point, its path included
    #[arg(long, value_name = "URL")]
    old: String,
    /// The bridge: URL of the same end-point there
    #[arg(long, value_name = "URL")]
    new: String,
    /// The end-point's path if it is more than the last part of the URLs, such as `api/v1`; `/` for
    /// the start page
    #[arg(long, value_name = "PATH")]
    endpoint: Option<String>,

    /// Send the requests of this file, one JSON object a line, instead of the built-in ones
    #[arg(long, value_name = "FILE", help_heading = "Requests")]
    cases: Option<PathBuf>,
    /// Send the built-in requests, and such of N users found in the site's database, for the
    /// packages they may have, and of one user of each rare kind: blocked, in no user group, only
    /// in a child group, two with one e-mail; nothing is written
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        conflicts_with = "cases",
        help_heading = "Requests"
    )]
    from_database: Option<u32>,
    /// Choose the same users again: the number a former comparison showed
    #[arg(long, value_name = "NUMBER", requires = "from_database", help_heading = "Requests")]
    seed: Option<u64>,
    /// Also send requests upon which the sites mail a license key to its owner
    #[arg(long, help_heading = "Requests")]
    allow_mails: bool,
    /// Leave out `keybymail`: the plugin has only `keybyemail`
    #[arg(long, conflicts_with = "cases", help_heading = "Requests")]
    without_keybymail: bool,
    /// Take it for minor how an empty parameter is refused: the plugin takes it for a missing one
    #[arg(long, conflicts_with = "cases", help_heading = "Requests")]
    empty_is_missing: bool,
    /// Show which requests would be sent, and send none
    #[arg(long, help_heading = "Requests")]
    dry_run: bool,

    #[command(flatten, next_help_heading = "Names in the requests")]
    named: Named,

    /// Send this header to both sides
    #[arg(long, value_name = "NAME: VALUE", help_heading = "How the sides are asked")]
    header: Vec<String>,
    /// Send this header to the old side
    #[arg(long, value_name = "NAME: VALUE", help_heading = "How the sides are asked")]
    old_header: Vec<String>,
    /// Send this header to the new side, such as `Host: shop.example`
    #[arg(long, value_name = "NAME: VALUE", help_heading = "How the sides are asked")]
    new_header: Vec<String>,
    /// Take any certificate, as staging sites have them
    #[arg(long, help_heading = "How the sides are asked")]
    insecure: bool,
    /// Requests in a second to each side, one after the other
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "5",
        value_parser = inputs::rate,
        help_heading = "How the sides are asked"
    )]
    rate: f64,
    /// Seconds an answer may take to begin, and between two parts of it
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        help_heading = "How the sides are asked"
    )]
    timeout: u64,
    /// MiB of a package that are downloaded and compared
    #[arg(
        long,
        value_name = "MIB",
        default_value = "100",
        value_parser = clap::value_parser!(u64).range(1..=1_000_000),
        help_heading = "How the sides are asked"
    )]
    max_size: u64,

    /// Show every case of a kind of difference, not the first ten
    #[arg(long, help_heading = "Result")]
    all: bool,
    /// Exit with 1 for minor differences, too
    #[arg(long, help_heading = "Result")]
    strict: bool,
    #[command(flatten, next_help_heading = "Result")]
    format: Format,

    #[command(flatten, next_help_heading = "The site, for --from-database")]
    site: SiteOptions,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge compare --old https://shop.example/packages --new http://127.0.0.1:8080/packages
  jbackend-bridge compare --old … --new … --free-package my_package_10 --group my_group
  jbackend-bridge compare --old … --new … --config /etc/jbackend-bridge.toml --from-database 20
  jbackend-bridge compare --old … --new … --new-header 'Host: shop.example' --cases my-cases.jsonl

A site behind a login: https://user:password@staging.example/packages. docs/compare.md explains
what is compared, and how to write cases.

Exit code: 0 for no difference, 1 for differences, 2 when the comparison could not be made.";

impl Compare {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let (old, new) = self.sides()?;
        let mut values = self.named.values()?;
        let mut plan = Plan::default();
        let (mut seed, mut notes) = (None, Vec::new());
        if let Some(file) = &self.cases {
            plan.add(&inputs::cases(file)?, &values, self.allow_mails);
        } else {
            let mut sampled = Vec::new();
            if let Some(count) = self.from_database {
                let number = self.seed.unwrap_or_else(random::seed);
                seed = Some(number);
                let sample = self.sample(old.endpoint(), &values, count, number).await?;
                values.fill_up(sample.values);
                (sampled, notes) = (sample.sent, sample.notes);
            }
            let plugin = Plugin {
                without_keybymail: self.without_keybymail,
                empty_is_missing: self.empty_is_missing,
            };
            plan.add(&built_in::cases(plugin)?, &values, self.allow_mails);
            plan.sent.extend(sampled);
        }
        if self.dry_run {
            return self.list(&plan, &old);
        }
        if plan.sent.is_empty() {
            anyhow::bail!(
                "none of the {} cases can be sent; `--dry-run` shows why each is left out",
                plan.left_out.len()
            );
        }
        let counting = plan.counting();
        let mut report = self.ask(&old, &new, plan).await?;
        if counting > 0 {
            notes.push(format!(
                "{counting} requests to each side held the API key and count against its limit"
            ));
        }
        let refused = sample::refused_by_both(&report);
        if refused > 0 {
            notes.push(format!(
                "both sides refused {refused} keys that were made with this configuration: is its \
                 `recipe` the one of the bridge?"
            ));
        }
        (report.seed, report.notes) = (seed, notes);
        self.format.print(&report, |out| show::report(out, &report, self.all))?;
        self.verdict(&report)
    }

    fn sides(&self) -> anyhow::Result<(Side, Side)> {
        let endpoint = self.endpoint.as_deref();
        let mut old = Side::parse(Which::Old, &self.old, endpoint)?;
        let mut new = Side::parse(Which::New, &self.new, endpoint)?;
        for header in &self.header {
            old.add_header("`--header`", header)?;
            new.add_header("`--header`", header)?;
        }
        for header in &self.old_header {
            old.add_header("`--old-header`", header)?;
        }
        for header in &self.new_header {
            new.add_header("`--new-header`", header)?;
        }
        new.stand_behind(&old);
        Ok((old, new))
    }

    async fn sample(
        &self,
        endpoint: &str,
        known: &Values,
        count: u32,
        seed: u64,
    ) -> anyhow::Result<sample::Sample> {
        let config = self.site.load(None)?;
        let site = OpenSite::open(&config).await?;
        Ok(sample::sample(&site, endpoint, known, count, seed).await?)
    }

    fn list(&self, plan: &Plan, old: &Side) -> anyhow::Result<ExitVerdict> {
        let list = show::list(plan, old);
        self.format.print(&list, |out| show::dry_run(out, &list))?;
        Ok(ExitVerdict::Yes)
    }

    async fn ask(&self, old: &Side, new: &Side, plan: Plan) -> anyhow::Result<Comparison> {
        let pause = Duration::from_secs_f64(1.0 / self.rate);
        let manners = Pacing {
            pause,
            timeout: Duration::from_secs(self.timeout),
            longest: self.max_size.saturating_mul(1024 * 1024),
            certificates: if self.insecure { Certificates::Any } else { Certificates::Verified },
        };
        let text = "{pos} of {len} requests to each side, {eta} left";
        let bar = bar(plan.sent.len() as u64 + 1, text);
        let stop = async {
            // Without the signal there is no way to stop but the usual one.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let progress = |done: usize| bar.set_position(done as u64);
        let report = runner::run((old, new), plan, &manners, progress, stop).await;
        bar.finish_and_clear();
        Ok(report?)
    }

    /// Requests without an answer do not count as equal.
    fn verdict(&self, report: &Comparison) -> anyhow::Result<ExitVerdict> {
        if let Some(reason) = &report.stopped {
            anyhow::bail!("the comparison is not complete: {reason}");
        }
        let CaseCounts { minor, different, unsteady, unanswered, .. } = report.counts;
        if different > 0 || self.strict && minor + unsteady > 0 {
            return Ok(ExitVerdict::No);
        }
        if unanswered > 0 {
            anyhow::bail!(
                "neither side answered {unanswered} of the requests: nothing is known of them"
            );
        }
        Ok(ExitVerdict::Yes)
    }
}
