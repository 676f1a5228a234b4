#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Programs of other people as cards: the example in docs/, and bad ones.
. "${top_srcdir:-.}/tests/system/lib.sh"

example=$top/docs/example-card

# In a private pcscd with the example.
inside() {
    is "3b:04:63:61:72:64" "$(opensc-tool --atr 2>"$dir/out")" \
        "the example's ATR"
    opensc-tool -s 00:A4:04:00:05:F0:63:61:72:64 -s 80:10:00:00:00 \
        >"$dir/out" 2>&1
    says "$dir/out" "hello" "the example is selected and says hello"
    opensc-tool -s 80:10:00:00:00 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x69, SW2=0x85" "a reset has unselected it"
    opensc-tool -s 00:A4:04:00:01:FF >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x6A, SW2=0x82" "it has no other application"
    opensc-tool -s 00:B0:00:00 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x6D, SW2=0x00" "nor another instruction"
    opensc-tool -s 00:A4:04:00:05:F0:63:61:72:65 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x6A, SW2=0x82" "nor one of that name, nearly"
}

# script NAME: a program of the shell's, its text on stdin.
script() {
    { echo '#!/bin/sh' && cat; } >"$dir/$1"
    chmod +x "$dir/$1"
}

# refused STATUS TEXT NAME SPEC
refused() {
    timeout 30 "$vscclient" --connect "unix:$dir/nobody" --card "$4" \
        >"$dir/out" 2>&1 </dev/null
    is "$1" $? "$3: status $1"
    says "$dir/out" "$2" "$3: a clear line"
    is 1 "$(grep -c 'exec' "$dir/out")" "$3: no more than that"
}

unusable() {
    refused 3 "exec: cannot run $dir/none: No such file" \
        "no program" "exec:$dir/none"
    echo text >"$dir/plain"
    refused 3 "exec: cannot run $dir/plain: Permission denied" \
        "a program that may not be run" "exec:$dir/plain"
    chmod +x "$dir/plain"
    refused 3 "exec: cannot run $dir/plain: Exec format error" \
        "a file that is no program" "exec:$dir/plain"
    refused 3 "exec: cannot run no-such-card: No such file" \
        "a program that PATH lacks" "exec:no-such-card"
    refused 2 "names no program" "a program without a name" "exec:"
    refused 2 "a quote is not closed" "a quote too few" "exec:card 'a"
}

# again TEXT NAME SCRIPT: the client says this once, and starts the program,
# which tells $dir/ran of itself, again all the same.
again() {
    rm -f "$dir/ran"
    mkfifo "$dir/ran"
    "$vscclient" --connect "unix:$dir/nobody" --card "exec:$dir/$3" \
        >"$dir/out" 2>&1 </dev/null &
    client=$!
    timeout 30 sh -c 'read -r _; read -r _; read -r _' <>"$dir/ran"
    kill "$client"
    wait "$client"
    is 0 $? "$2: nothing but a signal ends vscclient"
    says "$dir/out" "$1" "$2: a clear line"
    is 1 "$(grep -c 'card process' "$dir/out")" "$2: once, for three times"
}

unruly() {
    script dies <<END
echo started >$dir/ran
exit 7
END
    again "'exec:$dir/dies' ended with status 7 before it said Init; starting" \
        "a program that dies at once" dies
    script killed <<END
echo started >$dir/ran
kill -9 \$\$
END
    again "was killed by signal 9 before it said Init; starting" \
        "a program that is killed" killed
    script babbles <<END
echo started >$dir/ran
echo "Hello, here is your card with a reader" >&3
cat <&3 >/dev/null
END
    again "'exec:$dir/babbles': message too long; starting" \
        "a program that talks nonsense" babbles
}

# Its words, its descriptors, and that the terminal's signals are not for it.
surroundings() {
    mkfifo "$dir/words"
    script tells <<END
{
	printf '<%s>' "\$@"
	echo
	for fd in /proc/\$\$/fd/*; do
		echo "\${fd##*/}"
	done | tr '\\n' ' '
	echo
	grep SigIgn /proc/\$\$/status
} >$dir/words
cat <&3 >/dev/null
END
    "$vscclient" --connect "unix:$dir/nobody" \
        --card "exec:$dir/tells -a 'b c',d \"\" e\\ f" \
        >"$dir/out" 2>&1 </dev/null &
    client=$!
    {
        read -r words
        read -r fds
        read -r signals
    } <"$dir/words"
    kill "$client"
    wait "$client"
    is "<-a><b c,d><><e f>" "$words" "its words, as they were quoted"
    case " $fds " in
    *" 0 1 "*" 2 3 "* | *" 0 1 2 3 "*) ok 0 "its descriptors" ;;
    *) ok 1 "its descriptors: $fds" ;;
    esac
    # 32 and 33 are the C library's own.
    is 3 "$((0x${signals##*[!0-9a-f]} & ~(3 << 31)))" \
        "SIGHUP and SIGINT are not for it, and no others are ignored"
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
private --card "exec:$example" -- sh "$0" inside
unusable
unruly
surroundings
finish
