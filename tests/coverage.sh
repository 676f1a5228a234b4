#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: coverage.sh [-l] [ROOM]...
#
# Which lines were run in this build directory, which was configured with
# --enable-coverage: files, rooms, and with -l the lines that were not. A file
# that was compiled twice, for a program and for a module, counts once.
set -eu

list=0
if [ "${1-}" = -l ]; then
	list=1
	shift
fi
[ $# -gt 0 ] || set -- vscard net ifd card

find "$@" -name '*.gcda' -exec gcov -t {} + | awk -v list="$list" '
{
	split($0, field, ":")
	count = field[1]
	line = field[2] + 0
	gsub(/[ *]/, "", count)
}
line == 0 && field[3] == "Source" {
	file = field[4]
	sub(/^(\.\.\/)*/, "", file)
}
# Headers are of other rooms, too; "-" is no code.
line == 0 || count == "-" || file !~ /\.c$/ { next }
{
	at = file ":" line
	if (!(at in run)) {
		run[at] = 0
		text[at] = substr($0, index($0, field[2]) + length(field[2]) + 1)
	}
	if (count !~ /[#=]/)
		run[at] = 1
}
END {
	for (at in run) {
		split(at, place, ":")
		room = place[1]
		sub(/\/.*/, "", room)
		lines[place[1]]++
		seen[place[1]] += run[at]
		lines[room "/"]++
		seen[room "/"] += run[at]
		if (list && !run[at])
			printf "%s:%6d:%s\n", place[1], place[2], text[at] | "sort"
	}
	close("sort")
	for (name in lines)
		printf "%6.1f %% %6d of %5d lines  %s\n",
		    100 * seen[name] / lines[name], seen[name], lines[name],
		    name | "sort -k 7"
}'
