//! Why an account gets a package or not: the service's checks one by one, and the answer itself.
//!
//! Called by the subcommands `explain` and `key`. Runs the requests of a client (`answer`) with a
//! log of the methods' decisions, and puts the decisions into words, a step each. If a request
//! ended before a decision, the method's own part makes it. This room has no rules. It writes
//! nothing: no mail, no trace row, no counter.
//!
//! In the order of the way: `wanted` (package or package group), `people` (accounts), `standing`
//! (enabled, user groups), `key`, `login`, `file`, `place` (end-points). [`issued`] is for the
//! command `key`.

pub mod answer;
pub mod file;
pub mod issued;
mod key;
mod login;
mod masked;
mod people;
mod place;
mod question;
mod requests;
mod standing;
pub mod step;
mod wanted;

use php_compat::string_filter;
use secrecy::ExposeSecret;

use self::answer::{Answered, KeySent};
use self::file::{FileFacts, ReadProgress};
use self::key::KeyAdvice;
use self::people::{GroupNames, People};
use self::place::ChosenEndpoint;
pub use self::question::Question;
use self::requests::{Asked, Asker, key_sent, requests};
use self::step::{Step, StepOutcome};
use self::wanted::WantedThing;
use crate::methods::{Decision, ErrorCode, Judged, Recorded, code, judge, may_have, person};
use crate::release::license::LicenseKey;
use crate::service::plan::mail::Way;
use crate::service::site::OpenSite;
use crate::site::Settings;
use crate::site::settings::seed;
use crate::store::{StoreError, User};

/// Whether the account gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gets {
    /// Every answer that decides is a good one.
    Yes,
    /// The first refusal.
    No(ErrorCode),
    /// Database or storage failed, so the result is unknown.
    Unknown(ErrorCode),
}

/// The explanation. Holds no key and no password.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// As it was asked.
    pub who: String,
    /// As it was asked.
    pub what: String,
    /// Its kind: `package`, `package group` or `unknown`.
    pub kind: &'static str,
    /// The key that the verdict is about.
    pub with: KeySent,
    /// The verdict.
    pub gets_it: Gets,
    /// The checks, in order.
    pub steps: Vec<Step>,
    /// The file, if the package has one.
    pub file: Option<FileFacts>,
    /// The answers to clients; the decisive ones come first.
    pub answers: Vec<Answered>,
}

/// Explains.
///
/// # Errors
/// When the database does not answer.
pub async fn explain(
    site: &OpenSite,
    question: &Question,
    progress: ReadProgress,
) -> Result<Explanation, StoreError> {
    let release = &*site.release;
    let settings = &*site.view.settings;
    let names = &GroupNames::read(&*site.joomla).await;
    let wanted = WantedThing::find(settings, &question.what);
    let people = People::find(&*site.joomla, &question.who).await?;
    let place = ChosenEndpoint::new(site.plan.public_url.as_ref(), &site.view.endpoints);
    let group = wanted.group();
    let chosen = people
        .chosen(|user| group.is_some_and(|group| may_have(release, settings, user, group).is_ok()));
    let own = group.zip(chosen);
    let own = own.and_then(|(group, user)| release.keys.issue(&person(user), &seed(group)).ok());
    let asker = Asker {
        core: answer::core(site),
        view: &site.view,
        refusals: site.plan.release.refusals.clone(),
        place: &place,
        question,
        group: wanted.group_id().unwrap_or(&question.what),
        email: &people.email,
        username: people.username(chosen),
        own: own.as_ref(),
        free: wanted.is_free(),
    };
    let requests = requests(question, &wanted, own.is_some());
    let Asked { answers, decided, login } = asker.ask_all(&requests).await?;

    let mut steps: Vec<Step> = module(settings).into_iter().collect();
    steps.extend(wanted.steps(settings, &question.what, names));
    if !wanted.is_free() {
        steps.push(people.step());
    }
    if let Some(group) = group {
        let key = question.key.as_ref().map(ExposeSecret::expose_secret);
        let words = standing::Words { release, settings, group, names };
        steps.extend(accounts(&words, &people, key, own.as_ref(), &decided));
        steps.extend(login::steps(site, asker.username, &login).await?);
        steps.extend(choice(&people, &decided));
    }
    let mut file = None;
    if let WantedThing::Package { package, .. } = &wanted {
        let (step, found) = file::step(release, settings, package, &decided, progress).await;
        steps.push(step);
        file = found;
    }
    steps.extend(privacy(&decided));
    steps.extend(mail(site, &wanted).filter(|_| question.password.is_none()));
    steps.push(place.step());
    let decisive = requests.iter().zip(&answers).filter(|(request, _)| request.decides);
    let gets_it = gets(decisive.map(|(_, answer)| answer), &steps);
    Ok(Explanation {
        who: question.who.clone(),
        what: question.what.clone(),
        kind: wanted.kind(),
        with: key_sent(&requests),
        gets_it,
        steps,
        file,
        answers,
    })
}

/// The plugin itself.
fn module(settings: &Settings) -> Option<Step> {
    let title = "the plugin is disabled in Joomla, or guests may not see it: nothing is answered";
    (!settings.published).then(|| {
        Step::refused("plugin", title)
            .with("enable the plugin, or set `require_enabled = false` in `[release]`")
    })
}

/// The steps of each account that the e-mail stands for.
fn accounts(
    words: &standing::Words<'_>,
    people: &People,
    key: Option<&str>,
    own: Option<&LicenseKey>,
    decided: &[Decision],
) -> Vec<Step> {
    let standing::Words { release, settings, group, .. } = words;
    let sent = key.or(own.map(LicenseKey::as_str)).unwrap_or_default();
    let advice = KeyAdvice::new(release, settings, group, people);
    let mut steps = Vec::new();
    for user in &people.candidates {
        let account = (people.candidates.len() > 1).then_some(user.id);
        let Some(judged) = judged(words, user, sent, decided) else { continue };
        let [enabled, member] = words.steps(user, &judged);
        let all = [enabled, member, advice.step(user, key, &judged)];
        steps.extend(all.map(|step| step.of(account)));
    }
    steps
}

/// Returns the methods' judgement of an account: as the request decided; an account that it did not
/// reach is judged now, by the same code.
fn judged(
    words: &standing::Words<'_>,
    user: &User,
    sent: &str,
    decided: &[Decision],
) -> Option<Judged> {
    if let Some(judged) = judgement_of(user, decided) {
        return Some(judged.clone());
    }
    let standing::Words { release, settings, group, .. } = words;
    let mut log = Recorded::default();
    let received = string_filter::clean(sent.as_bytes());
    // The result is in the log.
    let _ = judge(release, settings, group, user, &received, &mut log);
    judgement_of(user, &log.0).cloned()
}

fn judgement_of<'d>(user: &User, decisions: &'d [Decision]) -> Option<&'d Judged> {
    decisions.iter().find_map(|decision| match decision {
        Decision::Judged(judged) if judged.user == user.id => Some(judged),
        _ => None,
    })
}

/// Which of several accounts counts.
fn choice(people: &People, decided: &[Decision]) -> Option<Step> {
    let [first, _, ..] = people.candidates.as_slice() else { return None };
    let counts = decided.iter().find_map(|decision| match decision {
        Decision::Counts(id) => Some(*id),
        _ => None,
    });
    Some(if let Some(id) = counts {
        let title = format!("id {id} counts: it is enabled and authorised, and the key is its own");
        Step::ok("choice", title)
    } else {
        let title = format!(
            "no account is enabled, authorised and the key's own: the first one's refusal (id {}) is \
             the answer",
            first.id
        );
        Step::refused("choice", title)
    })
}

/// Whether the mail server takes a mail is not tried; that there is none is known.
fn mail(site: &OpenSite, wanted: &WantedThing) -> Option<Step> {
    let off = matches!(site.plan.mail.way, Way::Off);
    let title = "mail is switched off: `keybyemail` ends with REL_ESM, whatever is said below";
    (off && matches!(wanted, WantedThing::Group(_))).then(|| {
        Step::new("mail", StepOutcome::Info, title)
            .with("switch it on in Joomla, or set `transport` in `[mail]`")
    })
}

fn privacy(decided: &[Decision]) -> Option<Step> {
    let title = "`privacy = \"uniform\"`: clients learn REL_KNV whatever the reason is";
    let is_hidden = decided.iter().any(|decision| matches!(decision, Decision::Hidden));
    is_hidden.then(|| Step::new("privacy", StepOutcome::Info, title))
}

/// A failure of database or storage leaves the result unknown; the steps show that. A failure for
/// another reason, as a recipe that makes no key, is a refusal.
fn gets<'a>(decisive: impl Iterator<Item = &'a Answered>, steps: &[Step]) -> Gets {
    let codes: Vec<ErrorCode> = decisive.filter_map(|answer| answer.outcome.err()).collect();
    let is_failure = |code: &&ErrorCode| [code::GENERIC_ERROR, code::LIMIT_EXCEEDED].contains(code);
    let is_unknown = steps.iter().any(|step| step.outcome == StepOutcome::Unknown);
    match (codes.iter().find(is_failure).filter(|_| is_unknown), codes.first()) {
        (Some(code), _) => Gets::Unknown(*code),
        (None, Some(code)) => Gets::No(*code),
        (None, None) => Gets::Yes,
    }
}
