#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What tests/packages.sh does in a Debian that holds nothing else: the packages
# in /with are installed, a card is used from this machine and from another
# network namespace, and after the purge nothing of them is left.
set -u

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
state=/tmp/packages-room

# ok STATUS NAME
ok() {
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		touch "$state/failed"
	fi
}

# What the packages need, without version and without each other.
needed() {
	for deb in /with/*.deb; do
		dpkg-deb -f "$deb" Depends Pre-Depends
	done | tr ',' '\n' | sed 's/^[^:]*: //; s/(.*//; s/|.*//; s/ //g' |
	    grep -vE 'vscard|^$' | sort -u
}

# All names but those of old versions of files, and who is known here.
snapshot() {
	find / -xdev \( -path /tmp -o -path /run -o -path /var/cache -o \
	    -path /var/log -o -path /root/.cache -o -path /var/lib/apt -o -path /var/lib/dpkg \) \
	    -prune -o -name '*-' -o -print | sort
	sort /etc/passwd /etc/group
	dpkg-query -Wf '${Package} ${db:Status-Abbrev}\n'
}

apt() {
	apt-get -qq -o Dpkg::Use-Pty=0 -y --no-install-recommends "$@"
}

# await COMMAND...: within 30 s.
await() {
	timeout 30 sh -c 'until "$@" >/dev/null 2>&1; do sleep 0.1; done' - "$@"
}

# The link between the two namespaces: ours is 10.9.9.1, the other's .2.
plug() {
	ip link set lo up
	unshare --net sleep infinity &
	echo $! >"$state/other"
	await test ! "/proc/$!/ns/net" -ef /proc/self/ns/net
	ip link add here type veth peer name there
	ip link set there netns "$!"
	ip address add 10.9.9.1/30 dev here
	ip link set here up
	other ip address add 10.9.9.2/30 dev there
	other ip link set there up
}

other() {
	nsenter --net --target "$(cat "$state/other")" "$@"
}

# client WHERE COMMAND...: a vscclient, and until the host has its card.
client() {
	rm -f "$state/ready"
	mkfifo "$state/ready"
	"$@" --ready-fd 4 4<>"$state/ready" >>"$state/client.log" 2>&1 &
	echo $! >>"$state/clients"
	timeout 30 sh -c 'read -r _' <>"$state/ready"
}

stop() {
	kill "$1" && wait "$1"
}

# pcscd numbers the entries: "vscard 01 00".
first_reader() {
	opensc-tool --list-readers |
	    sed -n "s/.* \($1 [0-9A-F][0-9A-F] 00\).*/\1/p"
}

# A second entry, for the link; the first is as it was installed.
configure() {
	mkdir -p /etc/vscard
	echo "listen = tcp:10.9.9.1:2001" >/etc/vscard/net.conf
	echo "slots = 1" >>/etc/vscard/net.conf
	sed -n 's/^LIBPATH/&/p' /etc/reader.conf.d/vscard >"$state/libpath"
	{
		echo "FRIENDLYNAME \"net\""
		echo "DEVICENAME /etc/vscard/net.conf"
		cat "$state/libpath"
	} >/etc/reader.conf.d/net
}

# In a network namespace of its own.
use() {
	plug
	configure
	pcscd --foreground >"$state/pcscd.log" 2>&1 &
	pcscd=$!
	await opensc-tool --list-readers
	client vscclient 127.0.0.1 --card key
	ok $? "a card of this machine is taken at the installed endpoint"
	client other vscclient 10.9.9.1 --card key
	ok $? "a card of another machine is taken"
	vscard-ctl list >"$state/list" 2>&1
	grep -q '10\.9\.9\.2' "$state/list"
	ok $? "vscard-ctl sees where it comes from"
	for entry in vscard net; do
		opensc-tool --reader "$(first_reader "$entry")" --atr
		ok $? "opensc-tool sees the card in the first of '$entry'"
	done
	cat "$state/list" "$state/client.log"
	while read -r pid; do
		stop "$pid"
	done <"$state/clients"
	stop "$(cat "$state/other")"
	stop "$pcscd"
	rm -rf /etc/reader.conf.d/net /etc/vscard/net.conf
}

if [ "${1-}" = use ]; then
	use
	exit
fi
set -- libifd-vscard vscclient libvscard0 libvscard-dev
mkdir "$state"
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# shellcheck disable=SC2046
apt-get -qq update && apt install $(needed) opensc iproute2
ok $? "what the packages need is there"
snapshot >"$state/before"
apt install /with/*.deb
ok $? "apt installs them"
getent group vscard
ok $? "there is a group vscard"
[ "$(stat -c '%a %U %G' /var/lib/vscard)" = "700 vscard vscard" ]
ok $? "and a directory for its cards"
dpkg-query -Wf '${Conffiles}' libifd-vscard | grep '/etc/reader.conf.d/vscard '
ok $? "reader.conf is a conffile"
dpkg -V "$@"
ok $? "all files are as they were packed"
unshare --net sh "$0" use
apt remove "$@"
ok $? "apt removes them"
[ -e /etc/reader.conf.d/vscard ]
ok $? "and leaves the configuration"
dpkg --purge "$@"
ok $? "dpkg purges them"
snapshot >"$state/after"
diff "$state/before" "$state/after"
ok $? "and nothing is left"
[ ! -e "$state/failed" ]
