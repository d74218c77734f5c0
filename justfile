# Common tasks; `just` lists them.

default:
    @just --list

# The sample site, on http://127.0.0.1:8080
demo:
    cargo run -- demo

# All tests, on a private MariaDB and on SQLite
test *ARGS:
    tests/run {{ARGS}}

# What must hold before a change lands
ci:
    .ci/run

# Write config.example.toml and the README's code table anew
generate:
    BRIDGE_GENERATE=1 cargo test --locked --test it generated

# The figures of docs/benchmarks.md, next to warp and nginx
figures *ARGS:
    benches/run {{ARGS}}

bench *ARGS:
    cargo bench {{ARGS}}

# A release binary that runs on old distributions
portable *ARGS:
    contrib/build-portable {{ARGS}}

# The Debian package
deb:
    contrib/build-deb

# Fuzz each target for so many seconds
fuzz SECONDS="60":
    fuzz/run {{SECONDS}}

# Known flaws of dependencies; fetches their database
advisories:
    cargo deny --locked check advisories

# The unit tests of the pure parts, interpreted; wants `rustup +nightly component add miri`
miri:
    MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --lib -p php-compat -p joomla-config -p joomla-password -p joomla-updates -p license-recipe
    MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --lib -- license:: release:: mask:: words::
