#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# As many readers with a card as pcscd has room for, or 64, and an APDU
# through each.
. "${top_srcdir:-.}/tests/system/lib.sh"

# pcscd 2.5 has room for any number; before that there were 16.
room() {
    version=$(pcscd --version | sed -n '1s/.*version \([0-9.]*[0-9]\).*/\1/p')
    newest=$(printf '2.5\n%s\n' "$version" | sort -V | tail -n 1)
    [ "$newest" = "$version" ] && echo 64 || echo 16
}

# Each card has a serial number of its own, the one of F8.
inside() {
    opensc-tool -l >"$dir/list" 2>&1
    is "$readers" "$(grep -c ' Yes ' "$dir/list")" "$readers cards"
    i=0
    while [ "$i" -lt "$readers" ]; do
        opensc-tool -r "$i" -s 00A4040005A000000308 -s 00F80000 2>&1 |
            grep -A 1 'Received (SW1=0x90, SW2=0x00):$' | tail -n 1
        i=$((i + 1))
    done >"$dir/serials"
    is "$readers" "$(sort -u "$dir/serials" | grep -c .)" \
        "each answers for itself"
}

readers=$(room)
if [ "${1-}" = inside ]; then
    inside
    exit
fi
cards=
for i in $(seq "$readers"); do
    cards="$cards --card key"
done
# shellcheck disable=SC2086
private $cards -- "$0" inside >"$dir/inside" 2>&1
status=$?
cat "$dir/inside"
ok $status "vscard-run with $readers cards" "$dir/inside"
finish
