//! Releases: published by the commands, served by the program that runs beside them.

mod catalog;
mod commands;
mod lint;
mod uploads;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use testkit::fixture::Schema;

use crate::cli::operations::{Service, configure, site, usual};
use crate::cli::updates::package;
use crate::cli::{Run, program, run};
use crate::common::site::Site;

/// A site with a ledger and a folder for releases.
pub(crate) struct Shop {
    site: Site,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        let site = site(Schema::Sqlite).await;
        let shop = Self { site };
        shop.configure("");
        shop
    }

    /// Writes the configuration, with more lines at its end.
    pub(crate) fn configure(&self, lines: &str) {
        let ledger = self.path("bridge.db").display().to_string();
        let folder = self.state().display().to_string();
        let own = format!(
            "server.public_url = 'https://www.example.com'\nledger.url = 'sqlite:{ledger}'\n\
             releases.folder = '{folder}'\n"
        );
        configure(&self.site, &(usual() + &own + lines));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.site.folder.path().join(name)
    }

    /// The folder of private copies, beside the site's folder.
    fn state(&self) -> PathBuf {
        let site = self.site.folder.path();
        let name = format!("{}-releases", site.file_name().unwrap().to_str().unwrap());
        site.with_file_name(name)
    }

    /// Puts a package for Joomla 4 and 5 onto the maker's disk.
    pub(crate) fn build(&self, element: &str, version: &str) -> String {
        self.put(&format!("pkg_{element}-{version}.zip"), &package(element, version, "[45]"))
    }

    fn put(&self, name: &str, content: &[u8]) -> String {
        let file = self.path(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    }

    async fn command(&self, arguments: &[&str]) -> Run {
        let toml = self.path("bridge.toml").display().to_string();
        run(program(&[arguments, &["--config", &toml]].concat())).await
    }

    /// Runs a command that ends with this code, and reads its JSON.
    pub(crate) async fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let run = self.command(&[arguments, &["--json"]].concat()).await;
        assert_eq!(run.code, Some(code), "{arguments:?}: {} {}", run.stdout, run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    pub(crate) async fn start(&self) -> Service {
        Service::start(&self.site).await
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.state());
    }
}

/// The errors of a refusal.
fn errors(refused: &Value) -> Vec<String> {
    let findings = refused["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|finding| finding["is_error"] == true);
    errors.map(|finding| finding["what"].as_str().unwrap().to_owned()).collect()
}
