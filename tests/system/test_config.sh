#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The driver's files beside a real pcscd: two at once, wrong ones, broken ones,
# who may connect, and the driver that connects itself.
. "${top_srcdir:-.}/tests/system/lib.sh"

# by_hand WORD FILE...: a pcscd in namespaces of its own; each FILE is one of
# the driver's, and gets an entry of reader.conf. WORD runs beside it.
by_hand() {
    mkdir -p "$dir/conf"
    word=$1
    shift
    n=0
    for file; do
        n=$((n + 1))
        printf 'FRIENDLYNAME "reader %s"\nDEVICENAME %s\nLIBPATH %s\n' \
            "$n" "$file" "$driver"
    done >"$dir/conf/readers"
    user=
    [ "$(id -u)" -eq 0 ] || user=--map-root-user
    (
        sanitizer_first
        # shellcheck disable=SC2086
        exec timeout -k 10 100 unshare $user --mount sh "$0" by_hand "$word"
    ) >"$dir/out" 2>&1
}

# await_words COUNT TEXT: passes pcscd's words on, until it has said that so
# many times.
await_words() {
    left=$1
    while [ "$left" -gt 0 ] && read -r line <&3; do
        echo "$line"
        case $line in
        *"$2"*) left=$((left - 1)) ;;
        esac
    done
    [ "$left" -eq 0 ]
}

inside_namespaces() {
    mount --make-rprivate / && mkdir -p "$dir/drop" || exit 1
    if [ -d /run/pcscd ] || mkdir /run/pcscd 2>/dev/null; then
        mount -t tmpfs tmpfs /run/pcscd
    else
        mount -t tmpfs tmpfs /run && mkdir /run/pcscd
    fi || exit 1
    mount --bind "$dir/drop" \
        "$(pkg-config --variable=usbdropdir libpcsclite)" || exit 1
    rm -f "$dir/words"
    mkfifo "$dir/words"
    pcscd=${VSCARD_PCSCD:-pcscd}
    polkit=$("$pcscd" --help 2>&1 | grep -o -- --disable-polkit)
    # shellcheck disable=SC2086
    "$pcscd" --foreground --info $polkit --config "$dir/conf" \
        >"$dir/words" 2>&1 &
    daemon=$!
    exec 3<"$dir/words"
    await_words 1 'daemon ready' || exit 1
    "$1"
    kill "$daemon"
    cat <&3
    wait "$daemon"
    echo "pcscd: status $?"
}

# --- two files, and a wrong one between them ------------------------------

list() {
    echo "--- readers"
    timeout 20 opensc-tool --list-readers
}

both() {
    list
    for name in one two; do
        "$vscclient" --connect "unix:$dir/$name.sock" --card key \
            >"$dir/$name.log" 2>&1 &
        eval "$name=\$!"
    done
    await_words 2 'Card inserted into'
    opensc-tool --reader 0 --atr
    opensc-tool --reader 1 --atr
    # shellcheck disable=SC2154
    kill "$one" "$two"
}

two_files() {
    printf 'listen = unix:%s/one.sock\nslots = 1\n' "$dir" >"$dir/one.conf"
    printf 'listen = unix:%s/two.sock\nslots = 1\ndetached = empty\n' "$dir" \
        >"$dir/two.conf"
    printf '# wrong\nlisten = unix:%s/bad.sock\ndetached = gone\n' "$dir" \
        >"$dir/bad.conf"
    by_hand both "$dir/one.conf" "$dir/bad.conf" "$dir/two.conf"
    is 2 "$(grep -c '^[01]  *No .* reader [13] 0[01] 00$' "$dir/out")" \
        "two files make two readers"
    ! grep -q '^[0-9]  .*reader 2' "$dir/out"
    ok $? "a wrong one makes none" "$dir/out"
    says "$dir/out" \
        "bad.conf: line 3: detached = gone: must be unavailable or empty" \
        "the line names file, line, key and what is allowed"
    is 2 "$(grep -c '^3b:' "$dir/out")" \
        "each endpoint takes a card"
}

# --- fifty broken ones ------------------------------------------------------

# mutate SEED: a good file with three bytes changed.
mutate() {
    printf 'listen = unix:%s/%s.sock\nslots = 1\n%s\n' "$dir" "$1" \
        "detached = empty
legacy_reset = local
apdu_timeout = 600
allow_users = root, 5
allow_addresses = 10.0.0.0/8, 2001:db8::1
log_level = info" |
        LC_ALL=C awk -v seed="$1" 'BEGIN { srand(seed); RS = "\001" }
            { n = length($0)
              for (i = 0; i < 3; i++) {
                  at = int(rand() * n) + 1
                  $0 = substr($0, 1, at - 1) \
                      sprintf("%c", int(rand() * 255) + 1) substr($0, at + 1)
              }
              printf "%s", $0 }'
}

fifty() {
    survived=0
    for round in 1 2 3 4 5; do
        set --
        for i in 0 1 2 3 4 5 6 7 8 9; do
            mutate "$round$i" >"$dir/m$round$i.conf"
            set -- "$@" "$dir/m$round$i.conf"
        done
        by_hand list "$@"
        grep -q 'pcscd: status 0' "$dir/out" &&
            grep -q -- '--- readers' "$dir/out" &&
            survived=$((survived + 1))
    done
    is 5 "$survived" "pcscd lives through fifty broken files"
}

# --- who may connect --------------------------------------------------------

# Another user: in one way that is allowed, in two that are not.
strangers() {
    as="setpriv --reuid 54321 --regid 54321 --clear-groups"
    for at in "unix:$dir/shut.sock" "tcp:127.0.0.1:$(cat "$dir/port")"; do
        timeout 20 $as "$dir/vscclient" --once --connect "$at" --card key \
            >>"$dir/client.log" 2>&1
    done
    $as "$dir/vscclient" --connect "unix:$dir/open.sock" --card key \
        >>"$dir/client.log" 2>&1 &
    await_words 1 'Card inserted into'
    opensc-tool --reader 0 --atr
    kill $!
}

# Only root can be somebody else. The name service is asked for the groups.
who() {
    cp "$vscclient" "$dir"
    chmod 755 "$dir"
    printf 'slots=1\nallow_users = 54321\nlisten = unix:%s/open.sock\n' \
        "$dir" >"$dir/open.conf"
    printf 'slots=1\nallow_users = 54322\nlisten = unix:%s/shut.sock\n' \
        "$dir" >"$dir/shut.conf"
    for port in 20013 24519 31791 42025 50333; do
        echo "$port" >"$dir/port"
        printf 'slots=1\nallow_groups=daemon\nlisten = tcp:127.0.0.1:%s\n' \
            "$port" >"$dir/tcp.conf"
        by_hand strangers "$dir/open.conf" "$dir/shut.conf" "$dir/tcp.conf"
        grep -q 'cannot listen' "$dir/out" || break
    done
    is 1 "$(grep -c 'shut.sock: refused .*user 54321' "$dir/out")" \
        "at a Unix socket: refused, in one line"
    is 1 "$(grep -c ":$port: refused 127.*user 54321" "$dir/out")" \
        "over TCP: refused, in one line"
    ! grep -qE "127.0.0.1:.*(greeting|in slot)" "$dir/out"
    ok $? "and nothing of it is looked at" "$dir/out"
    grep -q '^3b:' "$dir/out"
    ok $? "whom a file names gets in" "$dir/out"
}

# --- the driver connects ----------------------------------------------------

dialed() {
    await 'Card inserted'
    ok $? "the driver has dialed vscclient --listen" "$dir/out"
    opensc-tool --atr 2>&1 | grep -q '^3b:'
    ok $? "and the card is there"
    is "" "${VSCARD_ENDPOINT-}" "there is no endpoint for others"
}

connects() {
    "$vscclient" --listen "unix:$dir/wait.sock" \
        --card key >"$dir/client.log" 2>&1 &
    client=$!
    private --set "connect=unix:$dir/wait.sock" -- sh "$0" dialed 2>"$dir/err"
    ok $? "vscard-run --set connect=" "$dir/err"
    kill "$client"
    wait "$client"
    private --set "connect=unix:$dir/wait.sock" --card nss:db=x,certs=a \
        -- true >"$dir/out" 2>&1
    is 125 $? "not with --card"
    says "$dir/out" "no --card" "and the line says so"
}

case ${1-} in
by_hand)
    inside_namespaces "$2"
    exit
    ;;
dialed)
    "$1"
    exit
    ;;
esac
two_files
fifty
connects
[ "$(id -u)" -ne 0 ] || who
finish
