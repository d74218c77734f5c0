//! If a site turns every client away, the log, `/readyz` and the metrics tell it.

use std::fmt::Write as _;

use testkit::fixture::Schema;

use super::{Service, configure, eventually, site, usual};

/// A change that breaks the site, the fault, and the change that fixes it.
const FAULTS: [(&str, &str, &str); 5] = [
    (
        "UPDATE #__menu SET published = 0 WHERE link LIKE '%com_jbackend%'",
        "no_end_point",
        "UPDATE #__menu SET published = 1 WHERE link LIKE '%com_jbackend%'",
    ),
    (
        "UPDATE #__extensions SET element = 'away' WHERE element = 'release'",
        "no_plugin",
        "UPDATE #__extensions SET element = 'release' WHERE element = 'away'",
    ),
    (
        "UPDATE #__extensions SET enabled = 0 WHERE element = 'release'",
        "plugin_disabled",
        "UPDATE #__extensions SET enabled = 1 WHERE element = 'release'",
    ),
    (
        "UPDATE #__extensions SET params = '{\"folder\":\"files\",\"groups\":\"g;11\",\"packages\":\"\"}' \
         WHERE element = 'release'",
        "no_package",
        "UPDATE #__extensions SET params = '{\"folder\":\"files\",\"groups\":\"g;11\",\"packages\":\"p;a.zip;g\"}' \
         WHERE element = 'release'",
    ),
    (
        "UPDATE #__extensions SET params = '{\"folder\":\"files\",\"groups\":\"g;x\",\"packages\":\"p;a.zip;g\\nq;a.zip;other\\nr;a.zip\"}' \
         WHERE element = 'release'",
        "no_paid_package",
        "UPDATE #__extensions SET params = '{\"folder\":\"files\",\"groups\":\"g;11\",\"packages\":\"p;a.zip;g\\nq;a.zip;other\"}' \
         WHERE element = 'release'",
    ),
];

#[tokio::test]
async fn regression_a_site_that_turns_all_clients_away_is_told() {
    for schema in [Schema::Sqlite, Schema::Joomla5] {
        let site = site(schema).await;
        configure(&site, &(usual() + "release.require_enabled = true\n"));
        // Keep only the end-points of the menu.
        let file = site.folder.path().join("bridge.toml");
        let settings = std::fs::read_to_string(&file).unwrap();
        let (_, settings) = settings.split_once('\n').unwrap();
        std::fs::write(&file, settings).unwrap();
        let service = Service::start(&site).await;
        let reason = async || {
            let reply = service.ask_admin("/readyz").await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let json: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            json["site"]["reason"].clone()
        };
        for (breaks, fault, mends) in FAULTS {
            let metric = format!("jbackend_bridge_site_fault{{fault=\"{fault}\"}}");
            assert_eq!(service.metric(&metric).await, Some(0.0), "{fault}");
            site.run(breaks).await;
            eventually(fault, async || service.metric(&metric).await == Some(1.0)).await;
            eventually(fault, async || reason().await.is_string()).await;
            site.run(mends).await;
            eventually(fault, async || service.metric(&metric).await == Some(0.0)).await;
            eventually(fault, async || reason().await.is_null()).await;
        }
        service.signal("TERM").await;
        let log = service.ended().await;
        for (_, fault, _) in FAULTS {
            let lines = log.lines().filter(|line| line.contains(&format!("fault=\"{fault}\"")));
            assert_eq!(lines.count(), 2, "{fault}: {log}");
        }
    }
}

#[tokio::test]
async fn regression_a_settings_save_of_wrong_lines_does_not_fill_the_log() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let (mut groups, mut packages) = (String::new(), String::new());
    for number in 0..5_000 {
        writeln!(groups, "g{number};x;;a\ng{number};9").unwrap();
        writeln!(packages, "p{number};../{};g{number}", "long".repeat(20)).unwrap();
    }
    let params = serde_json::json!({"folder": "files", "groups": groups, "packages": packages});
    let params = params.to_string().replace('\'', "''");
    let before = service.log().len();
    site.run(&format!("UPDATE #__extensions SET params = '{params}' WHERE element = 'release'"))
        .await;
    service.logs("the new ones are in force", 1).await;
    service.signal("TERM").await;
    let log = service.ended().await;
    let said = log.get(before..).unwrap();
    assert!(
        said.contains("4980 more") || said.contains("more lines of the settings are wrong"),
        "{said}"
    );
    assert!(said.len() < 40_000, "{} bytes", said.len());
}
