//! The requirements in the text of an install script: it is never run.

use std::io::Cursor;

use joomla_updates::archive as subject;

use crate::made::archive;

/// Joomla and PHP that an install script wants.
fn wants(script: &str) -> (Option<String>, Option<String>) {
    let manifest = "<extension type=\"component\"><name>Foo</name><version>1</version>\
                    <scriptfile>admin/script.php</scriptfile></extension>";
    let files = [("foo.xml", manifest), ("admin/script.php", script)];
    let found = subject::manifest(Cursor::new(archive(&files))).unwrap().manifest;
    (found.wants.joomla, found.wants.php)
}

#[test]
fn the_lowest_versions_stand_in_properties() {
    let joomla = |script: &str| wants(script).0;
    let some = |version: &str| Some(version.to_owned());
    for script in [
        "<?php class com_fooInstallerScript { protected $minimumJoomla = '4.0'; }",
        "<?php class A extends InstallerScript {\n\tprotected string $minimumJoomla=\"4.0\";\n}",
        "<?php return new class () { private $minimumJoomla /* of all */ = // here\n '4.0'; };",
        "<?php function __construct() { $this->minimumJoomla = '4.0'; }",
        "<?php /* $minimumJoomla = '1.0'; */ # $minimumJoomla = '1.1';\n// $minimumJoomla = '1.2';\n\
         $x = 'a\\'$minimumJoomla = \"1.3\"'; #[Pure]\n protected $minimumJoomla = '4.0';",
        "<?php if (version_compare(JVERSION, $this->minimumJoomla, '<')) {} $minimumJoomla = '4.0';",
        "<?php protected $minimumJoomlaVersion = '4.0';",
        "<?php protected $minimumJoomla = 4.0;",
    ] {
        assert_eq!(joomla(script), some("4.0"), "{script}");
    }
    let both = "<?php protected $minimumPhp = '8.1.0';\nprotected $minimumJoomla = '5.0.0-rc1';";
    assert_eq!(wants(both), (some("5.0.0-rc1"), some("8.1.0")));
    for script in [
        "",
        "<?php",
        "<?php $minimumJoomla",
        "<?php $minimumJoomla = ",
        "<?php $minimumJoomla = '",
        "<?php $minimumJoomla = '4.0",
        "<?php $minimumJoomla == '4.0';",
        "<?php $minimumJoomla = JVERSION;",
        "<?php $minimumJoomla = 'four';",
        "<?php $minimumJoomla = '4.0 or so';",
        "<?php $minimumJoomla = '4.000000000000000000000000000000';",
        "<?php $otherminimumJoomla = '4.0'; $minimumJoomlas = '4.0'; minimumJoomla = '4.0';",
        "<?php /* $minimumJoomla = '4.0';",
        "<?php $a = '$minimumJoomla = \"4.0\";",
    ] {
        assert_eq!(wants(script), (None, None), "{script}");
    }
    let far = format!("<?php {} $minimumJoomla = '4.0';", " ".repeat(400_000));
    assert_eq!(joomla(&far), None, "only the beginning is read");
}
