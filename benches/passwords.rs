//! The CPU time of a verification, a kind a line: the figures behind `joomla_password::Caps`
//! and the decoy. Run with `cargo bench --bench passwords`.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use joomla_password::{Caps, Decoy, Rules, check, verify};

/// One stored text a kind, none of which the password opens.
const KINDS: [(&str, &str); 8] = [
    ("bcrypt_cost_10", "$2y$10$z9wNjVzpeaRzpVgoplq/.e5tS6eYobItwU/.Yos9HW8SP73Tdj0ES"),
    (
        "argon2id_64_mib_4_passes",
        "$argon2id$v=19$m=65536,t=4,p=1$LkxsQkpUNXo3LnFrOEdyWQ$el/6C1PHE+pbUplmI4zPR2P7ebAvgyX7o6/dEZgpRWg",
    ),
    ("phpass_2_13", "$P$ByMutN8ZCh2SAUXcogVQ7rnZH6Plfh."),
    ("md5_crypt", "$1$abcdefgh$1xDLXGB9R3MU9e9q/o56V0"),
    ("sha256_crypt_5000", "$5$abcdefghijklmnop$rLfZzOakoU0855rDbYtz0rTdFWVDWjtV3QvH8Pgpbe1"),
    ("des_crypt", "abwxqTFirElb6"),
    ("extended_des_725", "_J9..rasmVLLtXHgUp3c"),
    ("md5", "dbd4cd26d06af1db97df0d0aaa46ad59"),
];

fn verifications(criterion: &mut Criterion) {
    let caps = Caps::default();
    let mut group = criterion.benchmark_group("passwords");
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(2));
    for (kind, stored) in KINDS {
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                let password = black_box(b"not the password".as_slice());
                verify(password, stored.as_bytes(), Rules::Joomla4, &caps)
            });
        });
    }
    group.finish();
}

/// Those that a login must not tell apart by its time.
fn logins(criterion: &mut Criterion) {
    let caps = Caps::default();
    let decoy = Decoy::default();
    let mut group = criterion.benchmark_group("logins");
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(2));
    let rows = [
        ("unknown_user", None),
        ("bcrypt_cost_10", Some(KINDS[0].1)),
        ("bcrypt_cost_8", Some("$2y$08$yT3DprE62AqdUbNhJyqoBeyws3olEyLaXnWoGOErICgV9VKXvPznu")),
        ("phpass_2_13", Some(KINDS[2].1)),
        ("malformed", Some("*0")),
    ];
    for (row, stored) in rows {
        group.bench_function(row, |bencher| {
            bencher.iter(|| {
                let password = black_box(b"not the password".as_slice());
                let stored = stored.map(str::as_bytes);
                check(password, stored, Rules::Joomla4, &caps, &decoy)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, verifications, logins);
criterion_main!(benches);
