//! Reloads leave nothing behind.

use mysql_async::prelude::Queryable;
use testkit::fixture::{self, Schema};

use super::faults::open_files;
use super::{Service, configure, eventually, site, usual};
use crate::common::site::Site;

/// Counts the database server's connections for this site.
async fn connections(site: &Site) -> usize {
    let database = site.database();
    let mut admin = database.admin().await;
    let sql = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE db = '{}' AND id <> CONNECTION_ID()",
        database.name
    );
    let count: Option<usize> = admin.query_first(sql).await.unwrap();
    admin.disconnect().await.unwrap();
    count.unwrap()
}

fn tasks(service: &Service) -> usize {
    std::fs::read_dir(format!("/proc/{}/task", service.id())).unwrap().count()
}

#[tokio::test]
async fn fifty_reloads_leave_no_connection_and_no_file_open() {
    let site = site(Schema::Joomla3).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    // A request that traces puts the writing pool into use, too.
    service.get("/trace").await;
    let usual = 8;
    let (mut files, mut threads) = (0, 0);
    for nth in 1..=50 {
        service.reload(nth).await;
        service.get("/trace").await;
        if nth == 5 {
            eventually("few connections", async || connections(&site).await <= usual).await;
            (files, threads) = (open_files(&service), tasks(&service));
        }
    }
    eventually("no more connections than before", async || connections(&site).await <= usual).await;
    eventually("no more files than before", async || open_files(&service) <= files + 4).await;
    assert!(tasks(&service) <= threads + 4);
    service.signal("TERM").await;
    service.ended().await;
    // Each row has reached the log, through the writer of any reload.
    let database = site.database();
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT COUNT(*) FROM #__jbackend_logs");
    assert_eq!(admin.query_first::<usize, _>(sql).await.unwrap(), Some(51));
}
