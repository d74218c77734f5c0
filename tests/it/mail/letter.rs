//! The letter's templates: built in, the operator's own, and broken ones.

use std::fs;
use std::path::Path;

use jbackend_bridge::mail::{KeyLetter, LetterError, Letters, Mail};

use super::{LETTER, PASSWORD, composed, header, login, mail, settings};

#[tokio::test]
async fn the_default_letter() {
    let message = composed(&mail()).await.unwrap();
    let boundary = header(&message, "Content-Type").split('"').nth(1).unwrap().to_owned();
    let message = message
        .replace(&boundary, "BOUNDARY")
        .replace(&header(&message, "Date"), "DATE")
        .replace(&header(&message, "Message-ID"), "ID")
        .replace("\r\n", "\n");
    insta::assert_snapshot!(message, @r#"
    From: "Example Shop" <shop@site.example>
    To: "Ann User" <user123@example.com>
    Subject: Example Shop: your license key for ReDJ Enterprise
    Date: DATE
    Message-ID: ID
    Auto-Submitted: auto-generated
    Reply-To: Helpdesk <help@site.example>
    MIME-Version: 1.0
    Content-Type: multipart/alternative;
     boundary="BOUNDARY"

    --BOUNDARY
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: 7bit

    Hello Ann User,

    here is your license key for ReDJ Enterprise:

    0123456789abcdef0123456789abcdef

    It belongs to the e-mail address user123@example.com. Enter both where
    ReDJ Enterprise asks for them.

    In Joomla 4 and later, this one download key is all Joomla needs for
    updates. Open System, Update Sites, choose the entry of
    ReDJ Enterprise, and enter as Download Key:

    123:0123456789abcdef0123456789abcdef

    It replaces both license key and e-mail address: keep it secret.

    If you did not ask for this key, you can ignore this mail.

    Example Shop
    --BOUNDARY
    Content-Type: text/html; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    <!DOCTYPE html>
    <html>
    <head><meta charset=3D"utf-8"><title>ReDJ Enterprise</title></head>
    <body>
    <p>Hello Ann User,</p>
    <p>here is your license key for <strong>ReDJ Enterprise</strong>:</p>
    <p><code>0123456789abcdef0123456789abcdef</code></p>
    <p>It belongs to the e-mail address user123@example.com. Enter both where R=
    eDJ Enterprise asks for them.</p>
    <p>In Joomla 4 and later, this one download key is all Joomla needs for upd=
    ates. Open <em>System</em>, <em>Update Sites</em>, choose the entry of ReDJ=
     Enterprise, and enter as <em>Download Key</em>:</p>
    <p><code>123:0123456789abcdef0123456789abcdef</code></p>
    <p>It replaces both license key and e-mail address: keep it secret.</p>
    <p>If you did not ask for this key, you can ignore this mail.</p>
    <p>Example Shop</p>
    </body>
    </html>
    --BOUNDARY--
    "#);
}

#[test]
fn without_a_one_field_key_nothing_is_said_of_it() {
    let rendered = Letters::load(None).unwrap().render(&KeyLetter { dlid: "", ..LETTER }).unwrap();
    insta::assert_snapshot!(rendered.text, @r"
    Hello Ann User,

    here is your license key for ReDJ Enterprise:

    0123456789abcdef0123456789abcdef

    It belongs to the e-mail address user123@example.com. Enter both where
    ReDJ Enterprise asks for them.

    If you did not ask for this key, you can ignore this mail.

    Example Shop
    ");
    assert!(!rendered.html.contains("Joomla"), "{}", rendered.html);
    assert!(rendered.html.contains("asks for them.</p>\n<p>If you did"), "{}", rendered.html);
}

/// Templates from before download keys existed still work; new ones may use them.
#[test]
fn the_operators_template_may_show_the_one_field_key() {
    let source = "{% if dlid %}{{ dlid }}{% else %}{{ key }}{% endif %}";
    let (_folder, letters) = own_letters("body.txt.j2", source);
    let letters = letters.unwrap();
    let text = |dlid| letters.render(&KeyLetter { dlid, ..LETTER }).unwrap().text;
    assert_eq!((text("7:abc"), text("")), ("7:abc".to_owned(), LETTER.key.to_owned()));
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let hostile = KeyLetter {
        site_name: "A & B",
        user_name: "<script>alert('x')</script>\r\nBcc: x@evil.example",
        package_group_name: "\"Pro\"\u{2028}\0 edition",
        ..LETTER
    };
    let rendered = Letters::load(None).unwrap().render(&hostile).unwrap();
    assert_eq!(rendered.subject, "A & B: your license key for \"Pro\" edition");
    assert!(rendered.text.contains("Hello <script>alert('x')</script> Bcc: x@evil.example,\n"));
    assert!(!rendered.html.contains("<script>") && rendered.html.contains("&lt;script&gt;"));
    assert!(rendered.html.contains("A &amp; B") && rendered.html.contains("&quot;Pro&quot;"));
}

#[test]
fn a_user_without_a_name_is_greeted_without_one() {
    let rendered = Letters::load(None).unwrap().render(&KeyLetter { user_name: "", ..LETTER });
    assert!(rendered.unwrap().text.starts_with("Hello,\n"));
}

fn own_letters(
    name: &str,
    text: impl AsRef<[u8]>,
) -> (tempfile::TempDir, Result<Letters, LetterError>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    let letters = Letters::load(Some(folder.path()));
    (folder, letters)
}

#[test]
fn the_operators_templates_are_used() {
    let (folder, _) = own_letters("subject.txt.j2", "Schlüssel für {{ user_name|upper }}\n\nx\n");
    fs::write(folder.path().join("body.txt.j2"), "Guten Tag").unwrap();
    let rendered = Letters::load(Some(folder.path())).unwrap().render(&LETTER).unwrap();
    assert_eq!(rendered.subject, "Schlüssel für ANN USER x");
    let (_folder, letters) = own_letters("body.html.j2", "\u{feff}{{ user_name }}");
    let hostile = KeyLetter { user_name: "<b>", ..LETTER };
    assert_eq!(letters.unwrap().render(&hostile).unwrap().html, "&lt;b&gt;");
}

/// Most programs show the HTML part, so a shop's German text must not come with a built-in English
/// HTML part.
#[tokio::test]
async fn half_a_set_of_templates_mixes_no_languages() {
    let own = [
        ("subject.txt.j2", "Schlüssel"),
        ("body.txt.j2", "Guten Tag"),
        ("body.html.j2", "<p>Guten Tag</p>"),
    ];
    let ours = Letters::load(None).unwrap().render(&LETTER).unwrap();
    for set in 0..8_usize {
        let folder = tempfile::tempdir().unwrap();
        let [subject, text, html] = [0, 1, 2].map(|at| {
            let (name, source) = own[at];
            let is_there = (set >> at) & 1 == 1;
            is_there.then(|| fs::write(folder.path().join(name), source).unwrap()).map(|()| source)
        });
        let letters = Letters::load(Some(folder.path())).unwrap();
        assert_eq!(letters.half_set().is_none(), set == 0 || set == 7, "{set}");
        let rendered = letters.render(&LETTER).unwrap();
        let is_ours = text.is_none() && html.is_none();
        let expected = if is_ours {
            [ours.subject.as_str(), &ours.text, &ours.html]
        } else {
            let plain = "Example Shop: ReDJ Enterprise";
            [subject.unwrap_or(plain), text.unwrap_or_default(), html.unwrap_or_default()]
        };
        assert_eq!([rendered.subject.as_str(), &rendered.text, &rendered.html], expected, "{set}");
        let sent = Mail { text: rendered.text, html: rendered.html, ..mail() };
        let message = composed(&sent).await.unwrap();
        let kinds = ["text/plain", "text/html"].map(|kind| message.contains(kind));
        assert_eq!(kinds, [is_ours || text.is_some(), is_ours || html.is_some()], "{set}");
    }
}

#[test]
fn bad_templates_are_found_at_start_with_file_and_line() {
    for (source, line, word) in [
        ("a\nb {{ key }\n", 2, "syntax error"),
        ("a\n{% if key %}x\n", 2, "syntax error"),
        ("a\n\n{{ pasword }}\n", 3, "`pasword`"),
        ("a\n{% if not key and not email %}\n{{ nobody }}\n{% endif %}", 3, "`nobody`"),
        ("user.name\n{{ user.name }}", 2, "`user`"),
        ("{{ key|nofilter }}", 1, "unknown filter"),
        ("x\n{{ user_name[0].more }}", 2, "undefined"),
        ("x\n{{ (user_name|list)[0]|upper }}", 2, "undefined"),
        ("{% include 'other' %}", 1, ""),
    ] {
        let (_folder, letters) = own_letters("body.txt.j2", source);
        let error = letters.err().unwrap_or_else(|| panic!("accepted: {source}")).to_string();
        assert!(error.contains(&format!("body.txt.j2`, line {line}:")), "{source}: {error}");
        assert!(error.contains(word), "{source}: {error}");
    }
    let (_folder, letters) = own_letters("body.txt.j2", b"\xff\xfe");
    assert!(matches!(letters, Err(LetterError::Unreadable { .. })));
    let missing = Letters::load(Some(Path::new("/nonexistent/letters")));
    assert!(matches!(missing, Err(LetterError::NoFolder { .. })));
}

#[test]
fn a_template_that_fails_later_does_not_tell_the_key() {
    let source = "{% if key|length == 32 %}{{ key|int }}{% endif %}";
    let (_folder, letters) = own_letters("body.txt.j2", source);
    let error = letters.unwrap().render(&LETTER).unwrap_err();
    assert!(matches!(error, LetterError::Render { line: 1, .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains(LETTER.key), "{error:?}");
}

#[test]
fn nothing_secret_is_shown() {
    let shown = format!("{:?} {:?} {LETTER:?} {:?}", mail(), login(PASSWORD), settings(vec![]));
    assert!(!shown.contains(LETTER.key) && !shown.contains(PASSWORD) && !shown.contains("user123"));
    let rendered = Letters::load(None).unwrap().render(&LETTER).unwrap();
    assert!(!format!("{rendered:?}").contains(LETTER.key));
}
