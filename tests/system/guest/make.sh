#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: make.sh CARD INITRD
#
# Makes the guest's file system INITRD with the program CARD in it, and prints
# where its kernel is.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
guest=$("$here/fetch.sh")
"$here/initrd.sh" "$guest" "$1" "$2"
echo "$guest/vmlinuz"
