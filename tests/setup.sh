#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/setup.sh [build|check|bench]
#
# Installs the Debian packages that building and showing (build) or building
# and testing (check, the default) need, or measuring (bench); Debian 12, 13
# and sid name them alike.
# Says nothing and asks nobody if all are there. Why each: CONTRIBUTING.md.
# For check, the kernel of the QEMU test is downloaded too, and not installed.
set -eu

packages() {
	echo autoconf automake libtool make gcc libc6-dev pkgconf xz-utils
	echo libpcsclite-dev libinih-dev libcacard-dev libnss3-dev libedit-dev
	echo libseccomp-dev libjansson-dev libssl-dev libsqlite3-dev zlib1g-dev
	echo pcscd opensc libnss3-tools openssl util-linux
	[ "$1" != bench ] || echo python3 vsmartcard-vpcd gnuplot-nox strace
	[ "$1" = check ] || return 0
	echo check g++ clang llvm libclang-rt-dev valgrind mandoc shellcheck
	echo pcsc-tools
	echo tshark dpkg-dev debhelper lintian debootstrap
	echo procps binutils softhsm2 qemu-system-x86 libccid
	echo openssh-client openssh-server systemd
	echo python3 yubikey-manager yubico-piv-tool libengine-pkcs11-openssl
}

is_installed() {
	[ "$(dpkg-query -Wf '${db:Status-Status}' "$1" 2>/dev/null)" = \
	    installed ]
}

missing() {
	for package in $(packages "$1"); do
		is_installed "$package" || echo "$package"
	done
}

# Quiet as long as it works.
apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
	    -o Acquire::Retries=3 "$@" </dev/null >"$log" 2>&1 || {
		cat "$log" >&2
		echo "$0: apt-get $1 failed" >&2
		exit 1
	}
}

case ${1:-check} in
build | check | bench) ;;
*)
	echo "usage: $0 [build|check|bench]" >&2
	exit 2
	;;
esac
if ! command -v dpkg-query >/dev/null; then
	echo "$0: not a Debian system; see CONTRIBUTING.md for what is needed" >&2
	exit 0
fi
list=$(missing "${1:-check}")
if [ -n "$list" ] && [ "$(id -u)" != 0 ]; then
	echo "$0: packages are missing; install them as root:" >&2
	echo "    apt-get install" $list >&2
	exit 1
fi
if [ -n "$list" ]; then
	echo "installing" $list
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	apt update
	apt install --no-install-recommends -y $list
fi
# The test itself says what it lacks, should there be no network now.
[ "${1:-check}" != check ] ||
    "$(dirname "$0")/system/guest/fetch.sh" >/dev/null || :
