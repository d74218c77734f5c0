//! `demo`: a sample site in this process, with ready-to-paste commands.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{ExitVerdict, logging, serve};
use crate::config::values::Listen;
use crate::service::App;
use crate::service::demo::{self, DemoSite};
use crate::service::plan::log::LogPlan;

/// Try it out: a sample site with one customer, a free and a paid package.
///
/// Needs no database server, no Joomla and no mail server: the site is a SQLite file, mails become
/// `.eml` files. Prints a `curl` line for each method, ready to be pasted into another terminal.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    /// Address to listen on: `host:port` or `unix:/path`
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: Listen,
    /// Folder for the sample site, new, empty or from an earlier `demo`; a temporary one, removed at
    /// the end, when not given
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge demo
  jbackend-bridge demo --listen 127.0.0.1:9000 --dir /tmp/sample-site";

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let temporary = match &self.dir {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("jbackend-bridge-demo-").tempdir()?),
        };
        let folder = self
            .dir
            .or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned()))
            .unwrap_or_default();
        // The settings in it are for commands in any folder.
        let folder = std::path::absolute(&folder)?;
        let DemoSite { mut config, key } = demo::make(&folder)?;
        config.server.listen = self.listen;
        logging::start(&LogPlan::of(&config.log)?);
        let app = App::start(&config).await?;
        let addresses = app.addresses();
        // The port may have been chosen a moment ago, and update XML names it.
        if let Some(address) = addresses.first() {
            demo::write_public_url(&folder, base(address))?;
            config.server.public_url = Some(base(address).to_owned());
        }
        app.reloader().reload(&config).await?;
        let lines: String =
            addresses.iter().map(|address| commands(address, key.as_str(), &folder)).collect();
        serve::until_stopped(app, &lines).await?;
        Ok(ExitVerdict::Yes)
    }
}

/// The site's address for clients.
fn base(address: &str) -> &str {
    if address.starts_with("unix:") { "http://localhost" } else { address }
}

/// The commands to paste, one for each method and one for update XML.
fn commands(address: &str, key: &str, folder: &Path) -> String {
    let curl = match address.strip_prefix("unix:") {
        Some(socket) => format!("curl --unix-socket '{}'", socket.replace('\'', r"'\''")),
        None => "curl".to_owned(),
    };
    let base = format!("{}/{}", base(address), demo::ENDPOINT);
    let (email, group, paid, free) = (demo::EMAIL, demo::GROUP, demo::PAID, demo::FREE);
    let xml = demo::UPDATE_XML;
    let (username, password) = (demo::USERNAME, demo::PASSWORD);
    let mails = folder.join("mails");
    format!(
        "A sample site is served at {address}. Paste these into another terminal:\n\
         \n\
         # the free package\n\
         {curl} -OJ '{base}/get/release/download/{free}'\n\
         \n\
         # the license key for a login\n\
         {curl} '{base}/post/release/keybyauth/{group}' -d username={username} -d password={password}\n\
         \n\
         # the license key by mail; it is put into {mails}\n\
         {curl} '{base}/post/release/keybyemail/{group}?email={email}'\n\
         \n\
         # is the key good for the package group, and for the package?\n\
         {curl} '{base}/post/release/validate/{group}?email={email}&key={key}'\n\
         {curl} '{base}/post/release/verify/{paid}?email={email}&key={key}'\n\
         \n\
         # the paid package\n\
         {curl} -OJ '{base}/get/release/download/{paid}?email={email}&key={key}'\n\
         \n\
         # what Joomla's updater reads of the free package\n\
         {curl} '{base}/updates/{xml}.xml'\n\
         \n\
         Stop with Ctrl-C.\n",
        mails = mails.display()
    )
}
