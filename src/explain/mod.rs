//! Why somebody gets a package or not: the service's checks one by one, and the answer itself.
//!
//! Called by the subcommands `explain` and `key`. Two things stand side by side: the steps, which
//! put each check into words, and the real answer, which the service's own code computes
//! (`answer`). Nothing is written: no mail, no trace row, no counter.
//!
//! In the order of the way: `wanted` (package or package group), `people` (accounts), `standing`
//! (enabled, user groups), `key`, `login`, `file`, `place` (end-points), `conclusion` (the codes
//! the steps lead to). [`issued`] is for the command `key`.

pub mod answer;
mod conclusion;
pub mod file;
pub mod issued;
mod key;
mod login;
mod masked;
mod people;
mod place;
mod requests;
mod standing;
pub mod step;
mod wanted;

use secrecy::{ExposeSecret, SecretString};

use self::answer::{Answered, KeySent};
use self::conclusion::{Assessed, Facts};
use self::file::{FileFacts, Progress};
use self::key::KeyCheck;
use self::login::Login;
use self::people::{GroupNames, People};
use self::place::Place;
use self::requests::{Asker, requests};
use self::step::{Outcome, Step};
use self::wanted::Wanted;
use crate::app::site::Site;
use crate::joomla::StoreError;
use crate::methods::{Code, Method, code, may_have};
use crate::plan::mail::Way;
use crate::site::Settings;

/// What is asked.
pub struct Question {
    /// An e-mail or a user name.
    pub who: String,
    /// A package or a package group.
    pub what: String,
    /// The license key the customer sends.
    pub key: Option<SecretString>,
    /// The password the customer logs in with.
    pub password: Option<SecretString>,
}

/// Whether somebody gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gets {
    /// Every answer that decides is a good one.
    Yes,
    /// The first refusal.
    No(Code),
    /// Database or storage failed, so the answer says nothing about the person.
    Unknown(Code),
}

/// The explanation. Holds no key and no password.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// As it was asked.
    pub who: String,
    /// As it was asked.
    pub what: String,
    /// What that is: `package`, `package group` or `unknown`.
    pub kind: &'static str,
    /// The key that the verdict is about.
    pub with: KeySent,
    /// The verdict.
    pub gets_it: Gets,
    /// The checks, in order.
    pub steps: Vec<Step>,
    /// The file, where the package has one.
    pub file: Option<FileFacts>,
    /// What clients get; the ones that decide come first.
    pub answers: Vec<Answered>,
}

/// Explains.
///
/// # Errors
/// When the database does not answer.
pub async fn explain(
    site: &Site,
    question: &Question,
    progress: Progress,
) -> Result<Explanation, StoreError> {
    let release = &*site.release;
    let settings = &*site.view.settings;
    let names = &GroupNames::read(&*site.joomla).await;
    let wanted = Wanted::find(settings, &question.what);
    let people = People::find(&*site.joomla, &question.who).await?;
    let place = Place::new(site.plan.public_url.as_ref(), &site.view.endpoints);
    let mut facts = Facts {
        published: settings.published && place.publishes(),
        no_package: wanted.refusal(true),
        no_group: wanted.refusal(false),
        free: wanted.is_free(),
        uniform: release.policy.uniform,
        accounts: Vec::new(),
        file: Ok(()),
        login: None,
    };

    let mut steps: Vec<Step> = module(settings).into_iter().collect();
    steps.extend(wanted.steps(settings, &question.what, names));
    if !wanted.is_free() {
        steps.push(people.step());
    }
    let mut chosen = people.chosen(|_| false);
    let mut own = None;
    if let Some(group) = wanted.group() {
        let check = KeyCheck::new(release, settings, group, &people);
        chosen = people.chosen(|user| may_have(release, settings, user, group).is_ok());
        own = chosen.and_then(|user| check.own(user).ok());
        let given = question.key.as_ref().map(ExposeSecret::expose_secret);
        for user in &people.candidates {
            let account = (people.candidates.len() > 1).then_some(user.id);
            let (enabled, member) = standing::steps(release, settings, user, group, names);
            let own_steps = [enabled, member, check.step(user, given)];
            steps.extend(own_steps.map(|step| step.of(account)));
            facts.accounts.push(check.assess(user, given, own.as_ref()));
        }
        if let Some(password) = &question.password {
            let username = people.username(chosen);
            let login = Login::with(site, username, password).await?;
            let account = login.account.as_ref();
            let account = account.map(|account| check.assess(&account.user, None, None));
            facts.login = Some((login.succeeds, account));
            steps.extend(login.steps);
        }
    }
    steps.extend(choice(&facts, &people, question.key.is_some()));
    let mut file = None;
    if let Wanted::Package { package, .. } = &wanted {
        let (step, found, outcome) = file::step(release, settings, package, progress).await;
        steps.push(step);
        (file, facts.file) = (found, outcome);
    }
    steps.extend(privacy(&facts));
    steps.extend(mail(site, &wanted).filter(|_| question.password.is_none()));
    steps.push(place.step());

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
    let mut answers = Vec::new();
    for request in &requests {
        let answered = asker.ask(request).await;
        let as_explained = answered.outcome == facts.of(request.method, request.key);
        answers.push(Answered { as_explained, ..answered });
    }
    steps.extend(disagreement(&answers));
    let decisive = requests.iter().zip(&answers).filter(|(request, _)| request.decides);
    let gets_it = gets(decisive.map(|(_, answer)| answer), &steps);
    Ok(Explanation {
        who: question.who.clone(),
        what: question.what.clone(),
        kind: wanted.kind(),
        with: requests
            .iter()
            .find(|request| request.decides && request.method != Method::KeyByAuth)
            .map_or(KeySent::No, |one| one.key),
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

/// Which of several accounts counts.
fn choice(facts: &Facts, people: &People, has_key: bool) -> Option<Step> {
    if facts.accounts.len() < 2 {
        return None;
    }
    let fits = |account: &&Assessed| {
        let key = if has_key { account.given_fits } else { account.own_fits };
        account.standing.is_ok() && key
    };
    let place = facts.accounts.iter().position(|account| fits(&account));
    let id = people.candidates.get(place.unwrap_or_default())?.id;
    Some(if place.is_some() {
        let title = format!("id {id} counts: it is enabled and authorised, and the key is its own");
        Step::ok("choice", title)
    } else {
        let title = format!(
            "no account is enabled, authorised and the key's own: the first one's refusal (id {id}) is \
             the answer"
        );
        Step::refused("choice", title)
    })
}

/// Whether the mail server takes a mail is not tried; that there is none is known.
fn mail(site: &Site, wanted: &Wanted<'_>) -> Option<Step> {
    let off = matches!(site.plan.mail.way, Way::Off);
    let title = "mail is switched off: `keybyemail` ends with REL_ESM, whatever is said below";
    (off && matches!(wanted, Wanted::Group(_))).then(|| {
        Step::new("mail", Outcome::Info, title)
            .with("switch it on in Joomla, or set `transport` in `[mail]`")
    })
}

fn privacy(facts: &Facts) -> Option<Step> {
    let title = "`privacy = \"uniform\"`: clients learn REL_KNV whatever the reason is";
    (facts.uniform && !facts.free).then(|| Step::new("privacy", Outcome::Info, title))
}

/// Steps and answers are made by different code; what they differ in has to be looked at.
fn disagreement(answers: &[Answered]) -> Option<Step> {
    let mut other = answers.iter().filter(|answer| !answer.as_explained);
    let first = other.next()?;
    let title = format!("the service answers `{}` otherwise than the steps say", first.method);
    let step = Step::new("answer", Outcome::Unknown, title);
    Some(
        step.with("settings, account or file may have changed meanwhile: ask again").with(
            "if it stays so, the answer below is right and the steps are not: please report it",
        ),
    )
}

/// A failure of database or storage says nothing about the person; the steps show it as unknown. One
/// for another reason, as a recipe that makes no key, is a refusal.
fn gets<'a>(decisive: impl Iterator<Item = &'a Answered>, steps: &[Step]) -> Gets {
    let codes: Vec<Code> = decisive.filter_map(|answer| answer.outcome.err()).collect();
    let is_failure = |code: &&Code| [code::GENERIC_ERROR, code::LIMIT_EXCEEDED].contains(code);
    let is_unknown = steps.iter().any(|step| step.outcome == Outcome::Unknown);
    match (codes.iter().find(is_failure).filter(|_| is_unknown), codes.first()) {
        (Some(code), _) => Gets::Unknown(*code),
        (None, Some(code)) => Gets::No(*code),
        (None, None) => Gets::Yes,
    }
}
