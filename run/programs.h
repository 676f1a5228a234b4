/* SPDX-License-Identifier: BSD-2-Clause */
/* Where pcscd, the client and the driver are. */
#ifndef VSCARD_RUN_PROGRAMS_H
#define VSCARD_RUN_PROGRAMS_H

#include <stdbool.h>

#include "run/options.h"
#include "util/err.h"

struct programs {
	char *driver;
	char *pcscd;
	char *vscclient; /* NULL without --card and --vscclient */
};

/* Logs what is missing and what to do; nothing is to be cleared then. */
int programs_find(const struct options *, struct programs *out) MUST_CHECK;
void programs_clear(struct programs *);
/* Whether PATH has a file of that name, whoever may run it. */
bool programs_has(const char *name);

#endif
