#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# libcacard's own options, -e and -c: what works there works here, and what
# goes wrong there in silence is one clear line here.
. "${top_srcdir:-.}/tests/system/lib.sh"

# supply ARG...: vscclient behind, until pcscd has the card.
supply() {
    "$vscclient" --connect "$VSCARD_ENDPOINT" "$@" >"$dir/client" 2>&1 \
        </dev/null &
    client=$!
    await "3B 7A 18 00 00 73 66 74 65 20 63 64 31 34 34"
}

# Until it has taken its readers away.
withdraw() {
    kill "$client"
    wait "$client"
    is 0 $? "$1: it goes in good order"
}

answers() {
    opensc-tool -r "$2" -s 00A4040007A000000079010000 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x90, SW2=0x00" "$1"
}

# In a private pcscd with two slots.
inside() {
    db=$(nssdb)
    certs=id-cert,signing-cert,encryption-cert
    supply -e "db=\"$db\" use_hw=no soft=(,Test,CAC,,$certs)"
    answers "-e as QEMU's documentation has it" 0
    verified encryption-cert 0003
    ok $? "it signs with the third certificate" "$dir/out"
    says "$dir/client" "reader 'Test'" "the reader has its name"
    withdraw "-e"

    supply -e "db=\"sql:$db\",use_hw=no," -c id-cert -c signing-cert
    answers "-c NAME -c NAME behind use_hw=no" 0
    says "$dir/client" "reader 'Virtual Reader'" "the name that -c gives"
    withdraw "-c"

    supply -e "use_hw=no db=\"$db\" soft=(,One,CAC,,id-cert) \
        soft=(NSS Certificate DB,The Second,CAC,,signing-cert)"
    timeout 30 stdbuf -oL pcsc_scan -n 2>&1 |
        awk '/3B 7A 18/ && ++n == 2 { exit }'
    answers "two soft=(…): the first" 0
    answers "two soft=(…): the second" 1
    says "$dir/client" "reader 'The Second'" "each with its name"
    is 1 "$(pgrep -c -P "$client" -f 'fd:3')" "in one card process"
    withdraw "two soft=(…)"
}

# refused STATUS TEXT NAME ARG...
refused() {
    status=$1 text=$2 name=$3
    shift 3
    timeout 30 "$vscclient" --connect "unix:$dir/nobody" "$@" \
        >"$dir/out" 2>&1 </dev/null
    is "$status" $? "$name: status $status"
    says "$dir/out" "$text" "$name: a clear line"
    is 1 "$(grep -vc "^Try 'vscclient --help'" "$dir/out")" \
        "$name: no more than that"
}

wrong() {
    db=$(nssdb)
    refused 2 "the bracket of soft=( is not closed" "no bracket" \
        -e "db=\"$db\" use_hw=no soft=(,V,CAC,,id-cert"
    refused 2 "-e : it is empty" "an empty string" -e ""
    refused 2 "there is no card" "no card" -e use_hw=no
    refused 2 "must be quoted" "no quotes" -e "db=$db"
    refused 3 "no certificate 'nobody'" "one of two certificates" \
        -e "db=\"$db\" use_hw=no soft=(,V,CAC,,id-cert,nobody)"
    refused 3 "no token 'Nothing'" "a token that is not there" \
        -e "db=\"$db\" use_hw=no soft=(Nothing,V,CAC,,id-cert)"
    refused 3 "no database $dir/none" "no database" \
        -e "db=\"$dir/none\" use_hw=no soft=(,V,CAC,,id-cert)"
    refused 3 "no certificate 'nobody'" "-c of nothing" \
        -e "db=\"$db\" use_hw=no" -c nobody
    [ -d /etc/pki/nssdb ] || refused 3 "no database /etc/pki/nssdb" \
        "-c without a database" -c id-cert
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
private --slots 2 -- sh "$0" inside
wrong
finish
