#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# yubico-piv-tool and the PIV application. (That of Debian 12 cannot sign its
# own certificates and requests with OpenSSL 3; it sends nothing.)
. "${top_srcdir:-.}/tests/system/lib.sh"
. "${top_srcdir:-.}/tests/system/piv.sh"

# tested SLOT CERTIFICATE: what the tool itself can test.
tested() {
    yubico -a verify-pin -P "$pin" -a test-signature -s "$1" -i "$2" &&
        yubico -a verify-pin -P "$pin" -a test-decipher -s "$1" -i "$2"
}

# made SLOT ALGORITHM OPTION...
made() {
    slot=$1 algorithm=$2
    shift 2
    yubico -a generate -s "$slot" -A "$algorithm" "-k$admin" "$@" \
        -o "$dir/$slot.pub" && certified "$slot" &&
        yubico -a import-certificate -s "$slot" "-k$admin" \
            -i "$dir/$slot.pem" && tested "$slot" "$dir/$slot.pem"
}

keys() {
    yubico -a status
    ok $? "the card's status" "$dir/out"
    says "$dir/out" "PIN tries left:	3" "with the tries"
    made 9a ECCP256
    ok $? "P-256, made, certified and used" "$dir/out"
    made 9d ECCP384
    ok $? "P-384" "$dir/out"
    made 9c RSA2048 --pin-policy=once
    ok $? "RSA-2048" "$dir/out"
    made 9e RSA1024
    ok $? "RSA-1024" "$dir/out"
    yubico -a attest -s 9a -o "$dir/attest.pem" &&
        yubico -a read-certificate -s f9 -o "$dir/f9.pem" &&
        openssl verify -CAfile "$dir/f9.pem" "$dir/attest.pem" \
            >"$dir/out" 2>&1
    ok $? "the card attests its key" "$dir/out"
}

# The tool of Debian 13 gives a wrong length for a number of the Chinese remainder
# theorem that begins with a zero byte, as one key of eighty has.
full_key() {
    key=
    while [ -z "$key" ] || [ "$short" != 0 ]; do
        key=$(openssl genrsa 2048 2>/dev/null) || return 1
        short=$(echo "$key" | openssl rsa -traditional -outform DER 2>/dev/null |
            openssl asn1parse -inform DER |
            awk 'NR > 5 { sub(/.*:/, ""); n += length != 256 } END { print n + 0 }')
    done
    echo "$key"
}

brought() {
    openssl ecparam -genkey -name prime256v1 -noout -out "$dir/key.pem" &&
        openssl req -x509 -key "$dir/key.pem" -subj /CN=brought \
            -out "$dir/cert.pem" 2>"$dir/out" &&
        yubico -a import-key -s 82 "-k$admin" -i "$dir/key.pem" &&
        yubico -a import-certificate -s 82 "-k$admin" -i "$dir/cert.pem" &&
        tested 82 "$dir/cert.pem"
    ok $? "a key and a certificate are imported, PEM" "$dir/out"
    full_key >"$dir/key.pem" &&
        openssl req -x509 -key "$dir/key.pem" -subj /CN=brought \
            -out "$dir/cert.pem" 2>"$dir/out" &&
        openssl pkcs12 -export -inkey "$dir/key.pem" -in "$dir/cert.pem" \
            -passout pass:secret -out "$dir/both.p12" &&
        yubico -a import-key -a import-certificate -s 83 "-k$admin" \
            -K PKCS12 -p secret -i "$dir/both.p12" &&
        tested 83 "$dir/cert.pem"
    ok $? "the same, PKCS#12" "$dir/out"
    yubico -a read-certificate -s 83 -o "$dir/back.pem" &&
        cmp "$dir/cert.pem" "$dir/back.pem" >"$dir/out" 2>&1
    ok $? "the certificate comes back" "$dir/out"
    ! yubico -a attest -s 83
    ok $? "what was brought is not attested" "$dir/out"
    yubico -a delete-certificate -s 83 "-k$admin" &&
        ! yubico -a read-certificate -s 83
    ok $? "the certificate is deleted" "$dir/out"
    yubico -a set-chuid -a set-ccc "-k$admin"
    ok $? "a new CHUID and CCC" "$dir/out"
}

access() {
    other=010203040506070801020304050607080102030405060a08
    yubico -a set-mgm-key "-k$admin" -n $other
    ok $? "another management key" "$dir/out"
    ! yubico -a set-ccc "-k$admin"
    ok $? "the old one opens nothing" "$dir/out"
    yubico -a set-mgm-key "-k$other" -n "$admin"
    ok $? "and back" "$dir/out"
    yubico -a change-pin -P "$pin" -N 654321
    ok $? "the PIN is changed" "$dir/out"
    yubico -a change-puk -P "$puk" -N 87654321
    ok $? "the PUK is changed" "$dir/out"
    for _ in 1 2 3; do
        yubico -a verify-pin -P 999999
    done
    says "$dir/out" "Pin code blocked" "three wrong PINs block it"
    yubico -a unblock-pin -P 87654321 -N "$pin" &&
        yubico -a verify-pin -P "$pin"
    ok $? "the PUK unblocks it" "$dir/out"
    ! yubico -a reset
    ok $? "no reset while a PIN is good" "$dir/out"
    for _ in 1 2 3; do
        yubico -a verify-pin -P 999999
        yubico -a unblock-pin -P 99999999 -N 222222
    done
    yubico -a unblock-pin -P 87654321 -N 222222
    says "$dir/out" "puk code is blocked" "three wrong PUKs are the end"
    yubico -a reset
    ok $? "but for a reset" "$dir/out"
    yubico -a verify-pin -P "$pin" && ! yubico -a read-certificate -s 9a
    ok $? "the card is new" "$dir/out"
}

if [ "${1-}" = inside ]; then
    keys
    brought
    access
    exit
fi
private --card key -- sh "$0" inside
finish
