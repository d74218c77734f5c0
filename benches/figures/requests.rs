//! Small answers: with one query, next to warp with the same query; without, next to warp.

use std::time::Duration;

use testkit::fixture;

use crate::bare;
use crate::client::get;
use crate::load::{Load, Sample};
use crate::pairs::{Median, Rounds};
use crate::report::{Report, Target};
use crate::site::{Site, customers, database_server, explain};

const CONNECTIONS: usize = 32;
const SIZES: [(u64, &str); 2] = [(100_000, "100,000"), (1_000_000, "1,000,000")];

/// `validate` and `verify` with many and with very many customers.
pub(crate) async fn with_a_query(rounds: Rounds, report: &mut Report) {
    let server = database_server();
    let mut sites = Vec::new();
    for (size, name) in SIZES {
        let (site, database) = Site::with_customers(&server, size).await;
        report.note(&format!("EXPLAIN, {name} customers"), explain(&database).await);
        let bare = bare::start(site.database(), fixture::prefix());
        sites.push((size, site.serve(""), bare));
    }
    let [(few, few_bridge, few_bare), (many, many_bridge, many_bare)] = &sites[..] else {
        unreachable!("as many as there are sizes")
    };
    for (method, id) in [("validate", "group"), ("verify", "paid")] {
        let ours = |size: u64| {
            let path = format!("/packages/post/release/{method}/{id}");
            customers(size).map(move |(email, key)| format!("{path}?email={email}&key={key}"))
        };
        let theirs =
            |size: u64| customers(size).map(|(email, _)| format!("/validate?email={email}"));
        for (size, bridge, bare) in &sites {
            for (process, mut targets) in [
                (bridge, Box::new(ours(*size)) as Box<dyn Iterator<Item = String>>),
                (bare, Box::new(theirs(*size))),
            ] {
                assert_eq!(get(process, &targets.next().unwrap()), r#"{"status":"ok"}"#);
            }
        }
        let load = |targets: Vec<String>| Load::new(targets, CONNECTIONS);
        let (few_ours, few_theirs) = (load(ours(*few).collect()), load(theirs(*few).collect()));
        let (many_ours, many_theirs) = (load(ours(*many).collect()), load(theirs(*many).collect()));
        let samples = rounds.run::<Sample>(&mut [
            &mut |time| few_ours.on(few_bridge, time),
            &mut |time| few_theirs.on(few_bare, time),
            &mut |time| many_ours.on(many_bridge, time),
            &mut |time| many_theirs.on(many_bare, time),
        ]);
        let [few_ours, few_theirs, many_ours, many_theirs] = &samples[..] else {
            unreachable!("as many as there are contenders")
        };
        for ((_, name), ours, theirs) in
            [(SIZES[0], few_ours, few_theirs), (SIZES[1], many_ours, many_theirs)]
        {
            let ratio = Median::ratio(ours, theirs, |sample| sample.requests);
            report.add(
                format!(
                    "`{method}`, {name} customers / warp with the same query, answers per second"
                ),
                ratio,
                "",
                Target::AtLeast(0.85),
                format!("{}; warp {}", told(ours), told(theirs)),
            );
        }
        report.add(
            format!(
                "`{method}`, time of an answer with {} / with {} customers",
                SIZES[1].1, SIZES[0].1
            ),
            Median::ratio(few_ours, many_ours, |sample| sample.requests),
            "",
            Target::AtMost(1.15),
            format!("{}; {}", told(many_ours), told(few_ours)),
        );
    }
}

/// Refusals that need no database.
pub(crate) fn without_a_query(rounds: Rounds, report: &mut Report) {
    let site = Site::on_sqlite();
    let (bridge, bare) = (site.serve(""), bare::start("mysql://nobody@127.0.0.1:1/none", "x_"));
    let cases = [
        ("bad module", "/packages/get/nonsense/download/x", "REQ_MNF"),
        ("unknown package", "/packages/get/release/download/nonsense", "REL_PNF"),
        ("missing parameter", "/packages/post/release/validate/group", "REL_ENS"),
    ];
    assert_eq!(get(&bare, "/hello"), "Hello, World!");
    let hello = Load::new(["/hello".to_owned()], CONNECTIONS);
    for (name, target, code) in cases {
        let answer = get(&bridge, target);
        assert!(answer.contains(code), "{answer}");
        let ours = Load::new([target.to_owned()], CONNECTIONS);
        let samples = rounds.run::<Sample>(&mut [
            &mut |time: Duration| ours.on(&bridge, time),
            &mut |time: Duration| hello.on(&bare, time),
        ]);
        report.add(
            format!("{name} / warp's \"hello world\", answers per second"),
            Median::ratio(&samples[0], &samples[1], |sample| sample.requests),
            "",
            Target::AtLeast(0.7),
            format!("{}; warp {}", told(&samples[0]), told(&samples[1])),
        );
    }
}

fn told(samples: &[Sample]) -> String {
    let middle = |value: fn(&Sample) -> f64| Median::of(samples.iter().map(value)).middle;
    format!(
        "{:.0}/s, p99 {:.1} ms, {:.0} µs of processor each",
        middle(|sample| sample.requests),
        middle(|sample| sample.p99),
        middle(|sample| sample.cpu_per_request)
    )
}
