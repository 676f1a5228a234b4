#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the NSS database of the tests, once a build directory, and prints
# where it is: a CA, three RSA certificates, and the PIN 12345678.
set -eu

dir=${top_builddir:-.}/tests/system/nssdb
mkdir -p "${dir%/*}"

cert() {
	name=$1 subject=$2 serial=$3
	shift 3
	certutil -S -d "sql:$work" -f "$work/pin" -z "$work/noise" \
	    -n "$name" -s "$subject" -m "$serial" -v 120 -k rsa -g 2048 \
	    "$@" >/dev/null 2>&1
}

make() {
	work=$dir.new
	rm -rf "$work"
	mkdir "$work"
	printf 12345678 >"$work/pin"
	head -c 2048 /dev/urandom >"$work/noise"
	certutil -N -d "sql:$work" -f "$work/pin"
	cert test-ca "CN=Test CA" 1 -x -t TC,TC,TC
	cert id-cert "CN=Test User" 2 -c test-ca -t ,,
	cert signing-cert "CN=Test User (signing)" 3 -c test-ca -t ,, \
	    --nsCertType smime
	cert encryption-cert "CN=Test User (encryption)" 4 -c test-ca \
	    -t ,, --nsCertType sslClient
	mv "$work" "$dir"
}

(
	flock 9
	[ -d "$dir" ] || make
) 9>"$dir.lock"
cd "$dir"
pwd
