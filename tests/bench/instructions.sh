#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: instructions.sh [--record | --where CASE]
#
# Counts the instructions of an APDU (see count_instructions.c) and compares
# them with the recorded ones: TAP. --record writes those anew; --where shows
# the functions that a case spends them in.
#
# libc's are counted as well, because an allocation or a copy too many is spent
# there. So that they are the same on every processor, libc uses what each has,
# and so that the compiler's are, it is the one of the record.
set -u

top=${top_srcdir:-.}
build=${top_builddir:-.}
record=$top/tests/bench/instructions
program=$build/tests/bench/count_instructions

GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-ERMS,-FSRM
GLIBC_TUNABLES=$GLIBC_TUNABLES:glibc.cpu.x86_rep_movsb_threshold=0x10000000
GLIBC_TUNABLES=$GLIBC_TUNABLES:glibc.cpu.x86_rep_stosb_threshold=0x10000000
GLIBC_TUNABLES=$GLIBC_TUNABLES:glibc.cpu.x86_non_temporal_threshold=0x400000
export GLIBC_TUNABLES LD_BIND_NOW=1 LC_ALL=C

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM

# What the figures depend on beside our own source.
reference() {
	compiler=$(readelf -p .comment "$program" |
	    sed -n 's/.*\(GCC\|clang\).* \([0-9][0-9.]*\)$/\1 \2/p' | sort -u)
	echo "$(echo $compiler), glibc $(getconf GNU_LIBC_VERSION |
	    cut -d ' ' -f 2), $(uname -m)," \
	    "$(sed -n 's/^CFLAGS = //p' "$build/Makefile")"
}

# callgrind ARG...: on one processor, so that a long message is read whole.
callgrind() {
	first=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
	taskset -c "$first" valgrind -q --tool=callgrind \
	    --callgrind-out-file="$dir/out" "$@" 2>"$dir/err" ||
	    { cat "$dir/err" >&2; return 1; }
}

# "INSTRUCTIONS CASE", the least of its calls.
count() {
	callgrind --zero-before=carry --dump-after=carry \
	    "$program" "$build/tests/bench/bench_card" >"$dir/said" || return 1
	part=0
	{
		read -r apdus calls
		while read -r name; do
			part=$((part + calls))
			seq $((part - calls + 1)) $part | while read -r i; do
				sed -n 's/^totals: //p' "$dir/out.$i"
			done | sort -n | head -n 1 |
			    awk -v n="$apdus" -v name="$name" \
				'{ printf "%d %s\n", $1 / n + 0.5, name }'
		done
	} <"$dir/said"
}

write_record() {
	echo "# Instructions an APDU; written by make record-instructions."
	echo "# $(reference)"
	cat "$dir/counts"
}

# Both files say "INSTRUCTIONS CASE"; more than the record is a regression,
# and with much less it would no longer notice one.
compare() {
	awk '
	FNR == NR { n = $1; if (sub(/^[0-9]+ /, "")) had[$0] = n; next }
	{
		n = $1
		sub(/^[0-9]+ /, "")
		if (!had[$0]) {
			printf "not ok %d - %s: no record\n", ++i, $0
			bad = 1
			next
		}
		percent = (n / had[$0] - 1) * 100
		well = percent < 3 && percent > -10
		printf "%s %d - %s: %d instructions, recorded %d, %+.1f %%\n",
		    well ? "ok" : "not ok", ++i, $0, n, had[$0], percent
		bad += !well
	}
	END {
		printf "1..%d\n", i
		if (bad) print "# A change that is meant: make record-instructions"
		exit bad > 0
	}' "$record" "$dir/counts"
}

case ${1-} in
--where)
	callgrind --toggle-collect=carry "$program" \
	    "$build/tests/bench/bench_card" "$2" >"$dir/said" &&
	    callgrind_annotate --auto=no "$dir/out"
	;;
--record)
	count >"$dir/counts" && write_record >"$dir/record" &&
	    cp "$dir/record" "$record" && cat "$record"
	;;
*)
	if [ "$(reference)" != "$(sed -n '2s/^# //p' "$record")" ]; then
		echo "not ok 1 - counted with $(sed -n '2s/^# //p' "$record")"
		echo "# this is $(reference)"
		echo "# try: tests/clean-room.sh ./check.sh instructions"
		echo "1..1"
		exit 1
	fi
	count >"$dir/counts" && compare
	;;
esac
