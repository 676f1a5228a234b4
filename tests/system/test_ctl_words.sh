#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# vscard-ctl's words: what list and watch print while cards come and go, and
# who is refused.
. "${top_srcdir:-.}/tests/system/lib.sh"

ctl=$top/ctl/vscard-ctl

# field EXPRESSION: of list --json, which has a line for each value.
field() {
    "$ctl" --json list | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p" |
        tr '\n' ' '
}

lists() {
    "$ctl" >"$dir/out" 2>"$dir/err"
    is 0 $? "list" "$dir/err"
    says "$dir/out" "unix:/run/pcscd/vscard.sock  2 readers, 0 peers" \
        "the endpoint"
    is "vscard 00 00" "$(sed -n 's/  detached .*//p' "$dir/out" | head -n 1)" \
        "a reader that nobody has given"
    is "detached detached " "$(field state)" "the same as JSON"

    "$vscclient" --connect "$VSCARD_ENDPOINT" --card "$CARD" \
        >"$dir/client" 2>&1 </dev/null &
    client=$!
    await "3B 7A 18 00 00 73 66 74 65 20 63 64 31 34 34"
    is "card detached " "$(field state)" "a card has come"
    is "3B7A18000073667465206364313434 null " "$(field atr)" "its ATR"
    is "vscard 00 00 vscard 00 01 " \
        "$(field name)" "pcscd's names"
    opensc-tool -s 00:A4:04:00:07:A0:00:00:00:79:01:00:00 >"$dir/out" 2>&1
    [ "$(field commands | cut -d ' ' -f 1)" -gt 0 ]
    ok $? "APDUs are counted"
    "$ctl" eject CAC
    is 0 $? "eject by the name that its owner gave it"
    is "true false " "$(field ejected)" "it is ejected"
    "$ctl" insert "vscard 00 00"
    is "false false " "$(field ejected)" "it is inserted"
    kill "$client"
    wait "$client"
    is "detached detached " "$(field state)" "the card has gone"
}

# wrong STATUS TEXT NAME ARG...
wrong() {
    status=$1 text=$2 name=$3
    shift 3
    "$ctl" "$@" >"$dir/out" 2>&1
    is "$status" $? "$name: status $status"
    says "$dir/out" "$text" "$name: a clear line"
}

refuses() {
    wrong 2 "there is no command" "no such command" frobnicate
    wrong 2 "which reader?" "no reader named" eject
    wrong 2 "--force is for eject" "an option at the wrong place" --force list
    wrong 2 "there is no reader 'nobody'" "no such reader" eject nobody
    wrong 2 "several readers have 'vscard'" "more than one" eject vscard
    wrong 1 "the reader is detached" "nothing to eject" eject "vscard 00 00"
    wrong 3 "no driver answers at $dir/none" "no driver" \
        --socket "$dir/none" list
    wrong 3 "no driver answers" "somebody else's socket" \
        --socket /run/pcscd/pcscd.comm.none watch
    [ "$(id -u)" != 0 ] || stranger
}

# Where another user gets at the program.
stranger() {
    cp "$ctl" /run/pcscd/ctl
    setpriv --reuid 65534 --regid 65534 --clear-groups /run/pcscd/ctl \
        >"$dir/out" 2>&1
    is 3 $? "another user: status 3" "$dir/out"
    says "$dir/out" "user 65534 may not: root, the user of pcscd" \
        "another user is told who may"
}

if [ "${1-}" = inside ]; then
    lists
    refuses
    exit
fi
# Made beforehand, for that may take its time.
CARD=$(nss_card)
export CARD
private --slots 2 -- sh "$0" inside
finish
