#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# ykman and the PIV application.
. "${top_srcdir:-.}/tests/system/lib.sh"
. "${top_srcdir:-.}/tests/system/piv.sh"

keys() {
    ykman piv info
    ok $? "ykman shows a new card" "$dir/out"
    says "$dir/out" "3/3" "with its tries"
    says "$dir/out" "AES192" "and the kind of its management key"

    ykman piv keys generate -m "$admin" -a ECCP256 9a "$dir/9a.pub"
    ok $? "a key is made" "$dir/out"
    ykman piv certificates generate -m "$admin" -P "$pin" -s CN=holder 9a \
        "$dir/9a.pub"
    ok $? "it signs its own certificate" "$dir/out"
    ykman piv certificates export 9a "$dir/9a.pem" &&
        openssl verify -CAfile "$dir/9a.pem" "$dir/9a.pem" >"$dir/out" 2>&1
    ok $? "which OpenSSL believes" "$dir/out"
    ykman piv keys generate -m "$admin" -a RSA2048 --pin-policy ONCE 9c \
        "$dir/9c.pub" &&
        ykman piv certificates request -P "$pin" -s CN=holder 9c \
            "$dir/9c.pub" "$dir/9c.req" &&
        openssl req -in "$dir/9c.req" -noout -verify >"$dir/out" 2>&1
    ok $? "another signs a request" "$dir/out"

    openssl ecparam -genkey -name secp384r1 -noout -out "$dir/82.key" &&
        ykman piv keys import -m "$admin" 82 "$dir/82.key"
    ok $? "a key is imported" "$dir/out"
    openssl pkey -in "$dir/82.key" -pubout -out "$dir/82.pub" &&
        ykman piv keys export 82 "$dir/82.back" &&
        cmp "$dir/82.pub" "$dir/82.back" >"$dir/out" 2>&1
    ok $? "the card knows its public part" "$dir/out"
    openssl req -x509 -key "$dir/82.key" -subj /CN=imported \
        -out "$dir/82.pem" 2>"$dir/out" &&
        ykman piv certificates import -m "$admin" -v -P "$pin" 82 \
            "$dir/82.pem"
    ok $? "its certificate, verified with the key" "$dir/out"
    ykman piv certificates delete -m "$admin" 82 &&
        ! ykman piv certificates export 82 "$dir/back.pem"
    ok $? "and deleted" "$dir/out"

    ykman piv keys attest 9a "$dir/attest.pem" &&
        ykman piv certificates export f9 "$dir/f9.pem" &&
        openssl verify -CAfile "$dir/f9.pem" "$dir/attest.pem" \
            >"$dir/out" 2>&1
    ok $? "the card attests its key" "$dir/out"
    ! ykman piv keys attest 82 "$dir/attest.pem"
    ok $? "and not the one that was brought" "$dir/out"
}

objects() {
    ykman piv objects generate -m "$admin" chuid &&
        ykman piv objects generate -m "$admin" ccc
    ok $? "a new CHUID and CCC" "$dir/out"
    head -c 3000 /dev/urandom >"$dir/object"
    ykman piv objects import -m "$admin" 0x5fff11 "$dir/object" &&
        ykman piv objects export 0x5fff11 "$dir/back" &&
        cmp "$dir/object" "$dir/back" >"$dir/out" 2>&1
    ok $? "an object of 3000 bytes" "$dir/out"
}

access() {
    ykman piv access change-pin -P "$pin" -n 654321
    ok $? "the PIN is changed" "$dir/out"
    ykman piv access change-puk -p "$puk" -n 87654321
    ok $? "the PUK is changed" "$dir/out"
    ! ykman piv access change-pin -P "$pin" -n 111111
    ok $? "the old PIN is wrong" "$dir/out"
    says "$dir/out" "2 tries left" "and ykman is told"
    ykman piv access unblock-pin -p 87654321 -n 111111
    ok $? "the PUK gives a new PIN" "$dir/out"
    ykman piv access set-retries -f -m "$admin" -P 111111 5 7 &&
        ykman piv info
    ok $? "other numbers of tries" "$dir/out"
    says "$dir/out" "5/5" "which ykman shows"

    key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
    ykman piv access change-management-key -f -m "$admin" -a AES256 -n $key
    ok $? "a management key of AES-256" "$dir/out"
    ykman piv access change-management-key -f -P "$pin" -m $key -a TDES \
        --protect --generate
    ok $? "one of TDES, kept on the card behind the PIN" "$dir/out"
    ykman piv certificates delete -P "$pin" 9a
    ok $? "the PIN is enough then" "$dir/out"
}

inside() {
    keys
    objects
    access
    ykman piv reset -f
    ok $? "reset" "$dir/out"
    ykman piv info
    sed -i 's/  */ /g' "$dir/out" # 5.x lines them up
    says "$dir/out" "3/3" "the card is new"
    says "$dir/out" "Using default Management key" "with the first key"
    ykman info
    ok $? "ykman shows the device" "$dir/out"
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
private --card key -- sh "$0" inside
finish
