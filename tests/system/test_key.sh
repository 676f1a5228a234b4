#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# vscard-key: each command, and what users get wrong. Nobody is at a terminal
# here; test_key_terminal is about that.
. "${top_srcdir:-.}/tests/system/lib.sh"

key=$top/key/vscard-key
key_file=$dir/a.key

# on STATUS NAME ARG...: vscard-key ends so; its words are in $dir/out.
on() {
    status=$1 name=$2
    shift 2
    setsid -w "$key" "$@" >"$dir/out" 2>&1 </dev/null
    got=$?
    [ "$got" -eq "$status" ]
    ok $? "$name: status $status" "$dir/out"
}

# wrong STATUS TEXT NAME ARG...: and one line of it says that.
wrong() {
    status=$1 text=$2 name=$3
    shift 3
    on "$status" "$name" "$@"
    says "$dir/out" "$text" "$name: a clear line"
    is 1 "$(grep -c . "$dir/out")" "$name: and no other"
}

serial() {
    "$key" info "$@" | sed -n 's/^Serial number: *//p'
}

words() {
    "$key" --help >"$dir/out" && "$key" -V >>"$dir/out"
    ok $? "--help and --version"
    says "$dir/out" "Usage: vscard-key COMMAND" "the help"
    while read -r text args; do
        # shellcheck disable=SC2086
        on 2 "vscard-key $args" $args
        says "$dir/out" "$(echo "$text" | tr _ ' ')" "its reason"
    done <<END
no_command
'frob'_is_no_command frob x
create_wants:_FILE create
create_wants:_FILE create x y
backup_wants:_FILE_TO backup x
--json:_not_with_create create --json x
--name:_not_with_info info --name a x
--remove:_not_with_reset reset --remove x
unknown_option_'--frob' info --frob x
unknown_option_'-x' info -x x
option_'--name'_needs_a_value create x --name
option_'--yes=1'_takes_no_value reset --yes=1 x
'x'_is_no_descriptor's_number info --passphrase-fd x f
descriptor_99_is_not_open info --passphrase-fd 99 f
not_both info --passphrase-fd 0 --passphrase-file x f
--remove_excludes passphrase --remove --new-passphrase-fd 0 f
END
}

create() {
    on 0 "create" create --name "My key" "$key_file"
    says "$dir/out" "a.key: serial number $(serial "$key_file")" \
        "create says the serial number"
    is 600 "$(stat -c %a "$key_file")" "its owner's file"
    is a.key "$(cd "$dir" && ls -- *.key*)" "no lock or journal stays"
    wrong 3 "$key_file: File exists" "create again" create "$key_file"
    wrong 3 "No such file" "create in no directory" create "$dir/no/a.key"
    wrong 2 "at most 64 bytes of UTF-8" "a name of two lines" \
        create --name "$(printf 'a\nb')" "$dir/b.key"
    wrong 2 "at most 64 bytes of UTF-8" "a name that is too long" \
        create --name "$(printf %065d 0)" "$dir/b.key"
    wrong 5 "no terminal to ask" "a passphrase, and nobody to ask" \
        create --passphrase "$dir/b.key"
    : >"$dir/empty" && chmod 600 "$dir/empty"
    wrong 5 "the passphrase is empty" "an empty passphrase" \
        create --passphrase-file "$dir/empty" "$dir/b.key"
    wrong 3 "$dir/none: No such file" "a passphrase file that is not there" \
        create --passphrase-file "$dir/none" "$dir/b.key"
    [ ! -e "$dir/b.key" ]
    ok $? "nothing was made of all that"
}

info() {
    on 0 "info" info "$key_file"
    for line in "Name:           My key" "Version:        5.7.0" \
        "Passphrase:     none" "PIN:            3 of 3 tries left, default" \
        "PUK:            3 of 3 tries left, default" \
        "Management key: AES-192, default"; do
        says "$dir/out" "$line" "info: $line"
    done
    on 0 "info --json" info "$key_file" --json
    for line in '"name": "My key",' "\"serial\": $(serial "$key_file")," \
        '"passphrase": false,' '"tries_left": 3,'; do
        says "$dir/out" "$line" "info --json: $line"
    done
}

# What is no key file, or none any more.
files() {
    wrong 3 "No such file" "no file" info "$dir/none.key"
    wrong 3 "not a file" "a directory" info "$dir"
    echo "Dear diary" >"$dir/text" && chmod 600 "$dir/text"
    wrong 3 "$dir/text: " "a text" info "$dir/text"
    wrong 3 "$dir/empty: " "an empty file" info "$dir/empty"
    head -c 6000 "$key_file" >"$dir/cut" && chmod 600 "$dir/cut"
    wrong 3 "$dir/cut: " "a part of a file" info "$dir/cut"
    cp "$key_file" "$dir/open" && chmod 644 "$dir/open"
    wrong 1 "chmod 600" "a file that others can read" info "$dir/open"
    rm -f "$dir/text" "$dir/cut" "$dir/open" "$dir/empty"
}

# In a mount namespace, as root of it.
read_only() {
    mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99
    "$key" info "$1/a.key"
}

directory() {
    user=
    [ "$(id -u)" -eq 0 ] || user=--map-root-user
    mkdir "$dir/ro" && cp -p "$key_file" "$dir/ro/"
    # shellcheck disable=SC2086
    unshare $user --mount sh "$0" read_only "$dir/ro" >"$dir/out" 2>&1
    is 1 $? "a read-only file system: status 1"
    says "$dir/out" "Read-only file system" "a read-only file system: why"
    cmp "$key_file" "$dir/ro/a.key"
    ok $? "a read-only file system: the file is unharmed"
}

passphrase() {
    (
        umask 077
        echo sesame >"$dir/secret"
        echo wrong >"$dir/wrong"
    )
    echo sesame >"$dir/told" && chmod 604 "$dir/told"
    wrong 1 "$dir/told: others can read" "a passphrase that others can read" \
        passphrase --new-passphrase-file "$dir/told" "$key_file"
    wrong 5 "no terminal to ask" "a new passphrase, and nobody to ask" \
        passphrase "$key_file"
    wrong 5 "a.key has no passphrase, but --passphrase-file was given" \
        "a file in the clear for one with a passphrase" \
        info --passphrase-file "$dir/secret" "$key_file"
    on 0 "a new passphrase" passphrase --new-passphrase-file "$dir/secret" \
        "$key_file"
    wrong 5 "no terminal to ask" "without the passphrase" info "$key_file"
    wrong 5 "passphrase" "with a wrong one" \
        info --passphrase-file "$dir/wrong" "$key_file"
    on 0 "with the passphrase" info --passphrase-file "$dir/secret" "$key_file"
    says "$dir/out" "Passphrase:     yes" "info says that there is one"
    "$key" info --passphrase-fd 7 "$key_file" >"$dir/out" 2>&1 7<"$dir/secret"
    ok $? "from a descriptor" "$dir/out"
    "$key" passphrase --passphrase-fd 7 --new-passphrase-fd 8 "$key_file" \
        >"$dir/out" 2>&1 7<"$dir/secret" 8<"$dir/wrong"
    ok $? "another passphrase, from descriptors" "$dir/out"
    on 5 "the old one is over" info --passphrase-file "$dir/secret" "$key_file"
    on 0 "it is taken away" passphrase --remove \
        --passphrase-file "$dir/wrong" "$key_file"
    on 0 "and not needed any more" info "$key_file"
    on 0 "created with one" create --passphrase-file "$dir/secret" "$dir/p.key"
    on 0 "and opened with it" info --passphrase-file "$dir/secret" "$dir/p.key"
}

copies() {
    was=$(serial "$key_file")
    on 0 "backup" backup "$key_file" "$dir/copy.key"
    says "$dir/out" "serial number $was" "backup says which key"
    is "$was" "$(serial "$dir/copy.key")" "it is the same key"
    wrong 2 "--yes" "backup over a file, and nobody to ask" \
        backup "$key_file" "$dir/copy.key"
    on 0 "backup --yes" backup --yes "$key_file" "$dir/copy.key"
    wrong 2 "--yes" "reset, and nobody to ask" reset "$key_file"
    is "$was" "$(serial "$key_file")" "nothing was changed"
    on 0 "reset --yes" reset --yes "$key_file"
    [ "$(serial "$key_file")" != "$was" ]
    ok $? "reset: another serial number"
    "$key" info "$key_file" >"$dir/out"
    says "$dir/out" "Name:           My key" "reset: the same name"
    echo garbage >"$dir/garbage" && chmod 600 "$dir/garbage"
    cp "$key_file" "$dir/before"
    wrong 3 "$dir/garbage" "restore what is no key file" \
        restore --yes "$dir/garbage" "$key_file"
    cmp "$dir/before" "$key_file"
    ok $? "restore what is no key file: the key is unharmed"
    on 0 "restore --yes" restore --yes "$dir/copy.key" "$key_file"
    is "$was" "$(serial "$key_file")" "restore: the key of then"
    on 0 "restore over what is damaged" \
        restore --yes "$dir/copy.key" "$dir/garbage"
    is "$was" "$(serial "$dir/garbage")" "and it is a key again"
    on 0 "restore where nothing is" restore "$dir/copy.key" "$dir/new.key"
    wrong 4 "in use" "restore over itself" \
        restore --yes "$key_file" "$key_file"
    is "" "$(find "$dir" -name '*.lock' -o -name '*.key.*')" "nothing stays"
}

# In a private pcscd with the key in the reader.
busy() {
    wrong 4 "(vscclient)" "info while the card is in use" info "$key_file"
    wrong 4 "in use by process" "restore while the card is in use" \
        restore --yes "$dir/copy.key" "$key_file"
    opensc-tool -s 00A4040005A000000308 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x90, SW2=0x00" "the card goes on"
    timeout 30 "$vscclient" --connect "$VSCARD_ENDPOINT" \
        --card "key:$key_file" >"$dir/out" 2>&1 </dev/null
    is 3 $? "the same file for another vscclient: status 3"
    says "$dir/out" "in use by process" "it says by whom"
}

# The certificates of two slots, one of them compressed.
make_certs() {
    yubico-piv-tool -r vscard -a generate -s 9a -A ECCP256 -o "$dir/9a.pub" &&
        openssl ecparam -genkey -name prime256v1 -noout -out "$dir/ca" &&
        for slot in 9a 9c; do
            openssl x509 -new -subj "/CN=slot $slot" -days 9 \
                -force_pubkey "$dir/9a.pub" -key "$dir/ca" \
                -out "$dir/$slot.cert" || return 1
        done &&
        yubico-piv-tool -r vscard -a import-certificate -s 9a \
            -i "$dir/9a.cert" &&
        openssl x509 -in "$dir/9c.cert" -outform DER | gzip -9 >"$dir/9c.gz" &&
        yubico-piv-tool -r vscard -a import-certificate -s 9c \
            -i "$dir/9c.gz" -K GZIP
}

certificates() {
    private --card "key:$key_file" -- sh "$0" make_certs >"$dir/out" 2>&1
    ok $? "certificates are on the card" "$dir/out"
    on 0 "info of them" info "$key_file"
    says "$dir/out" "9A  P-256     generated  PIN once    touch never" \
        "info: the key"
    says "$dir/out" "CN = slot 9a" "info: its certificate"
    says "$dir/out" "CN = slot 9c" "info: one that is compressed"
    mkdir "$dir/certs"
    on 0 "export-certs" export-certs "$key_file" "$dir/certs"
    for slot in 9a 9c; do
        is "$(openssl x509 -in "$dir/$slot.cert")" \
            "$(openssl x509 -in "$dir/certs/$slot.pem")" "export-certs: $slot"
    done
    says "$dir/out" "$dir/certs/9a.pem" "export-certs: says what it wrote"
    wrong 2 "--yes" "export-certs over files, and nobody to ask" \
        export-certs "$key_file" "$dir/certs"
    on 0 "export-certs --yes" export-certs --yes "$key_file" "$dir/certs"
    wrong 3 "$dir/nowhere/" "export-certs to no directory" \
        export-certs "$key_file" "$dir/nowhere"
}

# Card specs that cannot be had; vscard-run says why.
specs() {
    private --card "key:$dir/p.key" -- true >"$dir/out" 2>&1
    is 125 $? "a card with a passphrase, and nobody to ask"
    says "$dir/out" "$dir/p.key" "the line names the file"
    private --card "key:$dir/p.key,passphrase-file=$dir/wrong" -- true \
        >"$dir/out" 2>&1
    is 125 $? "a card with a wrong passphrase"
    private --card "key:$dir/p.key,passphrase-file=$dir/none" -- true \
        >"$dir/out" 2>&1
    is 125 $? "a card whose passphrase file is not there"
    says "$dir/out" "vscclient ended with status 3" "that is for good"
    says "$dir/out" "passphrase-file=$dir/none: No such file" "it says so"
    private --card "key:$dir/p.key,passphrase-file=$dir/told" -- true \
        >"$dir/out" 2>&1
    is 125 $? "a card whose passphrase others can read"
    says "$dir/out" "passphrase-file=$dir/told: others can read" "it says so"
    private --card "key:$dir/p.key,passphrase-file=$dir/secret" -- \
        opensc-tool -s 00A4040005A000000308 >"$dir/out" 2>&1
    says "$dir/out" "SW1=0x90, SW2=0x00" "a card with its passphrase"
    private --card "key:$key_file,passphrase-file=$dir/secret" -- true \
        >"$dir/out" 2>&1
    is 125 $? "a card without the passphrase that was given"
    says "$dir/out" "$key_file has no passphrase, but passphrase-file= was" \
        "it says so"
    private --card "key:$dir/q.key,passphrase-file=$dir/secret" -- true
    on 0 "a new file with that passphrase" \
        info --passphrase-file "$dir/secret" "$dir/q.key"
    private --card "key:$key_file" --card "key:$key_file" -- true \
        >"$dir/out" 2>&1
    is 125 $? "the same file twice"
    says "$dir/out" "in use by process" "it says by whom"
    private --card "key:$dir/no/a.key" -- true >"$dir/out" 2>&1
    says "$dir/out" "$dir/no/a.key: No such file" "no directory to make it in"
}

case ${1-} in
read_only | busy | make_certs)
    "$@"
    exit
    ;;
esac
words
create
info
files
directory
passphrase
copies
private --card "key:$key_file" -- sh "$0" busy
certificates
specs
finish
