#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The tools that people use, with a card of libcacard in a private pcscd.
. "${top_srcdir:-.}/tests/system/lib.sh"

inside() {
    opensc-tool --list-readers >"$dir/out" 2>&1
    grep -qE '^0 +Yes .*vscard 00 00$' "$dir/out"
    ok $? "opensc-tool shows the reader with a card" "$dir/out"
    is "3b:7a:18:00:00:73:66:74:65:20:63:64:31:34:34" \
        "$(opensc-tool --atr 2>"$dir/out")" "opensc-tool shows the ATR"
    pcsc_scan -c >"$dir/out" 2>&1
    says "$dir/out" "3B 7A 18 00 00 73 66 74 65 20 63 64 31 34 34" \
        "pcsc_scan shows the card"
    opensc-tool --send-apdu 00A4040007A000000079010000 >"$dir/out" 2>&1
    says "$dir/out" "Received (SW1=0x90, SW2=0x00)" "an APDU of one's own"

    pkcs11 --list-objects --type cert >"$dir/out" 2>&1
    is 3 "$(grep -c '^Certificate Object' "$dir/out")" "three certificates"
    pkcs11 --read-object --type cert --id 0001 \
        --output-file "$dir/card.der" >"$dir/out" 2>&1
    certutil -L -d "sql:$(nssdb)" -n id-cert -r >"$dir/nss.der"
    cmp "$dir/card.der" "$dir/nss.der" >"$dir/out" 2>&1
    ok $? "the certificate, byte for byte" "$dir/out"

    verified id-cert 0001
    ok $? "a signature with the first key" "$dir/out"
    verified signing-cert 0002
    ok $? "a signature with the second key" "$dir/out"
    verified encryption-cert 0003
    ok $? "a signature with the third key" "$dir/out"

    echo hello >"$dir/data"
    ! pkcs11 --login --pin 87654321 --sign --mechanism SHA256-RSA-PKCS \
        --id 0001 --input-file "$dir/data" >"$dir/out" 2>&1
    ok $? "a wrong PIN signs nothing" "$dir/out"
    says "$dir/out" "C_Login failed" "because nobody is logged in"
    verified id-cert 0001
    ok $? "the right PIN afterwards" "$dir/out"

    opensc-tool --reset >"$dir/out" 2>&1
    ok $? "opensc-tool resets the card" "$dir/out"
    opensc-tool --send-apdu 00A4040007A000000079010000 \
        --send-apdu 00200000 >"$dir/out" 2>&1
    says "$dir/out" "Received (SW1=0x6A, SW2=0x88)" "its PIN is forgotten"
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
private --card "$(nss_card)" -- sh "$0" inside
finish
