#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What users get wrong: each time one clear line, and nothing else disturbed.
. "${top_srcdir:-.}/tests/system/lib.sh"

# client STATUS TEXT NAME ARG...: vscclient ends so, with one line like that.
client() {
    status=$1 text=$2 name=$3
    shift 3
    timeout 30 "$vscclient" "$@" >"$dir/out" 2>&1 </dev/null
    is "$status" $? "$name: status $status"
    says "$dir/out" "$text" "$name: a clear line"
}

endpoints() {
    client 2 "tcp:" "a port that is no number" --connect tcp:localhost:http
    client 2 "tcp:" "a port out of range" --connect tcp:localhost:65536
    client 2 "unix:" "a path that is not absolute" --connect unix:here
    client 2 "nonsense" "no endpoint at all" --connect nonsense
    client 2 "0" "port 0" localhost 0
    client 2 "Try 'vscclient --help'" "no host"
    client 2 "--no-such-option" "an option that is none" --no-such-option
}

specs() {
    at="--connect unix:$dir/nobody"
    # shellcheck disable=SC2086
    {
        client 2 "'foo' is no kind of card" "a kind of card that is none" \
            $at --card foo:bar
        client 2 "nss needs db=DIR" "no database" $at --card nss:certs=a
        client 2 "nss needs certs=" "no certificate" $at --card nss:db=x
        client 2 "unknown option 'colour'" "an unknown option" \
            $at --card nss:db=x,certs=a,colour=red
        client 3 "no database $dir/none" "a database that is missing" \
            $at --card "nss:db=sql:$dir/none,certs=a"
        client 3 "no certificate 'nobody'" "a certificate that is missing" \
            $at --card "nss:db=sql:$(nssdb),certs=nobody"
        mkdir -p "$dir/empty"
        client 3 "$dir/empty" "a database that is none" \
            $at --card "nss:db=sql:$dir/empty,certs=a"
        echo garbage >"$dir/empty/cert9.db"
        client 3 "$dir/empty" "a database that is broken" \
            $at --card "nss:db=sql:$dir/empty,certs=a"
    }
}

# One card is wrong, its neighbour works; vscard-run says which.
neighbours() {
    private --card "$(nss_card)" \
        --card "nss:db=sql:$(nssdb),certs=nobody" -- true >"$dir/out" 2>&1
    is 125 $? "one wrong card of two: no command"
    says "$dir/out" "no certificate 'nobody'" "and the reason"
}

# Beside a pcscd that listens on that port: see port_in_use.
second() {
    private --listen "tcp:127.0.0.1:$1" -- true >"$dir/out" 2>&1
    is 125 $? "a port in use: vscard-run ends"
    says "$dir/out" "tcp:127.0.0.1:$1" "a port in use: the line names it"
    says "$dir/out" "somebody else does already" \
        "a port in use: the line says so"
    opensc-tool --atr >"$dir/out" 2>&1
    says "$dir/out" "3b:7a:18:00:00" "whoever has the port goes on"
}

# A port that is free is found by trying.
port_in_use() {
    for port in 20011 24517 31789 42023 50331; do
        private --listen "tcp:127.0.0.1:$port" --card "$(nss_card)" -- \
            sh "$0" second "$port" >"$dir/tap" 2>"$dir/err"
        grep -q ^ok "$dir/tap" && break
    done
    cat "$dir/tap"
    grep -q ^ok "$dir/tap"
    ok $? "some port was free" "$dir/err"
}

# Wrong lines of the driver's file: no reader, and the line at fault.
driver_file() {
    for line in colour=green apdu_timeout=soon apdu_timeout=-1; do
        private --set "$line" -- true >"$dir/out" 2>&1
        is 125 $? "$line: refused"
        says "$dir/out" "vscard.conf" "$line: the file is named"
        says "$dir/out" "${line%%=*}" "$line: the key is named"
    done
}

# entries TEXT...: a pcscd by hand, in namespaces of its own, with these
# DEVICENAMEs; $dir/out gets its log and then what opensc-tool lists.
entries() {
    mkdir -p "$dir/conf"
    n=0
    for name; do
        n=$((n + 1))
        printf 'FRIENDLYNAME "reader %s"\nDEVICENAME %s\nLIBPATH %s\n' \
            "$n" "$name" "$driver"
    done >"$dir/conf/readers"
    sanitizer_first

    timeout -k 10 60 unshare $user --mount sh "$0" by_hand >"$dir/out" 2>&1
}

# Reads pcscd's words up to the one that says it is there.
await_daemon() {
    while read -r line <&3; do
        echo "$line"
        case $line in
        *"daemon ready"*) return 0 ;;
        esac
    done
    return 1
}

by_hand() {
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
    "${VSCARD_PCSCD:-pcscd}" --foreground --info --config "$dir/conf" >"$dir/words" 2>&1 &
    exec 3<"$dir/words"
    if await_daemon; then
        echo "--- readers"
        timeout 20 opensc-tool --list-readers
        kill $!
    fi
    cat <&3
    wait $!
}

device_names() {
    user=
    [ "$(id -u)" -eq 0 ] || user=--map-root-user
    # shellcheck disable=SC2086
    if ! unshare $user --mount true 2>/dev/null; then
        ok 0 "DEVICENAMEs # SKIP no namespaces here"
        return
    fi
    for name in tcp:here unix:relative tcp:127.0.0.1:0 tcp6:::1:x \
        nonsense:1; do
        entries "$name" "unix:/run/pcscd/good.sock"
        grep -qF "$name" "$dir/out"
        ok $? "DEVICENAME $name: the line names it" "$dir/out"
        grep -q 'reader 2 00 00$' "$dir/out"
        ok $? "DEVICENAME $name: the other reader is there" "$dir/out"
        ! grep -q 'reader 1 00 00$' "$dir/out"
        ok $? "DEVICENAME $name: it is not" "$dir/out"
    done
    entries unix:/run/pcscd/one.sock unix:/run/pcscd/one.sock
    says "$dir/out" "one.sock: cannot listen: somebody else does already" \
        "one socket for two: the line says so"
    grep -q 'reader 1 00 00$' "$dir/out"
    ok $? "one socket for two: the first has it" "$dir/out"
}

case ${1-} in
second)
    second "$2"
    exit
    ;;
by_hand)
    by_hand
    exit
    ;;
esac
endpoints
specs
neighbours
driver_file
port_in_use
device_names
finish
