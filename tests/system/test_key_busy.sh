#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two security keys: while one makes an RSA key, which takes seconds, the other
# one answers.
. "${top_srcdir:-.}/tests/system/lib.sh"

# Primes are sometimes found at once; then there was nothing to wait for. What
# piv-tool says of the key that it cannot print does not matter.
inside() {
    echo 010203040506070801020304050607080102030405060708 >"$dir/admin"
    export PIV_EXT_AUTH_KEY="$dir/admin"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        piv-tool --reader 0 --admin M:9B:03 --genkey 9d:05 >"$dir/out" 2>&1 &
        answers=0
        while kill -0 $! 2>/dev/null; do
            yubico-piv-tool -r 'vscard 00 01' -a version >"$dir/version" 2>&1 ||
                break
            answers=$((answers + 1))
        done
        wait $!
        [ "$answers" -lt 10 ] || break
    done
    [ "$answers" -ge 10 ]
    ok $? "meanwhile the other card answered $answers times" "$dir/version"
    opensc-tool --reader 0 -s 00A4040005A000000308 -s 00F7009D00 \
        >"$dir/metadata" 2>&1
    says "$dir/metadata" "01 01 05 02" "and the key was made, of 3072 bits"
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
private --card key --card key -- "$0" inside 2>"$dir/errors" | tee "$dir/inside"
! grep -q '^not ok' "$dir/inside" && [ -s "$dir/inside" ]
ok $? "two security keys" "$dir/errors"
finish
