#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The header, the symbol map and the manual of libvscard name the same
# functions.
set -u
cd "${top_srcdir:-.}" || exit 1

number=0
failed=0

# report TEXT OFFENDERS
report() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "$2" | sed 's/^/# /'
		failed=1
	fi
}

in_header() {
	sed 's,/\*.*\*/,,; /^ \*/d' vscard/vscard.h |
	    grep -oE '\bvscard_[a-z_]+\(' | tr -d '(' | sort -u
}

in_map() {
	grep -oE '\bvscard_[a-z_]+' vscard/libvscard.map | sort -u
}

in_manual() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' man/libvscard.3 |
	    sed -nE 's/^\.F[no] (vscard_[a-z_]+).*/\1/p' | sort -u
}

# only_once LIST LIST: what stands in one of the two
only_once() {
	printf '%s\n%s\n' "$1" "$2" | sort | uniq -u
}

echo 1..3
report "the header declares functions" "$([ -n "$(in_header)" ] || echo none)"
report "the map exports them all and no others" \
    "$(only_once "$(in_header)" "$(in_map)")"
report "the manual shows them all and no others" \
    "$(only_once "$(in_header)" "$(in_manual)")"
exit $failed
