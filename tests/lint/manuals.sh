#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every manual is clean mdoc, and every program and file format has one.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

# Which manuals of others there are depends on what is installed here.
lint() {
	mandoc -Tlint "$1" 2>/dev/null |
	    grep -v 'STYLE: referenced manual not found: '
}

# "Xr NAME SECTION" of one of ours without a file.
dangling() {
	grep -hoE 'Xr (vscclient|vscard-ctl|vscard-key|vscard-run|ifd-vscard|vscard\.conf) [0-9]' man/*.[1-9] |
	    sort -u | while read -r _ name section; do
		[ -f "man/$name.$section" ] || echo "$name($section)"
	done
}

set -- man/*.[1-9]
echo "1..$(($# + 2))"
if ! command -v mandoc >/dev/null; then
	echo "Bail out! mandoc is missing"
	exit 1
fi
for page; do
	report "$page is clean" "$(lint "$page")"
done
report "manuals that ours refer to are there" "$(dangling)"
report "each program has a manual" "$(for page in vscclient.1 vscard-ctl.1 vscard-key.1 vscard-run.1 \
    ifd-vscard.8 vscard.conf.5; do
	[ -f "man/$page" ] || echo "$page"
done)"
exit $failed
