//! The first line of a list of keys, if it names its columns.
//!
//! Used by `key_rows`: a table that a shop or a spreadsheet writes has its columns in any order,
//! and others besides.

/// The columns of the three fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    email: usize,
    group: usize,
    key: usize,
    /// How many fields the line has.
    pub(super) width: usize,
}

const EMAIL: &[&str] = &["email", "emailaddress", "mail", "useremail", "customeremail"];
const GROUP: &[&str] = &["group", "packagegroup", "groupid", "packagegroupid"];
const KEY: &[&str] = &["key", "licensekey", "licencekey", "license", "licence"];

impl Heading {
    /// Of a line that names each of the three once; `None` for any other.
    pub(super) fn read(fields: &[String]) -> Option<Self> {
        let names: Vec<String> = fields.iter().map(|field| bare(field)).collect();
        let place = |known: &[&str]| {
            let mut places = (0..).zip(&names).filter(|(_, name)| known.contains(&name.as_str()));
            let (place, _) = places.next()?;
            places.next().is_none().then_some(place)
        };
        Some(Self {
            email: place(EMAIL)?,
            group: place(GROUP)?,
            key: place(KEY)?,
            width: fields.len(),
        })
    }

    /// E-mail, group and key of a row; `None` for one with another number of fields.
    pub(super) fn pick(&self, mut fields: Vec<String>) -> Option<[String; 3]> {
        if fields.len() != self.width {
            return None;
        }
        let mut take = |place: usize| fields.get_mut(place).map(std::mem::take);
        Some([take(self.email)?, take(self.group)?, take(self.key)?])
    }
}

/// Returns a name without case, blanks and separators of words.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
