/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's socket file where others see it: pcscd leaves at SIGTERM
 * without closing its drivers, so somebody else must remove it.
 */
#ifndef VSCARD_RUN_SOCKFILE_H
#define VSCARD_RUN_SOCKFILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/endpoint.h"

struct sockfile {
	char path[ENDPOINT_PATH_MAX + 1]; /* empty: none */
	dev_t dev;
	ino_t ino;
};

/* No file. */
void sockfile_init(struct sockfile *);
/* The endpoint's file, if it has one; now that the driver has made it. */
void sockfile_set(struct sockfile *, const char *endpoint);
/* Removes it if it is still the same. */
void sockfile_remove(struct sockfile *);

#endif
