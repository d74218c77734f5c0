//! The contents of a manifest, for every type of extension.

use joomla_updates::manifest::{Manifest, ManifestError};
use proptest::prelude::*;

fn parse(xml: &str) -> Result<Option<Manifest>, ManifestError> {
    Manifest::parse(xml.as_bytes(), "files_example.xml")
}

/// Extension, version and name of a manifest with this head and body.
fn read(head: &str, body: &str) -> String {
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<extension {head}>{body}<version>1.2</version></extension>"
    );
    match parse(&xml) {
        Ok(Some(found)) => {
            let client = found.extension.client.name();
            format!("{} [{client}] {} {:?}", found.extension, found.version, found.name)
        }
        Ok(None) => "no manifest".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_type_names_its_element_in_its_own_way() {
    let cases = [
        ("type=\"component\"", "<name>My Shop!</name>"),
        ("type=\"component\"", "<name>COM_SHOP</name>"),
        ("type=\"component\"", "<name>Shop</name><element>com_myshop</element>"),
        (
            "type=\"module\" client=\"site\"",
            "<name>M</name><files><filename module=\"mod_Shop\">a.php</filename></files>",
        ),
        (
            "type=\"module\" client=\"administrator\"",
            "<name>M</name><files><folder>tmpl</folder><folder module=\"mod_shop\">src</folder></files>",
        ),
        (
            "type=\"module\"",
            "<name>M</name><element>mod_new</element><files><folder>src</folder></files>",
        ),
        (
            "type=\"plugin\" group=\"system\"",
            "<name>P</name><files><filename plugin=\"shop\">shop.php</filename></files>",
        ),
        ("type=\"template\" client=\"administrator\"", "<name>My Template_2</name>"),
        ("type=\"library\"", "<name>L</name><libraryname>acme/shop</libraryname>"),
        ("type=\"language\" client=\"site\"", "<name>German</name><tag>de-DE</tag>"),
        ("type=\"file\"", "<name>Some files</name>"),
        ("type=\"package\"", "<name>Shop &amp; more</name><packagename>shop</packagename>"),
        (
            "type=\"module\" client=\"api\"",
            "<files><filename module=\"mod_x\">x</filename></files>",
        ),
        // Missing or senseless values.
        ("type=\"plugin\"", "<files><filename plugin=\"shop\">shop.php</filename></files>"),
        ("type=\"plugin\" group=\"system\"", "<files><filename>shop.php</filename></files>"),
        ("type=\"package\"", "<packagename>§</packagename>"),
        ("type=\"component\"", "<name>日本</name>"),
        ("type=\"library\"", "<name>L</name>"),
        ("type=\"module\" client=\"moon\"", "<element>mod_x</element>"),
        ("type=\"gadget\"", "<name>G</name>"),
        ("", "<name>G</name>"),
        // Files below other elements are not the extension's own.
        (
            "type=\"plugin\" group=\"system\"",
            "<media><filename plugin=\"no\">a</filename></media><files><filename plugin=\"yes\">a</filename></files><files><filename plugin=\"late\">a</filename></files>",
        ),
    ];
    insta::assert_snapshot!(cases.map(|(head, body)| read(head, body)).join("\n"));
}

#[test]
fn all_that_update_xml_wants_is_read() {
    let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>
        <!-- a comment with <!DOCTYPE in it -->
        <extension type=\"package\" version=\"3.9\" method=\"upgrade\">
            <name>Läb &#x1F511; &quot;x&quot;</name>
            <packagename>example</packagename>
            <version> 2.0-beta1 </version>
            <author>Jane &amp; Co</author><authorUrl>https://www.example.com</authorUrl>
            <description><![CDATA[<p>All & more</p>]]></description>
            <php_minimum>7.4</php_minimum>
            <targetplatform name=\"wordpress\" version=\"6\"/>
            <targetplatform name=\"joomla\" version=\"[45]\"/>
            <files><file type=\"module\" id=\"x\">mod.zip</file><name>not this</name></files>
            <version>9.9</version>
        </extension>";
    insta::assert_debug_snapshot!(parse(xml).unwrap().unwrap());
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><extension type=\"file\"><name>L\xe4b</name><version>1</version></extension>";
    assert_eq!(Manifest::parse(latin, "x.xml").unwrap().unwrap().name, "Läb");
}

#[test]
fn elements_are_as_joomla_stores_them() {
    let element = |xml: &str, file: &str| {
        Manifest::parse(xml.as_bytes(), file).map(|read| read.unwrap().extension.element)
    };
    let plugin = |inside: &str| {
        let xml = format!(
            "<extension type=\"plugin\" group=\"system\"><name>P</name><version>1</version>{inside}</extension>"
        );
        element(&xml, "x.xml")
    };
    let file = "<files><folder>sql</folder><filename plugin=\"Shop\">a.php</filename></files>";
    assert_eq!(plugin(file), Ok("Shop".into()));
    assert_eq!(plugin(&format!("<element>other</element>{file}")), Ok("Shop".into()));
    let folder =
        "<files><folder plugin=\"shop\">src</folder><filename plugin=\"late\">a</filename></files>";
    assert_eq!(plugin(folder), Ok("shop".into()));
    assert!(matches!(plugin("<element>shop</element>"), Err(ManifestError::NoElement(_))));
    assert!(matches!(
        plugin("<element>shop</element><files><filename module=\"shop\">a</filename></files>"),
        Err(ManifestError::NoElement(_))
    ));
    let loose = "<extension type=\"file\"><name>F</name><version>1</version></extension>";
    for (file, wanted) in [
        ("files_Example.xml", "files_Example"),
        ("Files Example-2.xml", "Files Example-2"),
        ("a.xml.xml", "a"),
        ("a.b.xml", "a.b"),
    ] {
        assert_eq!(element(loose, file), Ok(wanted.into()), "{file}");
    }
}

#[test]
fn an_author_s_address_has_a_scheme_or_is_left_out() {
    let address = |text: &str| {
        let xml = format!(
            "<extension type=\"file\"><version>1</version><authorUrl>{text}</authorUrl></extension>"
        );
        parse(&xml).unwrap().unwrap().author_url
    };
    for (text, wanted) in [
        ("https://www.example.com/a?b=c", "https://www.example.com/a?b=c"),
        ("HTTP://example.com", "HTTP://example.com"),
        (" www.example.com ", "https://www.example.com"),
        ("example.com/joomla", "https://example.com/joomla"),
        ("//example.com", "https://example.com"),
        ("example.com:8080?a", "https://example.com:8080?a"),
        ("münchen.example", "https://münchen.example"),
    ] {
        assert_eq!(address(text), wanted, "{text}");
    }
    for text in [
        "",
        "-",
        "none",
        "https://",
        "jane@example.com",
        "mailto:jane@example.com",
        "javascript:alert(1)",
        "ftp://example.com",
        "http:/example.com",
        "http//www.example.com",
        "www.example.com, www.example.org",
        "www..example",
        "https://example.com or so",
    ] {
        assert_eq!(address(text), "", "{text}");
    }
}

#[test]
fn other_documents_are_no_manifests() {
    for xml in
        ["<config><name>x</name></config>", "<!DOCTYPE html><html><extension/></html>", "<form/>"]
    {
        assert_eq!(parse(xml), Ok(None), "{xml}");
    }
}

#[test]
fn attacks_and_broken_documents_are_refused() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>\
                <extension type=\"file\"><name>&b;</name><version>1</version></extension>";
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><extension type=\"file\"><name>&b;</name></extension>";
    let unknown = "<extension type=\"file\"><name>&b;</name><version>1</version></extension>";
    let in_attribute = "<extension type=\"&b;\"><version>1</version></extension>";
    for (xml, error) in [
        (bomb, ManifestError::DocType),
        (outside, ManifestError::DocType),
        (unknown, ManifestError::Entity),
        (in_attribute, ManifestError::Entity),
        ("<extension type=\"file\"></extension>", ManifestError::NoVersion),
        ("<extension type=\"file\"/>", ManifestError::NoVersion),
    ] {
        assert_eq!(parse(xml), Err(error), "{xml}");
    }
    for xml in [
        "",
        "no xml",
        "<extension type=\"file\"><version>1</version>",
        "<extension type=\"file\"><version>1</wrong></extension>",
        "<extension type=\"file\" <version>1</version></extension>",
        "<extension type=\"file\" type=\"file\"><version>1</version></extension>",
        "<extension type=\"file\"><name>&#xD800;</name><version>1</version></extension>",
    ] {
        assert!(matches!(parse(xml), Err(ManifestError::Broken(_))), "{xml}: {:?}", parse(xml));
    }
    let deep = format!("<extension type=\"file\">{}", "<a>".repeat(200_000));
    assert!(parse(&deep).is_err(), "no stack is used for depth");
}

/// A manifest with this in front of its root and behind it.
fn around(before: &str, after: &str) -> Result<Option<Manifest>, ManifestError> {
    let root = "<extension type=\"file\"><version>1</version></extension>";
    parse(&format!("{before}{root}{after}"))
}

#[test]
fn a_document_type_that_declares_nothing_is_read_over() {
    for before in [
        "<!DOCTYPE extension>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE extension >\n<!-- c -->",
        "<!DOCTYPE extension PUBLIC \"-//Joomla! 2.5//DTD template 1.0//EN\" \"https://www.joomla.org/xml/dtd/2.5/template-install.dtd\">",
        "<!DOCTYPE extension SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE\n\textension\r\nPUBLIC 'a[b]' \"c\" >",
        "<!DOCTYPE install>",
    ] {
        assert!(matches!(around(before, ""), Ok(Some(_))), "{before}: {:?}", around(before, ""));
    }
    for before in [
        "<!DOCTYPE extension []>",
        "<!DOCTYPE extension SYSTEM \"a\" [<!ENTITY b \"c\">]>",
        "<!DOCTYPE extension[<!ELEMENT a ANY>]>",
    ] {
        assert_eq!(around(before, ""), Err(ManifestError::DocType), "{before}");
    }
    for before in [
        "<!doctype extension>",
        "<!DOCTYPE>",
        "<!DOCTYPE extension PUBLIC \"a\">",
        "<!DOCTYPE extension SYSTEM>",
        "<!DOCTYPE extension \"a\">",
        "<!DOCTYPE 1>",
        "<!DOCTYPE extension><!DOCTYPE extension>",
    ] {
        let read = around(before, "");
        assert!(matches!(read, Err(ManifestError::Broken(_))), "{before}: {read:?}");
    }
    assert!(matches!(around("", "<!DOCTYPE extension>"), Err(ManifestError::Broken(_))));
}

#[test]
fn what_joomla_3_to_6_do_not_take_is_refused_with_the_reason() {
    for before in [
        " <?xml version=\"1.0\"?>",
        "\n\n<?xml version=\"1.0\"?>",
        "\u{feff}\n<?xml version=\"1.0\"?>",
        "<!-- c --><?xml version=\"1.0\"?>",
    ] {
        assert_eq!(around(before, ""), Err(ManifestError::BeforeDeclaration), "{before:?}");
    }
    for after in [" x", "<extension/>", "<more/>", "&amp;", "<![CDATA[ ]]>", "\u{a0}"] {
        assert_eq!(around("", after), Err(ManifestError::Outside), "{after:?}");
    }
    assert!(matches!(around("x", ""), Err(ManifestError::Broken(0))));
    // Blanks without a declaration, comments and instructions stand where they like.
    for (before, after) in
        [("\n ", "\r\n\t "), ("<!-- c -->", "<!-- d -->\n<?e f?>"), ("\u{feff}", "")]
    {
        assert!(matches!(around(before, after), Ok(Some(_))), "{before:?} {after:?}");
    }
    for root in ["install", "mosinstall"] {
        let xml = format!("<{root} type=\"file\"><name>X</name><version>1</version></{root}>");
        assert_eq!(parse(&xml), Err(ManifestError::OldRoot(root.into())));
    }
    // Documents that Joomla's parser refuses.
    for inner in
        ["<!-- a -- b -->", "]]>", "\u{1}", "&#1;", "\u{ffff}", "<1a/>", "<a b=\"<\"/>", "<a b=c/>"]
    {
        let xml = format!("<extension type=\"file\"><version>1</version>{inner}</extension>");
        assert!(
            matches!(parse(&xml), Err(ManifestError::Broken(_))),
            "{inner:?}: {:?}",
            parse(&xml)
        );
    }
    let many = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect::<Vec<_>>().concat();
    let many = format!("<extension type=\"file\"><version>1</version><a{many}/></extension>");
    assert!(matches!(parse(&many), Err(ManifestError::Broken(_))), "not compared one by one");
}

#[test]
fn the_encoding_that_is_declared_is_read() {
    let named = |encoding: &str, name: &[u8]| {
        let head = format!(
            "<?xml version='1.0' encoding = '{encoding}' ?><extension type=\"file\"><name>"
        );
        let document = [head.as_bytes(), name, b"</name><version>1</version></extension>"].concat();
        Manifest::parse(&document, "x.xml").map(|read| read.unwrap().name)
    };
    for (encoding, name, text) in [
        ("windows-1251", b"\xcc\xe0\xe3\xe0\xe7\xe8\xed".as_slice(), "Магазин"),
        ("Windows-1251", b"\xd0\x90", "Рђ"),
        ("ISO-8859-1", b"L\xe4b", "Läb"),
        ("iso-8859-2", b"\xb9\xe8", "šč"),
        ("ISO-8859-15", b"\xa4", "€"),
        ("windows-1252", b"\x80", "€"),
        ("koi8-r", b"\xed\xc9\xd2", "Мир"),
        ("utf8", "Läb".as_bytes(), "Läb"),
        ("UTF-8", "Läb".as_bytes(), "Läb"),
    ] {
        assert_eq!(named(encoding, name), Ok(text.into()), "{encoding}");
    }
    for (encoding, name) in [("utf-8", b"L\xe4b".as_slice()), ("utf-16", b"x"), ("klingon", b"x")] {
        assert_eq!(named(encoding, name), Err(ManifestError::Encoding), "{encoding}");
    }
    let text = |declaration: &str, mark: &str| {
        format!(
            "{mark}{declaration}<extension type=\"file\"><name>Мир</name><version>1</version></extension>"
        )
    };
    for declaration in
        ["", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>", "<?xml version=\"1.0\"?>"]
    {
        for mark in ["", "\u{feff}"] {
            let text = text(declaration, mark);
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for document in [little, big] {
                let read = Manifest::parse(&document, "x.xml").unwrap().unwrap();
                assert_eq!(read.name, "Мир", "{declaration} {mark:?}");
            }
        }
    }
    // A mark says more than the declaration.
    let marked = text("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", "\u{feff}");
    assert_eq!(parse(&marked).unwrap().unwrap().name, "Мир");
    let lone = [0xff, 0xfe, b'<', 0, 0, 0xd8, b'x', 0];
    assert_eq!(Manifest::parse(&lone, "x.xml"), Err(ManifestError::Encoding));
}

proptest! {
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..300) {
        let _ = Manifest::parse(&bytes, "x.xml");
        let good = b"<?xml version=\"1.0\"?><extension type=\"plugin\" group=\"x\"><files><f plugin=\"p\"/></files><version>1&amp;</version></extension>";
        let mut damaged = good.to_vec();
        damaged.truncate(cut);
        damaged.extend(&bytes);
        let _ = Manifest::parse(&damaged, "x.xml");
    }
}
