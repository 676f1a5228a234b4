#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Which room may include which, and which foreign headers are seen where.
# docs/ARCHITECTURE.md gives the reasons.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

# room: rooms that it may include, or single headers
layers='util:util
vscard:util vscard
net:util vscard net
trace:util trace
card/iso:util card/iso
card/crypto:util card/crypto
card/store:util card/crypto card/store
card/core:util card/iso card/crypto card/store card/core
card/piv:util card/iso card/crypto card/store card/core card/piv
card/management:util card/iso card/store card/core card/management
ifd:util vscard net trace ifd
vscclient:util vscard net trace card vscclient
run:util vscard net run
ctl:util net trace ifd/config.h ctl
key:util card key'

# header (extended regular expression): files or rooms that may include it
foreign='(winscard|wintypes|pcsclite|ifdhandler|reader)\.h:ifd/ vscclient/backend_pcsc vscclient/pcsc run/ ctl/check_pcsc
(libcacard|vcard.*|vreader|vevent)\.h:vscclient/backend_nss
(sys/socket|sys/un|netinet/.*|arpa/inet|netdb)\.h:net/
(nss|pk11.*|secmod|cert)\.h:vscclient/backend_nss
histedit\.h:vscclient/prompt
openssl/.*:card/crypto/
zlib\.h:key/certificate
sqlite3\.h:card/store/
ini\.h:ifd/config
jansson\.h:ctl/ key/info_json
pthread\.h:net/ trace/ ifd/ vscclient/ util/
(time|sys/time|unistd|fcntl|stdio|poll|sys/epoll)\.h:util/ net/ trace/ card/store/ card/keyfile ifd/ vscclient/ run/ ctl/ key/'

rooms='util vscard net card trace ifd vscclient run ctl key'

sources() {
	for room; do
		find "$room" -name '*.[ch]'
	done
}

check_room() {
	room=${1%%:*}
	allowed=$(echo "${1#*:}" | sed 's,\([^ .]*\)\.h,\1\\.h",g
	    s,\([^ "]\)\( \|$\),\1/\2,g
	    s, ,|,g')
	report "$room includes only $allowed" "$(sources "$room" |
	    xargs grep -nE '^#[[:space:]]*include "' |
	    grep -vE "include \"($allowed|config\.h\")")"
}

check_foreign() {
	header=${1%%:*}
	places=$(echo "${1#*:}" | tr ' ' '|')
	report "<$header> only in $places" "$(sources $rooms |
	    xargs grep -nE "^#[[:space:]]*include <(PCSC/|cacard/|nss/)?$header>" |
	    grep -vE "^($places)")"
}

failed=0
echo "1..$(printf '%s\n%s\n' "$layers" "$foreign" | grep -c .)"
while read -r line; do
	check_room "$line"
done <<END
$layers
END
while read -r line; do
	check_foreign "$line"
done <<END
$foreign
END
exit $failed
