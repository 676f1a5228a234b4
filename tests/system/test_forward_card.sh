#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A real card forwarded: it sits in a first pcscd, vscclient takes its reader
# through PC/SC, and the tools work with it in a second pcscd.
. "${top_srcdir:-.}/tests/system/lib.sh"

second() {
    await 'Card inserted'
    opensc-tool --atr >"$dir/out" 2>&1
    says "$dir/out" "3b:7a:18:00:00:73:66:74:65:20:63:64:31:34:34" \
        "the card is in the second pcscd"
    verified id-cert 0001
    ok $? "it signs there" "$dir/out"
    ! pkcs11 --login --pin 87654321 --sign --mechanism SHA256-RSA-PKCS \
        --id 0001 --input-file "$dir/data" >"$dir/out" 2>&1
    ok $? "a wrong PIN is wrong there" "$dir/out"
    verified signing-cert 0002
    ok $? "the right one is right" "$dir/out"

    kill "$(cat "$dir/client")"
    await 'Status unavailable'
    ok $? "the reader is detached when vscclient ends" "$dir/out"
}

first() {
    "$vscclient" --connect "unix:$dir/second.sock" \
        --card pcsc:vscard >"$dir/client.log" 2>&1 &
    echo $! >"$dir/client"
    private --listen "unix:$dir/second.sock" -- sh "$0" second
    wait $!
    is 0 $? "vscclient left in order"
    says "$dir/client.log" "removed" "and took its readers along"
    opensc-tool --atr >"$dir/out" 2>&1
    says "$dir/out" "3b:7a:18:00:00" "the first pcscd has its card as before"
}

case ${1-} in
first)
    first
    exit
    ;;
second)
    second
    exit
    ;;
esac
private --card "$(nss_card)" -- sh "$0" first
finish
