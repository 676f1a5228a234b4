#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: initrd.sh GUEST CARD OUT
#
# Makes the guest's only file system, in RAM: pcscd, the driver of USB readers
# and OpenSC as they are installed here, with the libraries that they load; the
# modules and busybox of GUEST, which fetch.sh has made; and CARD and init.
set -eu

guest=$1 card=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$out.root

# put FILE...: where it is here, links followed, and the libraries it names.
put() {
	for file; do
		mkdir -p "$root${file%/*}"
		cp -L "$file" "$root$file"
		ldd "$file" 2>/dev/null |
		    sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'
	done | sort -u | while read -r library; do
		mkdir -p "$root${library%/*}"
		[ -e "$root$library" ] || cp -L "$library" "$root$library"
	done
}

drop=$(pkg-config --variable=usbdropdir libpcsclite)
libraries=$(dirname "$(ldd "$(command -v opensc-tool)" |
    sed -n 's/.*=> \(.*libc\.so\.6\) .*/\1/p')")
rm -rf "$root"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" \
    "$root/run" "$root/etc" "$root$drop"
put "$(PATH=$PATH:/usr/sbin command -v pcscd)" "$(command -v opensc-tool)"
# Loaded by name, so that no ldd tells.
for library in libpcsclite.so.1 libpcsclite_real.so.1 libgcc_s.so.1; do
	for at in "$libraries" /usr"$libraries" /usr/lib/"${libraries##*/}"; do
		[ ! -e "$at/$library" ] || put "$at/$library"
	done
done
cp -RL "$drop/ifd-ccid.bundle" "$root$drop/"
put "$(find "$drop/ifd-ccid.bundle" -name '*.so')"
put "$card"
mv "$root$card" "$root/bin/card"
cp "$guest/busybox" "$root/bin/"
cp "$here/init" "$here/commands" "$root/"
ln -s busybox "$root/bin/sh"
mkdir -p "$root/lib"
cp -R "$guest/lib/modules" "$root/lib/"
(cd "$root" && find . | "$guest/busybox" cpio -o -H newc 2>/dev/null) >"$out.new"
mv "$out.new" "$out"
