#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every shell script is clean, and no file speaks of the machine it was
# written on.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

scripts() {
	find tests etc -name '*.sh'
	for script in check.sh demo.sh .ci/run; do
		[ ! -f "$script" ] || echo "$script"
	done
}

# A checkout has more than a tarball; what git ignores is nobody's text.
texts() {
	git ls-files 2>/dev/null | grep . ||
	    find . -path ./autom4te.cache -prune -o -path ./build -prune -o \
        -type f \( -name '*.[ch1358]' -o -name '*.sh' -o -name '*.md' \) -print
}

# The directory of the sources, and those of people. That of the clean room has
# a name of our own giving, which may be written down.
own_places() {
	here=$(pwd)
	[ "$here" = /src ] || texts | xargs grep -nIF -e "$here/" | head -n 20
	texts | grep -v "^tests/lint/" |
	    xargs grep -nIE '/(home|Users)/[a-z]' | head -n 20
	case $here in
	/src | /home/* | /root/* | /usr/* | /tmp/* | /var/* | /opt/* | /srv/* | /build/*) ;;
	*)
		first=${here#/}
		texts | xargs grep -nIE "(^|[^[:alnum:]._/-])/${first%%/*}/" |
		    head -n 20
		;;
	esac
}

# shellcheck disable=SC2046
set -- $(scripts)
echo "1..$(($# + 1))"
if ! command -v shellcheck >/dev/null; then
	echo "Bail out! shellcheck is missing"
	exit 1
fi
for script; do
	# SC2046: lists of files without blanks are split on purpose.
	report "$script is clean" \
	    "$(shellcheck -x -S warning -e SC2046 "$script" | grep . | head -n 20)"
done
report "no file names a place on somebody's machine" "$(own_places)"
exit $failed
