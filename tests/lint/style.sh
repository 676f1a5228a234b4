#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a script can see of the style in CONTRIBUTING.md.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

sources() {
	find util vscard net card trace ifd vscclient run ctl key tests -name '*.[ch]'
}

without_licence() {
	for file in $(sources) $(find tests -name '*.sh') check.sh demo.sh \
	    man/*.[1-9]; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-' ||
		    echo "$file"
	done
}

# Bodies between braces in the first column.
long_functions() {
	sources | xargs awk '
		FNR == 1 { start = 0 }
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start - 1 > 80)
				print FILENAME ":" start ": " FNR - start - 1
			start = 0
		}'
}

long_files() {
	sources | xargs wc -l | awk '$1 >= 600 && $2 != "total"'
}

# Each header says all that it needs, whichever compiler reads it.
dependent_headers() {
	flags=$(pkg-config --cflags libpcsclite libcacard nss check inih)
	for header in $(sources | grep '\.h$'); do
		# shellcheck disable=SC2086
		echo "#include \"$header\"" |
		    "$1" -std=gnu11 -D_GNU_SOURCE -fsyntax-only \
			-I. -I"$top_builddir" $flags -x c - >/dev/null 2>&1 ||
		    echo "$header"
	done
}

echo 1..6
report "every file names its licence" "$(without_licence)"
report "no function is longer than 80 lines" "$(long_functions)"
report "no file is as long as 600 lines" "$(long_files)"
report "no blank ends a line" "$(sources | xargs grep -nE '[[:space:]]$')"
report "every header compiles alone" "$(dependent_headers gcc)"
report "every header compiles alone with clang" "$(dependent_headers clang)"
exit $failed
