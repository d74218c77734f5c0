//! Connections that are cut in the middle of an answer.

use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;
use testkit::proxy::Proxy;

use super::{Pair, validate};

/// Bytes after which an answer is cut: in a packet's head, in the columns, in the rows.
const LENGTHS: [i64; 7] = [0, 1, 3, 5, 40, 200, 400];

/// Up to this many bytes, not even the greeting passes.
const NOTHING_PASSES: i64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn cut_in_the_middle_of_an_answer() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let proxy = Proxy::before(mariadb.port).await;
    let pair = Pair::start(&mariadb, &database, proxy.address.port()).await;
    let key = "/apikey/post/release/validate/x?api_key=goodkey";
    for bytes in LENGTHS {
        // Only one connection is cut; the retry on another one succeeds.
        let before = proxy.cuts();
        proxy.cut_after(bytes, 1);
        while proxy.cuts() == before {
            for running in pair.both() {
                assert_eq!(running.code(&validate()).await, "ok", "after {bytes} bytes");
            }
        }
        if bytes > NOTHING_PASSES {
            continue;
        }
        // All connections are cut, also new ones.
        proxy.cut_after(bytes, u64::MAX);
        assert_eq!(pair.plain.code(&validate()).await, "REL_RGE", "after {bytes} bytes");
        assert_eq!(pair.plain.code(key).await, "REQ_AKG", "after {bytes} bytes");
        pair.with_snapshot.until_snapshot().await;
        proxy.heal();
        pair.healed(&mariadb).await;
        for running in pair.both() {
            assert_eq!(running.code(key).await, "REL_GNF", "after {bytes} bytes");
        }
    }
    pair.end().await;
}
