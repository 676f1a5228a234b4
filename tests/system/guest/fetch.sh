#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Downloads what the guest of the QEMU test needs beyond what is installed:
# Debian's kernel for PCs, of which the image and the modules for USB and for
# QEMU's network are kept, and busybox. Nothing is installed. Prints the directory; done once a kernel.
set -eu

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vscard

fail() {
	echo "$0: $*" >&2
	exit 1
}

# Runs in a directory of its own, so that nothing unfinished is found there.
download() {
	apt-get -qq -o APT::Sandbox::User=root download "$@" >apt.log 2>&1 && return
	[ "$(id -u)" != 0 ] || apt-get -qq update >>apt.log 2>&1 || :
	apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=3 \
	    download "$@" >>apt.log 2>&1 && return
	cat apt.log >&2
	fail "cannot download $*"
}

# unpack PACKAGE PATTERN...: what there is of it.
unpack() {
	deb=$1
	shift
	dpkg-deb --fsys-tarfile "$deb" | tar -x --wildcards "$@" 2>tar.log ||
	    grep -q 'Not found in archive' tar.log || fail "$(cat tar.log)"
}

# Since 7.0 the kernel's package only depends on the image's and the modules'.
kernel_parts() {
	apt-cache depends "$kernel" |
	    sed -n 's/^ *Depends: \(linux-\(binary\|modules\)-.*\)/\1/p'
}

make() {
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	cd "$dir.new"
	# shellcheck disable=SC2046
	download "$kernel" $(kernel_parts) busybox-static
	unpack busybox-static_*.deb '*/busybox'
	for deb in linux-*.deb; do
		unpack "$deb" './boot/vmlinuz-*' '*lib/modules/*/vmlinuz' \
		    '*lib/modules/*/drivers/usb/[ch]o*' '*/e1000.ko*'
	done
	find . -name busybox -exec mv {} busybox \;
	find . -name 'vmlinuz*' -exec mv {} vmlinuz \;
	[ ! -d usr/lib/modules ] || mv usr/lib lib
	find lib -name '*.ko.xz' -exec unxz {} +
	version=$(ls lib/modules)
	./busybox depmod -b "$PWD" "$version"
	rm -rf ./*.deb ./*.log boot bin usr
	cd ..
	rm -rf "$dir"
	mv "$dir.new" "$dir"
	find . -maxdepth 1 -type d -name 'guest-*' ! -name "${dir##*/}" \
	    -exec rm -rf {} +
}

command -v apt-get >/dev/null || fail "not a Debian system"
kernel=$(apt-cache depends linux-image-amd64 |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
dir=$cache/guest-${kernel#linux-image-}
# Without lists there is still what was downloaded before.
if [ -z "$kernel" ]; then
	dir=$(find "$cache" -maxdepth 1 -name 'guest-*[0-9a-z]' ! -name '*.new' \
	    ! -name '*.lock' 2>/dev/null | sort | tail -n 1)
	[ -n "$dir" ] || fail "apt knows no linux-image-amd64; run apt-get update"
fi
mkdir -p "$cache"
(
	flock 9
	[ -n "$(find "$dir" -name 'e1000.ko' 2>/dev/null)" ] || make
) 9>"$cache/guest.lock"
echo "$dir"
