#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each thing that doctor finds is brought about, and doctor names it.
. "${top_srcdir:-.}/tests/system/lib.sh"

ctl=$top/ctl/vscard-ctl

conf=/run/pcscd/reader.conf

# doctor [NAME=VALUE]...: its JSON in $dir/out.
doctor() {
    env "$@" "$ctl" --json doctor >"$dir/out" 2>"$dir/err"
}

# finds ID TEXT [NAME=VALUE]...
finds() {
    id=$1 text=$2
    shift 2
    doctor "$@"
    is 1 $? "$id: status 1"
    named "$id" "$text"
}

# named ID TEXT: it is in $dir/out, with what mends it.
named() {
    grep -A 9 -F "\"id\": \"$1\"" "$dir/out" >"$dir/found"
    says "$dir/found" "$2" "$1 is found"
    grep -A 1 '"mend": \[' "$dir/found" | grep -q '^ *".* '
    ok $? "$1 comes with what mends it" "$dir/out"
}

# reader_conf DEVICENAME LIBPATH
reader_conf() {
    printf 'FRIENDLYNAME "vscard"\nDEVICENAME %s\nLIBPATH %s\n' \
        "$1" "$2" >"$conf"
}

healthy() {
    doctor
    is 0 $? "nothing is wrong: status 0"
    says "$dir/out" '"problems": 0' "nothing is wrong"
    named no-peer "nobody is connected to unix:/run/pcscd/vscard.sock"
    named libccid-missing "virtual ones do"
    finds readers-hidden "hides 'vscard 00 00'" \
        PCSCLITE_FILTER_IGNORE_READER_NAMES=vscard
    "$ctl" doctor >"$dir/out"
    says "$dir/out" " 0 problems" "in words too"
}

unreachable() {
    finds pcscd-not-running "nobody answers at $dir/none" \
        PCSCLITE_CSOCK_NAME="$dir/none"
    mkdir -m 0 /run/pcscd/locked
    if [ "$(id -u)" = 0 ]; then
        cp "$ctl" /run/pcscd/ctl
        PCSCLITE_CSOCK_NAME=/run/pcscd/locked/x setpriv --reuid 65534 \
            --regid 65534 --clear-groups /run/pcscd/ctl --json doctor \
            >"$dir/out" 2>"$dir/err"
        is 1 $? "control-no-access: status 1"
        named control-no-access "user 65534 may not"
    else
        doctor PCSCLITE_CSOCK_NAME=/run/pcscd/locked/x
    fi
    named pcscd-no-access "may not connect to pcscd's socket"
}

held() {
    "$vscclient" --connect "$VSCARD_ENDPOINT" \
        --card "exec:$top/docs/example-card" >"$dir/client" 2>&1 </dev/null &
    client=$!
    await "3B 04 63 61 72 64"
    mkfifo "$dir/in" "$dir/held"
    "$top/tests/fakes/scdaemon" "vscard 00 00" <"$dir/in" >"$dir/held" &
    exec 8>"$dir/in"
    read -r _ <"$dir/held"
    finds card-held "GnuPG's scdaemon"
    exec 8>&-
    wait $!
    kill "$client"
    wait "$client"
}

# The driver does not answer any more as far as doctor can see.
driver() {
    gone=VSCARD_CONTROL=$dir/none
    finds driver-not-loaded "no driver answers at $dir/none" "$gone"
    echo >"$conf"
    finds driver-not-configured "no entry in $conf" "$gone"
    reader_conf /run/pcscd/vscard.conf /nowhere/libifdvscard.so
    finds driver-missing "/nowhere/libifdvscard.so" "$gone"
    echo garbage >"$dir/libifdvscard.so"
    reader_conf /run/pcscd/vscard.conf "$dir/libifdvscard.so"
    finds driver-unloadable "file too short" "$gone"
    reader_conf "$dir/bad.conf" "$VSCARD_DRIVER"
    printf 'listen = unix:%s/x\nslots = 0\n' "$dir" >"$dir/bad.conf"
    finds config-wrong "bad.conf: line 2: slots = 0" "$gone"
    reader_conf "unix:$dir/nobody" "$VSCARD_DRIVER"
    finds not-listening "nobody listens at unix:$dir/nobody"
    touch -d '+1 hour' "$conf"
    finds config-not-read "$conf has changed"
}

# Somebody else is there, on a port that is free and at a socket.
taken() {
    "$vscclient" --listen "unix:$dir/taken" \
        --card "exec:$top/docs/example-card" >"$dir/client" 2>&1 </dev/null &
    client=$!
    timeout 30 sh -c "until [ -S '$dir/taken' ]; do sleep 0.1; done"
    reader_conf "unix:$dir/taken" "$VSCARD_DRIVER"
    finds port-in-use "unix:$dir/taken is in use by vscclient"
    kill "$client"
    wait "$client"
    for port in 20017 24533 31799 42043 50341; do
        "$vscclient" --listen "tcp:127.0.0.1:$port" --card "exec:$top/docs/example-card" \
            >"$dir/client" 2>&1 </dev/null &
        client=$!
        reader_conf "tcp:127.0.0.1:$port" "$VSCARD_DRIVER"
        timeout 10 sh -c "until grep -q ':$(printf %04X "$port") 0*:0000 0A' \
            /proc/net/tcp; do sleep 0.1; done"
        doctor
        kill "$client" && wait "$client" && break
    done
    named port-in-use "tcp:127.0.0.1:$port is in use by"
}

# What needs places of the system's own, in a namespace in the namespace.
elsewhere() {
    case $1 in
    usb)
        mount -t tmpfs none /sys &&
            mkdir -p /sys/bus/usb/devices/1-1:1.0 &&
            echo 0b >/sys/bus/usb/devices/1-1:1.0/bInterfaceClass
        ;;
    log)
        mount -t tmpfs none /var/log && mkdir /var/log/audit &&
            cat >/var/log/audit/audit.log <<END
type=AVC msg=audit(1.0:1): avc:  denied  { name_bind } for  pid=9 comm="pcscd" src=2001
type=AVC msg=audit(1.0:2): apparmor="DENIED" operation="open" profile="/usr/sbin/pcscd" name="/etc/vscard/x" comm="pcscd"
END
        ;;
    missing)
        mount --bind /dev/null "$(command -v pcscd)"
        ;;
    esac
    [ "$1" != missing ] || export PCSCLITE_CSOCK_NAME="$dir/none"
    exec "$ctl" --json doctor
}

# there WHAT: doctor there, in $dir/out.
there() {
    [ "$(id -u)" = 0 ] && map= || map=-r
    # shellcheck disable=SC2086
    unshare $map -m sh "$0" elsewhere "$1" >"$dir/out" 2>"$dir/err"
    is 1 $? "$1: status 1"
}

system() {
    there usb
    named libccid-missing "a card reader is plugged in"
    there log
    named selinux-denied "name_bind"
    named apparmor-denied "/etc/vscard/x"
    there missing
    named pcscd-missing "pcscd is not installed"
}

exiting() {
    finds pcscd-auto-exit "started with --auto-exit"
}

case ${1-} in
inside)
    healthy
    unreachable
    held
    system
    taken
    driver
    exit
    ;;
exiting)
    exiting
    exit
    ;;
elsewhere)
    elsewhere "$2"
    ;;
esac
private -- sh "$0" inside
cat >"$dir/pcscd" <<END
#!/bin/sh
exec "${VSCARD_PCSCD:-pcscd}" "\$@" --auto-exit
END
chmod +x "$dir/pcscd"
private --pcscd "$dir/pcscd" -- sh "$0" exiting
finish
