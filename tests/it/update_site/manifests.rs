//! What a manifest says, for every type of extension.

use jbackend_bridge::update_site::manifest::{Manifest, ManifestError};
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
        // What is not there, or makes no sense.
        ("type=\"plugin\"", "<files><filename plugin=\"shop\">shop.php</filename></files>"),
        ("type=\"plugin\" group=\"system\"", "<files><filename>shop.php</filename></files>"),
        ("type=\"package\"", "<packagename>§</packagename>"),
        ("type=\"component\"", "<name>日本</name>"),
        ("type=\"library\"", "<name>L</name>"),
        ("type=\"module\" client=\"moon\"", "<element>mod_x</element>"),
        ("type=\"gadget\"", "<name>G</name>"),
        ("", "<name>G</name>"),
        // Files below other elements are somebody else's.
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
    let old = "<install type=\"file\"><name>X</name><version>1</version></install>";
    assert!(parse(old).unwrap().is_some());
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
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><extension type=\"file\"/>";
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
    let utf16 = [0xff, 0xfe, b'<', 0, b'x', 0];
    assert_eq!(Manifest::parse(&utf16, "x.xml"), Err(ManifestError::Encoding));
    let deep = format!("<extension type=\"file\">{}", "<a>".repeat(200_000));
    assert!(parse(&deep).is_err(), "no stack is used for depth");
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
