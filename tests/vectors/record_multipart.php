<?php
// Records what PHP reads from multipart forms, as tests/it/http/multipart.rs compares with.
//
// Run with PHP 8.2 (Debian: php-cli), from the repository:
//     php tests/vectors/record_multipart.php < tests/vectors/multipart_php.jsonl > recorded.jsonl
//
// One line per form, in and out: {"case", "content_type", "body_hex", "fields"}. The fields are what
// `$_POST` holds, names and values as hexadecimal digits, null for an array. To add a form, append a
// line without "fields".

const ADDRESS = '127.0.0.1:18997';

$root = sys_get_temp_dir() . '/multipart-' . getmypid();
mkdir($root);
file_put_contents("$root/index.php", '<?php
    $fields = [];
    foreach ($_POST as $name => $value) {
        $fields[] = [bin2hex((string) $name), is_array($value) ? null : bin2hex($value)];
    }
    echo json_encode($fields);');
$quiet = ['file', '/dev/null', 'w'];
$options = ['-n', '-d', 'display_errors=0', '-d', 'display_startup_errors=0', '-S', ADDRESS, '-t', $root];
$server = proc_open([PHP_BINARY, ...$options], [1 => $quiet, 2 => $quiet], $pipes);
while (!($connection = @stream_socket_client('tcp://' . ADDRESS))) {
    usleep(10000);
}
fclose($connection);
while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line, true, 8, JSON_THROW_ON_ERROR);
    $body = hex2bin($case['body_hex']);
    $connection = stream_socket_client('tcp://' . ADDRESS);
    fwrite($connection, "POST / HTTP/1.0\r\nContent-Type: $case[content_type]\r\nContent-Length: "
        . strlen($body) . "\r\n\r\n$body");
    $answer = explode("\r\n\r\n", stream_get_contents($connection), 2)[1];
    $case['fields'] = json_decode($answer, true, 8, JSON_THROW_ON_ERROR);
    echo json_encode($case, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
proc_terminate($server);
unlink("$root/index.php");
rmdir($root);
