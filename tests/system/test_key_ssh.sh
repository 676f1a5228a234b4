#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What security keys are for: a login by ssh, a TLS client certificate; a touch;
# many of them; and one whose process is killed.
. "${top_srcdir:-.}/tests/system/lib.sh"

key=$top/key/vscard-key
key_file=$dir/a.key
SELECT=00A4040005A000000308
VERIFY=0020008008313233343536FFFF
WRONG=0020008008393939393939FFFF
HASH=000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F
SIGN=0087119A267C2482008120$HASH
TRIES=00200080
SERIAL=00F8000004

module() {
    set -- /usr/lib/*/opensc-pkcs11.so
    echo "$1"
}

# The last status word of what opensc-tool said.
status_word() {
    sed -n 's/.*(SW1=0x\(..\), SW2=0x\(..\)).*/\1\2/p' "$1" | tail -n 1
}

# A key in slot 9A, and a certificate of it by a CA of ours.
make_slot() {
    yubico-piv-tool -r vscard -a generate -s 9a -A ECCP256 "$@" \
        -o "$dir/pub.pem" &&
        openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=our CA" \
            -keyout "$dir/ca.key" -out "$dir/ca.pem" &&
        openssl x509 -new -subj "/CN=Jo Doe" -days 9 \
            -force_pubkey "$dir/pub.pem" -CA "$dir/ca.pem" \
            -CAkey "$dir/ca.key" -out "$dir/cert.pem" &&
        yubico-piv-tool -r vscard -a import-certificate -s 9a \
            -i "$dir/cert.pem"
}

# --- ssh ---------------------------------------------------------------------

asked() {
    printf '#!/bin/sh\necho %s\n' "$1" >"$dir/pin"
    chmod +x "$dir/pin"
    SSH_ASKPASS=$dir/pin SSH_ASKPASS_REQUIRE=force timeout 60 ssh -F "$2" \
        -o NumberOfPasswordPrompts=1 -I "$(module)" far echo logged in
}

login() {
    config=$("$src/tests/system/sshd.sh" "$dir/ssh")
    sed -i '/Identit/d' "$config"
    ssh-keygen -D "$(module)" >"$dir/key.pub" 2>"$dir/out"
    ok $? "ssh-keygen -D" "$dir/out"
    ssh-keygen -i -m PKCS8 -f "$dir/pub.pem" | cut -d' ' -f1-2 >"$dir/want"
    is "$(cat "$dir/want")" "$(cut -d' ' -f1-2 "$dir/key.pub")" \
        "it is the key that was generated"
    : >"$dir/ssh/authorized_keys"
    ! asked 123456 "$config" >"$dir/out" 2>&1
    ok $? "no login with a key that is not authorized" "$dir/out"
    cat "$dir/key.pub" >"$dir/ssh/authorized_keys"
    asked 123456 "$config" >"$dir/out" 2>&1
    says "$dir/out" "logged in" "a login with the key"
    ! asked 999999 "$config" >"$dir/out" 2>&1
    ok $? "no login with a wrong PIN" "$dir/out"
    asked 123456 "$config" >"$dir/out" 2>&1
    says "$dir/out" "logged in" "and with the right one again"
}

# --- TLS ---------------------------------------------------------------------

# get ARG...: a page of the server, which is about its client.
get() {
    printf 'GET / HTTP/1.0\r\n\r\n' |
        timeout 60 openssl s_client -unix "$dir/tls" -CAfile "$dir/ca.pem" \
            -quiet -ign_eof "$@" >"$dir/out" 2>&1
}

tls() {
    mkfifo "$dir/words"
    timeout 100 openssl s_server -unix "$dir/tls" -www -Verify 2 \
        -verify_return_error -CAfile "$dir/ca.pem" -cert "$dir/ca.pem" \
        -key "$dir/ca.key" >"$dir/words" 2>"$dir/server" &
    server=$!
    exec 3<"$dir/words"
    while read -r line <&3 && [ "${line#ACCEPT}" = "$line" ]; do :; done
    cat <&3 >/dev/null &
    get -cert "$dir/cert.pem" -engine pkcs11 -keyform engine \
        -key "pkcs11:id=%01;type=private;pin-value=123456"
    says "$dir/out" "Subject: CN=Jo Doe" "the server knows who it is"
    get
    ! grep -qF "Subject:" "$dir/out"
    ok $? "without the certificate there is no page" "$dir/out"
    kill "$server"
    wait
    exec 3<&-
}

# --- touch -------------------------------------------------------------------

# What the key is touched by: somebody who is told of it and then takes time.
finger() {
    read -r what
    echo "$what" >"$dir/asked"
    read -r answer <"$dir/answer"
    [ "$answer" = yes ]
}

# sign READER >FILE
sign() {
    steady -r "$1" -s $SELECT -s $VERIFY -s $SIGN
}

# Which of two readers has the key that is touched: cards come as they are ready.
find_readers() {
    is_first=$(steady -r 0 -s $SELECT -s 00F7009A00)
    reader=1 at=0
    case $is_first in
    *"SW1=0x90, SW2=0x00):"*"SW1=0x90, SW2=0x00):"*) reader=0 at=1 ;;
    esac
    other=$(opensc-tool -l | sed -n "s/^$at  *Yes  *//p")
}

touched() {
    find_readers
    sign "$reader" >"$dir/signed" &
    signing=$!
    read -r what <"$dir/asked"
    is "PIV slot 9a: sign" "$what" "the command is told what for"
    # By a tool that does not look into all readers.
    timeout 30 yubico-piv-tool -r "$other" -a status >"$dir/out" 2>&1
    says "$dir/out" "PIN tries left:	3" "another reader answers meanwhile"
    echo yes >"$dir/answer"
    wait "$signing"
    is 9000 "$(status_word "$dir/signed")" "touched: it signs"
    sign "$reader" >"$dir/signed" &
    signing=$!
    read -r what <"$dir/asked"
    echo no >"$dir/answer"
    wait "$signing"
    is 6982 "$(status_word "$dir/signed")" "not touched: it does not"
}

# --- many --------------------------------------------------------------------

serials() {
    for reader in 0 1 2 3 4 5 6 7 8 9; do
        steady -r "$reader" -s $SELECT -s $SERIAL |
            sed -n '$s/^\(..\) \(..\) \(..\) \(..\) .*/0x\1\2\3\4/p'
    done | while read -r hex; do
        echo $((hex))
    done | sort -n
}

ten() {
    is "$(sort -n "$dir/made")" "$(serials)" "ten keys in ten readers"
    pids=
    for reader in 0 1 2 3 4 5 6 7 8 9; do
        sign "$reader" >"$dir/sign-$reader" &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid"
    done
    words=
    for reader in 0 1 2 3 4 5 6 7 8 9; do
        words="$words$(status_word "$dir/sign-$reader") "
    done
    is "6A88 6A88 6A88 6A88 6A88 6A88 6A88 6A88 6A88 6A88 " "$words" \
        "all at once: none has a key to sign with"
}

make_ten() {
    set --
    for n in 0 1 2 3 4 5 6 7 8 9; do
        "$key" create "$dir/$n.key" | sed 's/.*number //' >>"$dir/made"
        set -- "$@" --card "key:$dir/$n.key"
    done
    private "$@" -- sh "$0" ten 2>"$dir/err"
}

# --- killed ------------------------------------------------------------------

killed() {
    opensc-tool -s $SELECT -s $WRONG >"$dir/out" 2>&1
    is 63C2 "$(status_word "$dir/out")" "a wrong PIN"
    read -r pid _ <"$key_file.lock"
    kill -KILL "$pid"
    tail -s 0.01 --pid="$pid" -f /dev/null
    # It is there again in a moment, or its end has not been noticed yet.
    until await 'Card inserted' &&
        steady -s $SELECT -s $TRIES >"$dir/out"; do :; done
    [ "$(status_word "$dir/out")" = 63C2 ]
    ok $? "kill -9: the card is back, and the try is still used up" "$dir/out"
}

case ${1-} in
make_slot | login | tls | finger | touched | ten | killed)
    "$@"
    exit
    ;;
esac
private --card "key:$key_file" -- sh "$0" make_slot >"$dir/out" 2>&1
ok $? "a key, and its certificate" "$dir/out"
private --card "key:$key_file" -- sh "$0" login 2>"$dir/err"
private --card "key:$key_file" -- sh "$0" tls 2>"$dir/err"
private --card "key:$key_file" -- sh "$0" killed 2>"$dir/err"
mkfifo "$dir/asked" "$dir/answer"
private --card "key:$dir/t.key" -- sh "$0" make_slot --touch-policy=always \
    >"$dir/out" 2>&1
ok $? "a key that has to be touched" "$dir/out"
private --card "key:$dir/t.key,touch=sh '$0' finger" --card key -- \
    sh "$0" touched 2>"$dir/err"
make_ten
finish
