# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2154
# For the tests with PIV clients, after lib.sh.

# Of a new card.
pin=123456
puk=12345678
admin=010203040506070801020304050607080102030405060708

# ykman, yubico ARG...: within a deadline, on the one card there is. What they
# say goes to $dir/out.
ykman() {
    timeout 60 ykman -r vscard "$@" >"$dir/out" 2>&1 </dev/null
}

yubico() {
    timeout 60 yubico-piv-tool -r vscard "$@" >"$dir/out" 2>&1 </dev/null
}

# certified SLOT: out of its public key, SLOT.pub, a certificate, SLOT.pem, by
# an authority made for it.
certified() {
    [ -e "$dir/ca.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes \
        -subj /CN=authority -keyout "$dir/ca.key" -out "$dir/ca.pem" \
        >"$dir/out" 2>&1 || return 1
    openssl x509 -new -force_pubkey "$dir/$1.pub" -subj "/CN=slot $1" \
        -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -out "$dir/$1.pem" \
        >"$dir/out" 2>&1
}

# public SLOT: its public key into SLOT.pub, out of its attestation.
public() {
    yubico -a attest -s "$1" -o "$dir/attest.pem" &&
        openssl x509 -in "$dir/attest.pem" -pubkey -noout >"$dir/$1.pub"
}

# message FILE: something to sign.
message() {
    head -c 1000 /dev/urandom >"$1"
}
