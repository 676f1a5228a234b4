#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: ./check.sh [--quick] [--build DIR] [STAGE]...
#
# Installs what is missing, builds and tests everything, and prints the total
# alone on the last line. All that it makes is in ./build; logs are in
# ./build/log. --quick is for the inner loop: one build, no long test.
# Stages: gcc system instructions clang asan tsan valgrind fuzz distcheck
#         install packages trixie sid
set -u

top=$(cd "$(dirname "$0")" && pwd)
build=$top/build
quick=
fuzz_seconds=${FUZZ_SECONDS:-10}
cpus=$(getconf _NPROCESSORS_ONLN)
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
unset MAKEFLAGS MAKELEVEL DESTDIR || :

usage() {
	sed -n 's/^# \{0,1\}//; 3,9p' "$0"
	exit "$1"
}

# --- stages, each in a process of its own, set -e, output in its log --------

# configure_in DIR ARG...: once, and again when the arguments change.
configure_in() {
	dir=$build/$1
	shift
	mkdir -p "$dir"
	cd "$dir"
	if ! [ -f config.status ] ||
	    [ "$(cat configured 2>/dev/null)" != "$top $*" ]; then
		"$top/configure" "$@"
		echo "$top $*" >configured
	fi
}

# Every program and test, but none is run.
make_all() {
	make -j"$cpus" all
	make -j"$cpus" check TESTS=
}

# tests PREFIX: those of the tests that lie there, or the one, but for $except.
tests() {
	make -s print-tests | tr ' ' '\n' | grep -E "^tests/$1(/|\$)" |
	    grep -vx "${except:-}" ||
	    say "no test in tests/$1"
}

say() {
	echo "$*" >&2
	return 1
}

# run_tests PREFIX... [-- MAKE-ARG...]: their results are counted later.
run_tests() {
	list=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		list="$list $(tests "$1")" || return 1
		shift
	done
	[ $# -eq 0 ] || shift
	rm -f $(echo "$list" | sed 's/\.sh//g; s/\([^ ][^ ]*\)/\1.trs/g')
	failed=0
	make "$@" check TESTS="$(echo $list)" || failed=1
	for test in $list; do
		collect "${test%.sh}" || failed=1
	done
	return $failed
}

# collect TEST: its results to the stage's, and what went wrong to the log.
collect() {
	# A program that says what failed need not be counted once more.
	if grep -q '^:test-result: FAIL' "$1.trs"; then
		grep -v '^:test-result: ERROR' "$1.trs" >>"$results"
	else
		cat "$1.trs" >>"$results" || return 1
	fi
	if ! grep -q '^:global-test-result: PASS' "$1.trs"; then
		echo "--- $1"
		grep -vE '^(ok|PASS:) ' "$1.log" | tail -n 40
	fi
}

# checked TEXT COMMAND...: a check that is not a test program.
checked() {
	text=$1
	shift
	if "$@"; then
		echo ":test-result: PASS $text" | tee -a "$results"
	else
		echo ":test-result: FAIL $text" | tee -a "$results"
		return 1
	fi
}

# The flags are named because instructions are counted in what comes out.
build_gcc() {
	configure_in gcc CC=gcc CFLAGS='-g -O2' --enable-strict
	make_all
	make -j"$cpus" instructions-parts
}

test_gcc() {
	cd "$build/gcc"
	run_tests unit fuzz ifd lint bench -- -j"$cpus"
}

# By itself, because it measures times.
test_system() {
	cd "$build/gcc"
	run_tests system
}

# In the build of gcc, too.
test_instructions() {
	cd "$build/gcc"
	make -s count-instructions >"$build/log/instructions.tap" ||
	    failed_instructions=1
	tap_results "$build/log/instructions.tap"
	return ${failed_instructions:-0}
}

# tap_results FILE: shows and counts what a program says by itself.
tap_results() {
	cat "$1"
	sed -n 's/^ok [0-9]* - /:test-result: PASS /p
		s/^not ok [0-9]* - /:test-result: FAIL /p' "$1" >>"$results"
}

build_clang() {
	configure_in clang CC=clang --enable-strict
	make_all
}

test_clang() {
	cd "$build/clang"
	run_tests unit fuzz ifd -- -j"$cpus"
}

build_asan() {
	configure_in asan CC=gcc --with-sanitizers=address,undefined \
	    CFLAGS='-g -O1'
	make_all
	write_pcscd_asan
}

# pcscd itself is not instrumented, so the runtime has to be loaded before it.
write_pcscd_asan() {
	runtime=$(realpath "$(gcc -print-file-name=libasan.so)")
	cat >"$build/asan/pcscd" <<PCSCD
#!/bin/bash
# What pcscd says is seen by vscard-run only, and gone with it.
LD_PRELOAD=$runtime exec $(command -v pcscd) "\$@" \
    2> >(tee -a "$build/asan/pcscd.stderr" >&2)
PCSCD
	chmod +x "$build/asan/pcscd"
	# Texts that live as long as a test.
	echo leak:tests/system/system.c >"$build/asan/lsan.supp"
	# libcacard's of its option strings, libedit's of its function names.
	echo leak:vcard_emul_options >>"$build/asan/lsan.supp"
	echo leak:libedit.so >>"$build/asan/lsan.supp"
	# That of libtool's scripts, with the runtime that pcscd passes on.
	echo leak:/bin/sed >>"$build/asan/lsan.supp"
}

test_asan() {
	cd "$build/asan"
	rm -f report.* pcscd.stderr
	export CK_TIMEOUT_MULTIPLIER=3
	ASAN_OPTIONS=detect_leaks=1:fast_unwind_on_malloc=0:log_path=$PWD/report
	LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/lsan.supp
	UBSAN_OPTIONS=print_stacktrace=1
	export ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS
	# Killed, or with a byte changed, as often as elsewhere is too slow here.
	often='unit/test_store_damage unit/test_store_kill unit/test_card_kill'
	except="tests/\($(echo "$often" | sed 's/ /\\|/g')\)"
	run_tests unit fuzz ifd -- -j"$cpus" || failed_asan=1
	except=
	VSCARD_TEST_QUICK=1 run_tests $often -- -j"$cpus" || failed_asan=1
	VSCARD_PCSCD=$PWD/pcscd \
	    run_tests system || failed_asan=1
	checked "pcscd ran the instrumented driver" asan_is_on || failed_asan=1
	checked "no sanitizer report" no_reports || failed_asan=1
	return ${failed_asan:-0}
}

asan_is_on() {
	VSCARD_PCSCD=$PWD/pcscd run/vscard-run \
	    --driver ifd/.libs/libifdvscard.so -- sh -c '
		for maps in /proc/[0-9]*/maps; do
			grep -q libifdvscard.so "$maps" 2>/dev/null || continue
			! grep -q libasan "$maps" || exit 0
		done
		exit 1' && nm -D ifd/.libs/libifdvscard.so | grep -q __asan_init
}

# gcc's UBSan writes no report.*, it only says so and ends the process; and
# whoever ended may have been started again, or not have been missed. Who is
# killed while it looks for leaks at its end has no registers any more.
no_reports() {
	! grep -A 9 'runtime error' pcscd.stderr $(find tests -name '*.log') &&
	    ! grep -hv 'Unable to get registers from thread' report.* 2>/dev/null
}

build_tsan() {
	configure_in tsan CC=gcc --with-sanitizers=thread CFLAGS='-g -O1'
	make_all
}

test_tsan() {
	cd "$build/tsan"
	export CK_TIMEOUT_MULTIPLIER=3
	export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
	run_tests ifd || failed_tsan=1
	# A process with the runtime's thread gets no namespace of its own.
	except=tests/unit/test_store_full
	run_tests unit -- -j"$cpus" || failed_tsan=1
	return ${failed_tsan:-0}
}

# In the build of gcc; a child that a test forks is looked at as well.
test_valgrind() {
	configure_in valgrind CC=gcc CFLAGS='-g -O1'
	make_all
	VALGRIND="valgrind -q --error-exitcode=99 --leak-check=full
	    --errors-for-leak-kinds=definite --child-silent-after-fork=no
	    --suppressions=$top/tests/valgrind.supp"
	# Its children are their grandparent's, by a clone that valgrind refuses;
	# and valgrind still works in a child when spawn kills and reaps it.
	except='tests/unit/test_\(starter\|spawn\|spawn_as\|client_faults\|touch_faults\)'
	# AddressSanitizer sees the same in a tenth of the time.
	except="$except\|tests/unit/test_store_faults"
	export CK_TIMEOUT_MULTIPLIER=10
	# Every byte of a key file and so on is another stage's.
	export VSCARD_TEST_QUICK=1
	run_tests unit -- -j"$cpus" \
	    LOG_COMPILER="./libtool --mode=execute $(echo $VALGRIND)"
}

build_fuzz() {
	configure_in fuzz CC=clang --enable-fuzzing \
	    --with-sanitizers=address,undefined
	make -j"$cpus" $(make -s print-fuzzers)
}

# fuzz_one PROGRAM: new inputs stay in the build directory for the next run.
fuzz_one() {
	name=${1##*/}
	mkdir -p "found/$name"
	dict=$top/tests/fuzz/dict/${name#fuzz_}
	[ -f "$dict" ] && dict=-dict=$dict || dict=
	if "$1" ${dict:+"$dict"} -max_total_time="$fuzz_seconds" -timeout=10 \
	    -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="found/$name-" "found/$name" \
	    $(find "$top/tests/fuzz/corpus/${name#fuzz_}" -maxdepth 0 \
		2>/dev/null) >"$name.log" 2>&1; then
		echo ":test-result: PASS $name"
	else
		echo ":test-result: FAIL $name"
	fi >"$name.trs"
}

test_fuzz() {
	cd "$build/fuzz"
	programs=$(make -s print-fuzzers)
	[ -n "$programs" ] || say "no fuzzers" || return 1
	rm -f ./*.trs
	running=0
	for program in $programs; do
		fuzz_one "$program" &
		running=$((running + 1))
		[ $((running % cpus)) -ne 0 ] || wait
	done
	wait
	for program in $programs; do
		name=${program##*/}
		cat "$name.trs" >>"$results"
		tail -n 20 "$name.log"
		grep -q PASS "$name.trs" || failed_fuzz=1
	done
	return ${failed_fuzz:-0}
}

test_distcheck() {
	configure_in dist
	rm -rf vscard-*
	VSCARD_TEST_QUICK=1 checked "make distcheck" make -j"$cpus" distcheck \
	    DISTCHECK_CONFIGURE_FLAGS=--enable-strict
}

test_install() {
	cd "$build/gcc"
	root=$build/install
	rm -rf "$root"
	make -s install DESTDIR="$root"
	drop=$(pkg-config --variable=usbdropdir libpcsclite)
	conf=$(pkg-config --variable=serialconfdir libpcsclite)
	driver=$drop/serial/libifdvscard.so
	checked "the driver is in $drop/serial" test -f "$root$driver" ||
	    failed_install=1
	checked "reader.conf is in $conf and names it" \
	    grep -q "^LIBPATH *$driver\$" "$root$conf/vscard" ||
	    failed_install=1
	for file in bin/vscclient bin/vscard-run bin/vscard-ctl bin/vscard-key lib/libvscard.so \
	    include/vscard.h lib/pkgconfig/libvscard.pc \
	    share/doc/vscard/Info.plist share/man/man8/ifd-vscard.8 \
	    share/man/man5/vscard.conf.5; do
		checked "$file is installed" test -e "$root/usr/local/$file" ||
		    failed_install=1
	done
	checked "no .la file beside the driver" test ! -e "${root}${driver%.so}.la" ||
	    failed_install=1
	checked "what is installed is hardened" \
	    sh "$top/tests/lint/hardening.sh" "$root" || failed_install=1
	make -s uninstall DESTDIR="$root"
	left=$(find "$root" ! -type d)
	echo "$left"
	checked "uninstall leaves nothing" test -z "$left" || failed_install=1
	return ${failed_install:-0}
}

# Debian's packages of the committed HEAD, built, judged, and tried.
test_packages() {
	"$top/tests/packages.sh" "$build/packages" >"$build/log/packages.tap" ||
	    failed_packages=1
	tap_results "$build/log/packages.tap"
	return ${failed_packages:-0}
}

# other_debian SUITE: the system tests of the committed HEAD with what that
# Debian brings, pcscd above all; the folders are made once and kept.
other_debian() {
	if "$top/tests/clean-room.sh" --suite "$1" --packages \
	    ./check.sh system; then
		failed_other=0
	else
		failed_other=1
	fi >"$build/log/$1.out"
	cat "$build/log/$1.out"
	tail -n 1 "$build/log/$1.out" | {
		read -r passed _ failed _
		repeat "$passed" PASS "$1"
		repeat "$failed" FAIL "$1"
	}
	return $failed_other
}

# repeat N RESULT TEXT: what another check has counted.
repeat() {
	yes ":test-result: $2 $3" | head -n "$1" >>"$results"
}

test_trixie() {
	other_debian trixie
}

test_sid() {
	other_debian sid
}

# --- the runner ----------------------------------------------------------------

# How many results of this kind the stage has.
count() {
	grep -cE "^:test-result: ($2)" "$build/log/$1.results" 2>/dev/null || :
}

# What a person wants to see of a stage that went wrong.
show_failure() {
	echo "--- log of $1 (all of it: $build/log/$1.log)"
	grep -nE '(error:|warning:|ERROR|FAIL|not ok)' \
	    "$build/log/$1.log" | head -n 20
	echo "---"
	tail -n 60 "$build/log/$1.log"
	echo "--- end of log of $1"
}

# stage NAME FUNCTION: runs it, says how it went, leaves its numbers behind.
stage() {
	results=$build/log/$1.results
	log=$build/log/$1.log
	: >"$results"
	began=$(date +%s)
	(set -e; "$2") >"$log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - began))
	passed=$(count "$1" 'PASS|XFAIL')
	# A test that skips something has not done its job, but when in haste.
	failed=$(count "$1" "FAIL|XPASS|ERROR${quick:-|SKIP}")
	[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
	echo "$passed $failed" >"$build/log/$1.total"
	if [ "$failed" -eq 0 ]; then
		echo "ok      $1 (${took} s, $passed passed)"
	else
		echo "FAILED  $1 (${took} s, $passed passed, $failed failed)"
		show_failure "$1"
	fi
}

is_wanted() {
	[ -z "$wanted" ] && return 0
	case " $wanted " in
	*" ${1%-build} "*) return 0 ;;
	*" system "* | *" instructions "*) [ "$1" = gcc-build ] ;;
	*" install "*) [ "$1" = gcc-build ] ;;
	*) return 1 ;;
	esac
}

# together STAGE...: at most as many at once as there are processors.
together() {
	pids=
	for name; do
		is_wanted "$name" || continue
		while [ "$(live $pids)" -ge "$cpus" ]; do
			sleep 0.2
		done
		start "$name" &
		pids="$pids $!"
	done
	wait
}

live() {
	n=0
	for pid; do
		! kill -0 "$pid" 2>/dev/null || n=$((n + 1))
	done
	echo "$n"
}

start() {
	case $1 in
	*-build) stage "$1" "build_${1%-build}" ;;
	*) stage "$1" "test_$1" ;;
	esac
}

prepare() {
	"$top/tests/setup.sh" check || return 1
	mkdir -p "$build/log"
	rm -f "$build"/log/*
	cd "$top" || return 1
	if [ ! -f configure ] || [ -n "$(find configure.ac Makefile.am \
	    util vscard net card trace ifd vscclient run ctl key etc man docs tests \
	    -name '*.ac' -newer configure -o -name '*.am' -newer configure \
	    -o -name '*.mk' -newer configure)" ]; then
		autoreconf -fi >"$build/log/autoreconf.log" 2>&1 ||
		    { cat "$build/log/autoreconf.log"; return 1; }
	fi
}

total() {
	cat "$build"/log/*.total 2>/dev/null |
	    awk '{ p += $1; f += $2 }
		END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'
}

wanted=
while [ $# -gt 0 ]; do
	case $1 in
	--quick) quick='|never' ;;
	--build)
		[ $# -gt 1 ] || usage 2 >&2
		mkdir -p "$2"
		build=$(cd "$2" && pwd)
		shift
		;;
	-h | --help) usage 0 ;;
	gcc | system | instructions | clang | asan | tsan | valgrind | fuzz | distcheck | install | \
	    packages | trixie | sid)
		wanted="$wanted $1"
		;;
	*) usage 2 >&2 ;;
	esac
	shift
done

if ! prepare; then
	echo "FAILED  preparation"
	echo "0 passed, 1 failed"
	exit 1
fi
if [ -n "$quick" ]; then
	export VSCARD_TEST_QUICK=1
	together gcc-build
	together gcc
	together system
else
	together gcc-build clang-build asan-build tsan-build fuzz-build
	together system
	together asan
	together gcc clang tsan valgrind instructions distcheck install
	together fuzz
	together packages
	together trixie sid
fi
total
