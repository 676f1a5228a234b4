#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: ./demo.sh
#
# Builds the project, makes a throw-away card and uses it with the tools that
# use real cards: opensc-tool, pkcs11-tool, openssl. Nothing is installed but
# missing Debian packages, nothing outside ./build stays.
set -eu

top=$(cd "$(dirname "$0")" && pwd)
build=$top/build/demo
PIN=12345678
PATH=$PATH:/usr/sbin:/sbin

say() {
	printf '\n==> %s\n' "$*"
}

# Shows a command as a user would type it, and runs it.
show() {
	printf '    $ %s\n' "$*"
	"$@"
}

# --- before: what has to be there --------------------------------------------

# What it prints is of interest only when it fails.
quietly() {
	"$@" >"$build/log" 2>&1 </dev/null || {
		cat "$build/log" >&2
		echo "$0: failed: $*" >&2
		exit 1
	}
}

build_all() {
	mkdir -p "$build"
	cd "$top"
	[ -f configure ] || quietly autoreconf -fi
	cd "$build"
	[ -f config.status ] || quietly "$top/configure"
	quietly make -j"$(getconf _NPROCESSORS_ONLN)" all
}

# certificate NICKNAME SUBJECT SERIAL ARG...
certificate() {
	nickname=$1 subject=$2 serial=$3
	shift 3
	quietly certutil -S -d "sql:$dir/nssdb" -f "$dir/pin" -z "$dir/noise" \
	    -n "$nickname" -s "$subject" -m "$serial" -v 120 -k rsa -g 2048 "$@"
}

# The certificates of the card: for identity, signing and encryption. The
# database's password is the card's PIN.
make_card() {
	mkdir "$dir/nssdb"
	printf %s "$PIN" >"$dir/pin"
	head -c 2048 /dev/urandom >"$dir/noise"
	quietly certutil -N -d "sql:$dir/nssdb" -f "$dir/pin"
	certificate demo-ca 'CN=Demo CA' 1 -x -t TC,TC,TC
	certificate id-cert 'CN=Jo Doe' 2 -c demo-ca -t ,,
	certificate signing-cert 'CN=Jo Doe (signing)' 3 -c demo-ca -t ,, \
	    --nsCertType smime
	certificate encryption-cert 'CN=Jo Doe (encryption)' 4 -c demo-ca \
	    -t ,, --nsCertType sslClient
}

# --- inside: a private pcscd with the card in it -----------------------------

use_card() {
	say "pcscd has one reader, and there is a card in it:"
	show opensc-tool -l

	say "The card's ATR, and what OpenSC takes the card for:"
	show opensc-tool -r 0 -a
	show opensc-tool -r 0 -n

	say "The certificates that are on the card:"
	show pkcs11-tool --list-objects --type cert

	say "The card signs a text; the PIN is $PIN:"
	echo 'Signed by a card that nobody plugged in.' >text
	show pkcs11-tool --login --pin "$PIN" --sign --id "$ID" \
	    --mechanism SHA256-RSA-PKCS --input-file text \
	    --output-file signature

	say "OpenSSL verifies the signature with the card's certificate:"
	show pkcs11-tool --read-object --type cert --id "$ID" \
	    --output-file certificate
	openssl x509 -in certificate -inform DER -noout -pubkey >public-key
	show openssl dgst -sha256 -verify public-key -signature signature text

	say "A text that was not signed is not verified:"
	echo 'Something else.' >other
	if show openssl dgst -sha256 -verify public-key \
	    -signature signature other 2>/dev/null; then
		exit 1
	fi
}

ID=0002

if [ "${1:-}" = --inside ]; then
	use_card
	exit
fi
if [ $# -ne 0 ]; then
	echo "usage: $0" >&2
	exit 2
fi
"$top/tests/setup.sh" build
say "Building in $build"
build_all
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
say "Making a card of three certificates"
make_card
say "Starting a private pcscd with the card: vscard-run --card nss:..."
# Each run makes a new card of the same number; OpenSC would remember another.
export XDG_CACHE_HOME="$dir/cache"
cd "$dir"
"$build/run/vscard-run" --driver "$build/ifd/.libs/libifdvscard.so" \
    --vscclient "$build/vscclient/vscclient" \
    --card "nss:db=$dir/nssdb,certs=id-cert:signing-cert:encryption-cert" \
    -- "$top/demo.sh" --inside
say "Done; pcscd, the reader and the card are gone again."
