#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# README's way to ssh with a PIV key, each line run as it is printed there.
. "${top_srcdir:-.}/tests/system/lib.sh"

# bin NAME WORD...: a program of that name, which runs these words.
bin() {
    name=$1
    shift
    printf '#!/bin/sh\nexec timeout 100 %s "$@"\n' "$*" >"$dir/bin/$name"
    chmod +x "$dir/bin/$name"
}

# The block that begins with that line.
block() {
    awk -v first="$1" '
        /^```/ { inside = !inside; printing = 0; next }
        inside && index($0, first) == 1 { printing = 1 }
        printing { print }' "$src/README.md"
}

# A reader of the README has installed all this, and has a server.
prepare() {
    mkdir "$dir/bin" "$dir/work"
    config=$("$src/tests/system/sshd.sh" "$dir/ssh")
    sed -i '/Identit/d; s/^Host .*/&/; s/^Host far.*/Host server/
        s/StrictHostKeyChecking yes/&\n    HostKeyAlias far/' "$config"
    : >"$dir/ssh/authorized_keys"
    ssh=$(command -v ssh)
    bin ssh "'$ssh' -F '$config'"
    bin vscard-run "'$(realpath "$vscard_run")' --driver '$(realpath "$driver")'" \
        "--vscclient '$(realpath "$vscclient")'"
    sanitizer_first
    PATH=$dir/bin:$PATH
    cd "$dir/work" || exit 99
}

src=$(realpath "$src")
prepare
block "vscard-run --card key:ci.key" >"$dir/lines"
is 5 "$(grep -c . "$dir/lines")" "README has five lines"
number=0
while read -r line; do
    number=$((number + 1))
    sh -c "$line" >"$dir/out" 2>&1 </dev/null
    ok $? "line $number" "$dir/out"
    # What README says of the third one.
    [ "$number" -ne 3 ] || cat ci.pub >"$dir/ssh/authorized_keys"
done <"$dir/lines"
says "$dir/out" "$(hostname)" "ssh has logged in and run the command"
cd / || exit 99
finish
