/* SPDX-License-Identifier: BSD-2-Clause */
/* The exit statuses of vscclient; its manual lists them too. */
#ifndef VSCCLIENT_STATUS_H
#define VSCCLIENT_STATUS_H

enum status {
	STATUS_OK = 0,     /* ended by a signal, or by the other side of fd:N */
	STATUS_FAILED = 1, /* no memory, no descriptor, a second signal */
	STATUS_USAGE = 2,  /* the command line is wrong */
	STATUS_CARD = 3    /* a SPEC is well-formed but cannot be opened */
};

#endif
