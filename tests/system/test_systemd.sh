#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_systemd needs a guest with vscard as it is installed, which is made here.
top=${top_builddir:-.}
program=$top/tests/system/test_systemd
if [ -z "${VSCARD_TEST_QUICK:-}" ]; then
	here=${top_srcdir:-.}/tests/system/guest
	at=$top/tests/system/guest/systemd
	make() {
		unset MAKEFLAGS MAKELEVEL DESTDIR
		rm -rf "$at.installed"
		command make -s -C "$top" install DESTDIR="$(realpath "$top")/tests/system/guest/systemd.installed" >"$at.log" 2>&1 &&
		    guest=$("$here/fetch.sh") &&
		    "$here/systemd.sh" "$guest" "$at.installed" \
			"$top/docs/.libs/example-card" "$at.initrd" &&
		    rm -rf "$at.installed" "$at.log"
	}
	if ! make; then
		cat "$at.log" >&2
		echo "1..1"
		echo "not ok 1 - the guest cannot be made"
		exit 1
	fi
	VSCARD_TEST_INITRD=$at.initrd
	VSCARD_TEST_KERNEL=$guest/vmlinuz
	export VSCARD_TEST_INITRD VSCARD_TEST_KERNEL
fi
exec "$program"
