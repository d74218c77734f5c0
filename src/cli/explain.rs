//! `explain`: why a customer gets a package or not.

use std::io::{self, BufRead, Read, Write};
use std::sync::{Arc, OnceLock};

use anstyle::Style;
use anyhow::{anyhow, bail};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use indicatif::ProgressBar;
use secrecy::SecretString;
use serde::Serialize;

use super::ExitVerdict;
use super::logging::ServiceLog;
use super::output::{BAD, FAINT, Format, GOOD, WARNING, bar};
use super::site_options::SiteOptions;
use super::wrap::{width, wrapped};
use crate::http::reply::Refusals;
use crate::mask::printable;
use crate::operator::explain::answer::{Answered, KeySent};
use crate::operator::explain::file::{FileFacts, ReadProgress};
use crate::operator::explain::step::{Step, StepOutcome};
use crate::operator::explain::{Explanation, Gets, Question, explain};
use crate::service::site::OpenSite;

/// Why a customer gets a package or not, step by step, and the exact answer clients get.
///
/// Looks at the site as the service does: settings, account, user groups, license key, file,
/// end-points. Nothing is written, no mail is sent and no API key is counted. Keys are shown by
/// their first characters only; `jbackend-bridge key` prints one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// E-mail or user name of the customer
    #[arg(value_name = "EMAIL|USERNAME", value_parser = NonEmptyStringValueParser::new())]
    who: String,
    /// Package, or package group, as the plugin's settings name it
    #[arg(value_name = "PACKAGE|GROUP", value_parser = NonEmptyStringValueParser::new())]
    what: String,
    /// License key that the customer sends; `-` reads it from standard input
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    key: Option<String>,
    /// Try a login, too: reads the password from standard input, one line (behind the key's with
    /// `--key -`)
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    log: ServiceLog,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteOptions,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge explain alice@example.com redj_ent_190
  jbackend-bridge explain alice@example.com redj_ent_190 --key 7759be2e42149d8de20744af04915090
  jbackend-bridge explain alice redj_enterprise --password-stdin < password.txt
  jbackend-bridge explain alice redj_ent_190 --json --config /etc/jbackend-bridge.toml

Without a key the verdict is about the right one.

Exit code: 0 the customer gets it; 1 the customer does not; 2 it could not be found out (no
database, storage failed, wrong usage).";

impl Explain {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let config = self.site.load(None)?;
        self.log.start(&config.log)?;
        let key = match self.key.as_deref() {
            Some("-") => Some(line("the license key")?),
            Some(key) => Some(key.to_owned().into()),
            None => None,
        };
        let password = if self.password_stdin { Some(line("the password")?) } else { None };
        let site = OpenSite::open(&config).await?;
        let question = Question { who: self.who, what: self.what, key, password };
        let explanation = explain(&site, &question, progress()).await?;
        let has_login = question.password.is_some();
        let refusals = &site.plan.release.refusals;
        let text = |out: &mut dyn Write| show(out, &explanation, refusals, has_login);
        self.format.print(&ExplanationJson::new(&explanation, refusals), text)?;
        match explanation.gets_it {
            Gets::Yes => Ok(ExitVerdict::Yes),
            Gets::No(_) => Ok(ExitVerdict::No),
            Gets::Unknown(code) => bail!(
                "the answer is {}: database or storage failed, which says nothing about the customer: \
                 see the steps, and try again with `--verbose`",
                refusals.name(code)
            ),
        }
    }
}

/// Bytes of a line at most: a file given by mistake must not fill the memory.
const LONGEST: u64 = 64 * 1024;

/// The next line of standard input, which a terminal shows while it is typed.
fn line(what: &str) -> anyhow::Result<SecretString> {
    if io::IsTerminal::is_terminal(&io::stdin()) {
        // Ignore write errors: the input is read even if the prompt cannot be shown.
        let _ = writeln!(io::stderr(), "Type {what} (it will be visible) and press Enter:");
    }
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut text);
    let read = read.map_err(|error| anyhow!("cannot read {what} from standard input: {error}"))?;
    if read == 0 {
        bail!("standard input ended before {what}: write it there, on a line of its own");
    }
    let end = text.trim_end_matches('\n').trim_end_matches('\r').len();
    text.truncate(end);
    Ok(text.into())
}

/// Below this a checksum takes no time worth a bar.
const LARGE: u64 = 64 * 1024 * 1024;

/// Makes a bar on standard error, if that is a terminal.
fn progress() -> ReadProgress {
    let shown: OnceLock<ProgressBar> = OnceLock::new();
    Arc::new(move |done, total| {
        if total < LARGE {
            return;
        }
        let shown = shown.get_or_init(|| bar(total, "checksum, {percent} %"));
        shown.set_position(done);
        if done >= total {
            shown.finish_and_clear();
        }
    })
}

/// The explanation for scripts.
#[derive(Serialize)]
struct ExplanationJson<'e> {
    who: &'e str,
    what: &'e str,
    kind: &'e str,
    /// `null` if it could not be found out.
    gets_it: Option<bool>,
    code: Option<&'e str>,
    key: KeySent,
    steps: &'e [Step],
    file: Option<&'e FileFacts>,
    answers: &'e [Answered],
}

impl<'e> ExplanationJson<'e> {
    fn new(explanation: &'e Explanation, refusals: &'e Refusals) -> Self {
        let (gets_it, code) = match explanation.gets_it {
            Gets::Yes => (Some(true), None),
            Gets::No(code) => (Some(false), Some(refusals.name(code))),
            Gets::Unknown(code) => (None, Some(refusals.name(code))),
        };
        Self {
            who: &explanation.who,
            what: &explanation.what,
            kind: explanation.kind,
            gets_it,
            code,
            key: explanation.with,
            steps: &explanation.steps,
            file: explanation.file.as_ref(),
            answers: &explanation.answers,
        }
    }
}

/// Column at which the text of a step begins, after its mark and name.
const INDENT: usize = 22;

fn show(
    out: &mut dyn Write,
    explanation: &Explanation,
    refusals: &Refusals,
    has_login: bool,
) -> io::Result<()> {
    let width = width();
    let Explanation { who, steps, answers, .. } = explanation;
    let what = thing(explanation);
    writeln!(out, "{}\n", wrapped(&printable(&format!("Does `{who}` get {what}?")), 0, width))?;
    for step in steps {
        show_step(out, step, width)?;
    }
    writeln!(out, "\nWhat clients get:\n")?;
    for answered in answers {
        show_answer(out, answered)?;
    }
    let (style, verdict) = verdict(explanation, refusals, has_login);
    let text = wrapped(&printable(&verdict), 0, width);
    writeln!(out, "{style}{text}{style:#}")
}

fn thing(explanation: &Explanation) -> String {
    match explanation.kind {
        "unknown" => format!("`{}`", explanation.what),
        kind => format!("the {kind} `{}`", explanation.what),
    }
}

fn show_step(out: &mut dyn Write, step: &Step, width: usize) -> io::Result<()> {
    let (style, mark) = match step.outcome {
        StepOutcome::Ok => (GOOD, "ok"),
        StepOutcome::Refused => (BAD, "NO"),
        StepOutcome::Info => (FAINT, "--"),
        StepOutcome::Unknown => (WARNING, "??"),
    };
    let about = step.account.map(|id| format!("id {id}: ")).unwrap_or_default();
    let title = wrapped(&printable(&format!("{about}{}", step.title)), INDENT, width);
    writeln!(out, "  {style}{mark}{style:#}  {:<16}{title}", step.name)?;
    for detail in &step.details {
        let detail = wrapped(&printable(detail), INDENT + 2, width);
        writeln!(out, "{:INDENT$}{FAINT}- {detail}{FAINT:#}", "")?;
    }
    Ok(())
}

fn show_answer(out: &mut dyn Write, answered: &Answered) -> io::Result<()> {
    let with = match (answered.method, answered.key) {
        ("keybyauth", _) => ", with this login",
        ("keybyemail", _) => ", which mails the key (the mail server is not tried)",
        (_, KeySent::No) => ", without a key",
        (_, KeySent::Given) => ", with the key given",
        (_, KeySent::Own) => ", with the right key",
        (_, KeySent::Any) => ", with any key",
    };
    writeln!(out, "  {}{with}", answered.method)?;
    let updater = answered.updater_status.map(|status| format!(" (Joomla's updater: {status})"));
    write!(out, "    HTTP {}{}", answered.status, updater.unwrap_or_default())?;
    match (&answered.body, &answered.disposition) {
        (Some(body), _) => writeln!(out, "  {}", printable(body))?,
        (None, Some(disposition)) => writeln!(out, "  {}: {disposition}", answered.content_type)?,
        (None, None) => writeln!(out, "  {}", answered.content_type)?,
    }
    if let Some(curl) = &answered.curl {
        writeln!(out, "    {FAINT}{}{FAINT:#}", printable(curl))?;
    }
    if let Some(needs) = answered.needs {
        writeln!(out, "    {FAINT}and {needs}{FAINT:#}")?;
    }
    writeln!(out)
}

fn verdict(explanation: &Explanation, refusals: &Refusals, has_login: bool) -> (Style, String) {
    let told = |code| printable(&format!("{} ({})", refusals.name(code), refusals.text(code)));
    let (who, what) = (&explanation.who, thing(explanation));
    let how = match (explanation.with, has_login) {
        (KeySent::No, _) => "",
        (KeySent::Given, false) => " with this key",
        (KeySent::Given, true) => " with this key and login",
        (KeySent::Own | KeySent::Any, true) => " with this login",
        (KeySent::Own, false) => " with the right key",
        (KeySent::Any, false) => ", whatever the key",
    };
    match explanation.gets_it {
        Gets::Yes => (GOOD, format!("Yes: `{who}` gets {what}{how}.")),
        Gets::No(code) => (BAD, format!("No: `{who}` does not get {what}{how}: {}.", told(code))),
        Gets::Unknown(code) => (WARNING, format!("Not to be told: the answer is {}.", told(code))),
    }
}
