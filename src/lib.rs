//! jbackend-bridge answers for the PHP plugin *jBackend Release System* of a Joomla site: the same
//! URLs, parameters, JSON and error codes, from the site's own database.
//!
//! # Layout
//!
//! The crates in `crates` are independent of the bridge, and of each other except `php-compat`:
//!
//! - [`joomla_config`]: reads `configuration.php`, and Joomla's notations of a database host.
//! - [`joomla_password`]: whether a password opens a stored hash, as Joomla decides it.
//! - [`joomla_updates`]: manifests of extensions, changelogs, and the XML of Joomla's updater.
//! - [`license_recipe`]: the recipe language for license keys, and the search for a recipe.
//! - [`php_compat`]: PHP's behaviour: its source, JSON, query strings, Joomla's text filter.
//!
//! A module imports only from those crates, from the modules listed before it, and from its own
//! folder:
//!
//! - [`mask`]: masks keys and e-mails.
//! - [`told`]: messages for the operator: the problem and the remedy.
//! - [`words`]: numbers, sizes and times for people.
//! - [`named_file`]: the only way to read a file that the configuration names.
//! - [`supervise`]: background tasks, and the handling of panics.
//! - [`config`]: the configuration, `configuration.php` included.
//! - [`tls`]: TLS connections to servers, and checks of their certificates.
//! - [`release`]: the rules, those of license keys included. Pure: no I/O, no clock.
//! - [`limits`]: token buckets for failures, logins and mails.
//! - [`store`], [`packages`] and [`mail`]: the site's database, the package files, the transports
//!   of mails; a trait each, and its implementations.
//! - [`ledger`]: the bridge's own records, in a database of its own.
//! - [`signing`]: the gate that opens only package files with a good signature.
//! - [`site`]: all data by which a request is judged, at one moment.
//! - [`methods`]: the five methods of the release module.
//! - [`jbackend`]: the core around the module: end-points, URL forms, the order of checks.
//! - [`updates`]: the site's packages, put into update XML.
//! - [`publish`]: releases: from a ZIP to a download, and their states.
//! - [`http`]: everything about HTTP.
//! - [`proxy`]: the site behind the bridge, and shadow mode.
//! - [`admin`]: health, readiness and metrics, for the operator's programs.
//! - [`service`]: puts it together, starts, reloads and stops it.
//! - [`operator`]: the commands about a site: why an account gets a package or not, the differences
//!   from the PHP site, and the problems of a site before it goes live.
//! - [`cli`]: the command line.

pub mod mask;
pub mod named_file;
pub mod supervise;
pub mod told;
pub mod words;

pub mod config;
pub mod tls;

pub mod limits;
pub mod release;

pub mod ledger;
pub mod mail;
pub mod packages;
pub mod store;

pub mod signing;
pub mod site;

pub mod methods;

pub mod jbackend;

pub mod updates;

pub mod publish;

pub mod http;

pub mod admin;
pub mod proxy;

pub mod service;

pub mod operator;

pub mod cli;
