//! Who holds a license: the user behind an e-mail or a one-field key, his standing, his key.
//!
//! Shared by the methods that start from one of them; the rules and the order of the candidates are
//! in `docs/release.md`, "Who is authorised".

use license_recipe::trimmed;

use super::code::{self, ErrorCode};
use super::even_time::EvenTime;
use super::{Arguments, Caller, Decision, DecisionLog, Dlid, Judged, Refusal, Release, Sent};
use crate::limits::Proof;
use crate::release::authorise::{GroupTree, Standing, memberships, standing};
use crate::release::license::Person;
use crate::release::settings::PackageGroup;
use crate::site::settings::{seed, unix_now};
use crate::site::{Settings, SiteView};
use crate::store::User;

/// The accounts an e-mail names, best first. One database round trip.
async fn candidates(view: &SiteView, email: Sent<'_>) -> Result<Vec<User>, Refusal> {
    match email.text() {
        None => Ok(Vec::new()),
        Some(email) => Ok(view.store.users_by_email(email).await?),
    }
}

/// Is the account enabled and in one of the package group's user groups?
///
/// # Errors
/// `REL_UNE` for a blocked one, `REL_ANA` for one in none of the groups.
pub fn may_have(
    release: &Release,
    settings: &Settings,
    user: &User,
    group: &PackageGroup,
) -> Result<(), ErrorCode> {
    let tree = tree(release, settings);
    match standing(user.block, &user.groups, &group.user_groups, tree) {
        Standing::Authorised => Ok(()),
        Standing::NotEnabled => Err(code::USER_NOT_ENABLED),
        Standing::NotAuthorised => Err(code::NOT_AUTHORISED),
    }
}

/// Returns the tree of user groups, if a child group counts as its parents.
fn tree<'s>(release: &Release, settings: &'s Settings) -> Option<&'s GroupTree> {
    release.policy.inherit_groups.then_some(&settings.group_tree)
}

/// Holds an account against a package group and a key: is the key good, and may the account have
/// the package group?
///
/// Both are looked at whatever comes of one: no answer comes sooner than another.
#[expect(
    clippy::too_many_arguments,
    reason = "it judges an account, a key and a package group by the site, and notes it"
)]
pub fn judge<L: DecisionLog>(
    release: &Release,
    settings: &Settings,
    group: &PackageGroup,
    user: &User,
    given: &[u8],
    log: &mut L,
) -> (bool, Result<(), ErrorCode>) {
    let mut accepted = None;
    let right = release.keys.accepts_telling(
        given,
        &person(user),
        &seed(group),
        unix_now(),
        |accepted_as, same| {
            if L::RECORDS && accepted.is_none() && bool::from(same) {
                accepted = Some(accepted_as);
            }
        },
    );
    let standing = may_have(release, settings, user, group);
    log.note(|| {
        let tree = tree(release, settings);
        Decision::Judged(Judged {
            user: user.id,
            accepted,
            standing,
            enabled: standing != Err(code::USER_NOT_ENABLED),
            memberships: memberships(&user.groups, &group.user_groups, tree).collect(),
        })
    });
    (right, standing)
}

/// Checks whether the client's e-mail and key, or its one-field key, open the package group.
///
/// A one-field key counts only if neither e-mail nor key was sent.
pub(super) async fn admit<'a, L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    group: &PackageGroup,
    arguments: &'a Arguments,
    caller: &mut Caller<'a, L>,
) -> Result<(), Refusal> {
    let sent = Credentials::sent(arguments)?;
    let proof = sent.proof();
    let even_time = EvenTime::start();
    caller.try_key(proof).await?;
    let judged = match sent {
        Credentials::Dlid(Some(dlid)) => check_dlid(release, view, group, dlid, caller).await,
        Credentials::Dlid(None) => Err(code::KEY_NOT_VALID.into()),
        Credentials::Key { email, key } => check(release, view, group, email, key, caller).await,
    };
    match (&judged, proof) {
        (Ok(account), Some(proof)) => caller.key_was_right(proof, *account),
        (Err(refusal), proof) if code::FAILURES.contains(&refusal.code) => {
            caller.key_failed(proof);
        }
        _ => {}
    }
    let hides_accounts = release.policy.uniform || matches!(sent, Credentials::Dlid(_));
    if judged.is_err() && hides_accounts && !L::RECORDS {
        even_time.wait().await;
    }
    judged?;
    Ok(())
}

/// The client's proof that they hold a license.
#[derive(Clone, Copy)]
enum Credentials<'a> {
    Key {
        email: Sent<'a>,
        key: Sent<'a>,
    },
    /// `None` for a text that is not a one-field key.
    Dlid(Option<Dlid<'a>>),
}

impl<'a> Credentials<'a> {
    fn sent(arguments: &'a Arguments) -> Result<Self, ErrorCode> {
        let Arguments { email, key, dlid, .. } = arguments;
        if dlid.is_present() && !email.is_present() && !key.is_present() {
            return Ok(Self::Dlid(Dlid::parse(dlid.required(code::KEY_NOT_SPECIFIED)?)));
        }
        let email = email.required(code::EMAIL_NOT_SPECIFIED)?;
        let key = key.required(code::KEY_NOT_SPECIFIED)?;
        Ok(Self::Key { email, key })
    }

    fn proof(self) -> Option<Proof<'a>> {
        Some(match self {
            Self::Key { email, key } => {
                Proof::Email { email: email.bytes()?, key: trimmed(key.bytes()?) }
            }
            Self::Dlid(dlid) => {
                let Dlid { user, key } = dlid?;
                Proof::Account { id: user.id(), key: trimmed(key) }
            }
        })
    }
}

/// Returns the account of this one-field key, if it opens the package group.
///
/// Every refusal is `REL_KNV` and takes the same time: ids are easy to count up, so no answer may
/// reveal which of them are accounts.
async fn check_dlid<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    group: &PackageGroup,
    Dlid { user, key }: Dlid<'_>,
    caller: &mut Caller<'_, L>,
) -> Result<i64, Refusal> {
    let user = view.store.user_by_id(user.id()).await?;
    if let Some(user) = &user {
        caller.is_about(user);
    }
    let person = user.as_ref().map_or(NOBODY, person);
    let right = release.keys.accepts_typed(key, &person, &seed(group), unix_now());
    let may = |user: &User| may_have(release, &view.settings, user, group).is_ok();
    user.filter(|user| right && may(user)).map(|user| user.id).ok_or(code::KEY_NOT_VALID.into())
}

/// Finds the account of `email` whose key opens the package group.
///
/// One of the candidates must be enabled, authorised *and* the one the key was made for; else the
/// first candidate's refusal is the answer.
#[expect(
    clippy::too_many_arguments,
    reason = "it judges an e-mail, a key and a package group by the site, and notes it"
)]
async fn check<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    group: &PackageGroup,
    email: Sent<'_>,
    key: Sent<'_>,
    caller: &mut Caller<'_, L>,
) -> Result<i64, Refusal> {
    let users = candidates(view, email).await?;
    let given = key.bytes().unwrap_or_default();
    let mut first = None;
    if let Some(user) = users.first() {
        caller.is_about(user);
    }
    for user in &users {
        let (right, standing) = judge(release, &view.settings, group, user, given, &mut caller.log);
        match standing {
            Ok(()) if right => {
                caller.is_about(user);
                caller.log.note(|| Decision::Counts(user.id));
                return Ok(user.id);
            }
            Ok(()) => first = first.or(Some(code::KEY_NOT_VALID)),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    if users.is_empty() {
        let _ = release.keys.accepts(given, &NOBODY, &seed(group), unix_now());
    }
    let refusal = first.unwrap_or(code::USER_NOT_FOUND);
    if !release.policy.uniform {
        return Err(refusal.into());
    }
    caller.log.note(|| Decision::Hidden);
    Err(code::KEY_NOT_VALID.into())
}

/// Stands in for an unknown user, so that his key costs the time of a known one's.
const NOBODY: Person<'static> =
    Person { user_id: 0, name: "nobody", username: "nobody", email: "nobody@example.invalid" };

/// An account as license keys know it.
#[must_use]
pub fn person(user: &User) -> Person<'_> {
    Person { user_id: user.id, name: &user.name, username: &user.username, email: &user.email }
}
