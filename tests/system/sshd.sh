#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: sshd.sh DIR
#
# Makes in DIR all that ssh needs to reach an sshd of the test's own, and
# prints the file for ssh -F. That sshd runs on no port: ssh starts it, for the
# host "far", as long as the file DIR/up exists. To "stranger" it is the same,
# but its key is not known there.
set -eu

dir=$1
sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)
mkdir -p "$dir"
for key in host user other; do
	ssh-keygen -q -t ed25519 -N '' -C test -f "$dir/$key"
done
cp "$dir/user.pub" "$dir/authorized_keys"
echo "far $(cat "$dir/host.pub")" >"$dir/known_hosts"
echo "stranger $(cat "$dir/other.pub")" >>"$dir/known_hosts"
touch "$dir/up"

cat >"$dir/sshd_config" <<END
HostKey $dir/host
AuthorizedKeysFile $dir/authorized_keys
PidFile none
StrictModes no
UsePAM no
END

# root's sshd insists on a directory that is made where one is started.
cat >"$dir/door" <<END
#!/bin/sh
[ -e "$dir/up" ] || exit 1
set -- $sshd -i -f "$dir/sshd_config" -E "$dir/sshd.log"
[ "\$(id -u)" -eq 0 ] && [ ! -d /run/sshd ] || exec "\$@"
exec unshare --mount sh -c 'mount -t tmpfs test /run && mkdir /run/sshd &&
    exec "\$@"' sh "\$@"
END
chmod +x "$dir/door"

cat >"$dir/ssh_config" <<END
Host far stranger
    ProxyCommand $dir/door
    IdentityFile $dir/user
    IdentitiesOnly yes
    UserKnownHostsFile $dir/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
END
echo "$dir/ssh_config"
