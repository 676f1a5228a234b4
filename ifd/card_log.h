/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a card process says on its stdout and stderr: each line becomes one of
 * the driver's log, at the level that "<N>" before it names (systemd's way), or
 * else as information; of a flood only a ration. The hub's thread, all of it.
 */
#ifndef VSCARD_IFD_CARD_LOG_H
#define VSCARD_IFD_CARD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "net/loop.h"
#include "util/ration.h"

enum { CARD_LOG_LINE = 512 };

struct card_log {
	struct loop *loop;
	struct loop_watch watch; /* its fd is ours */
	const char *name;        /* before each line; borrowed */
	bool silent;             /* for debugging only, whatever the level */
	bool complained;         /* an error has been among it since the open */
	struct ration ration;    /* of lines, also those of several processes */
	char line[CARD_LOG_LINE];
	size_t len;
};

void card_log_init(struct card_log *, struct loop *, const char *name);
/* Adopts fd, a pipe that does not block; also on failure. */
int card_log_open(struct card_log *, int fd) MUST_CHECK;
/* Takes what is there still, within a bound. */
void card_log_close(struct card_log *);

#endif
