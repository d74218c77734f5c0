//! Documentation, dashboard and alerts only name metrics that exist.

use std::collections::{BTreeMap, BTreeSet};

use jbackend_bridge::jbackend;
use jbackend_bridge::methods::code;
use serde_json::Value;
use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Service, configure, eventually, site, usual, validate};

const MANUAL: &str = include_str!("../../../../docs/operations.md");
const DASHBOARD: &str = include_str!("../../../../contrib/grafana-dashboard.json");
const ALERTS: &str = include_str!("../../../../contrib/prometheus-alerts.yml");
const ALERT_TESTS: &str = include_str!("../../../../contrib/prometheus-alerts.test.yml");

type Names = BTreeMap<String, BTreeSet<String>>;

/// Collects all metrics with their labels. The service runs on MariaDB, in front of a site, in
/// shadow mode, and every counted event has happened.
async fn metrics() -> Names {
    let php = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = php.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = php.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                          Connection: close\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let site = site(Schema::Joomla3).await;
    let lines =
        format!("fallback.upstream = 'http://{upstream}'\nfallback.shadow = ['validate']\n");
    configure(&site, &(usual() + &lines));
    let service = Service::start(&site).await;
    service.get(&validate()).await;
    service.get("/packages/get/release/download/redj_com_190").await;
    service.get("/trace/post/release/verify/redj_com_190").await;
    eventually("the comparison", async || {
        let same = "jbackend_bridge_shadow_answers_total{resource=\"validate\",result=\"same\"}";
        service.metric(same).await == Some(1.0)
    })
    .await;
    let text = service.metrics().await;
    let site_answer = "jbackend_bridge_site_requests_total{code=\"http_200\"} 1\n";
    assert!(text.contains(site_answer), "{text}");
    service.signal("TERM").await;
    service.ended().await;
    let mut names = Names::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let sample = if kind == "histogram" { format!("{name}_count") } else { name.to_owned() };
        let line = text.lines().find(|line| {
            line.strip_prefix(&sample).is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        names.insert(name.to_owned(), labels(line.expect("a sample")));
    }
    names
}

/// Finds the names of labels in `{name="value",…}`.
fn labels(line: &str) -> BTreeSet<String> {
    let before_equals = line.split('=').rev().skip(1);
    let names = before_equals.map(|text| text.rsplit(['{', ',', ' ']).next().unwrap_or_default());
    let names = names.map(|name| name.trim_end_matches(['!', '~']));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Finds the metrics that an expression uses, with their labels.
fn used(expression: &str) -> Vec<(String, BTreeSet<String>)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for start in ["jbackend_bridge_", "process_"] {
        for (at, _) in expression.match_indices(start) {
            if expression[..at].ends_with(is_name) {
                continue;
            }
            let rest = &expression[at..];
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let name = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| rest[..end].strip_suffix(suffix))
                .unwrap_or(&rest[..end]);
            let selector = rest[end..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            found.push((name.to_owned(), labels(selector.map_or("", |(inside, _)| inside))));
        }
    }
    found
}

#[tokio::test]
async fn every_metric_is_documented_and_every_document_is_true() {
    let real = metrics().await;
    let rows = MANUAL
        .lines()
        .filter(|line| line.starts_with("| `jbackend_bridge_") || line.starts_with("| `process_"));
    let documented: Names = rows
        .map(|row| {
            let cells: Vec<_> = row.split(" | ").collect();
            let names =
                |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            let name: Vec<String> = names(cells[0]);
            let labels = if row.contains("` | | ") {
                BTreeSet::new()
            } else {
                names(cells[1]).into_iter().collect()
            };
            (name[0].clone(), labels)
        })
        .collect();
    assert_eq!(documented, real);

    let target = ["job", "instance"].map(str::to_owned);
    let mut count = 0;
    for (place, text) in [("dashboard", expressions()), ("alerts", alert_expressions())] {
        for expression in text {
            for (name, asked) in used(&expression) {
                count += 1;
                let known = real.get(&name);
                let known = known.unwrap_or_else(|| panic!("{place}: no metric {name}"));
                for label in asked {
                    let is_known =
                        known.contains(&label) || target.contains(&label) || label == "le";
                    assert!(is_known, "{place}: {name} has no label {label}");
                }
            }
        }
    }
    assert!(count > 40, "only {count} uses were found: does the test still look right?");
    let unused: Vec<_> = real
        .keys()
        .filter(|name| !expressions().concat().contains(name.as_str()))
        .filter(|name| {
            !name.ends_with("connections_accepted_total") && !name.ends_with("reloads_total")
        })
        .collect();
    assert!(unused.is_empty(), "the dashboard does not show {unused:?}");
}

/// Returns the expressions of all panels, after a check of the parts that every panel needs.
fn expressions() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    assert!(variables.iter().any(|one| one["name"] == "datasource" && one["type"] == "datasource"));
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels with one id");
        assert!(places.insert(panel["gridPos"].to_string()), "two panels in one place");
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()));
        if panel["type"] == "row" {
            continue;
        }
        assert_eq!(panel["datasource"]["uid"], "${datasource}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{}", panel["title"]);
        for target in targets {
            let expression = target["expr"].as_str().unwrap();
            is_balanced(expression);
            found.push(expression.to_owned());
        }
    }
    found
}

/// Lists the alerts: name and text.
fn alerts() -> Vec<(&'static str, &'static str)> {
    let rules = ALERTS.split("      - alert: ").skip(1);
    rules.map(|rule| rule.split_once('\n').unwrap()).collect()
}

fn alert_expressions() -> Vec<String> {
    alerts()
        .into_iter()
        .map(|(name, rule)| {
            let at = rule.find("        expr: ").unwrap_or_else(|| panic!("{name}: no expr"));
            let end =
                ["        for: ", "        labels:"].iter().filter_map(|key| rule.find(key)).min();
            let expression = &rule[at + "        expr: ".len()..end.unwrap()];
            is_balanced(expression);
            expression.to_owned()
        })
        .collect()
}

fn is_balanced(expression: &str) {
    for pair in ["()", "{}", "[]"] {
        let [open, close] = [0, 1].map(|at| expression.matches(&pair[at..=at]).count());
        assert_eq!(open, close, "{expression}");
    }
    assert_eq!(expression.matches('"').count() % 2, 0, "{expression}");
}

#[test]
fn every_alert_is_complete_explained_and_tested() {
    assert!(!ALERTS.contains('\t'));
    let all = alerts();
    for (name, rule) in &all {
        for key in ["severity: ", "summary: \"", "description: \""] {
            assert_eq!(rule.matches(key).count(), 1, "{name}: {key}");
        }
        let row = format!("| `{name}` | ");
        assert_eq!(MANUAL.matches(&row).count(), 1, "{name} is not explained");
        let tests = ALERT_TESTS.matches(&format!("alertname: {name}\n")).count();
        assert!(tests >= 2, "{name} is not tested both ways");
    }
    assert_eq!(all.len(), MANUAL.matches("| `JbackendBridge").count());
    let known: Vec<_> = code::ALL.iter().chain(jbackend::code::ALL).map(|code| code.name).collect();
    for text in [ALERTS, DASHBOARD, MANUAL] {
        for start in ["REL_", "REQ_"] {
            for (at, _) in text.match_indices(start) {
                let name = &text[at..at + 7];
                assert!(known.contains(&name), "there is no code {name}");
            }
        }
    }
}
