#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# nss with hardware: a token of SoftHSM, which NSS takes for one that can be
# removed, is a card. It stands behind a gate, a module of ours, so that it can
# come and go.
. "${top_srcdir:-.}/tests/system/lib.sh"

# NSS loads a module by its path; where it is differs from system to system.
module() {
    ldconfig -p | sed -n 's/.*=> \(.*libsofthsm2\.so\)$/\1/p' | grep -m 1 . ||
        find /usr/lib* -name libsofthsm2.so | head -n 1
}

# A token with a key and its certificate, in a database that knows its module.
make_token() {
    mkdir "$dir/tokens" "$dir/db"
    printf 12345678 >"$dir/pin"
    head -c 2048 /dev/urandom >"$dir/noise"
    {
        softhsm2-util --init-token --free --label "My Token" \
            --so-pin 87654321 --pin 12345678 &&
            certutil -N -d "sql:$dir/db" --empty-password &&
            modutil -force -dbdir "sql:$dir/db" -add Soft \
                -libfile "$gate" -mechanisms FRIENDLY &&
            certutil -S -d "sql:$dir/db" -h "My Token" -f "$dir/pin" \
                -z "$dir/noise" -n hw -s "CN=Token User" -x -t ,, \
                -m 7 -v 120 -k rsa -g 2048
    } >"$dir/out" 2>&1 </dev/null
}

config() {
    cat >"$dir/softhsm2.conf" <<END
directories.tokendir = $dir/tokens
objectstore.backend = file
log.level = ERROR
slots.removable = true
END
    SOFTHSM2_CONF=$dir/softhsm2.conf
    gate=$(realpath "$top/.libs/libpkcs11_gate.so")
    GATE_MODULE=$(module)
    GATE_FILE=$dir/gate
    export SOFTHSM2_CONF GATE_MODULE GATE_FILE
    touch "$GATE_FILE"
}

# In a private pcscd with the token's card.
inside() {
    is "3b:7a:18:00:00:73:66:74:65:20:63:64:31:34:34" \
        "$(opensc-tool --atr 2>"$dir/out")" "the token is a card"
    certutil -L -d "sql:$dir/db" -h "My Token" -f "$dir/pin" \
        -n "My Token:hw" -r >"$dir/nss.der" 2>"$dir/out"
    pkcs11 --read-object --type cert --id 0001 \
        --output-file "$dir/card.der" >"$dir/out" 2>&1
    cmp "$dir/card.der" "$dir/nss.der" >>"$dir/out" 2>&1
    ok $? "its certificate, byte for byte" "$dir/out"
    head -c 1000 /dev/urandom >"$dir/data"
    pkcs11 --login --pin 12345678 --sign --mechanism SHA256-RSA-PKCS \
        --id 0001 --input-file "$dir/data" --output-file "$dir/signature" \
        >"$dir/out" 2>&1 &&
        openssl x509 -inform DER -in "$dir/nss.der" -noout -pubkey \
            >"$dir/key.pem" &&
        openssl dgst -sha256 -verify "$dir/key.pem" \
            -signature "$dir/signature" "$dir/data" >"$dir/out" 2>&1
    ok $? "a signature that the token makes" "$dir/out"
    ! pkcs11 --login --pin 11111111 --sign --mechanism SHA256-RSA-PKCS \
        --id 0001 --input-file "$dir/data" >"$dir/out" 2>&1
    ok $? "a wrong PIN signs nothing" "$dir/out"
}

# until_scan TEXT: reads on until pcsc_scan says it.
until_scan() {
    while read -r line <&3; do
        case $line in
        *"$1"*) return 0 ;;
        esac
    done
    return 1
}

# In a private pcscd with the token's card; pcsc_scan speaks of events only.
pulled() {
    mkfifo "$dir/scan"
    timeout 60 stdbuf -oL pcsc_scan >"$dir/scan" 2>&1 &
    scan=$!
    exec 3<"$dir/scan"
    # The other reader is SoftHSM's empty slot.
    until_scan "Card state" && until_scan "Card state" && rm "$GATE_FILE" &&
        until_scan "Card removed" && touch "$GATE_FILE" &&
        until_scan "Card inserted"
    ok $? "the token is pulled, and plugged in again"
    kill "$scan"
    opensc-tool -s 00A4040007A000000079010000 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x90, SW2=0x00" "and answers again"
}

# A certificate of the token beside those of the database, both by -e.
mixed() {
    "$vscclient" --connect "$VSCARD_ENDPOINT" -e "db=\"$dir/db\",use_hw=no,
        soft=(My Token,Of the token,CAC,,My Token:hw)" \
        >"$dir/client" 2>&1 </dev/null &
    client=$!
    await "3B 7A 18 00 00 73 66 74 65 20 63 64 31 34 34"
    says "$dir/client" "reader 'Of the token'" \
        "a soft card of the token's certificate"
    opensc-tool -s 00A4040007A000000079010000 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x90, SW2=0x00" "it answers"
    kill "$client"
    wait "$client"
    # Once, when the certificates have been looked for.
    is "0 1" "$? $(grep -c 'gate: torn down' "$dir/client")" \
        "a module that is in use is not torn down at the end"
}

config
case ${1-} in
inside)
    inside
    exit
    ;;
pulled)
    pulled
    exit
    ;;
mixed)
    mixed
    exit
    ;;
esac
make_token
ok $? "a token is made" "$dir/out"
private --slots 2 --card "nss:db=$dir/db,hw=removable" -- sh "$0" inside \
    2>"$dir/err"
private --slots 2 --card "nss:db=$dir/db,hw=removable" -- sh "$0" pulled \
    2>"$dir/err"
private -- sh "$0" mixed
timeout 30 "$vscclient" --connect "unix:$dir/nobody" \
    --card "nss:db=$dir/none,hw=yes" >"$dir/out" 2>&1 </dev/null
is 3 $? "no database: status 3"
says "$dir/out" "no database $dir/none" "no database: a clear line"
finish
