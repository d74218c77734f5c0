//! One stored e-mail address, checked before it goes into a header, an envelope or a program.
//!
//! Called by [`super::message`] only. It is stricter than RFC 5322: quoted local parts and comments
//! are refused, since Joomla's forms never store them and mail programs disagree about them.

use lettre::Address;

/// The longest address a mail server must take, in bytes (RFC 5321, a path of 256 with its `<>`).
const LONGEST: usize = 254;

/// Reads one bare mailbox such as `name@example.com`; `None` when it is anything else.
///
/// Blanks around it are dropped: the database pads and matches without regard to them. A domain
/// that is not ASCII becomes its IDNA form (`xn--…`), which every server understands. A local part
/// that is not ASCII stays; only a server with SMTPUTF8 takes it.
pub(super) fn mailbox(stored: &str) -> Option<Address> {
    let (local, domain) = stored.trim_matches(' ').rsplit_once('@')?;
    if !is_dot_atom(local) || domain.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let domain =
        if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
    let address = if local.is_ascii() {
        Address::new(local, &domain).ok()?
    } else {
        // The library's own check of local parts refuses most letters beyond ASCII.
        Address::new("x", &domain).ok()?;
        Address::new_dangerous(local, &domain)
    };
    let text: &str = address.as_ref();
    (text.len() <= LONGEST).then_some(address)
}

/// `dot-atom-text` of RFC 5322, letters beyond ASCII included (RFC 6532), at most 64 bytes.
fn is_dot_atom(local: &str) -> bool {
    local.len() <= 64
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
    } else {
        !c.is_control() && !c.is_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::mailbox;

    fn read(stored: &str) -> Option<String> {
        mailbox(stored).map(|address| address.to_string())
    }

    #[test]
    fn plain_addresses_stay_as_stored() {
        for stored in ["User.Name+tag@Example.COM", "o'brien@example.com", "root@localhost"] {
            assert_eq!(read(stored).as_deref(), Some(stored));
        }
        assert_eq!(read(" a@example.com  ").as_deref(), Some("a@example.com"));
    }

    #[test]
    fn domains_beyond_ascii_become_idna_and_local_parts_stay() {
        assert_eq!(read("a@bücher.example").as_deref(), Some("a@xn--bcher-kva.example"));
        assert_eq!(read("josé@example.com").as_deref(), Some("josé@example.com"));
    }

    #[test]
    fn anything_but_one_bare_mailbox_is_refused() {
        for stored in [
            "",
            "@",
            "a",
            "a@",
            "@example.com",
            "a@example.com,b@example.com",
            "a@example.com;b@example.com",
            "b@example.com, a@example.com",
            "Name <a@example.com>",
            "<a@example.com>",
            "a@b@example.com",
            "\"a b\"@example.com",
            "\"a@evil.example, b\"@example.com",
            "a..b@example.com",
            ".a@example.com",
            "a b@example.com",
            "a@exam ple.com",
            "a@example.com\r\nBcc: b@example.com",
            "a@example.com\n",
            "a\r@example.com",
            "a\0@example.com",
            "a\u{85}@example.com",
            "a@example.com\u{2028}",
            "a@example.com> SIZE=1",
            "a(comment)@example.com",
            "a@exa_mple..com",
        ] {
            assert_eq!(read(stored), None, "{stored:?}");
        }
        assert_eq!(read(&format!("{}@example.com", "a".repeat(65))), None);
        let long = format!("a@{}com", "abcdefgh.".repeat(30));
        assert_eq!(read(&long), None);
    }
}
