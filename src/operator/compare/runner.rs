//! Sends the requests to both sides, at a pace that a site in use can bear.
//!
//! Old, then new, then the next case. Differing requests are sent once more, because counters and
//! clocks go on. If the old side is in trouble, the comparison stops.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::answer::{Answer, AnswerKind, KEPT};
use super::case::{Case, CaseRequest, LeftOut};
use super::difference::{Difference, Given, are_both_silent, compare};
use super::error_codes::Codes;
use super::hint::hint;
use super::mask;
use super::plan::Plan;
use super::report::{AdvisedDifference, CaseCounts, CaseOutcome, Compared, Comparison, Shown};
use super::side::{Side, Which};
use super::values::{UnknownName, Values};
use crate::operator::http_client::{Certificates, HttpClient, HttpClientError};

/// Answers in a row that show a side in trouble.
const TROUBLE: u32 = 5;

/// How the sides are asked.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// Time between two requests to one side.
    pub pause: Duration,
    /// Time for an answer to begin, and between two pieces of it.
    pub timeout: Duration,
    /// Bytes of a body that are read and compared.
    pub longest: u64,
    /// Which certificates are trusted for a side with https.
    pub certificates: Certificates,
}

/// Why the comparison did not take place.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Client(#[from] HttpClientError),
    /// A mistake in a case of ours.
    #[error(transparent)]
    Case(#[from] UnknownName),
    /// A side that is not there.
    #[error("the {which} side, `{url}`, cannot be asked: {reason}; {advice}")]
    Unreachable {
        /// The side.
        which: Which,
        /// Its end-point.
        url: String,
        /// The failure.
        reason: String,
        /// The remedy.
        advice: &'static str,
    },
    /// A side that is there and is no end-point.
    #[error(
        "the {which} side, `{url}`, is no end-point of jBackend, its answer is: {answer}; {advice}"
    )]
    NoEndpoint {
        /// The side.
        which: Which,
        /// Its end-point.
        url: String,
        /// Its answer.
        answer: String,
        /// The remedy.
        advice: &'static str,
    },
}

/// Compares the sides. `progress` gets the number of cases done; the report covers the cases done
/// when `stop` completes.
///
/// # Errors
/// See [`CompareError`]: a side that does not answer, or an old one that is not an end-point. A new
/// one that is not an end-point is a difference.
pub async fn run(
    sides: (&Side, &Side),
    plan: Plan,
    manners: &Pacing,
    mut progress: impl FnMut(usize),
    stop: impl Future<Output = ()>,
) -> Result<Comparison, CompareError> {
    let (old, new) = sides;
    let mut report = Comparison {
        old: old.url(),
        new: new.url(),
        counts: CaseCounts { left_out: plan.left_out.len(), ..CaseCounts::default() },
        left_out: plan.left_out,
        ..Comparison::default()
    };
    let mut runner = Runner::new(old, new, manners)?;
    let total = plan.sent.len() + 1;
    let mut stop = std::pin::pin!(stop);
    let is_endpoint = tokio::select! {
        biased;
        () = &mut stop => return Ok(ended(report, 0, total, STOPPED)),
        first = runner.first() => {
            let (compared, is_endpoint) = first?;
            report.add(compared);
            is_endpoint
        }
    };
    progress(1);
    for (done, sent) in (1..).zip(&plan.sent) {
        if !is_endpoint {
            report.omit(&sent.name, &LeftOut::NoEndpoint);
            continue;
        }
        let compared = tokio::select! {
            biased;
            () = &mut stop => return Ok(ended(report, done, total, STOPPED)),
            compared = runner.case(sent) => compared,
        };
        match compared {
            Some(compared) => {
                report.add(compared);
                report.error_codes = runner.codes.lines();
            }
            None => report.omit(&sent.name, &LeftOut::Unsendable),
        }
        progress(done + 1);
        if let Some(side) = runner.in_trouble() {
            let reason = format!(
                "the {side} side failed {TROUBLE} times in a row (no answer, 429 or a server's \
                 error), so it is left alone"
            );
            return Ok(ended(report, done + 1, total, &reason));
        }
    }
    Ok(report)
}

const STOPPED: &str = "stopped from outside";

fn ended(mut report: Comparison, done: usize, total: usize, reason: &str) -> Comparison {
    report.stopped = Some(reason.to_owned());
    report.counts.not_reached = total - done;
    report
}

struct Runner<'s> {
    old: &'s Side,
    new: &'s Side,
    client: HttpClient,
    longest: u64,
    pace: Interval,
    failures: [u32; 2],
    codes: Codes,
}

impl<'s> Runner<'s> {
    fn new(old: &'s Side, new: &'s Side, manners: &Pacing) -> Result<Self, CompareError> {
        let mut pace = interval(manners.pause.max(Duration::from_millis(1)));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            old,
            new,
            client: HttpClient::new(manners.certificates, manners.timeout, KEPT)?,
            longest: manners.longest,
            pace,
            failures: [0; 2],
            codes: Codes::default(),
        })
    }

    /// The bare end-point: is there one? A comparison of two sites without any would find them
    /// equal.
    async fn first(&mut self) -> Result<(Compared, bool), CompareError> {
        let case = Case { takes_api_key: false, ..Case::get("the end-point itself", "")? };
        let unreachable = |side: &Side, reason: &str| CompareError::Unreachable {
            which: side.which,
            url: side.url(),
            reason: mask::text(reason),
            advice: if reason.contains("certificate") {
                "`--insecure` takes any certificate"
            } else {
                "check the URL, and that the site is up"
            },
        };
        let sent = case.fill(&Values::default());
        let sent = sent.map_err(|reason| unreachable(self.old, &reason.to_string()))?;
        let (old, new) = self.ask_both(&sent).await.unwrap_or_else(|| (silent(), silent()));
        for (side, given) in [(self.old, &old), (self.new, &new)] {
            match given {
                Err(reason) => return Err(unreachable(side, reason)),
                Ok(answer) if answer.code().is_none() && side.which == Which::Old => {
                    return Err(CompareError::NoEndpoint {
                        which: side.which,
                        url: side.url(),
                        answer: answer.label(),
                        advice: advice(answer),
                    });
                }
                Ok(_) => {}
            }
        }
        let is_endpoint = new.as_ref().is_ok_and(|answer| answer.code().is_some());
        let differences = compare(&sent, (self.old, self.new), &old, &new);
        let outcome = outcome(&differences);
        Ok((self.compared(&sent, (&old, &new), differences, outcome), is_endpoint))
    }

    /// `None` for a target that cannot be sent.
    async fn case(&mut self, sent: &CaseRequest) -> Option<Compared> {
        let sides = (self.old, self.new);
        let (old, new) = self.ask_both(sent).await?;
        let first = compare(sent, sides, &old, &new);
        if are_both_silent(&old, &new) {
            return Some(self.compared(sent, (&old, &new), first, CaseOutcome::Unanswered));
        }
        if outcome(&first) != CaseOutcome::Different || sent.mails {
            self.codes.hear(sent, &old, &new);
            let outcome = outcome(&first);
            return Some(self.compared(sent, (&old, &new), first, outcome));
        }
        let again = self.ask_both(sent).await?;
        let second = compare(sent, sides, &again.0, &again.1);
        Some(if are_both_silent(&again.0, &again.1) {
            self.compared(sent, (&again.0, &again.1), first, CaseOutcome::Unanswered)
        } else if outcome(&second) == CaseOutcome::Different {
            self.codes.hear(sent, &again.0, &again.1);
            self.compared(sent, (&again.0, &again.1), second, CaseOutcome::Different)
        } else {
            self.compared(sent, (&old, &new), first, CaseOutcome::Unsteady)
        })
    }

    async fn ask_both(&mut self, sent: &CaseRequest) -> Option<(Given, Given)> {
        self.pace.tick().await;
        let old = self.ask(self.old, sent).await?;
        let new = self.ask(self.new, sent).await?;
        for (failures, given) in self.failures.iter_mut().zip([&old, &new]) {
            *failures = if is_trouble(given) { *failures + 1 } else { 0 };
        }
        Some((old, new))
    }

    async fn ask(&self, side: &Side, sent: &CaseRequest) -> Option<Given> {
        let request = side.request(sent)?;
        let longest = if sent.start_is_enough { KEPT as u64 } else { self.longest };
        let answer = self.client.digest(request, KEPT, longest).await;
        Some(match answer {
            Ok(answer) => Ok(Answer::new(&sent.method, answer)),
            Err(error) => Err(error.to_string()),
        })
    }

    fn in_trouble(&self) -> Option<Which> {
        let sides = self.failures.iter().zip([Which::Old, Which::New]);
        sides.filter(|(failures, _)| **failures >= TROUBLE).map(|(_, which)| which).next()
    }

    fn compared(
        &self,
        sent: &CaseRequest,
        given: (&Given, &Given),
        differences: Vec<Difference>,
        outcome: CaseOutcome,
    ) -> Compared {
        let finding = |difference: Difference| AdvisedDifference {
            matters: difference.what.matters(),
            hint: hint(sent.judged, &difference),
            difference,
        };
        Compared {
            case: mask::words(&sent.name),
            outcome,
            old: shown(given.0),
            new: shown(given.1),
            differences: differences.into_iter().map(finding).collect(),
            curl_old: self.old.curl(sent),
            curl_new: self.new.curl(sent),
        }
    }
}

fn silent() -> Given {
    Err("no request can be made of its URL".to_owned())
}

fn outcome(differences: &[Difference]) -> CaseOutcome {
    match differences {
        [] => CaseOutcome::Equal,
        some if some.iter().any(|one| one.what.matters()) => CaseOutcome::Different,
        _ => CaseOutcome::Minor,
    }
}

/// A refusal of jBackend is an answer, whatever its status.
fn is_trouble(given: &Given) -> bool {
    match given {
        Err(_) => true,
        Ok(answer) => {
            let is_jbackend = matches!(answer.kind, AnswerKind::Json { .. } | AnswerKind::JsonHead);
            !is_jbackend && (answer.status == 429 || answer.status.is_server_error())
        }
    }
}

fn shown(given: &Given) -> Shown {
    match given {
        Ok(answer) => Shown { status: Some(answer.status.as_u16()), answer: answer.label() },
        Err(reason) => Shown { status: None, answer: mask::text(reason) },
    }
}

fn advice(answer: &Answer) -> &'static str {
    match (&answer.kind, answer.status.as_u16()) {
        (AnswerKind::Redirect, _) => "name the URL it redirects to",
        (_, 401 | 407) => {
            "a login stands before it: write it into the URL, `https://user:password@…`"
        }
        (_, 429) => "it asks to be left alone: try again later",
        (_, 500..) => "it is in trouble: try again later",
        _ => {
            "the URL must hold the path of the end-point, the alias of the menu item of type jBackend"
        }
    }
}
