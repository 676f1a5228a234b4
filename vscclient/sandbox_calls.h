/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the sandbox: system calls, by libseccomp's numbers. */
#ifndef VSCCLIENT_SANDBOX_CALLS_H
#define VSCCLIENT_SANDBOX_CALLS_H

enum {
	SANDBOX_CALLS_END = -0x10000,
	SANDBOX_IOCTLS_END = 0,
	SANDBOX_UNIX = 1, /* AF_UNIX and AF_NETLINK, to pcscd and from udev */
	SANDBOX_NETLINK = 16,
	SANDBOX_FAMILIES = 64
};

/* All that the network process may do, beside what follows. */
extern const int sandbox_calls_network[];
/* All that a security key may do, beside what follows. */
extern const int sandbox_calls_key[];
/* What both may. */
extern const int sandbox_calls_plain[];
/* What no card process needs. */
extern const int sandbox_calls_no_card[];
/* Becoming another program or two, and signals to others. */
extern const int sandbox_calls_others[];
/* The commands of fcntl and the requests of ioctl that come with it. */
extern const int sandbox_fcntls_others[];
extern const unsigned sandbox_ioctls_others[];
/* Changing a file that is not open. */
extern const int sandbox_calls_paths[];
/* The commands and requests that come with sandbox_calls_plain. */
extern const int sandbox_fcntls_plain[];
extern const unsigned sandbox_ioctls_plain[];
/* Those that come with sandbox_calls_no_card. */
extern const unsigned sandbox_ioctls_no_card[];

#endif
