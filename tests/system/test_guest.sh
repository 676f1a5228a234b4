#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_guest needs a guest, which is made here: within vscard-run the machine's
# own drivers of readers are hidden.
top=${top_builddir:-.}
program=$top/tests/system/test_guest
if [ -z "${VSCARD_TEST_QUICK:-}" ]; then
	here=${top_srcdir:-.}/tests/system/guest
	VSCARD_TEST_INITRD=$top/tests/system/guest/initrd
	if ! VSCARD_TEST_KERNEL=$("$here/make.sh" \
	    "$top/tests/system/guest/card" "$VSCARD_TEST_INITRD"); then
		echo "1..1"
		echo "not ok 1 - the guest cannot be made"
		exit 1
	fi
	export VSCARD_TEST_INITRD VSCARD_TEST_KERNEL
fi
exec "$program"
