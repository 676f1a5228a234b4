/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pcscd's DEVICENAME says: an endpoint to listen at, or the path of an
 * INI file with these keys:
 *
 *	listen        endpoint, required
 *	slots         readers to offer, 1 … 200, default 4
 *	apdu_timeout  seconds to wait for a card's answer, 1 … 86400,
 *	              default 600
 */
#ifndef VSCARD_IFD_CONFIG_H
#define VSCARD_IFD_CONFIG_H

#include "net/endpoint.h"

enum {
	CONFIG_SLOTS_DEFAULT = 4,
	CONFIG_SLOTS_MAX = 200,
	CONFIG_APDU_TIMEOUT_DEFAULT = 600,
	CONFIG_APDU_TIMEOUT_MAX = 86400,
	CONFIG_FILE_MAX = 65536, /* bytes */
	CONFIG_WHY_MAX = 512
};

struct config {
	struct endpoint listen;
	unsigned slots;
	unsigned apdu_timeout; /* seconds */
};

/* A line for the user: what is wrong, where, and what is allowed. */
struct config_why {
	char text[CONFIG_WHY_MAX];
};

/* Reads a DEVICENAME; a path (a leading '/') leads to config_load. */
int config_get(const char *devicename, struct config *out,
    struct config_why *out_why) MUST_CHECK;
/* Reads the file. */
int config_load(const char *path, struct config *out,
    struct config_why *out_why) MUST_CHECK;
/* Reads the text of a file; `name` stands for it in *out_why. */
int config_parse(const char *name, const char *text, struct config *out,
    struct config_why *out_why) MUST_CHECK;

#endif
