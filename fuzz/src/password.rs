//! Stored password hashes: a row made to be costly is not verified, and a login gets the same
//! result as a plain verification. The fuzzer's own limit bounds the time of an input.

use std::time::Duration;

use joomla_password::{Caps, Decoy, Rules, Verdict, check, kind, verify};

/// Tries a password on a stored text.
pub fn holds(data: &[u8]) {
    let mut parts = data.splitn(2, |&byte| byte == super::BETWEEN);
    let password = super::part(&mut parts);
    let stored = super::part(&mut parts);
    let tight = Caps { cpu: Duration::ZERO, memory_kib: 0, repeated_password: 16 };
    let loose = Caps { cpu: Duration::from_millis(3), memory_kib: 1024, repeated_password: 64 };
    for rules in [Rules::Joomla3, Rules::Joomla4] {
        let verdict = verify(password, stored, rules, &loose);
        if kind(stored, rules).is_none() {
            assert_eq!(verdict, Verdict::Wrong, "what is no hash opens nothing");
        }
        match verify(password, stored, rules, &tight) {
            Verdict::TooCostly => {}
            tighter => assert_eq!(tighter, verdict, "a cap changes no verdict"),
        }
        let decoy = Decoy::bcrypt(4);
        let login = check(password, Some(stored), rules, &loose, &decoy);
        assert_eq!(login, verdict, "a login sees the same");
        if let Some(like) = Decoy::like(stored, &loose) {
            // A decoy is made of hashes within the caps only, so it costs no more than they do.
            like.spend(password);
        }
        // Old PHP took many passwords for one in `$2x$`.
        if verdict == Verdict::Right && !stored.starts_with(b"$2x$") {
            let mut other = password.to_vec();
            match other.first_mut() {
                Some(first) => *first ^= 1,
                None => other.push(b'x'),
            }
            assert_eq!(verify(&other, stored, rules, &loose), Verdict::Wrong, "another password");
        }
    }
}
