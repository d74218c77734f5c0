//! What several subjects of the tests need: a private database server and the recorded site.

pub(crate) mod fixture;
pub(crate) mod mariadb;
pub(crate) mod smtp_sink;
