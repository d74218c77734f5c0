//! The server is killed, stopped, or out of connections.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;

use super::{Load, Pair, connections, eventually, validate};

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_and_started_again() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let pair = Pair::start(&mariadb, &database, mariadb.port).await;
    let memory = async || pair.plain.service.metric("process_resident_memory_bytes").await.unwrap();
    let before = memory().await;
    for _ in 0..2 {
        let loads = pair.both().map(|running| Load::start(&running.service));
        mariadb.kill();
        let answered = loads.iter().map(Load::count).collect::<Vec<_>>();
        eventually("answers without a database", async || {
            loads.iter().zip(&answered).all(|(load, before)| load.count() > before + 50)
        })
        .await;
        mariadb.start();
        pair.healed_answers().await;
        let [refused, refused_with_snapshot] = {
            let [plain, with_snapshot] = loads;
            [plain.stop().await, with_snapshot.stop().await]
        };
        assert!(refused > 0, "the database was there all the time");
        assert_eq!(refused_with_snapshot, 0, "{}", pair.with_snapshot.service.log());
        pair.healed(&mariadb).await;
    }
    let grown = memory().await - before;
    assert!(grown < 32.0 * 1024.0 * 1024.0, "{grown} bytes more than before");
    pair.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_for_a_while_and_continued() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let pair = Pair::start(&mariadb, &database, mariadb.port).await;
    mariadb.hang();
    pair.with_snapshot.until_snapshot().await;
    assert_eq!(pair.plain.code(&validate()).await, "REL_RGE");
    let key = "/apikey/post/release/validate/x?api_key=goodkey";
    assert_eq!(pair.with_snapshot.code(key).await, "REQ_AKG");
    mariadb.go_on();
    pair.healed(&mariadb).await;
    pair.end().await;
}

/// Joomla or another client holds all connections.
#[tokio::test(flavor = "multi_thread")]
async fn all_connections_taken_by_others() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let pair = Pair::start(&mariadb, &database, mariadb.port).await;
    let mut admin = mariadb.admin(None).await;
    admin.query_drop("CREATE USER others IDENTIFIED BY 'secret'").await.unwrap();
    admin.query_drop("SET GLOBAL max_connections = 10").await.unwrap();
    let mut taken: Vec<Conn> = Vec::new();
    eventually("no connection for the services", async || {
        let options = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(mariadb.port)
            .prefer_socket(false)
            .user(Some("others"))
            .pass(Some("secret"));
        if let Ok(conn) = Conn::new(options).await {
            taken.push(conn);
            return false;
        }
        let ours = "SELECT GROUP_CONCAT(id) FROM information_schema.processlist \
                    WHERE user IN ('plain', 'copied')";
        let ids: Option<Option<String>> = admin.query_first(ours).await.unwrap();
        let Some(ids) = ids.flatten() else { return true };
        for id in ids.split(',') {
            let _ = admin.query_drop(format!("KILL {id}")).await;
        }
        false
    })
    .await;
    assert_eq!(pair.plain.code(&validate()).await, "REL_RGE");
    pair.with_snapshot.until_snapshot().await;
    drop(taken);
    admin.query_drop("SET GLOBAL max_connections = 60").await.unwrap();
    pair.healed(&mariadb).await;
    assert!(connections(&mariadb, "others").await <= 10);
    pair.end().await;
}
