//! The effects of the section `[updates]`.

use std::fmt::Write as _;

use testkit::fixture::Schema;

use super::{PUBLIC_URL, package, put, put_recorded, run, updates};
use crate::common::site::Site;

#[tokio::test]
async fn overrides_win_over_the_manifest_and_the_manifest_over_the_section() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml = format!(
        "{PUBLIC_URL}
[updates]
listed = [\"redj_enterprise\"]
endpoint = \"api/v1\"
targetplatform = \"6\"
infourl = \"https://www.example.com/all\"
maintainer = \"Everybody\"

[[updates.packages]]
group = \"redj_enterprise\"
name = \"ReDJ Enterprise\"
infourl = \"https://www.example.com/key\"
targetplatform = \"[45]\"

[[updates.packages]]
package = \"redj_ent_190\"
xml = \"redj-pro\"
tag = \"beta\"
targetplatform = \"5\"
php_minimum = \"8.1\"
description = \"With <b> & more\"
changelogurl = \"https://www.example.com/changes.xml\"
supported_databases = {{ mariadb = \"10.6\" }}
section = \"pro\"
maintainerurl = \"https://www.example.com\"
"
    );
    let pro = run(updates(&site, &toml, &["redj-pro"])).await;
    let group = run(updates(&site, &toml, &["redj_enterprise.xml"])).await;
    assert_eq!(pro.stdout, group.stdout);
    let free = run(updates(&site, &toml, &["pkg_redj"])).await;
    let without_checksums = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("<sha"));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(format!(
        "{}\n{}",
        without_checksums(&pro.stdout),
        without_checksums(&free.stdout)
    ));
}

/// Joomla 5.4 and 6.2 show the urgency.
#[tokio::test]
async fn how_urgent_an_update_is_stands_there_where_it_is_said() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    for (written, stands) in [
        ("security = 0", "<security>0</security>"),
        ("security = 4", "<security>4</security>"),
        ("security = \"3\"", "<security>3</security>"),
        ("security = \"medium\"", "<security>2</security>"),
        ("security = \"critical\"", "<security>4</security>"),
    ] {
        let toml = format!(
            "{PUBLIC_URL}\n[updates]\n[[updates.packages]]\npackage = \"redj_com_190\"\n{written}\n"
        );
        let xml = run(updates(&site, &toml, &["pkg_redj"])).await.stdout;
        assert!(xml.contains(stands), "{written}: {xml}");
    }
    let xml = run(updates(&site, PUBLIC_URL, &["pkg_redj"])).await.stdout;
    assert!(xml.contains("<version>1.9.0<") && !xml.contains("<security>"), "{xml}");
    for wrong in ["5", "-1", "\"severe\"", "\"High\"", "\"\""] {
        let toml = format!(
            "{PUBLIC_URL}\n[updates]\npackages = [{{ package = \"redj_com_190\", security = {wrong} }}]\n"
        );
        let ran = run(updates(&site, &toml, &["pkg_redj"])).await;
        let told = "`security`: `";
        assert!(ran.code == Some(2) && ran.stderr.contains(told), "{wrong}: {}", ran.stderr);
        assert!(ran.stderr.contains("write 0 to 4, or `none`"), "{wrong}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_section_s_target_platform_is_for_packages_that_name_none() {
    let site = Site::new(Schema::Sqlite).await;
    put(&site, "a.zip", &package("a", "1.0", ""));
    let release = "[release]\nfolder = \"files\"\npackages = [\"a;a.zip\"]\n";
    let without = run(updates(&site, &format!("{PUBLIC_URL}{release}"), &[])).await;
    assert_eq!(without.code, Some(1));
    assert!(without.stdout.contains("nothing says for which Joomla"), "{}", without.stdout);
    let toml = format!("{PUBLIC_URL}{release}[updates]\ntargetplatform = '(3\\.10|4)'\n");
    let with = run(updates(&site, &toml, &["pkg_a"])).await;
    assert!(with.stdout.contains(r#"version="(3\.10|4)""#), "{}{}", with.stdout, with.stderr);
}

/// A character that a path would not keep apart goes into a parameter.
#[tokio::test]
async fn odd_package_ids_have_addresses_too() {
    let site = Site::new(Schema::Sqlite).await;
    put(&site, "a.zip", &package("a", "1.0", "5"));
    let packages = ["a 1;a.zip", "b/1;a.zip", "ü&?#;a.zip", "c_1.0;a.zip", "..;a.zip"];
    let release = format!("[release]\nfolder = \"files\"\npackages = {packages:?}\n");
    let mut told = String::new();
    for suffix in [false, true] {
        for package in packages {
            let package = package.split(';').next().unwrap();
            let one = format!("[\"{package};a.zip\"]");
            let release = release.replace(&format!("{packages:?}"), &one);
            let toml = format!("{PUBLIC_URL}{release}[joomla]\nsef_suffix = {suffix}\n");
            let ran = run(updates(&site, &toml, &["pkg_a"])).await;
            let url = ran.stdout.lines().find(|line| line.contains("<downloadurl"));
            writeln!(told, "{suffix} {}", url.unwrap_or(&ran.stderr).trim()).unwrap();
        }
    }
    insta::assert_snapshot!(told);
}
