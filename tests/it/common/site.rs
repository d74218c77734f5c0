//! A whole site for a test: database, package files, mailbox, and the bridge that serves it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jbackend_bridge::config::Config;
use jbackend_bridge::config::values::{Listen, MailTransport};
use jbackend_bridge::service::{App, Reloader};
use mysql_async::Row;
use mysql_async::prelude::Queryable;
use tempfile::TempDir;
use testkit::client::{Client, Reply};
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::store::StoreSettings as _;

/// Content of the free package; the contents differ, so that a test can tell the downloads apart.
pub(crate) const FREE_FILE: &[u8] = b"PK\x03\x04 the free package";
/// Content of the paid package.
pub(crate) const PAID_FILE: &[u8] = b"PK\x03\x04 the paid package";
/// Alice's key for the package group `redj_enterprise` under the fixture's recipe.
pub(crate) const ALICE_KEY: &str = "7759be2e42149d8de20744af04915090";

/// A site that is not served yet.
pub(crate) struct Site {
    /// The configuration that the bridge starts with; a test changes it before [`Site::serve`].
    pub(crate) config: Config,
    /// Joomla's root: package folder, mails, database file.
    pub(crate) folder: TempDir,
    database: Option<Arc<Database<'static>>>,
}

impl Site {
    /// Makes the site of the recordings: a Joomla 3.10 on MariaDB.
    pub(crate) async fn recorded() -> Self {
        Self::new(Schema::Joomla3).await
    }

    /// Makes a site with the same rows in any database.
    pub(crate) async fn new(schema: Schema) -> Self {
        let folder = TempDir::new().unwrap();
        write_packages(folder.path());
        let mut config = configuration(folder.path());
        let database = if schema == Schema::Sqlite {
            let file = folder.path().join("site.db");
            let connection = rusqlite::Connection::open(&file).unwrap();
            // One transaction: each of its own would be written to the disk.
            let statements = fixture::statements(schema).join(";\n");
            connection.execute_batch(&format!("BEGIN;\n{statements};\nCOMMIT")).unwrap();
            config.database.url = Some(format!("sqlite:{}", file.display()).into());
            None
        } else {
            let database = MariaDb::shared().database(schema).await;
            point_at(&mut config, &database);
            Some(Arc::new(database))
        };
        Self { config, folder, database }
    }

    /// Makes a site in a database of the test.
    pub(crate) fn on(database: &Database<'_>) -> Self {
        let folder = TempDir::new().unwrap();
        write_packages(folder.path());
        let mut config = configuration(folder.path());
        point_at(&mut config, database);
        Self { config, folder, database: None }
    }

    /// Runs a statement in the site's database; `#__` stands for the prefix.
    pub(crate) async fn run(&self, statement: &str) {
        if let Some(database) = &self.database {
            return database.run(statement).await;
        }
        let file = self.folder.path().join("site.db");
        let connection = rusqlite::Connection::open(file).unwrap();
        connection.execute_batch(&fixture::sql(statement)).unwrap();
    }

    /// Returns the rows of a query; `#__` stands for the prefix.
    pub(crate) async fn rows(&self, query: &str) -> Vec<Row> {
        let database = self.database();
        let mut admin = database.admin().await;
        let rows = admin.query(fixture::sql(query)).await.unwrap();
        admin.disconnect().await.unwrap();
        rows
    }

    /// Returns the site's database on MariaDB.
    pub(crate) fn database(&self) -> Arc<Database<'static>> {
        Arc::clone(self.database.as_ref().expect("a site on MariaDB"))
    }

    /// Starts the bridge on a free port.
    pub(crate) async fn serve(self) -> Server {
        let app = App::start(&self.config).await.unwrap();
        Server::run(app, self)
    }

    /// Returns the folder that the settings name.
    pub(crate) fn packages(&self) -> std::path::PathBuf {
        self.folder.path().join("files")
    }
}

/// A site that is being served.
pub(crate) struct Server {
    /// The site.
    pub(crate) site: Site,
    /// A client of it.
    pub(crate) client: Client,
    /// The address of its admin listener, if it has one.
    pub(crate) admin: Option<String>,
    /// Puts other configurations into force.
    pub(crate) reloader: Reloader,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    fn run(app: App, site: Site) -> Self {
        let client = Client::new(&app.addresses()[0]);
        let (admin, reloader) = (app.admin_address(), app.reloader());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(app.serve(async {
            let _ = stopped.await;
        }));
        Self { site, client, admin, reloader, stop: Some(stop), task }
    }

    /// Sends a GET of a request target.
    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.client.send("GET", target, &[], b"").await
    }

    /// Returns the JSON body of a GET.
    pub(crate) async fn json(&self, target: &str) -> String {
        self.get(target).await.text()
    }

    /// Returns the error code of a GET, `ok` if there is none.
    pub(crate) async fn code(&self, target: &str) -> String {
        self.get(target).await.code()
    }

    /// Counts the established connections of this process to the server, on the server's side.
    pub(crate) fn open_sockets(&self) -> usize {
        let port: u16 = self.client.address.rsplit(':').next().unwrap().parse().unwrap();
        let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
        let local = format!(":{port:04X}");
        let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
        rows.filter(|row| row[1].ends_with(&local) && row[3] == "01").count()
    }

    /// Tells the bridge to stop, without waiting.
    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take();
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(mut self) {
        self.tell_to_stop();
        self.task.await.unwrap();
    }

    /// Starts the service again, after an orderly stop or after none.
    pub(crate) async fn again(mut self, is_orderly: bool) -> Self {
        if is_orderly {
            self.tell_to_stop();
            self.task.await.unwrap();
        } else {
            self.task.abort();
            assert!(self.task.await.is_err());
        }
        // The tasks beside it end when the service's last holder is dropped.
        drop(self.reloader);
        self.site.serve().await
    }

    /// Returns the mails written so far, as `.eml` text.
    pub(crate) fn mails(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.site.folder.path().join("mails")) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }
}

fn write_packages(root: &Path) {
    for (path, content) in [
        ("files/public/joomla/redj/ReDJ1.9.0Community_J3.zip", FREE_FILE),
        ("files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip", PAID_FILE),
        ("files/public/joomla/redj/small.zip", b"PK small"),
    ] {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
}

fn configuration(root: &Path) -> Config {
    let mut config = Config::default();
    config.server.listen = Listen::Tcp("127.0.0.1:0".into());
    config.server.shutdown_deadline = 5;
    config.joomla.root = Some(root.into());
    config.joomla.secret = Some(fixture::secret().to_owned().into());
    config.joomla.site_name = Some("Recorded Site".into());
    config.joomla.version = Some("3.10".into());
    config.database.prefix = Some(fixture::prefix().into());
    config.license.recipe = Some(fixture::recipe().into());
    config.mail.transport = Some(MailTransport::File);
    config.mail.outbox = Some(root.join("mails"));
    config.mail.from = Some("licenses@example.test".into());
    config.mail.timeout = 3;
    config.release.refresh = 1;
    config
}

fn point_at(config: &mut Config, database: &Database<'_>) {
    let settings = database.settings();
    let database = &mut config.database;
    database.host = Some(settings.address.to_string());
    database.name = Some(settings.database);
    database.user = Some(settings.user);
    database.password = Some(settings.password);
}
