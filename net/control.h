/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: where a driver can be asked about its readers. Each side
 * says records (util/record.h). The driver says first
 *
 *	vscard protocol=1 version=0.1.0 pid=4711
 *
 * or, to somebody who is not allowed, an error and hangs up. Then comes one
 * request, and the answer up to "end" or
 *
 *	error code=13 text=…
 *
 * and the driver hangs up. Requests, with what comes before "end":
 *
 *	list                    endpoint, peer and slot records
 *	eject lun=N [force=yes] nothing; "pending" if it has to wait
 *	insert lun=N            nothing
 *	watch                   records of events for ever; no end
 *
 * It may change with each version; vscard-ctl is the interface.
 */
#ifndef VSCARD_NET_CONTROL_H
#define VSCARD_NET_CONTROL_H

#include <sys/types.h>

#include "net/allow.h"
#include "net/listener.h"

#define CONTROL_DIR "/run/vscard"
#define CONTROL_PATH CONTROL_DIR "/control"
#define CONTROL_VARIABLE "VSCARD_CONTROL"
/* Its members are allowed, beside root and the user of the driver. */
#define CONTROL_GROUP "vscard"

enum {
	CONTROL_PROTOCOL = 1,
	CONTROL_REQUEST_MAX = 512 /* bytes, with the newline */
};

/*
 * Where it is: what the variable says, or else CONTROL_PATH. NULL: nowhere,
 * because the variable is empty.
 */
const char *control_path(void);
/*
 * Listens there, for everybody: who comes is told why he is sent away. Makes
 * CONTROL_DIR if need be. Errors of listener_open; -EINVAL: no absolute path,
 * or too long a one.
 */
int control_listen(const char *path, struct listener *out) MUST_CHECK;
/* Root, the user of this process, and members of CONTROL_GROUP. */
void control_allow(struct allow *out);
/* One connection, as listener_accept, but whoever it is. */
int control_accept(struct listener *, const struct allow *, int *out_fd,
    struct peer *out_peer, bool *out_allowed) MUST_CHECK;

/*
 * Connects, waiting for as long as it takes (the kernel does it at once): the
 * stream, or -ENOENT, -ECONNREFUSED, -EACCES …
 */
int control_dial(const char *path, int *out_fd) MUST_CHECK;
/* Whose process listens there. */
int control_owner(int fd, struct peer *out) MUST_CHECK;

#endif
