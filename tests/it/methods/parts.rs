//! The release module without database, folder and HTTP, for tests whose timing these would leave
//! to chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jbackend_bridge::config::sections;
use jbackend_bridge::limits::{ClientAddress, Limits};
use jbackend_bridge::mail::{Letters, Offline};
use jbackend_bridge::methods::{
    Answer as Answered, Argument, Arguments, Caller, Method, Policy, Refusal, Release, Verifier,
};
use jbackend_bridge::packages::Packages;
use jbackend_bridge::release::license::KeyRing;
use jbackend_bridge::release::params::ParamNames;
use jbackend_bridge::site::LiveSite;
use jbackend_bridge::site::endpoint_plan::EndpointPlan;
use jbackend_bridge::site::live_releases::LiveReleases;
use jbackend_bridge::site::settings::{OpenFolder, SettingsSource};
use jbackend_bridge::store::standby::{Failover, Handover};
use jbackend_bridge::store::{
    Account, EndpointRows, ExtensionParams, Ids, Joomla, MemberSpan, Oddity, Session, SiteRows,
    StoreError, StoredHash, TwoFactor, User,
};
use jbackend_bridge::supervise::Tasks;
use joomla_password::Decoy;
use license_recipe::{Recipe, Spellings};
use tokio::sync::Semaphore;

/// The module, and its site.
pub(super) struct Module {
    pub(super) release: Release,
    pub(super) site: LiveSite,
}

impl Module {
    /// Runs a method as the core does for a database without a standby copy.
    pub(super) async fn run(
        &self,
        method: Method,
        arguments: &Arguments,
        from: Option<ClientAddress>,
    ) -> Result<Answered, Refusal> {
        self.run_anew(0, method, arguments, from).await
    }

    /// Runs a method once more for each answer that is thrown away.
    pub(super) async fn run_anew(
        &self,
        thrown_away: u32,
        method: Method,
        arguments: &Arguments,
        from: Option<ClientAddress>,
    ) -> Result<Answered, Refusal> {
        let mut caller = Caller::new(from, &self.release.limits);
        for _ in 0..thrown_away {
            let _ = self.release.run(&self.site.view(), method, arguments, &mut caller).await;
            caller.begin_anew();
        }
        let answer = self.release.run(&self.site.view(), method, arguments, &mut caller).await;
        caller.settle().await;
        answer
    }

    /// Makes this the database from now on.
    pub(super) fn ask(&self, store: Arc<dyn Joomla>) {
        let menu = EndpointRows::default();
        self.site.hand_over(Handover { store, site: rows("files"), menu });
    }
}

/// Makes a site with one account, `alice`, and this package folder.
pub(super) fn module(verifier: Verifier, packages: &Arc<dyn Packages>) -> Module {
    let packages = Arc::clone(packages);
    let source = source(Box::new(move |_| Arc::clone(&packages)));
    let keys = Arc::clone(&source.keys);
    let alice = Arc::new(Alice::that(Mood::Answers));
    let site = live(source, alice, rows("files"), None);
    let release = Release {
        tasks: Tasks::default(),
        verifier,
        keys,
        mailer: Arc::new(Offline),
        letters: Arc::new(Letters::load(None).unwrap()),
        site_name: String::new(),
        policy: Policy::default(),
        mails_waiting: Arc::new(Semaphore::new(1)),
        dlid_in_json: false,
        limits: Limits::default(),
        open_limit: Duration::from_secs(10),
    };
    Module { release, site }
}

/// Makes settings of the plugin's row, with a recipe.
pub(crate) fn source(open_folder: OpenFolder) -> SettingsSource {
    let recipe = Recipe::parse("md5($email . $group . $hash)", &Spellings::default()).unwrap();
    SettingsSource {
        fixed: None,
        param_names: ParamNames::default(),
        root: Some("/nowhere".into()),
        table: "jos_extensions".into(),
        rules: None,
        require_enabled: false,
        allow_guessable: Vec::new(),
        keys: Arc::new(KeyRing::new(recipe, b"")),
        open_folder,
        releases: LiveReleases::default(),
    }
}

/// Makes a site without end-points.
pub(crate) fn live(
    source: SettingsSource,
    store: Arc<dyn Joomla>,
    rows: SiteRows,
    failover: Option<Arc<Failover>>,
) -> LiveSite {
    let plan = EndpointPlan::new(&sections::Joomla::default(), &[], None);
    let first = Handover { store, site: rows, menu: EndpointRows::default() };
    LiveSite::new(source, plan, first, failover).unwrap()
}

/// Makes the rows of a site with a free package, `free`, in this folder.
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

/// Makes a password check that matches no password and costs as much as an ordinary one.
pub(super) fn verifier() -> Verifier {
    Verifier::new(0, Decoy::bcrypt(4))
}

/// Makes arguments with only the id.
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

/// Makes a login to the package group `members`.
pub(super) fn login(username: &str, password: &str) -> Arguments {
    Arguments {
        username: Argument::Text(username.into()),
        password: Argument::Text(password.into()),
        password_as_sent: Some(password.into()),
        ..id("members")
    }
}

/// A database whose only account is Alice's.
pub(super) struct Alice {
    mood: Mood,
    /// For each look-up by id: whether there is such an account.
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

/// The database's reaction to look-ups of accounts.
#[derive(Clone, Copy)]
pub(super) enum Mood {
    Answers,
    Fails,
    Hangs,
}

impl Alice {
    pub(super) fn that(mood: Mood) -> Self {
        Self { mood, ids: Mutex::default() }
    }

    async fn asked(&self) -> Result<(), StoreError> {
        match self.mood {
            Mood::Answers => Ok(()),
            Mood::Fails => {
                Err(StoreError::Broken { place: "here".into(), reason: "it is a test".into() })
            }
            Mood::Hangs => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Joomla for Alice {
    async fn users_by_email(&self, _: &str) -> Result<Vec<User>, StoreError> {
        self.asked().await.map(|()| Vec::new())
    }

    async fn users_by_username(&self, username: &str) -> Result<Vec<Account>, StoreError> {
        let alice = Account {
            user: alice(),
            password: StoredHash::new(super::md5_hex("alicepass")),
            two_factor: TwoFactor::Off,
        };

        self.asked().await?;
        Ok((username == "alice").then_some(alice).into_iter().collect())
    }

    async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        let found = (id == 100).then(alice);
        self.ids.lock().unwrap().push(found.is_some());
        Ok(found)
    }

    async fn recent_hashes(&self) -> Result<Vec<StoredHash>, StoreError> {
        Ok(Vec::new())
    }

    async fn highest_user(&self) -> Result<i64, StoreError> {
        Ok(100)
    }

    async fn users_from(&self, _: i64) -> Result<Vec<User>, StoreError> {
        Ok(Vec::new())
    }

    async fn members_between(&self, _: u32, _: Ids) -> Result<Vec<User>, StoreError> {
        Ok(Vec::new())
    }

    async fn member_spans(&self, _: &[u32], _: Ids) -> Result<Vec<MemberSpan>, StoreError> {
        Ok(Vec::new())
    }

    async fn odd_user(&self, _: &Oddity, _: Ids) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    async fn site_rows(&self) -> Result<SiteRows, StoreError> {
        Ok(rows("files"))
    }

    async fn group_titles(&self) -> Result<BTreeMap<u32, String>, StoreError> {
        Ok(BTreeMap::new())
    }

    async fn endpoint_rows(&self) -> Result<EndpointRows, StoreError> {
        Ok(EndpointRows::default())
    }

    async fn session(&self, _: &[u8]) -> Result<Option<Session>, StoreError> {
        Ok(None)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
