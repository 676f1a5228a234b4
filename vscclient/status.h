/* SPDX-License-Identifier: BSD-2-Clause */
/* The exit statuses of vscclient; its manual lists them too. */
#ifndef VSCCLIENT_STATUS_H
#define VSCCLIENT_STATUS_H

enum status {
	STATUS_OK = 0,     /* ended by a signal, by the other side of fd:N, or
	                    * with --once by the host in order */
	STATUS_FAILED = 1, /* no memory, no descriptor, no starter any more, a
	                    * second signal */
	STATUS_USAGE = 2,  /* the command line is wrong */
	STATUS_CARD = 3,   /* a SPEC is well-formed but cannot be opened */
	STATUS_NO_HOST = 4, /* --once: no connection could be made */
	STATUS_LOST = 5     /* --once: it was lost */
};

#endif
