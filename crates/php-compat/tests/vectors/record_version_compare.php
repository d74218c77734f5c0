<?php
// Records what version_compare says: php record_version_compare.php > version_compare.jsonl
$known = ["","0","1","1.0","1.0.0","1.0.1","1.1","1.10","1.9","2","1.0-dev","1.0-alpha","1.0a1","1.0-beta1","1.0b2","1.0RC1","1.0rc2","1.0-rc.3","1.0pl1","1.0p1","1.0.0-beta1","1.0.0.1","v1.0","v1.1.0","1.0-1","1.0_1","1.0+build","1.0.","1..0",".1","1.0.0-SNAPSHOT","1.0 beta","1.0#1","#","#N#","dev","alpha","beta","RC","pl","x","1.0x","1.0.x","5.3.2","5.3.2-dev","3.10.11","3.9","10.0","99999999999999999999","9223372036854775807","1.0ä","-1","--","1-","1.0-","1.0.beta","1.0stable","2020.01.31","01","1.01","1.a","1.b","a","b","1.0.0.0","1.0.0-pl","1.0Beta","1.0-Beta2","8.2.36","7.2","99.0"];
foreach ($known as $a) {
    foreach ($known as $b) {
        // A quarter of all pairs, and all with the two usual versions.
        if (crc32($a . '|' . $b) % 4 == 0 || $a === '1.0' || $b === '1.0.0') {
            echo json_encode([$a, $b, version_compare($a, $b)], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
        }
    }
}
mt_srand(7);
$pieces = ["0","1","2","10",".",".",".","-","_","+","a","b","rc","RC","beta","alpha","dev","pl","p","#","x"," ","v"];
for ($i = 0; $i < 700; $i++) {
    $pair = [];
    for ($k = 0; $k < 2; $k++) {
        $text = '';
        $n = mt_rand(1, 6);
        for ($j = 0; $j < $n; $j++) {
            $text .= $pieces[mt_rand(0, count($pieces) - 1)];
        }
        $pair[] = $text;
    }
    echo json_encode([$pair[0], $pair[1], version_compare($pair[0], $pair[1])]), "\n";
}
