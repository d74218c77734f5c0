#!/bin/sh
# Publishes a release from CI: `release.sh upload FILE.zip`, then `release.sh promote ID`.
# See docs/releases.md, "From CI". It needs curl and openssl, and minisign to sign.
#
#   JBRIDGE_URL        the end-point, like https://www.example.com/packages
#   JBRIDGE_TOKEN      the upload token, jbp_…
#   JBRIDGE_QUERY      for an upload, like `channel=beta&security=high&state=staged`
#   JBRIDGE_CHANGELOG  for an upload: a file with the changelog, in Markdown, of 5 KB at most
#   MINISIGN_KEY       for an upload: the file of the secret key, with its password in MINISIGN_PASSWORD
#   MINISIGN_COMMENT   the trusted comment, like `type=package element=pkg_redj version=1.9.1`
set -eu

# The token goes by standard input: the arguments of a program can be seen by others.
bridge() {
    printf 'header = "Authorization: Bearer %s"\n' "$JBRIDGE_TOKEN" |
        curl --config - --silent --show-error --fail-with-body --retry 3 "$@"
}

case ${1:-}${2:+ with} in
'upload with')
    file=$2
    if [ -n "${MINISIGN_KEY:-}" ]; then
        printf '%s\n' "${MINISIGN_PASSWORD:-}" |
            minisign -S -s "$MINISIGN_KEY" -m "$file" -t "$MINISIGN_COMMENT" >&2
    fi
    name=$(basename "$file" | sed 's/ /%20/g')
    sum=$(openssl dgst -sha256 -binary "$file" | openssl base64 -A)
    set -- --header "Content-Digest: sha-256=:$sum:"
    if [ -f "$file.minisig" ]; then
        set -- "$@" --header "Release-Signature: $(openssl base64 -A -in "$file.minisig")"
    fi
    if [ -n "${JBRIDGE_CHANGELOG:-}" ]; then
        set -- "$@" --header "Release-Changelog: $(openssl base64 -A -in "$JBRIDGE_CHANGELOG")"
    fi
    bridge "$@" --upload-file "$file" "$JBRIDGE_URL/releases/$name?${JBRIDGE_QUERY:-}"
    ;;
'promote with' | 'hold with' | 'withdraw with')
    bridge --request POST "$JBRIDGE_URL/releases/$2/$1"
    ;;
*)
    echo "usage: release.sh upload FILE.zip, or release.sh promote|hold|withdraw ID" >&2
    exit 2
    ;;
esac
