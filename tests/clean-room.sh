#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/clean-room.sh [--suite SUITE] [--packages] [--with DIR]
#                            [COMMAND [ARG]...]
#
# Runs COMMAND (default: ./check.sh, ./demo.sh, and ./demo.sh again) as root on
# the committed HEAD in a Debian that holds nothing but its essential packages:
# a debootstrap folder made once (~/.cache/vscard/SUITE); what a run writes lies
# in memory and is gone with it. With --packages, what tests/setup.sh installs
# is there already: a second folder, made once for each list of packages. With
# --with, a copy of DIR is /with. The folder becomes the root with pivot_root,
# because the kernel lets nobody make a user namespace inside a chroot, and
# vscard-run needs one.
set -eu

suite=bookworm
packages=
with=
while [ $# -gt 0 ]; do
	case $1 in
	--suite)
		suite=$2
		shift
		;;
	--packages) packages=yes ;;
	--with)
		with=$2
		shift
		;;
	*) break ;;
	esac
	shift
done
if [ $# -eq 0 ]; then
	set -- sh -ec './check.sh; ./demo.sh; ./demo.sh'
fi
top=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vscard
pristine=$cache/$suite
layer=$cache/$suite.packages
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
	debootstrap --variant=minbase "$suite" "$pristine.new" "$(mirror)" \
	    >"$pristine.log" 2>&1 || fail "see $pristine.log"
	mv "$pristine.new" "$pristine"
}

# The way out is this machine's: resolver, hosts, apt's proxy and certificates.
copy_network() {
	mkdir -p "$room/upper/etc/apt/apt.conf.d" "$room/upper/usr/local/share"
	for file in /etc/resolv.conf /etc/hosts; do
		[ ! -e "$file" ] || cat "$file" >"$room/upper$file"
	done
	apt-config dump --format '%f "%v";%n' 2>/dev/null |
	    grep -E '^Acquire::(https?::|Check-|Retries)' \
		>"$room/upper/etc/apt/apt.conf.d/99clean-room" || :
	[ ! -d /usr/local/share/ca-certificates ] || cp -R \
	    /usr/local/share/ca-certificates "$room/upper/usr/local/share/"
}

open_room() {
	mkdir -p "$room"
	mount -t tmpfs -o mode=0755 tmpfs "$room"
	mkdir "$room/upper" "$room/work" "$room/root" "$room/upper/src"
	copy_network
	git -C "$top" archive HEAD | tar -x -C "$room/upper/src"
	[ -z "$with" ] || cp -R "$with" "$room/upper/with"
	write_enter
}

close_room() {
	! mountpoint -q "$room" || umount "$room"
	rm -rf "$room"
}

# The mounts and every process of the room end with the namespace's init.
write_enter() {
	cat >"$room/upper/enter" <<'ENTER'
#!/bin/sh
set -eu
lower=$1
room=$2
shift 2
mount --make-rprivate /
mount -t overlay -o "lowerdir=$lower,upperdir=$room/upper,workdir=$room/work" \
    overlay "$room/root"
cd "$room/root"
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
}

# enter LOWER COMMAND...
enter() {
	lower=$1
	shift
	unshare --mount --pid --fork --kill-child \
	    sh "$room/upper/enter" "$lower" "$room" "$@" </dev/null
}

# What was written while the packages were installed, but for the source.
make_layer() {
	list=$(git -C "$top" show HEAD:tests/setup.sh)
	if [ "$(cat "$layer/setup.sh" 2>/dev/null)" = "$list" ]; then
		return
	fi
	echo "making $layer" >&2
	open_room
	enter "$pristine" sh -c 'tests/setup.sh check && apt-get clean' \
	    >"$layer.log" 2>&1 || fail "see $layer.log"
	rm -rf "$room/upper/src" "$room/upper/enter" "$layer" "$layer.new"
	cp -a "$room/upper" "$layer.new"
	echo "$list" >"$layer.new/setup.sh"
	mv "$layer.new" "$layer"
	close_room
}

[ "$(id -u)" = 0 ] || fail "must be run as root"
mkdir -p "$cache"
make_pristine
trap close_room EXIT
trap 'exit 1' HUP INT TERM
lower=$pristine
if [ -n "$packages" ]; then
	make_layer
	lower=$layer:$pristine
fi
open_room
enter "$lower" "$@"
