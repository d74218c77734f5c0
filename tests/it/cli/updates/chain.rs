//! The whole way: the printed XML, the served file, and a Joomla that installs it.

use joomla_updates::entry::Checksums;
use sha2::{Digest, Sha256, Sha384, Sha512};
use testkit::fixture::Schema;

use super::{package, put_recorded, run, updates};
use crate::common::site::Site;
use crate::update_site::joomla;

fn hexadecimal(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn checksums(file: &[u8]) -> Checksums {
    Checksums {
        sha256: hexadecimal(&Sha256::digest(file)),
        sha384: hexadecimal(&Sha384::digest(file)),
        sha512: hexadecimal(&Sha512::digest(file)),
    }
}

/// Checks that Joomla's updater downloads the offered version from the bridge, and that its
/// checksums match.
async fn is_taken(mut site: Site, configuration: &str) {
    put_recorded(&site);
    let xml = run(updates(&site, configuration, &["pkg_redj"])).await;
    assert_eq!(xml.code, Some(0), "{}", xml.stderr);
    site.config.joomla.sef_suffix = configuration.contains("sef_suffix = true");
    let server = site.serve().await;
    let installed = ("pkg_redj", "package", "", 0, "1.8.0".to_owned());
    for version in ["3.10.11", "4.4.0", "5.3.2"] {
        let site = joomla::Site { installed: installed.clone(), ..joomla::Site::with(version, "") };
        assert_eq!(joomla::find(&site, &xml.stdout).offered.as_deref(), Some("1.9.0"));
        let wrong = joomla::apply(&site, &xml.stdout, &checksums(b"another file"));
        let joomla::Applied::Installed { url, .. } =
            joomla::apply(&site, &xml.stdout, &checksums(&package("redj", "1.9.0", "[345]")))
        else {
            panic!("{version}: not installed")
        };
        let target = url.strip_prefix("https://www.example.com").unwrap();
        let download = server.get(target).await;
        assert_eq!(download.status, 200, "{url}");
        let installs = joomla::apply(&site, &xml.stdout, &checksums(&download.body));
        let clean =
            joomla::Applied::Installed { url, checksum_failed: false, checksum_missing: false };
        assert_eq!(installs, clean, "{version}");
        assert_ne!(wrong, clean, "{version}: checksums are looked at");
    }
    server.stopped().await;
}

#[tokio::test]
async fn the_offered_version_is_served_with_these_checksums() {
    is_taken(
        Site::new(Schema::Sqlite).await,
        "[server]\npublic_url = \"https://www.example.com/\"\n",
    )
    .await;
}

/// If Joomla cuts suffixes off paths, an id with a dot goes into a parameter.
#[tokio::test]
async fn ids_with_dots_are_served_where_paths_end_in_a_suffix() {
    let site = Site::new(Schema::Sqlite).await;
    site.run(
        "UPDATE #__extensions SET params = REPLACE(params, 'redj_com_190', 'redj_com_1.9') \
         WHERE element = 'release'",
    )
    .await;
    let toml = "[server]\npublic_url = \"https://www.example.com\"\n[joomla]\nsef_suffix = true\n";
    is_taken(site, toml).await;
}
