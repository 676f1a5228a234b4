#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: systemd.sh GUEST INSTALLED EXAMPLE OUT
#
# Makes the file system of a guest that systemd boots, all of it in RAM: what
# its units, pcscd and opensc-tool need of the packages that are installed here;
# vscard as it was installed into the directory INSTALLED, with its users; the
# program EXAMPLE as a card; and busybox and modules of GUEST, from fetch.sh.
set -eu

guest=$1 installed=$2 example=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$out.root
PATH=$PATH:/usr/sbin:/sbin

# copy TAR-OPTION...: the files named on stdin, to the same place.
copy() {
	tar -C / -c "$@" -T - 2>/dev/null |
	    tar -x -C "$root" --keep-directory-symlink
}

files_of() {
	dpkg -L "$@" | while read -r file; do
		[ -d "$file" ] && [ ! -L "$file" ] || echo "$file"
	done
}

# Boots, logs, makes directories, runs services; no more of systemd.
units='(basic|sysinit|multi-user|sockets|slices|local-fs|local-fs-pre|network
|network-pre|shutdown|umount|final|poweroff|time-set|paths|timers|swap)\.target
|systemd-(journald|journald-dev-log|tmpfiles-setup|poweroff)(@)?\.(service|socket)
|sysinit\.target\.wants/systemd-(journald|tmpfiles-setup)\.service
|sockets\.target\.wants/systemd-journald.*'
programs='systemd|systemd-journald|systemd-executor|systemd-shutdown'
system_files() {
	files_of systemd | grep -E "/systemd/system/($(echo "$units" |
	    tr -d '\n'))\$|/lib/systemd/($programs)\$|/libsystemd-(core|shared)|/bin/(systemctl|systemd-analyze|systemd-tmpfiles|journalctl)\$|/tmpfiles.d/(systemd|tmp|var)\.conf\$"
	files_of pcscd opensc libccid |
	    grep -E '/systemd/system/|/sbin/pcscd$|/bin/opensc-tool$|^/etc/|/sysusers.d/|/ifd-ccid.bundle/|polkit'
}

# libraries: those that the files on stdin are linked with.
libraries() {
	while read -r file; do
		ldd "$file" 2>/dev/null || :
	done | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u
}

# Loaded by name, so that no ldd tells; some are only there in later releases.
by_name() {
	for name in libgcc_s.so.1 libpcsclite.so.1 libpcsclite_real.so.1 \
	    libseccomp.so.2 libmount.so.1 libcap.so.2; do
		/sbin/ldconfig -p |
		    sed -n "s/.*[[:space:]]$name (libc6,x86-64).* => //p"
	done
}

users() {
	cat >"$root/etc/passwd" <<-END
		root:x:0:0:root:/root:/bin/sh
		nobody:x:65534:65534:nobody:/:/bin/false
	END
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	systemd-sysusers --root="$root" >/dev/null 2>&1
}

# Readers at the places where a test puts cards; the file is also an example.
readers() {
	mkdir -p "$root/etc/vscard"
	for name in net beside own; do
		printf 'FRIENDLYNAME "%s"\nDEVICENAME %s\nLIBPATH %s\n\n' \
		    "$name" "/etc/vscard/$name.conf" \
		    "$(sed -n 's/^LIBPATH *//p' "$root/etc/reader.conf.d/vscard")"
	done >"$root/etc/reader.conf.d/guest"
	printf 'listen = tcp:0.0.0.0:2002\nallow_addresses = 10.0.2.2\nslots = 1\n' \
	    >"$root/etc/vscard/net.conf"
	printf 'listen = unix:/run/vscard/vscard.sock\nslots = 1\n' \
	    >"$root/etc/vscard/beside.conf"
	printf 'card = key:/var/lib/vscard/own.key\nuser = vscard\nslots = 1\ntrace = %s\n' \
	    /var/log/vscard/own.pcapng \
	    >"$root/etc/vscard/own.conf"
	echo 'CARD=exec:/usr/bin/example-card' >"$root/etc/vscard/desk.card"
}

# Nobody is there to ask, and a unit that wants it is content with its name.
without_polkit() {
	pcscd --help 2>&1 | grep -q disable-polkit || return 0
	echo PCSCD_ARGS=--disable-polkit >"$root/etc/default/pcscd"
	printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' \
	    >"$root/usr/lib/systemd/system/polkit.service"
}

service() {
	cat >"$root/usr/lib/systemd/system/guest.service" <<-END
		[Service]
		Type=idle
		ExecStart=/bin/sh /network
	END
	mkdir -p "$root/usr/lib/systemd/system/multi-user.target.wants"
	ln -s ../guest.service \
	    "$root/usr/lib/systemd/system/multi-user.target.wants/"
	mkdir -p "$root/etc/systemd/system/sockets.target.wants"
	ln -s /lib/systemd/system/pcscd.socket \
	    "$root/etc/systemd/system/sockets.target.wants/"
	ln -sf multi-user.target "$root/usr/lib/systemd/system/default.target"
	cp "$here/network" "$here/commands" "$root/"
	echo guest >"$root/etc/hostname"
	: >"$root/etc/machine-id"
}

rm -rf "$root"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" \
    "$root/etc" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/run" \
    "$root/var/tmp" "$root/root"
ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root/"
system_files >"$out.files"
copy <"$out.files"
{
	libraries <"$out.files"
	by_name
	find "$installed" "$example" -type f | libraries
} | sort -u | copy -h
rm -f "$out.files"
(cd "$installed" && tar -c .) | tar -x -C "$root" --keep-directory-symlink
# No cache of the linker knows of libraries that are ours.
find "$installed" -name 'libvscard.so.0' -exec cp -L {} "$root/usr/lib/" \;
cp "$example" "$root/usr/bin/example-card"
cp "$guest/busybox" "$here/reader" "$root/usr/bin/"
for name in sh cat cut grep ip kill ls mkdir modprobe pidof ps sed sort stat \
    stty tr true; do
	ln -s busybox "$root/usr/bin/$name"
done
cp -R "$guest/lib/modules" "$root/usr/lib/"
users
readers
without_polkit
service
(cd "$root" && find . | "$guest/busybox" cpio -o -H newc 2>/dev/null) >"$out.new"
mv "$out.new" "$out"
