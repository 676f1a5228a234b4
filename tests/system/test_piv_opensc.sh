#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# OpenSC and the PIV application of a key file: keys are made and certified in
# one session with pcscd, and used in the next.
. "${top_srcdir:-.}/tests/system/lib.sh"
. "${top_srcdir:-.}/tests/system/piv.sh"

# Debian's piv-tool makes the key and then fails to print it, on any card; it
# returns how many bytes it wrote. So what counts is what is on the card.
piv_tool() {
    PIV_EXT_AUTH_KEY="$dir/admin" timeout 60 piv-tool "$@" >"$dir/out" 2>&1
}

# made SLOT ALGORITHM
made() {
    piv_tool --admin M:9B:03 --genkey "$1:$2"
    public "$1" && certified "$1" || return 1
    piv_tool --admin M:9B:0A --cert "$1" --in "$dir/$1.pem"
    yubico -a read-certificate -s "$1" -o "$dir/back.pem" &&
        cmp "$dir/$1.pem" "$dir/back.pem" >"$dir/out" 2>&1
}

make_keys() {
    echo "$admin" >"$dir/admin"
    is "Personal Identity Verification Card" \
        "$(opensc-tool --name 2>"$dir/out")" "opensc-tool knows what it is"
    piv_tool --admin M:9B:03 --name
    ok $? "the management key, TDES" "$dir/out"
    piv_tool --admin M:9B:0A --name
    ok $? "the management key, AES" "$dir/out"
    ! PIV_EXT_AUTH_KEY=/dev/null piv_tool --admin M:9B:08 --name
    ok $? "not a cipher that it is not for" "$dir/out"
    made 9a 07
    ok $? "RSA-2048 in 9a, with a certificate" "$dir/out"
    made 9c 11
    ok $? "P-256 in 9c" "$dir/out"
    made 9d 05
    ok $? "RSA-3072 in 9d" "$dir/out"
    made 9e 14
    ok $? "P-384 in 9e" "$dir/out"
    yubico -a generate -s 95 -A ECCP256 "-k$admin" -o "$dir/95.pub" &&
        certified 95 &&
        yubico -a import-certificate -s 95 "-k$admin" -i "$dir/95.pem"
    ok $? "P-256 in 95, the last of the retired" "$dir/out"

    printf '\123\005hello' >"$dir/object"
    piv_tool --admin M:9B:03 --object 9000 --in "$dir/object"
    opensc-tool --send-apdu 00CB3FFF055C035FC10600 >"$dir/out" 2>&1
    says "$dir/out" "53 05 68 65 6C 6C 6F" "an object"
}

# signs ID SLOT MECHANISM OPTION...: OpenSSL takes it for one of SLOT's.
signs() {
    id=$1 slot=$2 mechanism=$3
    shift 3
    message "$dir/data"
    pkcs11 --login --pin "$pin" --sign --mechanism "$mechanism" --id "$id" \
        --signature-format openssl --input-file "$dir/data" \
        --output-file "$dir/signature" >"$dir/out" 2>&1 &&
        openssl dgst "$@" -verify "$dir/$slot.pub" \
            -signature "$dir/signature" "$dir/data" >"$dir/out" 2>&1
}

# The same over a hash: OpenSC does not hash for ECDSA.
signs_hash() {
    message "$dir/data"
    openssl dgst "-$3" -binary -out "$dir/hash" "$dir/data" &&
        pkcs11 --login --pin "$pin" --sign --mechanism ECDSA --id "$1" \
            --signature-format openssl --input-file "$dir/hash" \
            --output-file "$dir/signature" >"$dir/out" 2>&1 &&
        openssl dgst "-$3" -verify "$dir/$2.pub" \
            -signature "$dir/signature" "$dir/data" >"$dir/out" 2>&1
}

# decrypts ID SLOT
decrypts() {
    echo "a secret of $2" >"$dir/plain"
    openssl pkeyutl -encrypt -pubin -inkey "$dir/$2.pub" -in "$dir/plain" \
        -out "$dir/cipher" 2>"$dir/out" &&
        pkcs11 --login --pin "$pin" --decrypt --mechanism RSA-PKCS \
            --id "$1" --input-file "$dir/cipher" --output-file "$dir/got" \
            >"$dir/out" 2>&1 && cmp "$dir/plain" "$dir/got" >"$dir/out" 2>&1
}

# agrees ID SLOT: what both sides derive is the same.
agrees() {
    openssl ecparam -genkey -name prime256v1 -noout -out "$dir/peer.key" &&
        openssl pkey -in "$dir/peer.key" -pubout -outform DER \
            -out "$dir/peer.der" &&
        openssl pkeyutl -derive -inkey "$dir/peer.key" \
            -peerkey "$dir/$2.pub" -out "$dir/want" 2>"$dir/out" &&
        pkcs11 --login --pin "$pin" --derive --mechanism ECDH1-DERIVE \
            --id "$1" --input-file "$dir/peer.der" \
            --output-file "$dir/got" >"$dir/out" 2>&1 &&
        cmp "$dir/want" "$dir/got" >"$dir/out" 2>&1
}

use_keys() {
    pkcs15-tool --dump >"$dir/out" 2>&1
    ok $? "pkcs15-tool shows the card" "$dir/out"
    is 5 "$(grep -c '^Private .* Key \[' "$dir/out")" "five keys"
    is 5 "$(grep -c '^X.509 Certificate \[' "$dir/out")" \
        "five certificates, the retired one too"
    pkcs11 --login --pin "$pin" --test >"$dir/out" 2>&1
    ok $? "pkcs11-tool tests what it can" "$dir/out"
    says "$dir/out" "No errors" "and finds no error"

    signs 01 9a SHA256-RSA-PKCS -sha256
    ok $? "a signature with RSA-2048" "$dir/out"
    signs 01 9a SHA256-RSA-PKCS-PSS -sha256 -sigopt rsa_padding_mode:pss
    ok $? "a signature with RSA-2048, PSS" "$dir/out"
    signs_hash 02 9c sha256
    ok $? "a signature with P-256 in 9c, where the PIN is asked each time" \
        "$dir/out"
    signs_hash 04 9e sha384
    ok $? "a signature with P-384" "$dir/out"
    agrees 24 95
    ok $? "a secret agreed on with the retired key" "$dir/out"
    decrypts 01 9a
    ok $? "decryption with RSA-2048" "$dir/out"
    decrypts 03 9d
    ok $? "decryption with RSA-3072" "$dir/out"

    ! pkcs11 --login --pin 999999 --list-objects >"$dir/out" 2>&1
    ok $? "a wrong PIN" "$dir/out"
    pkcs11 --login --pin "$pin" --change-pin --new-pin 654321 \
        >"$dir/out" 2>&1
    ok $? "the PIN is changed" "$dir/out"
    pin=654321
    signs 01 9a SHA256-RSA-PKCS -sha256
    ok $? "a signature with the new PIN" "$dir/out"
}

case ${1-} in
make)
    make_keys
    exit
    ;;
use)
    use_keys
    exit
    ;;
esac
private --card "key:$dir/key" -- sh "$0" make
private --card "key:$dir/key" -- sh "$0" use
finish
