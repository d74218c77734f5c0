//! Parts that several subjects of the tests need: a private database server, the recorded site, the
//! bridge serving it, a client and a mail server.

pub(crate) mod client;
pub(crate) mod fixture;
pub(crate) mod log;
pub(crate) mod mariadb;
pub(crate) mod mysql_greeter;
pub(crate) mod nginx;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod site;
pub(crate) mod smtp_sink;
pub(crate) mod tls;
pub(crate) mod transcript;
