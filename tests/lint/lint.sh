# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034
# What the scripts beside this one begin with: they look at the source they
# lie in, and at what was built in $top_builddir, in TAP.
set -u
LC_ALL=C
export LC_ALL
top_builddir=$(cd "${top_builddir:-.}" && pwd)
cd "$(dirname "$0")/../.." || exit 1

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
