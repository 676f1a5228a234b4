#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# libvscard: what the library exports, the map lists, the header declares and
# the manual describes is one and the same; and the header suits its users.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

exported() {
	nm -D --defined-only "$top_builddir/.libs/libvscard.so" |
	    awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort
}

mapped() {
	sed -n 's/^[[:space:]]*\(vscard_[a-z_]*\);$/\1/p' vscard/libvscard.map |
	    sort
}

# Names before an opening bracket in what VSCARD_API begins.
declared() {
	tr '\n' ' ' <vscard/vscard.h | sed 's/VSCARD_API/\n&/g' |
	    sed -n 's/^VSCARD_API [^(]*\(vscard_[a-z_]*\)(.*/\1/p' | sort
}

described() {
	sed -n 's/^\.Fo \(vscard_[a-z_]*\)$/\1/p
	    s/^\.Fn \(vscard_[a-z_]*\).*/\1/p' man/libvscard.3 2>&1 | sort -u
}

# Lines of only one of two lists, with the list's name.
differences() {
	first=$1 second=$2
	$first >"$work/first"
	$second >"$work/second"
	[ -s "$work/first" ] || echo "nothing is $first"
	comm -23 "$work/first" "$work/second" | sed "s/\$/: $first, not $second/"
	comm -13 "$work/first" "$work/second" | sed "s/\$/: $second, not $first/"
}

# compiles COMPILER FLAG...: the public header, in a program with nothing else.
compiles() {
	echo '#include "vscard/vscard.h"' |
	    "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. - 2>&1
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

echo 1..7
report "the library exports what the map lists" \
    "$(differences exported mapped)"
report "the header declares what the map lists" \
    "$(differences declared mapped)"
report "libvscard(3) describes what the map lists" \
    "$(differences described mapped)"
report "the header is C99" "$(compiles gcc -std=c99 -x c)"
report "the header is C99 for clang" "$(compiles clang -std=c99 -x c)"
report "the header is C++" "$(compiles g++ -std=c++11 -x c++)"
report "the driver exports IFDH… alone" "$(nm -D --defined-only \
    "$top_builddir/ifd/.libs/libifdvscard.so" |
    awk '$2 != "A" && $3 !~ /^IFDH/ { print $3 }')"
exit $failed
