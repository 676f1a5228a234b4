#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A known session is traced by the driver, and tshark reads the file.
. "${top_srcdir:-.}/tests/system/lib.sh"

example=$top/docs/example-card

# A PIN in all the forms that it can take: qvzxkw.
commands() {
    cat <<END
00 A4 04 00 05 F0 63 61 72 64
80 10 00 00 00
00 20 00 80 08 71 76 7A 78 6B 77 FF FF
10 20 00 80 04 71 76 7A 78
00 20 00 80 02 6B 77
00 20 00 80 00 00 06 71 76 7A 78 6B 77
00 24 00 80 00 00 06 71 76 7A 78 6B 77 01 00
00 A4 04 00 05 A0 00 00 03 08 00
00 C0 00 00 10
END
}

# What tshark makes of it: frame, reader, protocol, then the fields.
decoded() {
    tshark -r "$1" -T fields -E separator=' ' -E quote=n \
        -e frame.number -e frame.interface_name -e _ws.col.Protocol \
        -e iso7816.apdu.cla -e iso7816.apdu.ins -e iso7816.apdu.lc \
        -e iso7816.apdu.le -e iso7816.apdu.body -e iso7816.apdu.sw1 \
        -e iso7816.apdu.sw2 -e iso7816.resp_to -e syslog.msg \
        2>"$dir/err" | sed 's/\\ / /g; s/  */ /g; s/ $//'
}

# Later tsharks list a comment's lines too, before the whole.
comments() {
    tshark -r "$1" -T fields -E occurrence=l -e frame.comment 2>"$dir/err" |
        sed "s/at pid [0-9]*, user [0-9]*/at PEER/"
}

expected() {
    cat <<END
1 Example Syslog reader attached
2 Example ISO 7816
3 Example Syslog power up: done
4 Example ISO 7816
5 Example Syslog T=0: done
6 Example ISO 7816 0x00 0xa4 0x05 f063617264
7 Example ISO 7816 0x90 0x00 6
8 Example ISO 7816 0x80
9 Example ISO 7816 68656c6c6f 0x90 0x00 8
10 Example ISO 7816 0x00 0x20 0x08 2a2a2a2a2a2a2a2a
11 Example ISO 7816 0x6d 0x00 10
12 Example ISO 7816 0x10
13 Example ISO 7816 0x6d 0x00 12
14 Example ISO 7816 0x00 0x20 0x02 2a2a
15 Example ISO 7816 0x6d 0x00 14
16 Example ISO 7816 0x00 0x20 0x00 0x00
17 Example ISO 7816 0x6d 0x00 16
18 Example ISO 7816 0x00 0x24 0x00 0x00
19 Example ISO 7816 0x6d 0x00 18
20 Example ISO 7816 0x00 0xa4 0x05 0x00 a000000308
21 Example ISO 7816 0x6a 0x82 20
22 Example ISO 7816 0x00 0xc0 0x10
23 Example ISO 7816 0x6d 0x00 22
END
}

expected_comments() {
    cat <<'END'
slot 0 of unix:/run/pcscd/vscard.sock, 'Example' at PEER
card inserted: its ATR
power up: done
the card's ATR
T=0: done
SELECT F063617264\nCLA 00 INS A4 P1 04 P2 00 Lc 5
9000 OK
CLA 80 INS 10 P1 00 P2 00\nCLA 80 INS 10 P1 00 P2 00 Le 256
9000 OK, 5 bytes
VERIFY 80, 8 bytes\nCLA 00 INS 20 P1 00 P2 80 Lc 8\nthe data is masked
6D00 instruction not supported
VERIFY 80, 4 bytes, chained\nCLA 10 INS 20 P1 00 P2 80 Lc 4\nthe data is masked
6D00 instruction not supported
VERIFY 80, 2 bytes\nCLA 00 INS 20 P1 00 P2 80 Lc 2\nthe data is masked
6D00 instruction not supported
VERIFY 80, 6 bytes, extended\nCLA 00 INS 20 P1 00 P2 80 Lc 6\nthe data is masked
6D00 instruction not supported
CHANGE REFERENCE DATA 80, 6 bytes, extended\nCLA 00 INS 24 P1 00 P2 80 Lc 6 Le 256\nthe data is masked
6D00 instruction not supported
SELECT PIV (A000000308)\nCLA 00 INS A4 P1 04 P2 00 Lc 5 Le 256
6A82 not found
GET RESPONSE\nCLA 00 INS C0 P1 00 P2 00 Le 16
6D00 instruction not supported
END
}

# same WANTED GOT NAME
same() {
    diff -u "$1" "$2" >"$dir/diff"
    ok $? "$3" "$dir/diff"
}

# Whether the PIN or its first part is in a file, as text or in digits.
has_pin() {
    { cat "$1" && od -An -v -tx1 "$1" | tr -d ' \n'; } |
        grep -qaE 'qvzx|71767a78' && echo yes || echo no
}

# traced FILE ARG...: the session, in a private pcscd of its own.
traced() {
    file=$1
    shift
    private --set "trace=$file" "$@" --card "exec:$example" -- \
        scriptor "$dir/commands" >"$dir/out" 2>&1
    ok $? "a session is traced to ${file##*/}" "$dir/out"
}

# In a private pcscd: the client writes what it hands to its card.
inside() {
    mkfifo "$dir/ready"
    "$vscclient" --connect "unix:$dir/sock" --card "exec:$example" \
        --trace "$dir/client" --ready-fd 4 4<>"$dir/ready" \
        >"$dir/log" 2>&1 </dev/null &
    client=$!
    timeout 30 sh -c 'read -r _' <>"$dir/ready"
    scriptor "$dir/commands" >"$dir/out" 2>&1
    ok $? "a session is traced by vscclient" "$dir/out"
    kill "$client"
    wait "$client"
    is 0 $? "which ends in order"
}

# A client that cannot write its trace does not start.
untraceable() {
    "$vscclient" --connect "unix:$dir/sock" --card "exec:$example" \
        --trace "$dir/letters" >"$dir/log" 2>&1 </dev/null
    is 1 $? "vscclient does not start without its trace"
    says "$dir/log" "--trace $dir/letters: it exists and is no pcapng file" \
        "and says why"
}

if [ "${1-}" = inside ]; then
    inside
    exit
fi
commands >"$dir/commands"
expected >"$dir/expected"
expected_comments >"$dir/expected-comments"

traced "$dir/one"
is 600 "$(stat -c %a "$dir/one")" "the file is its owner's alone"
decoded "$dir/one" | head -n 23 >"$dir/decoded"
same "$dir/expected" "$dir/decoded" "tshark decodes it, responses linked"
comments "$dir/one" | head -n 23 >"$dir/comments"
same "$dir/expected-comments" "$dir/comments" "comments say it in words"
is no "$(has_pin "$dir/one")" "the PIN is nowhere in it"
tshark -r "$dir/one" -V 2>/dev/null | grep -ciE 'malformed|\[Expert Info \((Warn|Error)' \
    >"$dir/bad"
is 0 "$(cat "$dir/bad")" "tshark has nothing to complain of"

traced "$dir/secret" --set trace_secrets=yes
is yes "$(has_pin "$dir/secret")" "with trace_secrets the PIN is in it"

frames=$(decoded "$dir/one" | wc -l)
traced "$dir/one"
is $((2 * frames)) "$(decoded "$dir/one" | wc -l)" "a second session is added"

echo "my letters" >"$dir/letters"
traced "$dir/letters" --verbose
says "$dir/out" "it exists and is no pcapng file; nothing is traced" \
    "another file is refused with a clear line"
is "my letters" "$(cat "$dir/letters")" "and is left as it was"

private --listen "unix:$dir/sock" -- sh "$0" inside
is no "$(has_pin "$dir/client")" "the PIN is nowhere in the client's trace"
is 600 "$(stat -c %a "$dir/client")" "which is its owner's alone"
# It sees what the driver does, from the first command on.
sed -n '/ 0xa4 0x05 f06/,$s/^[0-9]* //p' "$dir/decoded" | sed 's/ [0-9]*$//' \
    >"$dir/expected"
decoded "$dir/client" | sed -n '/ 0xa4 0x05 f06/,$s/^[0-9]* //p' |
    sed 's/ [0-9]*$//' | head -n "$(wc -l <"$dir/expected")" >"$dir/seen"
same "$dir/expected" "$dir/seen" "both traces show the same exchanges"
untraceable

cd "$dir" || exit 99
private --trace here --trace-secrets --card "exec:$example" -- \
    scriptor "$dir/commands" >"$dir/out" 2>&1
ok $? "vscard-run passes --trace on" "$dir/out"
is yes "$(has_pin "$dir/here")" "and --trace-secrets"
finish
