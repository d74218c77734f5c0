//! Access to an end-point: API keys, logins, scripts of other sites; and its trace rows.

mod api_keys;
mod cors;
mod guesses;
mod jbackend3;
mod sessions;
mod silent_server;
mod trace;
mod trace_losses;
