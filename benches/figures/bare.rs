//! The reference for the bridge: only warp, in a process of its own.
//!
//! `/hello` answers at once; `/validate` runs the one query that the bridge runs for `validate` and
//! `verify`, with the same driver and the same pool, and answers in as few bytes.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;

use mysql_async::{
    Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts, Row, params, prelude::Queryable,
};
use warp::Filter;

use crate::process::{Process, free_address};

/// The first argument that makes this program such a server; listening address and URL of the
/// database follow.
pub(crate) const ARGUMENT: &str = "bare-server";

/// The default of `[database] pool_size`.
const POOL: usize = 4;
const QUERY: &str = include_str!("../../sql/queries/users_by_email.mysql.sql");

/// Starts this program as such a server.
pub(crate) fn start(database: &str, prefix: &str) -> Process {
    let address = free_address();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([ARGUMENT, &address, database, prefix]);
    Process::start(&mut command, address)
}

/// Serves until the process ends.
pub(crate) async fn serve(address: &str, database: &str, prefix: &str) {
    let constraints = PoolConstraints::new(1, POOL).unwrap();
    let pool = PoolOpts::default().with_constraints(constraints).with_reset_connection(false);
    let options = Opts::from_url(database).unwrap();
    let options = OptsBuilder::from_opts(options).prefer_socket(false).pool_opts(pool);
    let pool = Pool::new(options);
    let query: Arc<str> = QUERY.replace("#__", prefix).into();
    let validate = warp::path!("validate").and(warp::query::<HashMap<String, String>>()).then(
        move |parameters: HashMap<String, String>| {
            let (pool, query) = (pool.clone(), Arc::clone(&query));
            async move {
                let sent = parameters["email"].as_str();
                let mut conn = pool.get_conn().await.unwrap();
                let parameters = params! { "sent" => sent, "plus" => sent };
                let rows: Vec<Row> = conn.exec(&*query, parameters).await.unwrap();
                assert_eq!(rows.len(), 1);
                r#"{"status":"ok"}"#
            }
        },
    );
    let hello = warp::path!("hello").map(|| "Hello, World!");
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    warp::serve(hello.or(validate)).incoming(listener).run().await;
}
