#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# vscard-run: exit status, signals, clean-up, namespaces, clear errors. Every
# test runs as an ordinary user; as root, if the caller is root, all of them
# run again.

top=${top_builddir:-.}
src=${top_srcdir:-.}
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
count=0
tmp=$(mktemp -d) || exit 99
chmod 755 "$tmp"

runner=

# A test that is broken off ends what it has started; with it goes the rest.
finish() {
    [ -z "$runner" ] || kill -KILL "$runner"
    rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 99' HUP INT TERM

# ok STATUS NAME: a TAP line; a failure shows what was said.
ok() {
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $who: $2"
    else
        echo "not ok $count - $who: $2"
        sed 's/^/# /' "$out"
    fi
}

skip() {
    count=$((count + 1))
    echo "ok $count - $who: $1 # SKIP $2"
}

# is WANT GOT NAME
is() {
    [ "$1" = "$2" ] || echo "wanted '$1', got '$2'" >>"$out"
    [ "$1" = "$2" ]
    ok $? "$3"
}

# run ARG...: vscard-run as the user in question, its words in $out.
run() {
    as timeout 60 "$tmp/vscard-run" "$@" >"$out" 2>&1 </dev/null
}

# The same, to be waited for: its process is $!.
run_behind() {
    # shellcheck disable=SC2086
    $as "$tmp/vscard-run" "$@" >"$out" 2>&1 </dev/null &
}

wait_runner() {
    wait "$runner" 2>/dev/null
    set -- $?
    runner=
    return "$1"
}

as() {
    # shellcheck disable=SC2086
    $as "$@"
}

# says WORDS NAME: the last run failed with one line of ours that has them.
says() {
    status=$?
    grep -q "^vscard-run: error: .*$1" "$out" && [ "$status" -eq 125 ]
    ok $? "$2"
}

# refuses WORDS NAME: the last command line was, for that, and where to read
# more is said.
refuses() {
    status=$?
    grep -q "^vscard-run: .*$1" "$out" && [ "$status" -eq 125 ] &&
        grep -qx "Try 'vscard-run --help' for more information." "$out"
    ok $? "$2"
}

# Waits until nobody holds the FIFO open for writing any more.
until_closed() {
    timeout 20 cat "$1" >/dev/null
}

# One line of a FIFO that others keep writing to.
line_of() {
    timeout 60 head -n 1 "$1"
}

# gone PID...: they end, if they have not yet. Some init buries the dead late.
gone() {
    for pid in "$@"; do
        grep -qs '^State:[[:space:]]*[ZX]' "/proc/$pid/status" && continue
        [ -n "$pid" ] &&
            timeout 30 tail -s 0.01 --pid="$pid" -f /dev/null || return 1
    done
}

fifo() {
    for name in "$@"; do
        rm -f "$dir/$name"
        mkfifo "$dir/$name"
        chmod 666 "$dir/$name"
    done
}

install_parts() {
    cp "$top/run/vscard-run" "$tmp/" &&
        cp "$top/vscclient/vscclient" "$tmp/" &&
        cp "$top/ifd/.libs/libifdvscard.so" "$tmp/driver.so" || exit 99
    VSCARD_DRIVER=$tmp/driver.so
    export VSCARD_DRIVER
    # pcscd has no sanitizer, so what its driver needs must be loaded first.
    preload=$(ldd "$tmp/driver.so" |
        sed -n 's/.*=> \(.*libasan\.so[^ ]*\).*/\1/p')
    if [ -n "$preload" ] && [ -z "${VSCARD_PCSCD-}" ]; then
        cat >"$tmp/pcscd" <<EOF
#!/bin/sh
LD_PRELOAD=$preload exec $(command -v pcscd) "\$@"
EOF
        VSCARD_PCSCD=$tmp/pcscd
        export VSCARD_PCSCD
    fi
}

# The readers that a command sees.
cat >"$tmp/readers" <<'EOF'
#!/bin/sh
opensc-tool -l | grep -c ' vscard '
EOF

# A pcscd that never gets anywhere, and one that gives up.
cat >"$tmp/pcscd-stuck" <<'EOF'
#!/bin/sh
[ "$1" = --help ] && exit 0
echo $$ >"$READY"
exec sleep 1000
EOF
cat >"$tmp/pcscd-broken" <<'EOF'
#!/bin/sh
echo 00000012 the last word
exit 7
EOF

# Ends at once, as vscclient does with a card that is none; or never does.
cat >"$tmp/client-broken" <<'EOF'
#!/bin/sh
echo "vscclient: error: no such card" >&2
exit 2
EOF
cat >"$tmp/client-idle" <<'EOF'
#!/bin/sh
exec sleep 1000
EOF

test_status() {
    run -- true
    is 0 $? "success"
    run -- sh -c 'exit 7'
    is 7 $? "an exit status"
    # shellcheck disable=SC2016
    run -- sh -c 'kill -KILL $$'
    is 137 $? "a signal"
    run no-such-command-anywhere
    is 127 $? "a command that is not there"
    run "$tmp"
    is 126 $? "a command that is a directory"
    as "$tmp/vscard-run" --help >"$out" && grep -q '^usage: ' "$out"
    ok $? "--help"
    as "$tmp/vscard-run" --version >"$out" && grep -q '^vscard-run ' "$out"
    ok $? "--version"
}

test_readers() {
    run "$tmp/readers"
    is 1 "$(cat "$out")" "one reader if nothing is said"
    run --slots 3 -- "$tmp/readers"
    is 3 "$(cat "$out")" "as many readers as asked for"
    # shellcheck disable=SC2016
    run sh -c 'echo "$VSCARD_ENDPOINT" "${PCSCLITE_CSOCK_NAME-none}"'
    is "unix:/run/pcscd/vscard.sock none" "$(cat "$out")" "the environment"
    echo hello >"$dir/input"
    as "$tmp/vscard-run" cat <"$dir/input" >"$out"
    is hello "$(cat "$out")" "the command's input"
    run --set apdu_timeout=7 --slots 2 grep -v '^#' /run/pcscd/vscard.conf
    is "listen = unix:/run/pcscd/vscard.sock slots = 2 apdu_timeout=7" \
        "$(paste -sd' ' "$out")" "the driver's file"
}

test_words() {
    run --slots 0 true
    refuses '--slots 0: must be a number from 1 to 200' "no slots"
    run --slots 3x true
    refuses '--slots 3x: must be a number' "slots that are no number"
    run --slots 1 --card a --card b true
    refuses 'too few for 2 cards' "fewer slots than cards"
    run --set nonsense true
    refuses '--set nonsense: must be KEY=VALUE' "a setting without a value"
    run --set slots=3 true
    refuses '--set slots=3: use --slots' "a setting that is an option"
    run --set "$(printf 'a=b\nlisten=c')" true
    refuses 'must be KEY=VALUE on one line' "a setting of two lines"
    run --set colour=green true
    says 'pcscd has 0 of 1 readers' "a setting that the driver refuses"
    grep -q 'pcscd says: .*vscard.conf.*colour' "$out"
    ok $? "the driver's reason for that"
    run --listen tcp:here true
    refuses '--listen tcp:here: ' "an endpoint that is none"
    run --driver "$tmp/nothing.so" true
    says "no driver $tmp/nothing.so: install it" "a driver that is not there"
    run --pcscd "$tmp/nothing" true
    says "no program $tmp/nothing: install pcscd" "a pcscd that is not there"
    run --pcscd "$tmp/pcscd-broken" true
    says 'pcscd ended with status 7' "a pcscd that gives up"
    grep -q '^vscard-run: pcscd says: the last word$' "$out"
    ok $? "its last word"
    run --card x --vscclient "$tmp/nothing" true
    says "no program $tmp/nothing: install vscclient" \
        "a vscclient that is not there"
    run --card x --vscclient "$tmp/client-broken" true
    says 'vscclient ended with status 2' "a vscclient that gives up"
    grep -q '^vscard-run: vscclient says: .*no such card$' "$out"
    ok $? "its last word"
    run --timeout 1 --card x --vscclient "$tmp/client-idle" true
    says 'waiting for the cards took longer than 1 s' "a card that never comes"
    run --timeout 0 true
    refuses '--timeout 0: must be seconds' "no time"
    run
    refuses 'no COMMAND' "no command"
    run --frobnicate true
    refuses "unknown option '--frobnicate'" "no such option"
}

# Each of ten has another number of readers and counts while all run.
test_ten() {
    fifo up go
    exec 4<>"$dir/up" 5<>"$dir/go"
    pids=
    for n in 1 2 3 4 5 6 7 8 9 10; do
        # shellcheck disable=SC2016,SC2086
        $as "$tmp/vscard-run" --slots $n -- sh -c '
            echo up >"$1/up"
            read -r _ <"$1/go"
            "$2/readers"' sh "$dir" "$tmp" \
            >"$dir/ten.$n" 2>&1 </dev/null 4>&- 5>&- &
        pids="$pids $!"
    done
    timeout 60 head -n 10 <&4 >"$out"
    is 10 "$(grep -c up "$out")" "ten run at the same time"
    echo "1
2
3
4
5
6
7
8
9
10" >&5
    # shellcheck disable=SC2086
    wait $pids
    cat "$dir"/ten.* >"$out"
    is 55 "$(awk '{ n += $1 } END { print n }' "$out")" "none sees the others"
    for n in 1 5 10; do
        is $n "$(cat "$dir/ten.$n")" "number $n sees its own readers"
    done
    exec 4>&- 5>&-
}

test_nested() {
    # shellcheck disable=SC2016
    run --slots 2 -- sh -c '"$1/vscard-run" --slots 3 -- "$1/readers"
        "$1/readers"
        PCSCLITE_CSOCK_NAME=/run/pcscd/pcscd.comm "$1/vscard-run" -- \
            env PCSCLITE_CSOCK_NAME=/run/pcscd/outside/pcscd.comm \
            "$1/readers"' sh "$tmp"
    is "3 2 2" "$(paste -sd' ' "$out")" "one within another leaves it alone"
}

test_end() {
    fifo alive
    # shellcheck disable=SC2016,SC2086
    $as "$tmp/vscard-run" -- sh -c '
        (setsid sleep 1000 &)
        cat /run/pcscd/pcscd.pid
        exit 3' >"$out" 2>&1 </dev/null 7>"$dir/alive" &
    runner=$!
    until_closed "$dir/alive"
    closed=$?
    wait_runner
    is 3 $? "the status although a daemon was left"
    [ $closed -eq 0 ] && gone "$(cat "$out")"
    ok $? "pcscd and the daemon are gone"
}

# start_long [ARG...]: a command with a daemon of its own that both wait for
# ever; all that descends from the runner holds the FIFO "alive".
start_long() {
    fifo up alive
    # shellcheck disable=SC2016,SC2086
    $as $apart "$tmp/vscard-run" "$@" -- sh -c '
        (setsid sleep 1000 &)
        echo $$ $PPID $(cat /run/pcscd/pcscd.pid) >"$1/up"
        sleep 1000' sh "$dir" >"$out" 2>&1 </dev/null 7>"$dir/alive" &
    runner=$!
    # Somebody must hold the reading end, or the runner would not start.
    exec 3<"$dir/alive"
    line=$(line_of "$dir/up")
    # shellcheck disable=SC2086
    set -- $line
    command=$1 supervisor=$2 pcscd=$3
}

# all_gone PID...: these, and whoever else holds the FIFO.
all_gone() {
    timeout 20 cat <&3 >/dev/null && gone "$@"
}

# The socket may be where everybody sees it, and must not stay there.
test_killed() {
    start_long --listen "unix:$dir/sock"
    [ -S "$dir/sock" ]
    ok $? "the endpoint is there while it runs"
    kill -KILL $runner
    wait_runner
    all_gone "$command" "$supervisor" "$pcscd"
    ok $? "the runner killed: no process is left"
    ! [ -e "$dir/sock" ]
    ok $? "the runner killed: no file is left"
    ! grep -q ' vscard-run ' /proc/self/mountinfo
    ok $? "the runner killed: no mount is left"
    start_long
    kill -KILL "$supervisor"
    wait_runner
    is 125 $? "the supervisor killed: a status"
    grep -q 'the supervisor was killed by signal 9' "$out"
    ok $? "the supervisor killed: a line"
    all_gone "$command" "$pcscd"
    ok $? "the supervisor killed: no process is left"
}

test_job_killed() {
    apart=setsid
    start_long
    apart=
    kill -KILL "-$(ps -o pgid= -p "$command" | tr -d ' ')"
    wait_runner
    all_gone "$command" "$supervisor" "$pcscd"
    ok $? "the whole job killed: no process is left"
}

test_signals() {
    fifo up
    # shellcheck disable=SC2016
    run_behind -- sh -c 'trap "exit 6" TERM
        echo up >"$1/up"
        while :; do sleep 1000 & wait; done' sh "$dir"
    runner=$!
    line_of "$dir/up" >/dev/null
    kill -TERM $runner
    wait_runner
    is 6 $? "SIGTERM is the command's to handle"

    fifo up
    # shellcheck disable=SC2086
    env READY="$dir/up" $as "$tmp/vscard-run" --pcscd "$tmp/pcscd-stuck" \
        true >"$out" 2>&1 </dev/null &
    runner=$!
    pcscd=$(line_of "$dir/up")
    kill -TERM $runner
    wait_runner
    is 143 $? "SIGTERM before the command runs"
    gone "$pcscd"
    ok $? "which ends pcscd"
}

# A real terminal, whose Ctrl-C goes to the command. Who ran the tests in the
# background may have had SIGINT ignored, and a shell could not trap it then. A
# shell of script's own would end by that signal, whatever the runner does. And
# one that waits for a child in the foreground would never know of a signal that
# reaches the child before it has forgotten the trap.
test_terminal() {
    fifo up
    # shellcheck disable=SC2016
    timeout 60 sh -c 'exec 9<"$1"
        head -n 1 <&9 >/dev/null
        printf "\003"
        cat <&9 >/dev/null' sh "$dir/up" | as timeout 60 env --default-signal=INT script -qefc "exec '$tmp/vscard-run' -- sh -c '
        exec 8>\"$dir/up\"
        sleep 1000 &
        trap \"kill \$!; exit 5\" INT
        echo up >&8
        wait'" /dev/null >"$out" 2>&1
    is 5 $? "Ctrl-C is the command's to handle"
}

# in_root_of COMMANDS: as root of a user namespace if need be, in a mount
# namespace of ours; then as the user in question.
in_mounts() {
    if [ "$(id -u)" -eq 0 ]; then
        unshare -m sh -c "$1" sh "$tmp" "$as" >"$out" 2>&1
    else
        unshare -rm sh -c "$1" sh "$tmp" "" >"$out" 2>&1
    fi
}

test_mounts() {
    # shellcheck disable=SC2016
    in_mounts 'mount -t tmpfs test /run && cd /run && mkdir dir &&
        echo hello >dir/file && echo there >file && ln -s file link &&
        $2 "$1/vscard-run" -- sh -c "cat dir/file /run/file /run/link;
            ls /run; exec $1/readers" && ls /run'
    is "hello there there dir file link pcscd 1 dir file link" \
        "$(paste -sd' ' "$out")" "without /run/pcscd, the rest of /run is there"
    # shellcheck disable=SC2016
    in_mounts 'mount -t tmpfs test /run && mkdir /run/pcscd &&
        touch /run/pcscd/other &&
        $2 "$1/vscard-run" -- sh -c "ls /run/pcscd/other 2>/dev/null;
            ls /run/pcscd/outside; exec $1/readers" && ls /run/pcscd'
    is "other 1 other" "$(paste -sd' ' "$out")" \
        "with /run/pcscd, another's is covered and stays as it was"
    usb=$(pkg-config --variable=usbdropdir libpcsclite)
    # shellcheck disable=SC2016
    in_mounts 'mount -t tmpfs test '"$usb"' && mkdir '"$usb"'/a.bundle &&
        $2 "$1/vscard-run" -- ls -A '"$usb"' && echo done'
    is "done" "$(cat "$out")" "drivers of real readers are hidden"
}

test_forbidden() {
    # shellcheck disable=SC2016
    unshare -rm sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
        exec setpriv --bounding-set -all --inh-caps -all "$1/vscard-run" true
        ' sh "$tmp" >"$out" 2>&1
    says 'user.max_user_namespaces is 0): set it higher' \
        "user namespaces switched off"
    # The kernel refuses them to everybody in a chroot.
    mkdir -p "$dir/root"
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount --rbind / "$2/root" &&
        exec chroot "$2/root" setpriv --bounding-set -all --inh-caps -all \
            "$1/vscard-run" true' sh "$tmp" "$dir" >"$out" 2>&1
    says 'user namespaces are forbidden here, as in a chroot' \
        "user namespaces refused"
}

# A chroot whose "/" is no mount point, below mounts that are shared.
test_chroot() {
    mkdir -p "$dir/chroot"
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount -t tmpfs test "$2/chroot" && cd "$2/chroot" &&
        mkdir sub && cd sub &&
        for d in /* ; do
            [ -L "$d" ] && ln -s "$(readlink "$d")" ".$d" && continue
            [ -d "$d" ] && mkdir ".$d" && mount --rbind "$d" ".$d"
        done
        mount --make-rshared / &&
        chroot . "$1/vscard-run" --slots 2 -- "$1/readers" &&
        grep -c " vscard-run " /proc/self/mountinfo' sh "$tmp" "$dir" \
        >"$out" 2>&1
    is "2 0" "$(paste -sd' ' "$out")" "in a chroot, and nothing gets out"
}

test_card() {
    db=$("$src/tests/system/nssdb.sh") && cp -r "$db" "$dir/db" &&
        chmod -R a+rX "$dir/db"
    VSCARD_VSCCLIENT=$tmp/vscclient
    export VSCARD_VSCCLIENT
    run --card "nss:db=$dir/db,certs=id-cert:signing-cert:encryption-cert" \
        -- opensc-tool -l
    is 1 "$(grep -c ' Yes .* vscard ' "$out")" "a card is in its reader"
    run --slots 2 \
        --card "nss:db=$dir/db,certs=id-cert:signing-cert:encryption-cert" \
        -- "$tmp/vscard-run" --card pcsc:vscard -- opensc-tool -l
    is 1 "$(grep -c ' Yes .* vscard ' "$out")" "a card from the pcscd outside"
    run --card "nss:db=$dir/nothing,certs=id-cert" true
    says 'vscclient ended with status' "a card that is none"
    grep -q 'vscclient says: .*nothing' "$out" && ! grep -q 'pcscd says' "$out"
    ok $? "vscclient's reason, and nobody else's"
}

# The n-th card is in the n-th reader, whichever of them was there first; needs
# the database of test_card.
test_order() {
    nss=nss:db=$dir/db,certs=id-cert:signing-cert:encryption-cert
    # shellcheck disable=SC2016
    run --card "$nss" --card key --card "$nss" --card key \
        -- sh -c 'for n in 0 1 2 3; do opensc-tool -r $n -a; done'
    is "3b:7a 3b:8f 3b:7a 3b:8f" "$(cut -c1-5 "$out" | paste -sd' ')" \
        "cards keep their order"
}

all() {
    who=$1
    as=$2
    dir=$tmp/$who
    mkdir "$dir"
    out=$dir/out
    apart=
    [ -z "$as" ] || chown 54321:54321 "$dir"
    if ! as unshare -Um true 2>/dev/null && [ "$who" = user ]; then
        skip "all" "user namespaces are forbidden here"
        return
    fi
    test_status
    test_readers
    test_words
    test_ten
    test_nested
    test_end
    test_killed
    test_job_killed
    test_signals
    test_terminal
    test_mounts
    test_card
    test_order
}

install_parts
chmod 755 "$tmp"/*
unset PCSCLITE_CSOCK_NAME VSCARD_VSCCLIENT
if [ "$(id -u)" -eq 0 ]; then
    all root ""
    all user "setpriv --reuid 54321 --regid 54321 --clear-groups"
else
    all user ""
fi
who=all
dir=$tmp
out=$dir/out
test_forbidden
test_chroot
echo "1..$count"
