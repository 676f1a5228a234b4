#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/clean-room.sh [--suite SUITE] [COMMAND [ARG]...]
#
# Runs COMMAND (default: ./check.sh, ./demo.sh, and ./demo.sh again) as root on
# the committed HEAD in a Debian that holds nothing but its essential packages:
# a debootstrap folder made once (~/.cache/vscard), each run in a throw-away
# copy of it. The folder becomes the root with pivot_root, because the kernel
# lets nobody make a user namespace inside a chroot, and vscard-run needs one.
set -eu

suite=bookworm
if [ "${1:-}" = --suite ]; then
	suite=$2
	shift 2
fi
if [ $# -eq 0 ]; then
	set -- sh -ec './check.sh; ./demo.sh; ./demo.sh'
fi
top=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vscard
pristine=$cache/$suite
room=$cache/room.$$

fail() {
	echo "$0: $*" >&2
	exit 1
}

# The archive that apt uses here; a mirror nearby serves this as well.
mirror() {
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
	    grep -m 1 'debian/*$' || fail "apt has no archive of Debian"
}

make_pristine() {
	[ ! -d "$pristine" ] || return 0
	command -v debootstrap >/dev/null || fail "debootstrap is missing"
	echo "making $pristine" >&2
	rm -rf "$pristine.new"
	mkdir -p "$cache"
	debootstrap --variant=minbase "$suite" "$pristine.new" "$(mirror)" \
	    >"$pristine.log" 2>&1 || fail "see $pristine.log"
	mv "$pristine.new" "$pristine"
}

# The way out is this machine's: resolver, hosts, apt's proxy and certificates.
copy_network() {
	for file in /etc/resolv.conf /etc/hosts; do
		[ ! -e "$file" ] || cat "$file" >"$room/root$file"
	done
	apt-config dump --format '%f "%v";%n' 2>/dev/null |
	    grep -E '^Acquire::(https?::|Check-|Retries)' \
		>"$room/root/etc/apt/apt.conf.d/99clean-room" || :
	[ ! -d /usr/local/share/ca-certificates ] ||
	    cp -R /usr/local/share/ca-certificates "$room/root/usr/local/share/"
}

clean_up() {
	rm -rf "$room"
}

[ "$(id -u)" = 0 ] || fail "must be run as root"
make_pristine
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$room"
cp -a --reflink=auto "$pristine" "$room/root"
copy_network
mkdir -p "$room/root/src"
git -C "$top" archive HEAD | tar -x -C "$room/root/src"

# The mounts and every process of the room end with the namespace's init.
cat >"$room/root/enter" <<'ENTER'
#!/bin/sh
set -eu
root=$1
shift
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
for node in null zero full random urandom tty; do
	touch "dev/$node"
	mount --bind "/dev/$node" "dev/$node"
done
mkdir -p dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -sfn pts/ptmx dev/ptmx
ln -sfn /proc/self/fd dev/fd
mount -t proc proc proc
mount --rbind /sys sys
mkdir -p .outside
pivot_root . .outside
umount -l .outside
rmdir .outside
cd /src
exec env -i HOME=/root LANG=C.UTF-8 CI=true \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
ENTER
status=0
unshare --mount --pid --fork --kill-child \
    sh "$room/root/enter" "$room/root" "$@" </dev/null || status=$?
exit "$status"
