//! `configuration.php` as a source: the keys that its fields set.
//!
//! A field is read only if no stronger source sets its key. So an expression in a field that is not
//! needed is not an error. The fields are listed in `docs/joomla.md`, "configuration.php".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};

use super::joomla_php::{JoomlaPhp, JoomlaPhpError};
use super::problem::Problem;
use super::problem::ValuePlace;

/// The name of `configuration.php` among the sources of a value.
pub(super) const NAME: &str = "configuration.php";

/// The values of a site's `configuration.php`, by our keys.
pub struct FromJoomla {
    path: PathBuf,
    dict: Dict,
    fields: FieldOrigins,
}

/// Joomla's field for each key that was read, and the line of the field; by `section.key`.
pub type FieldOrigins = BTreeMap<String, (&'static str, Option<usize>)>;

impl FromJoomla {
    /// Reads the file in the site's folder; `over` are the sources that win over it. Adds a problem
    /// for each needed field that is an expression, and for a database that is not MySQL.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(root: &Path, over: &Figment, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let path = root.join("configuration.php");
        let php = JoomlaPhp::read(&path).map_err(problem)?;
        let mut found = FoundField { php, dict: Dict::new(), fields: FieldOrigins::new(), over };
        problems.extend(found.kind_of_database(&path));
        problems.extend(FIELDS.iter().filter_map(|read| read(&mut found).err()).map(problem));
        Ok(Self { path, dict: found.dict, fields: found.fields })
    }

    /// Returns the field of each key.
    #[must_use]
    pub fn fields(&self) -> &FieldOrigins {
        &self.fields
    }
}

fn problem(error: JoomlaPhpError) -> Problem {
    Problem::told("", error).as_sentence()
}

/// Reads fields that belong together; sets none of their keys if one of them cannot be read.
type ReadFields = fn(&mut FoundField<'_>) -> Taken;

type Taken = Result<(), JoomlaPhpError>;

/// The groups of fields. Each is read even if others fail.
const FIELDS: [ReadFields; 14] = [
    |found| found.text("joomla", "secret", "secret"),
    |found| found.text("joomla", "site_name", "sitename"),
    |found| found.trimmed("server", "public_url", "live_site"),
    |found| found.switch("sef"),
    |found| found.switch("sef_suffix"),
    |found| found.number("joomla", "force_ssl", "force_ssl"),
    |found| found.of_database("user", "user"),
    |found| found.of_database("password", "password"),
    |found| found.of_database("name", "db"),
    |found| found.database_host(),
    |found| found.encryption(),
    |found| found.text("database", "prefix", "dbprefix"),
    |found| {
        found.sessions_if_known();
        Ok(())
    },
    |found| found.mail(),
];

struct FoundField<'a> {
    php: JoomlaPhp,
    dict: Dict,
    fields: FieldOrigins,
    over: &'a Figment,
}

impl FoundField<'_> {
    /// Most sites have no end-point for users, so an expression in these fields is not an error.
    fn sessions_if_known(&mut self) {
        if self.sessions().is_err() {
            self.set("joomla", "session_handler", "session_handler", "unknown");
        }
    }

    fn sessions(&mut self) -> Taken {
        self.unless_empty("joomla", "session_handler", "session_handler")?;
        self.unless_empty("joomla", "session_name", "session_name")?;
        self.number("joomla", "lifetime", "lifetime")
    }

    /// Returns the problem of a site with another kind of database.
    fn kind_of_database(&self, path: &Path) -> Option<Problem> {
        if self.is_database_set() {
            return None;
        }
        let kind = match self.php.text("dbtype") {
            Ok(kind) => kind.unwrap_or_default(),
            Err(error) => return Some(problem(error)),
        };
        let is_known = matches!(kind.as_str(), "" | "mysqli" | "pdomysql" | "mysql");
        (!is_known).then(|| {
            let what =
                format!("`{kind}` is neither MySQL nor MariaDB, and no other database can be read");
            let place = ValuePlace::File(path.into(), self.php.line("dbtype"));
            Problem::new("dbtype", what, "name one of these in `[database] url`").in_place(place)
        })
    }

    /// A `url` replaces all of the site's own address, not only the parts that it names.
    fn is_database_set(&self) -> bool {
        self.is_set("database.url")
    }

    fn of_database(&mut self, key: &str, field: &'static str) -> Taken {
        if self.is_database_set() { Ok(()) } else { self.text("database", key, field) }
    }

    fn database_host(&mut self) -> Taken {
        if ["database.host", "database.socket"].iter().any(|key| self.is_set(key)) {
            return Ok(());
        }
        self.of_database("host", "host")
    }

    fn encryption(&mut self) -> Taken {
        if self.is_database_set() || self.is_set("database.tls") {
            return Ok(());
        }
        let level = self.php.int("dbencryption")?.unwrap_or(0);
        if level == 0 {
            return Ok(());
        }
        let verify = self.php.flag("dbsslverifyservercert")? == Some(true);
        let tls = if verify { "verify" } else { "required" };
        self.set("database", "tls", "dbencryption", tls);
        self.trimmed("database", "tls_ca", "dbsslca")?;
        if level == 2 {
            self.trimmed("database", "tls_cert", "dbsslcert")?;
            self.trimmed("database", "tls_key", "dbsslkey")?;
        }
        Ok(())
    }

    fn mail(&mut self) -> Taken {
        let transport = if let Ok(set) = self.over.find_value("mail.transport") {
            set.into_string().unwrap_or_default()
        } else {
            let (transport, field) = self.transport()?;
            self.set("mail", "transport", field, transport);
            transport.into()
        };
        match transport.as_str() {
            "off" => return Ok(()),
            "smtp" => self.smtp()?,
            "sendmail" => self.unless_empty("mail", "sendmail", "sendmail")?,
            _ => {}
        }
        self.text("mail", "from", "mailfrom")?;
        self.text("mail", "from_name", "fromname")?;
        self.unless_empty("mail", "reply_to", "replyto")?;
        self.unless_empty("mail", "reply_to_name", "replytoname")
    }

    fn smtp(&mut self) -> Taken {
        self.text("mail", "smtp_host", "smtphost")?;
        let port = |number| u16::try_from(number).ok().map(u64::from);
        self.take("mail", "smtp_port", "smtpport", |php| Ok(php.int("smtpport")?.and_then(port)))?;
        self.unless_empty("mail", "smtp_security", "smtpsecure")?;
        let is_login_set =
            ["user", "password"].iter().all(|key| self.is_set(&format!("mail.smtp_{key}")));
        if !is_login_set && self.php.flag("smtpauth")? == Some(true) {
            self.text("mail", "smtp_user", "smtpuser")?;
            self.text("mail", "smtp_password", "smtppass")?;
        }
        Ok(())
    }

    /// Returns the transport and the field that decides it. If `mailonline` is off, no mails are
    /// sent with any mailer; without the field, mails are on.
    fn transport(&self) -> Result<(&'static str, &'static str), JoomlaPhpError> {
        if self.php.flag("mailonline")? == Some(false) {
            return Ok(("off", "mailonline"));
        }
        Ok(match self.php.text("mailer")?.as_deref() {
            Some("smtp") => ("smtp", "mailer"),
            // PHP's mail() also passes the message to the local sendmail program.
            _ => ("sendmail", "mailer"),
        })
    }

    fn switch(&mut self, field: &'static str) -> Taken {
        self.take("joomla", field, field, |php| php.flag(field))
    }

    fn number(&mut self, section: &str, key: &str, field: &'static str) -> Taken {
        let whole = |number| u64::try_from(number).ok();
        self.take(section, key, field, |php| Ok(php.int(field)?.and_then(whole)))
    }

    fn text(&mut self, section: &str, key: &str, field: &'static str) -> Taken {
        self.take(section, key, field, |php| php.text(field))
    }

    /// An empty field counts as not set.
    fn unless_empty(&mut self, section: &str, key: &str, field: &'static str) -> Taken {
        let is_filled = |text: &String| !text.trim().is_empty();
        self.take(section, key, field, |php| Ok(php.text(field)?.filter(is_filled)))
    }

    /// An empty field counts as not set; blanks around the text do not count.
    fn trimmed(&mut self, section: &str, key: &str, field: &'static str) -> Taken {
        let trimmed = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        self.take(section, key, field, |php| Ok(php.text(field)?.and_then(trimmed)))
    }

    /// Takes over the value that is read, unless the key is set elsewhere: then the field is not
    /// even read.
    fn take<V: Into<Value>>(
        &mut self,
        section: &str,
        key: &str,
        field: &'static str,
        read: impl FnOnce(&JoomlaPhp) -> Result<Option<V>, JoomlaPhpError>,
    ) -> Taken {
        if !self.is_set(&format!("{section}.{key}"))
            && let Some(value) = read(&self.php)?
        {
            self.set(section, key, field, value);
        }
        Ok(())
    }

    fn is_set(&self, key: &str) -> bool {
        self.over.find_value(key).is_ok()
    }

    fn set(&mut self, section: &str, key: &str, field: &'static str, value: impl Into<Value>) {
        self.fields.insert(format!("{section}.{key}"), (field, self.php.line(field)));
        let entry = self.dict.entry(section.into()).or_insert_with(|| Dict::new().into());
        if let Value::Dict(_, keys) = entry {
            keys.insert(key.into(), value.into());
        }
    }
}

impl Provider for FromJoomla {
    fn metadata(&self) -> Metadata {
        Metadata::from(NAME, Source::File(self.path.clone()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}
