#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/packages.sh [DIR]
#
# Builds the Debian packages of the committed HEAD in DIR (./build/packages),
# lets lintian judge them, and tries them in a Debian that holds nothing else
# (tests/packages-room.sh in tests/clean-room.sh; so as root). Speaks TAP.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$top/build/packages}
count=0
failed=0

# ok STATUS NAME LOG
ok() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		tail -n 40 "$3" | sed 's/^/# /'
		failed=1
	fi
}

finish() {
	echo "1..$count"
	exit "$failed"
}

build() {
	mkdir "$dir/src" "$dir/debs"
	git -C "$top" archive HEAD | tar -x -C "$dir/src"
	cd "$dir/src" || return
	# The unit tests have run already, and will again.
	DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
	    dpkg-buildpackage -us -uc -b &&
	    mv ../*.deb "$dir/debs"
}

rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
(build) >"$dir/build.log" 2>&1
ok $? "the packages are built" "$dir/build.log"
[ "$failed" = 0 ] || finish
# debhelper looks for what was left out; dpkg-gensymbols for what is not said.
! grep -E 'dh_missing: (warning|error)|dpkg-gensymbols: (warning|error)' \
    "$dir/build.log" >"$dir/left.log"
ok $? "nothing is left out of them" "$dir/left.log"
lintian --allow-root --fail-on error "$dir"/debs/*.deb >"$dir/lintian.log" 2>&1
ok $? "lintian finds no error" "$dir/lintian.log"
mkdir "$dir/root"
for deb in "$dir"/debs/*.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
sh "$top/tests/lint/hardening.sh" "$dir/root" \
    >"$dir/hardening.log" 2>&1
ok $? "what is in them is hardened" "$dir/hardening.log"
"$top/tests/clean-room.sh" --with "$dir/debs" sh /src/tests/packages-room.sh \
    >"$dir/room.log" 2>&1
status=$?
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#*- }" ;;
	"not ok "*) ok 1 "${line#*- }" /dev/null ;; # the log comes last
	esac
done <<END
$(grep -E '^(not )?ok ' "$dir/room.log")
END
ok "$status" "a clean Debian takes them, and gives them back" "$dir/room.log"
finish
