#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/lint/hardening.sh [DIR]
#
# What compiler and linker have to do for every program and library that is
# installed: those just built, or all that are found in DIR, as packages have
# them. First that each kind of neglect is noticed.
if [ $# -gt 0 ]; then
	dir=$(cd "$1" && pwd) || exit 1
else
	dir=
fi
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# --- one file ---------------------------------------------------------------

has() {
	grep -qE -- "$1" "$work/$2"
}

is_x86() {
	[ "$(uname -m)" = x86_64 ]
}

# Marked as code that a jump may not land in anywhere, and its stack doubled.
has_cet() {
	readelf -nW "$1" 2>/dev/null | grep -q 'x86 feature:.*IBT.*SHSTK'
}

# The linker marks a file if all that is in it is marked: the C library's
# beginning of every program as well, which is not ours.
start_has_cet() {
	has_cet "$(${CC:-gcc} -print-file-name=Scrt1.o)"
}

# At least the functions that a pointer may lead to begin with a mark.
has_marks() {
	[ "$(objdump -d --no-show-raw-insn "$1" | grep -c endbr64)" -ge 8 ]
}

faults_of_jumps() {
	is_x86 || return 0
	has_marks "$1" || echo "jumps: no -fcf-protection"
	! start_has_cet || has_cet "$1" || echo "jumps: one part is not marked"
}

# faults FILE: a word for the neglect in front.
faults() {
	readelf -hW "$1" >"$work/header"
	readelf -lW "$1" >"$work/segments"
	readelf -dW "$1" >"$work/dynamic"
	nm -D "$1" >"$work/symbols"
	has 'Type: +DYN' header || echo "pie: not position independent"
	has GNU_RELRO segments || echo "relro: no -z relro"
	has 'BIND_NOW|FLAGS_1.* NOW' dynamic || echo "now: no -z now"
	has 'GNU_STACK .* RW +0x' segments || echo "stack: it is executable"
	! has 'LOAD .* RWE ' segments || echo "stack: code can be written to"
	! has TEXTREL dynamic || echo "text: relocations in code"
	! has '\((RPATH|RUNPATH)\)' dynamic || echo "rpath: there is one"
	has ' U __stack_chk_fail' symbols || echo "protector: no stack protector"
	[ -z "$fortified" ] || has ' U __[a-z]+_chk(@|$)' symbols ||
		echo "fortify: no _FORTIFY_SOURCE"
	faults_of_jumps "$1"
}

# --- what is noticed ---------------------------------------------------------

weak_source() {
	cat <<'END'
#include <stdio.h>
#include <string.h>
#define F(n) int n(int c, char **v); int n(int c, char **v) { \
	char b[40]; snprintf(b, c, "%s", v[c]); strcpy(b, v[0]); return b[c]; }
F(a) F(b) F(c) F(d) F(e) F(f) F(g) F(h) F(i) F(j)
int main(int argc, char **argv) { return a(argc, argv); }
END
}

# noticed WORD FLAG...: a program made with these at last has that one fault.
noticed() {
	word=$1
	shift
	"${CC:-gcc}" -w -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	    -fstack-protector-all -fcf-protection -fPIE -pie -Wl,-z,relro \
	    -Wl,-z,now -Wl,-z,noexecstack "$@" -o "$work/weak" "$work/weak.c" \
	    >"$work/log" 2>&1 || cat "$work/log"
	is=$(faults "$work/weak" | sed 's/:.*//' | tr '\n' ' ')
	[ "$is" = "$word${word:+ }" ] || echo "noticed: $is"
}

notices() {
	fortified=yes
	weak_source >"$work/weak.c"
	report "a program with everything has no fault" "$(noticed '')"
	report "a fixed address is noticed" "$(noticed pie -fno-pie -no-pie)"
	report "no relro is noticed" "$(noticed relro -Wl,-z,norelro)"
	report "lazy binding is noticed" "$(noticed now -Wl,-z,lazy)"
	report "an executable stack is noticed" \
	    "$(noticed stack -Wl,-z,execstack)"
	report "an rpath is noticed" "$(noticed rpath -Wl,-rpath,/tmp)"
	report "no stack protector is noticed" \
	    "$(noticed protector -fno-stack-protector)"
	report "no fortification is noticed" \
	    "$(noticed fortify -U_FORTIFY_SOURCE)"
	is_x86 || return
	report "unprotected jumps are noticed" \
	    "$(noticed jumps -fcf-protection=none)"
}

# --- what there is -------------------------------------------------------------

# The driver's names are its map's; libvscard's are looked at in abi.sh.
faults_of_driver() {
	sed -n 's/^[[:space:]]*\(IFDH[A-Za-z]*\);$/\1/p' ifd/ifdhandler.map |
	    sort >"$work/mapped"
	nm -D --defined-only "$1" | awk '{ print $3 }' | sort >"$work/exported"
	diff "$work/mapped" "$work/exported"
}

# A program has no name of its own; some of libc's are copied into it.
faults_of_program() {
	nm -D --defined-only "$1" | grep -v '@'
}

faults_of() {
	faults "$1"
	case $1 in
	*/libifdvscard.so) faults_of_driver "$1" ;;
	*.so*) ;;
	*) faults_of_program "$1" ;;
	esac
}

files() {
	if [ -n "$dir" ]; then
		find "$dir" -type f ! -name '*.o' -exec sh -c '
			[ "$(head -c 4 "$1" | tail -c 3)" = ELF ]' sh {} \; -print
		return
	fi
	for file in vscclient/vscclient key/vscard-key run/vscard-run \
	    ctl/vscard-ctl ifd/.libs/libifdvscard.so .libs/libvscard.so; do
		echo "$top_builddir/$file"
	done
}

# Each of our own, because a file is as good as the worst in it.
unmarked() {
	is_x86 || return
	for room in util vscard net card trace ifd vscclient run ctl key; do
		find "$top_builddir/$room" -name '*.o'
	done | while read -r object; do
		has_cet "$object" || echo "$object"
	done
}

is_optimized() {
	grep -E '^CFLAGS = .*-O[1-3s]' "$top_builddir/Makefile"
}

[ -n "$dir" ] || notices
fortified=yes
if [ -z "$dir" ]; then
	report "no object has unprotected jumps" "$(unmarked)"
	fortified=$(is_optimized)
fi
files | sort >"$work/files"
count=$(wc -l <"$work/files")
report "there are programs and libraries" \
    "$([ "$count" -ge 6 ] || echo "only $count of them")"
while read -r file; do
	report "$(basename "$file") is hardened" "$(faults_of "$file")"
done <"$work/files"
echo "1..$number"
exit $failed
