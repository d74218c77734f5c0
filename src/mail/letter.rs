//! The letter with a license key: three templates, the site's values filled in.
//!
//! Loaded once at start, rendered by the methods layer for each mail. The templates are minijinja
//! (Jinja2 syntax); `docs/letters.md` lists their names and values. Must not import: `lettre`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::message::one_line;
use crate::named_file::{self, SETTINGS};

/// The templates as they come with the program: file name and text.
const DEFAULTS: [(&str, &str); 3] = [
    (SUBJECT, include_str!("letters/subject.txt.j2")),
    (TEXT, include_str!("letters/body.txt.j2")),
    (HTML, include_str!("letters/body.html.j2")),
];
/// The files an operator may have of his own.
pub const TEMPLATES: [&str; 3] = [SUBJECT, TEXT, HTML];
const SUBJECT: &str = "subject.txt.j2";
const TEXT: &str = "body.txt.j2";
const HTML: &str = "body.html.j2";
/// The subject of an operator's letter that has none of its own: values alone, of no language.
const PLAIN_SUBJECT: &str = "{{ site_name }}: {{ package_group_name }}";

/// The names a template may use, the fields of [`KeyLetter`].
const VALUES: [&str; 6] = ["site_name", "user_name", "email", "package_group_name", "key", "dlid"];

/// What a letter says. Each value is one line: control characters in it become blanks.
#[derive(Clone, Copy)]
pub struct KeyLetter<'a> {
    /// The site's name, `sitename` of Joomla's configuration.
    pub site_name: &'a str,
    /// The user's name, `#__users.name`; chosen by whoever registered.
    pub user_name: &'a str,
    /// The user's address, `#__users.email`, as stored.
    pub email: &'a str,
    /// The package group for humans; its id when it has no name.
    pub package_group_name: &'a str,
    /// The license key.
    pub key: &'a str,
    /// The one-field key for Joomla's key manager, as it is typed there; empty where there is none.
    pub dlid: &'a str,
}

/// Shows nothing of the letter: it holds a person's data and his license key.
impl fmt::Debug for KeyLetter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyLetter").finish_non_exhaustive()
    }
}

/// A letter ready to be mailed.
#[derive(Clone)]
pub struct Rendered {
    /// The subject, one line without control characters.
    pub subject: String,
    /// The plain text part; empty when the letter has none.
    pub text: String,
    /// The HTML part, values escaped; empty when the letter has none.
    pub html: String,
}

/// Shows nothing of the letter: it holds a license key.
impl fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rendered").finish_non_exhaustive()
    }
}

/// A template that cannot be used.
///
/// Holds no value of a letter, so it may be logged.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The operator's template cannot be read.
    #[error("cannot read the letter template `{}`: {reason}; make it a readable UTF-8 text file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        reason: io::Error,
    },

    /// The folder for the operator's templates is none.
    #[error(
        "`{}` is no folder with letter templates: create it, or leave the setting out", path.display()
    )]
    NoFolder {
        /// The path that was given.
        path: PathBuf,
    },

    /// The template is no valid one, or failed with sample values.
    #[error("letter template `{file}`, line {line}: {problem}; correct that line")]
    Broken {
        /// The file, or the name of the built-in template.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },

    /// The template uses a name that no letter has.
    #[error(
        "letter template `{file}`, line {line}: unknown value `{name}`; use {}",
        known_values()
    )]
    UnknownValue {
        /// The file, or the name of the built-in template.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The unknown name.
        name: String,
    },

    /// The template failed with the values of one letter.
    #[error(
        "letter template `{template}`, line {line} fails for some values: {problem}; make that line work for any text, even an empty one"
    )]
    Render {
        /// The name of the template.
        template: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// The kind of failure, without the value it failed for.
        problem: String,
    },
}

/// Half a set of templates: the letter is written all the same, in one language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HalfSet {
    /// A subject without a body: it is not used, since our body may be of another language.
    #[error(
        "`{}` is not used, since no body of yours goes with it: add `{TEXT}` and `{HTML}`, or remove it", path.display()
    )]
    SubjectAlone {
        /// The file with the subject.
        path: PathBuf,
    },

    /// A body without the rest: the letter goes without it.
    #[error(
        "`{}` holds half a letter, {}: add {}", folder.display(), without(missing), quoted(missing)
    )]
    Lacks {
        /// The folder with the templates.
        folder: PathBuf,
        /// The files that are missing.
        missing: Vec<&'static str>,
    },
}

/// The compiled templates.
pub struct Letters {
    templates: Environment<'static>,
    half: Option<HalfSet>,
}

impl fmt::Debug for Letters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Letters").finish_non_exhaustive()
    }
}

impl Letters {
    /// Compiles the letter in `dir`, or the built-in one where there is no body, and tries it out
    /// with sample values.
    ///
    /// A letter is of one language, so that the two are never mixed: with one body of the
    /// operator's, the other is left out and not ours.
    pub fn load(dir: Option<&Path>) -> Result<Self, LetterError> {
        if let Some(path) = dir.filter(|path| !path.is_dir()) {
            return Err(LetterError::NoFolder { path: path.to_owned() });
        }
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|name| match name {
            HTML => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        let mut letters = Self { templates, half: None };
        let Some(dir) = dir else {
            letters.add_built_in()?;
            return Ok(letters);
        };
        let mut missing = Vec::new();
        for name in TEMPLATES {
            match own_template(&dir.join(name))? {
                Some((file, source)) => letters.add(name, &file, source)?,
                None => missing.push(name),
            }
        }
        let bodiless = missing.contains(&TEXT) && missing.contains(&HTML);
        let has_subject = !missing.contains(&SUBJECT);
        if bodiless {
            letters.half = has_subject.then(|| HalfSet::SubjectAlone { path: dir.join(SUBJECT) });
            letters.add_built_in()?;
            return Ok(letters);
        }
        if !has_subject {
            letters.add(SUBJECT, SUBJECT, PLAIN_SUBJECT.to_owned())?;
        }
        if !missing.is_empty() {
            letters.half = Some(HalfSet::Lacks { folder: dir.to_owned(), missing });
        }
        Ok(letters)
    }

    /// Tells of half a set of templates.
    #[must_use]
    pub fn half_set(&self) -> Option<&HalfSet> {
        self.half.as_ref()
    }

    fn add_built_in(&mut self) -> Result<(), LetterError> {
        for (name, source) in DEFAULTS {
            self.add(name, name, source.to_owned())?;
        }
        Ok(())
    }

    /// Fills in the values of one letter.
    pub fn render(&self, letter: &KeyLetter<'_>) -> Result<Rendered, LetterError> {
        let fill = |name| {
            self.fill(name, letter).map_err(|error| LetterError::Render {
                template: name,
                line: error.line().unwrap_or(1),
                // The error's own text may quote a value.
                problem: error.kind().to_string(),
            })
        };
        let part = |name| match self.templates.get_template(name) {
            Ok(_) => fill(name),
            Err(_) => Ok(String::new()),
        };
        Ok(Rendered { subject: one_line(&fill(SUBJECT)?), text: part(TEXT)?, html: part(HTML)? })
    }

    /// Compiles one template and tries it out; `file` is its name in errors.
    fn add(&mut self, name: &'static str, file: &str, source: String) -> Result<(), LetterError> {
        let broken = |error: &minijinja::Error| LetterError::Broken {
            file: file.to_owned(),
            line: error.line().unwrap_or(1),
            problem: match error.detail() {
                Some(detail) => format!("{}: {detail}", error.kind()),
                None => error.kind().to_string(),
            },
        };
        self.templates.add_template_owned(name, source).map_err(|error| broken(&error))?;
        self.check_names(name, file)?;
        for sample in [sample("Sample"), sample("")] {
            self.fill(name, &sample).map_err(|error| broken(&error))?;
        }
        Ok(())
    }

    /// Looks for unknown names in all branches, also those the samples do not reach.
    fn check_names(&self, name: &str, file: &str) -> Result<(), LetterError> {
        let Ok(template) = self.templates.get_template(name) else {
            return Ok(());
        };
        let is_known = |name: &str| {
            VALUES.contains(&name) || self.templates.globals().any(|(global, _)| global == name)
        };
        let undeclared = template.undeclared_variables(false);
        // The first by name, so that the message is the same each time.
        match undeclared.into_iter().filter(|name| !is_known(name)).min() {
            None => Ok(()),
            Some(unknown) => Err(LetterError::UnknownValue {
                file: file.to_owned(),
                line: line_using(template.source(), &unknown),
                name: unknown,
            }),
        }
    }

    fn fill(&self, name: &str, letter: &KeyLetter<'_>) -> Result<String, minijinja::Error> {
        let KeyLetter { site_name, user_name, email, package_group_name, key, dlid } = *letter;
        self.templates.get_template(name)?.render(context! {
            site_name => one_line(site_name),
            user_name => one_line(user_name),
            email => one_line(email),
            package_group_name => one_line(package_group_name),
            key => one_line(key),
            dlid => one_line(dlid),
        })
    }
}

/// The operator's own template with its path, `None` when he has not made one.
fn own_template(path: &Path) -> Result<Option<(String, String)>, LetterError> {
    match named_file::read_text(path, SETTINGS) {
        Ok(source) => {
            // Some editors start a UTF-8 file with a byte order mark.
            let source = source.strip_prefix('\u{feff}').unwrap_or(&source).to_owned();
            Ok(Some((path.display().to_string(), source)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(LetterError::Unreadable { path: path.to_owned(), reason }),
    }
}

/// A letter all of whose values are the same text.
fn sample(value: &str) -> KeyLetter<'_> {
    KeyLetter {
        site_name: value,
        user_name: value,
        email: value,
        package_group_name: value,
        key: value,
        dlid: value,
    }
}

/// The first line that has `name` as a whole word between template braces, else 1.
fn line_using(source: &str, name: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let uses = |line: &str| {
        let code = line.find('{').and_then(|start| line.get(start..)).unwrap_or(line);
        code.split(|c| !is_word(c)).any(|word| word == name)
    };
    let first = |wanted: &dyn Fn(&str) -> bool| source.lines().position(wanted);
    first(&|line| line.contains('{') && uses(line)).or_else(|| first(&uses)).map_or(1, |at| at + 1)
}

fn known_values() -> String {
    quoted(&VALUES)
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What a letter of the operator's goes without.
fn without(missing: &[&str]) -> String {
    let part = |name: &&str| match *name {
        SUBJECT => "with a subject of values alone",
        TEXT => "without a text part",
        _ => "without an HTML part",
    };
    missing.iter().map(part).collect::<Vec<_>>().join(" and ")
}
