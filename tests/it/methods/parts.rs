//! The release module without database, folder and HTTP: for what those would make a matter of
//! luck.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jbackend_bridge::joomla::{
    Account, Answer, EndpointRows, ExtensionParams, Ids, Joomla, MemberSpan, Oddity, Session,
    SiteRows, StoreError, StoredHash, TwoFactor, User,
};
use jbackend_bridge::license::KeyRing;
use jbackend_bridge::limits::Limits;
use jbackend_bridge::mail::{Letters, Offline};
use jbackend_bridge::methods::settings::{Settings, Source};
use jbackend_bridge::methods::{Argument, Arguments, Policy, Release, StandIn, Verifier};
use jbackend_bridge::packages::Packages;
use jbackend_bridge::release::params::ParamNames;
use jbackend_bridge::supervise::Tasks;
use joomla_password::Decoy;
use license_recipe::{Recipe, Spellings};
use tokio::sync::Semaphore;

/// A site with one account, `alice`, and any package folder.
pub(super) fn release(verifier: Verifier, packages: &Arc<dyn Packages>) -> Release {
    let recipe = Recipe::parse("md5($email . $group . $hash)", &Spellings::default()).unwrap();
    let keys = Arc::new(KeyRing::new(recipe, b""));
    let packages = Arc::clone(packages);
    let source = Source {
        fixed: None,
        param_names: ParamNames::default(),
        root: Some("/nowhere".into()),
        table: "jos_extensions".into(),
        rules: None,
        require_enabled: false,
        allow_guessable: Vec::new(),
        keys: Arc::clone(&keys),
        open_folder: Box::new(move |_| Arc::clone(&packages)),
    };
    Release {
        tasks: Tasks::default(),
        settings: Arc::new(Settings::new(source, &rows("files")).unwrap()),
        joomla: Arc::new(Alice::that(Mood::Answers)),
        verifier,
        keys,
        mailer: Arc::new(Offline),
        letters: Arc::new(Letters::load(None).unwrap()),
        site_name: String::new(),
        policy: Policy::default(),
        stand_in: StandIn::default(),
        mails_waiting: Arc::new(Semaphore::new(1)),
        dlid_in_json: false,
        limits: Limits::default(),
        open_limit: Duration::from_secs(10),
    }
}

/// The rows of a site with a free package, `free`, in this folder.
pub(super) fn rows(folder: &str) -> SiteRows {
    let params = serde_json::json!({
        "folder": folder, "groups": "members;2;seed", "packages": "free;free.zip"
    });
    SiteRows {
        release_plugins: vec![ExtensionParams {
            id: 1,
            enabled: true,
            access: 1,
            params: params.to_string(),
        }],
        user_plugin: false,
        component: None,
        groups: Vec::new(),
        view_levels: Vec::new(),
        guest_group: 1,
        login_plugins: Vec::new(),
        version: None,
    }
}

/// A check that opens nothing and costs what an ordinary one does.
pub(super) fn verifier() -> Verifier {
    Verifier::new(0, Decoy::bcrypt(4))
}

/// No parameter but the id.
pub(super) fn id(id: &str) -> Arguments {
    Arguments {
        id: Argument::Text(id.into()),
        email: Argument::Absent,
        key: Argument::Absent,
        dlid: Argument::Absent,
        username: Argument::Absent,
        password: Argument::Absent,
        password_as_sent: None,
    }
}

/// A login to the package group `members`.
pub(super) fn login(username: &str, password: &str) -> Arguments {
    Arguments {
        username: Argument::Text(username.into()),
        password: Argument::Text(password.into()),
        password_as_sent: Some(password.into()),
        ..id("members")
    }
}

/// A database that holds Alice alone.
pub(super) struct Alice {
    mood: Mood,
    /// Questions yet in whose middle somebody else begins to answer.
    changes: AtomicU64,
    turn: AtomicU64,
    /// The ids that were asked for: is there such an account?
    pub(super) ids: Mutex<Vec<bool>>,
}

fn alice() -> User {
    User {
        id: 100,
        name: "Alice".into(),
        username: "alice".into(),
        email: "alice@example.test".into(),
        block: 0,
        groups: vec![2],
    }
}

/// What becomes of questions for accounts.
#[derive(Clone, Copy)]
pub(super) enum Mood {
    Answers,
    Fails,
    Hangs,
}

impl Alice {
    pub(super) fn that(mood: Mood) -> Self {
        Self { mood, changes: AtomicU64::new(0), turn: AtomicU64::new(0), ids: Mutex::default() }
    }

    /// One that changes places with its snapshot while it is asked, so many times.
    pub(super) fn that_changes(times: u64) -> Self {
        Self { changes: AtomicU64::new(times), ..Self::that(Mood::Answers) }
    }

    async fn asked(&self) -> Result<(), StoreError> {
        let fewer = |changes: u64| changes.checked_sub(1);
        if self.changes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
            self.turn.fetch_add(2, Ordering::Relaxed);
        }
        match self.mood {
            Mood::Answers => Ok(()),
            Mood::Fails => {
                Err(StoreError::Broken { place: "here".into(), reason: "it is a test".into() })
            }
            Mood::Hangs => std::future::pending().await,
        }
    }
}

impl Joomla for Alice {
    fn users_by_email<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<User>> {
        Box::pin(async { self.asked().await.map(|()| Vec::new()) })
    }

    fn users_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Vec<Account>> {
        let alice = Account {
            user: alice(),
            password: StoredHash::new(super::md5_hex("alicepass")),
            two_factor: TwoFactor::Off,
        };
        Box::pin(async move {
            self.asked().await?;
            Ok((username == "alice").then_some(alice).into_iter().collect())
        })
    }

    fn user_by_id(&self, id: i64) -> Answer<'_, Option<User>> {
        let found = (id == 100).then(alice);
        self.ids.lock().unwrap().push(found.is_some());
        Box::pin(async { Ok(found) })
    }

    fn recent_hashes(&self) -> Answer<'_, Vec<StoredHash>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn highest_user(&self) -> Answer<'_, i64> {
        Box::pin(async { Ok(100) })
    }

    fn users_from(&self, _: i64) -> Answer<'_, Vec<User>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn members_between(&self, _: u32, _: Ids) -> Answer<'_, Vec<User>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn member_spans<'a>(&'a self, _: &'a [u32], _: Ids) -> Answer<'a, Vec<MemberSpan>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn odd_user<'a>(&'a self, _: &'a Oddity, _: Ids) -> Answer<'a, Option<i64>> {
        Box::pin(async { Ok(None) })
    }

    fn site_rows(&self) -> Answer<'_, SiteRows> {
        Box::pin(async { Ok(rows("files")) })
    }

    fn group_titles(&self) -> Answer<'_, BTreeMap<u32, String>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }

    fn endpoint_rows(&self) -> Answer<'_, EndpointRows> {
        Box::pin(async { Ok(EndpointRows::default()) })
    }

    fn session<'a>(&'a self, _: &'a [u8]) -> Answer<'a, Option<Session>> {
        Box::pin(async { Ok(None) })
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }
}
