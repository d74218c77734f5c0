//! Stored password hashes against the observed behaviour of Joomla and PHP.
//!
//! `passwords.json` records Joomla's own `verifyPassword`; `passwords_php.jsonl` records PHP 8.2's
//! `password_verify`, of which Joomla 4 and later accept every kind and Joomla 3 only those it
//! recognises by `$2` and `$argon2i`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use joomla_password::{Caps, Decoy, Rules, Verdict, check, is_refused_unseen, verify};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Joomla {
    kind: String,
    password_utf8: Option<String>,
    password_base64: Option<String>,
    hash: String,
    joomla3: bool,
    joomla5: bool,
}

#[derive(Deserialize)]
struct Php {
    case: String,
    password_base64: String,
    stored_base64: String,
    verify: bool,
}

#[test]
fn every_hash_opens_as_in_joomla_3() {
    opens_as_recorded(Rules::Joomla3, |vector| vector.joomla3);
}

#[test]
fn every_hash_opens_as_in_joomla_5() {
    opens_as_recorded(Rules::Joomla4, |vector| vector.joomla5);
}

fn opens_as_recorded(rules: Rules, opens: fn(&Joomla) -> bool) {
    let vectors: Vec<Joomla> =
        serde_json::from_str(include_str!("vectors/passwords.json")).unwrap();
    assert!(vectors.len() > 250);
    let mut wrong = Vec::new();
    for vector in &vectors {
        let password = match (&vector.password_utf8, &vector.password_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(bytes)) => STANDARD.decode(bytes).unwrap(),
            _ => panic!("`{}` needs one password", vector.kind),
        };
        if verdict(&password, vector.hash.as_bytes(), rules) != right_if(opens(vector)) {
            wrong.push((&vector.kind, &vector.hash));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_hash_opens_as_in_php() {
    let lines: Vec<&str> = include_str!("vectors/passwords_php.jsonl").lines().collect();
    assert!(lines.len() > 1000);
    let mut wrong = Vec::new();
    for line in lines {
        let vector: Php = serde_json::from_str(line).unwrap();
        let password = STANDARD.decode(&vector.password_base64).unwrap();
        let stored = STANDARD.decode(&vector.stored_base64).unwrap();
        let known_to_joomla_3 = stored.starts_with(b"$2") || stored.starts_with(b"$argon2i");
        let expected =
            [(Rules::Joomla3, vector.verify && known_to_joomla_3), (Rules::Joomla4, vector.verify)];
        for (rules, opens) in expected {
            if verdict(&password, &stored, rules) != right_if(opens) {
                let stored = String::from_utf8_lossy(&stored).into_owned();
                wrong.push((rules, vector.case.clone(), stored));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_login_refuses_what_php_calls_empty() {
    assert!(is_refused_unseen(b""));
    assert!(is_refused_unseen(b"0"));
    for password in ["00", " ", "\0", "0 ", "0.0", "false"] {
        assert!(!is_refused_unseen(password.as_bytes()), "{password:?}");
    }
}

#[test]
fn a_salt_that_joomla_3_would_strip_opens_nothing() {
    // sha256("Secret123!" + salt), for the salt after the colon.
    for (salt, opens) in [
        ("{SHA256}", false),
        ("{SHA256}abc", false),
        ("{sha256}abc", false),
        ("abc{SHA256}", true),
        ("00", true),
        ("0", false),
        ("", false),
        ("a:b", false),
    ] {
        let stored = format!("{{SHA256}}{}:{salt}", sha256_hex(&format!("Secret123!{salt}")));
        let stored = stored.as_bytes();
        assert_eq!(verdict(b"Secret123!", stored, Rules::Joomla3), right_if(opens), "{salt}");
        assert_eq!(verdict(b"Secret123!", stored, Rules::Joomla4), Verdict::Wrong);
    }
}

#[test]
fn an_md5_salt_counts_unless_it_is_0_or_has_a_colon() {
    for (salt, opens) in [
        ("5alt", true),
        ("00", true),
        ("0.0", true),
        ("", true),
        ("sa\0lt", true),
        ("0", false),
        ("a:", false),
        (":", false),
    ] {
        let stored = md5_of("Secret123!", salt);
        for rules in [Rules::Joomla3, Rules::Joomla4] {
            let verdict = verdict(b"Secret123!", stored.as_bytes(), rules);
            assert_eq!(verdict, right_if(opens), "{salt:?}");
        }
    }
}

#[test]
fn a_hash_beyond_the_caps_is_not_tried() {
    let bcrypt =
        |cost: u32| format!("$2y${cost:02}$N9qo8uLOickgx2ZMRZoMyezSEV6LwH.mGn2ZlOjU30EpFyvryYnzi");
    for stored in [
        bcrypt(16),
        bcrypt(31),
        argon2_text(262_145, 1, 1),
        argon2_text(4_294_967_295, 1, 1),
        argon2_text(65_536, 4_294_967_295, 1),
        format!("$P$S{}", "a".repeat(30)),
        format!("$6$rounds=999999999$abc${}", "a".repeat(86)),
        format!("$5$rounds=999999999$abc${}", "a".repeat(43)),
        format!("_zzzzabcd{}", "a".repeat(11)),
    ] {
        let verdict = verdict(b"Secret123!", stored.as_bytes(), Rules::Joomla4);
        assert_eq!(verdict, Verdict::TooCostly, "{stored}");
    }
}

#[test]
fn the_caps_are_the_callers() {
    let stored = b"$2y$04$N9qo8uLOickgx2ZMRZoMyezSEV6LwH.mGn2ZlOjU30EpFyvryYnzi";
    let tight = Caps { cpu: std::time::Duration::from_micros(700), ..Caps::default() };
    assert_eq!(verdict(b"abc", stored, Rules::Joomla4), Verdict::Right);
    assert_eq!(verify(b"abc", stored, Rules::Joomla4, &tight), Verdict::TooCostly);

    let argon2 = argon2_text(64, 1, 1);
    let small = Caps { memory_kib: 63, ..Caps::default() };
    assert_eq!(verdict(b"abc", argon2.as_bytes(), Rules::Joomla4), Verdict::Wrong);
    assert_eq!(verify(b"abc", argon2.as_bytes(), Rules::Joomla4, &small), Verdict::TooCostly);
}

#[test]
fn a_very_long_password_is_refused_only_where_every_round_repeats_it() {
    let long = [b'x'; 4097];
    let phpass = b"$P$ByMutN8ZCh2SAUXcogVQ7rnZH6Plfh.";
    assert_eq!(verdict(&long, phpass, Rules::Joomla3), Verdict::TooCostly);
    assert_eq!(verdict(&long[1..], phpass, Rules::Joomla3), Verdict::Wrong);

    let bcrypt = ::bcrypt::hash_with_salt(long, 4, [7; 16]).unwrap().to_string();
    assert_eq!(verdict(&long, bcrypt.as_bytes(), Rules::Joomla3), Verdict::Right);
}

#[test]
fn the_decoy_changes_no_verdict() {
    let stored: &[u8] = b"$2y$04$N9qo8uLOickgx2ZMRZoMyezSEV6LwH.mGn2ZlOjU30EpFyvryYnzi";
    let argon2 = argon2_text(64, 3, 2);
    let caps = Caps::default();
    let decoys = [
        Decoy::bcrypt(4),
        Decoy::bcrypt(5),
        Decoy::like(stored, &caps).unwrap(),
        Decoy::like(argon2.as_bytes(), &caps).unwrap(),
    ];
    for decoy in decoys {
        let check = |password, stored| check(password, stored, Rules::Joomla4, &caps, &decoy);
        assert_eq!(check(b"abc", Some(stored)), Verdict::Right);
        assert_eq!(check(b"abd", Some(stored)), Verdict::Wrong);
        assert_eq!(check(b"abc", Some(b"*0")), Verdict::Wrong);
        assert_eq!(check(b"abc", Some(b"900150983cd24fb0d6963f7d28e17f72")), Verdict::Right);
        assert_eq!(check(b"abc", None), Verdict::Wrong);
    }
}

#[test]
fn only_slow_hashes_within_the_caps_make_a_decoy() {
    let caps = Caps::default();
    let too_costly = "$2y$16$N9qo8uLOickgx2ZMRZoMyezSEV6LwH.mGn2ZlOjU30EpFyvryYnzi";
    for sample in [
        "",
        "*0",
        "$2y$10$",
        too_costly,
        "$P$ByMutN8ZCh2SAUXcogVQ7rnZH6Plfh.",
        "dbd4cd26d06af1db97df0d0aaa46ad59",
    ] {
        assert!(Decoy::like(sample.as_bytes(), &caps).is_none(), "{sample}");
    }
}

#[test]
fn a_decoy_keeps_and_shows_nothing_of_its_sample() {
    let sample = argon2_text(64, 3, 2);
    let shown = format!("{:?}", Decoy::like(sample.as_bytes(), &Caps::default()).unwrap());
    for secret in sample.rsplit('$').take(2) {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("64"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(password: Vec<u8>, stored: Vec<u8>) {
        for rules in [Rules::Joomla3, Rules::Joomla4] {
            let _ = verify(&password, &stored, rules, &cheap());
        }
    }

    #[test]
    fn no_text_after_a_known_prefix_makes_it_panic(
        password: Vec<u8>,
        stored in r"(\$(1|5|6|5\$rounds=|2[abxy]|2y\$04|P|H|argon2id?(\$v=19(\$m=64,t=1,p=1)?)?)\$|_|\{SHA256\}|)[ -~\u{0}é]{0,70}",
    ) {
        for rules in [Rules::Joomla3, Rules::Joomla4] {
            let _ = verify(&password, stored.as_bytes(), rules, &cheap());
        }
    }

}

proptest! {
    // Each case verifies two dozen hashes.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_the_crates_hash_opens_and_a_changed_character_does_not(
        password in "[a-zé0-9 ]{1,20}",
        salt: [u8; 16],
        at: prop::sample::Index,
        to in "[./0-9A-Za-z$]",
    ) {
        let bcrypt = ::bcrypt::hash_with_salt(&password, 4, salt).unwrap();
        for stored in [
            bcrypt.format_for_version(::bcrypt::Version::TwoY),
            bcrypt.format_for_version(::bcrypt::Version::TwoB),
            argon2_of(password.as_bytes(), &salt),
            md5_of(&password, "5alt"),
        ] {
            for rules in [Rules::Joomla3, Rules::Joomla4] {
                prop_assert_eq!(verdict(password.as_bytes(), stored.as_bytes(), rules), Verdict::Right);
                prop_assert_eq!(verdict(format!("{password}.").as_bytes(), stored.as_bytes(), rules), Verdict::Wrong);

                let at = at.index(stored.len());
                let changed = format!("{}{to}{}", &stored[..at], &stored[at + 1..]);
                // Between `$2y$` and `$2b$` and the like only the name changes.
                let only_renamed = stored.starts_with("$2") && at == 2 && "abxy".contains(&to);
                if changed != stored && !only_renamed {
                    prop_assert_ne!(verify(password.as_bytes(), changed.as_bytes(), rules, &cheap()), Verdict::Right);
                }
            }
        }
    }
}

fn verdict(password: &[u8], stored: &[u8], rules: Rules) -> Verdict {
    verify(password, stored, rules, &Caps::default())
}

fn right_if(opens: bool) -> Verdict {
    if opens { Verdict::Right } else { Verdict::Wrong }
}

/// Caps that keep a random hash from taking long.
fn cheap() -> Caps {
    Caps { cpu: std::time::Duration::from_millis(2), memory_kib: 4096, repeated_password: 200 }
}

fn argon2_text(memory: u32, passes: u32, lanes: u32) -> String {
    format!(
        "$argon2id$v=19$m={memory},t={passes},p={lanes}$LkxsQkpUNXo3LnFrOEdyWQ$el/6C1PHE+pbUplmI4zPR2P7ebAvgyX7o6/dEZgpRWg"
    )
}

fn argon2_of(password: &[u8], salt: &[u8]) -> String {
    use argon2::{Algorithm, Argon2, Params, Version};
    let params = Params::new(32, 1, 2, Some(32)).unwrap();
    let mut digest = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut digest)
        .unwrap();
    let encode = |bytes| base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    format!("$argon2id$v=19$m=32,t=1,p=2${}${}", encode(salt), encode(&digest))
}

fn md5_of(password: &str, salt: &str) -> String {
    use md5::{Digest, Md5};
    let digest = Md5::digest(format!("{password}{salt}"));
    format!("{}:{salt}", base16ct::lower::encode_string(&digest))
}

fn sha256_hex(text: &str) -> String {
    use sha2::{Digest, Sha256};
    base16ct::lower::encode_string(&Sha256::digest(text))
}
