//! The same end-points under other settings of the site.

use jbackend_bridge::config::Config;
use testkit::transcript::{self, Case};

use super::replay;
use crate::common::site::Site;

#[tokio::test]
async fn recordings_under_other_settings() {
    let mut passed = 0;
    let mut cases = transcript::under_settings();
    while let Some(first) = cases.first() {
        let setting = first.setting.clone().unwrap();
        let (now, later): (Vec<Case>, Vec<Case>) =
            cases.into_iter().partition(|case| case.setting.as_ref() == Some(&setting));
        let mut site = Site::recorded().await;
        configure(&mut site.config, &setting);
        for statement in statements(&setting) {
            site.run(statement).await;
        }
        let server = site.serve().await;
        passed += replay(&server, now).await;
        server.stopped().await;
        cases = later;
    }
    assert_eq!(passed, 31);
}

fn configure(config: &mut Config, setting: &str) {
    match setting {
        "sef_suffix=1" => config.joomla.sef_suffix = true,
        "sef=0" => config.joomla.sef = false,
        "force_ssl=2" => config.joomla.force_ssl = 2,
        "plugins disabled" | "release plugin row access=2 (Registered)" => {
            config.release.require_enabled = true;
        }
        // These do not change the answers of an end-point.
        "sef_rewrite=0" | "offline=1" | "user plugin disabled" => {}
        other => panic!("unknown setting {other}"),
    }
}

fn statements(setting: &str) -> &'static [&'static str] {
    match setting {
        "plugins disabled" => &["UPDATE #__extensions SET enabled = 0 WHERE folder = 'jbackend'"],
        "user plugin disabled" => {
            &["UPDATE #__extensions SET enabled = 0 WHERE folder = 'jbackend' AND element = 'user'"]
        }
        "release plugin row access=2 (Registered)" => &[
            "UPDATE #__extensions SET access = 2 WHERE folder = 'jbackend' AND element = 'release'",
        ],
        _ => &[],
    }
}
