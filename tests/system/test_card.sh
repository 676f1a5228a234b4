#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Cards that the driver starts itself (card = SPEC), and whose they are.
. "${top_srcdir:-.}/tests/system/lib.sh"

example="exec:$(realpath "$top")/docs/example-card"
atr=3b:04:63:61:72:64
# root must say who, and here that is root; nobody else needs to.
me=--set=user=root
[ "$(id -u)" -eq 0 ] || me=-v

# scan: from now on pcsc_scan tells each change of the one reader.
scan() {
    [ -p "$dir/scan" ] || mkfifo "$dir/scan"
    timeout 60 stdbuf -oL pcsc_scan -n >"$dir/scan" 2>&1 &
    exec 4<"$dir/scan"
}

# scan_to STATE: until it is, in words of pcsc_scan. With pcsc-lite 2.5 that
# ends now and then: its library takes an event for the answer to a question.
scan_to() {
    for try in once again; do
        while read -r line <&4; do
            case $line in
            *"$1"*) return 0 ;;
            esac
        done
        [ "$try" = again ] || scan
    done
    return 1
}

# The process of the card, a child of pcscd; tee may be one, too (check.sh).
card_pid() {
    ps -o pid=,comm= --ppid "$(pgrep -x pcscd --ns $$ --nslist mnt)" |
        awk '$2 != "tee" { print $1 }'
}

# killed: gone with SIGKILL, seen to go, back by itself, and another process.
killed() {
    before=$(card_pid)
    kill -9 "$before"
    scan_to "Status unavailable"
    ok $? "the reader is gone with its process"
    scan_to "Card inserted"
    ok $? "and back"
    is "$atr" "$(opensc-tool --atr 2>"$dir/out")" "the card is the same"
    after=$(card_pid)
    [ -n "$after" ] && [ "$after" != "$before" ]
    ok $? "another process has it"
}

inside() {
    scan
    scan_to "Card inserted"
    ok $? "the card comes"
    is "$atr" "$(opensc-tool --atr 2>"$dir/out")" "the card is there"
    opensc-tool -s 00:A4:04:00:05:F0:63:61:72:64 -s 80:10:00:00:00 \
        >"$dir/out" 2>&1
    says "$dir/out" "hello" "it works"
    killed
    # Until pcscd has gone, with vscard-run.
    card_pid >"$dir/last"
}

others() {
    await "Card inserted"
    opensc-tool --name >"$dir/out" 2>&1
    says "$dir/out" "Common Access Card" "a card of certificates"
}

user() {
    await "Card inserted"
    grep -E '^(Uid|Gid|Groups|NoNewPrivs|CapBnd)' \
        "/proc/$(card_pid)/status" >"$dir/who"
    tr '\0' '\n' <"/proc/$(card_pid)/environ" >>"$dir/who"
}

# told_of TEXT: until what vscard-run shows has it.
told_of() {
    mkfifo "$dir/told"
    tail -n +1 -f "$dir/out" >"$dir/told" &
    timeout 30 grep -m 1 -F "$1" <"$dir/told" >/dev/null
    kill $!
    rm -f "$dir/told"
}

# wrong TEXT NAME ARG...: one line, and the driver does not try again.
wrong() {
    text=$1 name=$2
    shift 2
    private -v "$@" -- sh "$0" beside >"$dir/out" 2>&1
    says "$dir/out" "$text" "$name: a clear line"
    is 1 "$(grep -c ": process " "$dir/out")" "$name: started once"
    is 1 "$(grep "vscard: card '" "$dir/out" | grep -cvE \
        ': (process|disconnected|not started again)')" "$name: no other line"
}

# refused TEXT NAME ARG...: no readers, and one line.
refused() {
    text=$1 name=$2
    shift 2
    private "$@" -- true >"$dir/out" 2>&1
    is 125 $? "$name: refused"
    says "$dir/out" "$text" "$name: a clear line"
}

users() {
    if [ "$(id -u)" -ne 0 ]; then
        refused "cannot become another" "another user" \
            --set card="$example" --set user=root
        return
    fi
    private --set card="$example" --set user=nobody -- sh "$0" user
    is "$(id -u nobody)" "$(awk '/^Uid/ && $2 == $3 && $3 == $4 { print $4 }' \
        "$dir/who")" "user = nobody is nobody"
    is "$(id -g nobody)" "$(awk '/^Gid/ && $2 == $3 && $3 == $4 { print $4 }' \
        "$dir/who")" "and of its group"
    is "$(id -G nobody)" "$(awk '/^Groups/ { print $2 $3 }' "$dir/who")" \
        "and of no other"
    says "$dir/who" "LOGNAME=nobody" "and knows it"
    refused "no such user" "a user that is none" --set card="$example" \
        --set user=no-such-user
    getent passwd vscard >/dev/null ||
        refused "there is no user vscard" "no user at all" \
            --set card="$example"
    setpriv --reuid nobody --regid nogroup --clear-groups true 2>/dev/null &&
        refused_of_nobody
}

# pcscd run by somebody else, as the hardened unit does.
refused_of_nobody() {
    chmod 777 "$dir"
    (
        sanitizer_first
        exec timeout 60 setpriv --reuid nobody --regid nogroup --clear-groups \
            "$vscard_run" --driver "$driver" --vscclient "$vscclient" \
            --set card="$example" --set user=root -- true
    ) >"$dir/out" 2>&1
    says "$dir/out" "cannot become another" "pcscd is not root: a clear line"
}

case ${1-} in
inside | others | user)
    "$1"
    exit
    ;;
beside)
    told_of "not started again"
    exit
    ;;
esac
private "$me" --set card="$example" -- sh "$0" inside
[ -s "$dir/last" ] && ! kill -0 "$(cat "$dir/last")" 2>/dev/null
ok $? "it ends with pcscd"
private "$me" --set card="$(nss_card)" -- sh "$0" others
wrong "'foo' is no kind of card" "a kind that is none" "$me" --set card=foo:bar
wrong "no database /none: No such file" "a database that is missing" \
    "$me" --set card=nss:db=/none,certs=a
users
finish
