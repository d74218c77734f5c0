//! The parts of the tests that know the bridge: how it is served, its log, its settings of a
//! database. Private servers, the recorded site and the client are in `crates/testkit`.

pub(crate) mod log;
pub(crate) mod site;
pub(crate) mod store;
