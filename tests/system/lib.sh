# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# For the system tests in shell: TAP, a directory that goes away, the programs
# just built, and their cards. A test runs its second half, the part beside
# a private pcscd, by calling itself with a word; TAP is numbered across.

top=${top_builddir:-.}
src=${top_srcdir:-.}
export top_builddir="$top" top_srcdir="$src"
driver=$top/ifd/.libs/libifdvscard.so
vscclient=$top/vscclient/vscclient
vscard_run=$top/run/vscard-run
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL

# The directory and the count of checks are the outermost script's.
if [ -z "${VSCARD_TEST_DIR-}" ]; then
    VSCARD_TEST_DIR=$(mktemp -d /tmp/vscard-test-XXXXXX) || exit 99
    export VSCARD_TEST_DIR
    trap 'rm -rf "$VSCARD_TEST_DIR"' EXIT
    trap 'exit 99' HUP INT TERM
    echo 0 >"$VSCARD_TEST_DIR/count"
fi
dir=$VSCARD_TEST_DIR

# ok STATUS NAME [FILE]: a TAP line; a failure shows what FILE says.
ok() {
    count=$(($(cat "$dir/count") + 1))
    echo "$count" >"$dir/count"
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        touch "$dir/failed"
        [ -z "${3-}" ] || tail -n 30 "$3" | sed 's/^/# /'
    fi
}

# is WANT GOT NAME
is() {
    [ "$1" = "$2" ]
    ok $? "$3"
    [ "$1" = "$2" ] || printf '# wanted: %s\n# got: %s\n' "$1" "$2"
}

# says FILE TEXT NAME: a line of it has the text, word for word.
says() {
    grep -qF -- "$2" "$1"
    ok $? "$3" "$1"
}

# The plan, last; and the status for the whole.
finish() {
    echo "1..$(cat "$dir/count")"
    [ ! -e "$dir/failed" ]
    exit
}

# pcscd has no sanitizer, so what its driver needs must be loaded first; unless
# a pcscd was named that sees to it itself, and leaves the tools alone.
sanitizer_first() {
    [ -z "${VSCARD_PCSCD-}" ] || return 0
    preload=$(ldd "$driver" | sed -n 's/.*=> \(.*libasan\.so[^ ]*\).*/\1/p')
    [ -z "$preload" ] || LD_PRELOAD=$preload
    [ -z "$preload" ] || ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
    [ -z "$preload" ] || export LD_PRELOAD ASAN_OPTIONS
}

# private ARG...: vscard-run with what was just built, within a deadline. OpenSC
# would remember the certificates of another test's card, whose number is the
# same. A second half that did not begin, or did not end, is a failure.
private() {
    (
        sanitizer_first
        export XDG_CACHE_HOME="$dir/cache"
        exec timeout --foreground -k 10 120 "$vscard_run" --driver "$driver" \
            --vscclient "$vscclient" "$@"
    )
    private_status=$?
    case " $* " in
    *" $0 "*)
        [ "$private_status" -lt 124 ] ||
            ok 1 "the second half: status $private_status"
        ;;
    esac
    return "$private_status"
}

# steady ARG...: what opensc-tool -s says, errors too. The library of pcsc-lite
# 2.5 may take another's event for an answer to itself, or wait for what it has
# taken; no card has then been reached, and it tries again.
steady() {
    for _ in 1 2 3 4; do
        said=$(timeout 30 opensc-tool "$@" 2>&1)
        status=$?
        case $said in
        *SW1=*) break ;;
        esac
    done
    printf '%s\n' "$said"
    return "$status"
}

nssdb() {
    "$src/tests/system/nssdb.sh"
}

nss_card() {
    echo "nss:db=sql:$(nssdb),certs=id-cert:signing-cert:encryption-cert"
}

# await TEXT: until pcsc_scan shows it; it ends soon after its reader has.
await() {
    timeout 30 stdbuf -oL pcsc_scan -n 2>&1 | grep -m 1 "$1" >"$dir/out"
}

# pkcs11 ARG...: pkcs11-tool on the one card there is.
pkcs11() {
    timeout 60 pkcs11-tool "$@"
}

# verified CERT-NAME ID: signs with that key on the card, and OpenSSL agrees.
verified() {
    head -c 1000 /dev/urandom >"$dir/data"
    pkcs11 --login --pin 12345678 --sign --mechanism SHA256-RSA-PKCS \
        --id "$2" --input-file "$dir/data" --output-file "$dir/signature" \
        >"$dir/out" 2>&1 || return 1
    certutil -L -d "sql:$(nssdb)" -n "$1" -a |
        openssl x509 -noout -pubkey >"$dir/key.pem" &&
        openssl dgst -sha256 -verify "$dir/key.pem" \
            -signature "$dir/signature" "$dir/data" >"$dir/out" 2>&1
}
