//! Who may use an end-point: API keys, logins, other sites' scripts; and its trace.

mod api_keys;
mod cors;
mod guesses;
mod jbackend3;
mod sessions;
mod silent_server;
mod trace;
mod trace_losses;
