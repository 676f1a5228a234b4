#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The bash completion of vscard-ctl, called as bash would call it.
[ -n "$BASH_VERSION" ] || exec bash "$0"
# shellcheck source=etc/bash-completion/vscard-ctl
. "${top_srcdir:-.}/etc/bash-completion/vscard-ctl"

count=0
failed=0

# What it is asked for readers: a name with blanks, and none at all.
vscard-ctl()
{
	printf '          "name": "vscard 00 00",\n          "name": null,\n'
	printf '          "name": "vscard 00 01",\n'
}

# words… -- what is offered, in one line; the last word is being typed
check()
{
	COMP_WORDS=()
	while [ "$1" != -- ]; do
		COMP_WORDS+=("$1")
		shift
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_vscard_ctl
	count=$((count + 1))
	if [ "${COMPREPLY[*]}" = "$2" ]; then
		echo "ok $count - ${COMP_WORDS[*]}"
	else
		echo "not ok $count - ${COMP_WORDS[*]}: ${COMPREPLY[*]}"
		failed=1
	fi
}

check vscard-ctl "" -- "list eject insert watch doctor"
check vscard-ctl e -- "eject"
check vscard-ctl --json d -- "doctor"
check vscard-ctl --f -- "--force"
check vscard-ctl eject "" -- 'vscard\ 00\ 00 vscard\ 00\ 01'
check vscard-ctl insert 'vscard\ 00\ 01' -- 'vscard\ 00\ 01'
check vscard-ctl watch "" -- ""
echo "1..$count"
exit $failed
