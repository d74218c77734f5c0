//! Package files, next to nginx: how fast, and for how much processor time.

use std::time::Duration;

use crate::client::get;
use crate::load::{Load, Sample};
use crate::nginx;
use crate::pairs::{Median, Rounds};
use crate::report::{Report, Target};
use crate::site::Site;

const MB: usize = 1_000_000;
const FILES: [(&str, usize); 3] = [("50k", 50_000), ("10m", 10 * MB), ("200m", 200 * MB)];

/// Each size with few and with many clients.
pub(crate) fn downloads(rounds: Rounds, report: &mut Report) {
    let site = Site::on_sqlite();
    for (name, bytes) in FILES {
        site.write_package(name, bytes);
    }
    let bridge = site.serve("");
    let nginx = nginx::start(&site.packages());
    let target = |name: &str| format!("/packages/get/release/download/{name}");
    assert_eq!(get(&bridge, &target("50k")), get(&nginx.process, "/50k"));
    for (name, bytes) in FILES {
        for clients in [8, 32] {
            let ours = Load::new([target(name)], clients);
            let theirs = Load::new([format!("/{name}")], clients);
            let samples = rounds.run::<Sample>(&mut [
                &mut |time: Duration| ours.on(&bridge, time),
                &mut |time: Duration| theirs.on_url(&nginx.sendfile, &nginx.process, time),
                &mut |time: Duration| theirs.on_url(&nginx.copying, &nginx.process, time),
            ]);
            let [ours, sendfile, copying] = &samples[..] else {
                unreachable!("as many as there are contenders")
            };
            let amount = if bytes < MB {
                format!("{} KB", bytes / 1000)
            } else {
                format!("{} MB", bytes / MB)
            };
            let name = format!("download of {amount}, {clients} clients / nginx");
            let speed = |sample: &Sample| sample.bytes;
            let cpu = |sample: &Sample| sample.cpu_per_gb;
            let middle = |samples: &[Sample], value: fn(&Sample) -> f64| {
                Median::of(samples.iter().map(value)).middle
            };
            let speeds = [ours, sendfile, copying].map(|samples| middle(samples, speed) / 1e6);
            let cpus = [ours, sendfile, copying].map(|samples| middle(samples, cpu));
            report.add(
                format!("{name} with sendfile, MB per second"),
                Median::ratio(ours, sendfile, speed),
                "",
                Target::AtLeast(1.0),
                format!(
                    "{:.0} MB/s; nginx {:.0}, without sendfile {:.0}",
                    speeds[0], speeds[1], speeds[2]
                ),
            );
            let told =
                format!("{:.2} s; nginx {:.2} with, {:.2} without", cpus[0], cpus[1], cpus[2]);
            report.add(
                format!("{name} without sendfile, processor seconds per GB"),
                Median::ratio(ours, copying, cpu),
                "",
                Target::AtMost(1.5),
                told.clone(),
            );
            report.add(
                format!("{name} with sendfile, processor seconds per GB"),
                Median::ratio(ours, sendfile, cpu),
                "",
                Target::None,
                told,
            );
        }
    }
}
