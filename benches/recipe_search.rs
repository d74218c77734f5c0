//! How many formulas `recipe find` tries a second, on all cores, by depth and kind of key. Run with
//! `cargo bench --bench recipe_search`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use license_recipe::Sample;
use license_recipe::search::{Depth, Search};

/// Returns a search without a result, for a key of this form.
fn search(key: &str, depth: Depth) -> Search {
    let (email, group) = ("alice@example.com".to_owned(), "redj_enterprise".to_owned());
    let mut sample = Sample::new(1, email, group, key.to_owned().into());
    sample.hash = Some("HASH123KEY456".to_owned().into());
    sample.secret = Some("s3cr3tOfTheSite0".to_owned().into());
    sample.group_name = Some("ReDJ Enterprise".to_owned());
    #[allow(clippy::expect_used, reason = "a bench fails by panicking")]
    Search::new(vec![sample], &[], depth, true).expect("a key to search for")
}

fn formulas(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("formulas");
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(5));
    let long = "f".repeat(32);
    for (name, key, depth) in [
        ("quick_32_digits", long.as_str(), Depth::Quick),
        ("usual_32_digits", long.as_str(), Depth::Usual),
        ("usual_12_digits", "ffffffffffff", Depth::Usual),
        ("usual_base64", "ZZZZZZZZzzzzzzzzZZZZZZ==", Depth::Usual),
    ] {
        let search = search(key, depth);
        group.throughput(Throughput::Elements(search.size()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&search).run(&|_| ()).tried);
        });
    }
    group.finish();
}

criterion_group!(benches, formulas);
criterion_main!(benches);
