#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The bash completion, called as bash would call it.
[ -n "$BASH_VERSION" ] || exec bash "$0"
# shellcheck source=etc/bash-completion/vscclient
. "${top_srcdir:-.}/etc/bash-completion/vscclient"
# shellcheck source=etc/bash-completion/vscard-key
. "${top_srcdir:-.}/etc/bash-completion/vscard-key"

count=0
failed=0

# words… -- what is offered, in one line; the last word is being typed
check()
{
	COMP_WORDS=()
	while [ "$1" != -- ]; do
		COMP_WORDS+=("$1")
		shift
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	case ${COMP_WORDS[0]} in
	vscard-key) _vscard_key ;;
	*) _vscclient ;;
	esac
	count=$((count + 1))
	if [ "${COMPREPLY[*]}" = "$2" ]; then
		echo "ok $count - ${COMP_WORDS[*]}"
	else
		echo "not ok $count - ${COMP_WORDS[*]}: ${COMPREPLY[*]}"
		failed=1
	fi
}

check vscclient --c -- "--card --connect"
check vscclient --ex -- "--exclusive"
check vscclient --v -- "--verbose --version"
check vscclient --card "" -- "pcsc pcsc: nss nss:db= nss:hw= key key: exec:"
check vscclient --card n -- "nss nss:db= nss:hw="
check vscclient --card = n -- "nss nss:db= nss:hw="
check vscclient --connect = -- "tcp: tcp6: unix: fd: ssh:"
check vscclient --l -- "--listen --log-level"
check vscclient --log-level w -- "warning"
check vscclient --o -- "--once"
check vscclient --listen = -- "tcp: tcp6: unix:"
check vscclient --connect t -- "tcp: tcp6:"
check vscclient --connect unix : /run -- ""
check vscard-key "" -- \
	"backup create export-certs info passphrase reset restore"
check vscard-key re -- "reset restore"
check vscard-key info --j -- "--json"
check vscard-key create --p -- \
	"--passphrase-fd --passphrase-file --passphrase"
check vscard-key reset --j -- ""
check vscard-key create --name "" -- ""
echo "1..$count"
exit $failed
