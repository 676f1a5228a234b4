/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pcscd's DEVICENAME says: an endpoint to listen at, or the path of an
 * INI file, whose keys vscard.conf(5) describes. config_keys.c has the table.
 */
#ifndef VSCARD_IFD_CONFIG_H
#define VSCARD_IFD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "net/allow.h"
#include "net/endpoint.h"

enum {
	CONFIG_SLOTS_MAX = 200,
	CONFIG_SECONDS_MAX = 86400, /* of any deadline */
	CONFIG_CARDS_MAX = 8,
	CONFIG_FILE_MAX = 65536, /* bytes */
	CONFIG_LINE_MAX = 198,   /* bytes: libinih cuts what is longer */
	CONFIG_TEXT_MAX = 200,   /* of any value, with its NUL */
	CONFIG_NAME_MAX = 256,
	CONFIG_WHY_MAX = 512
};

/* How peers come. */
enum config_way {
	CONFIG_NOWHERE, /* they do not: there is but a card */
	CONFIG_LISTEN,
	CONFIG_CONNECT
};

/* What a reader that no peer is in looks like. */
enum config_detached { CONFIG_UNAVAILABLE, CONFIG_EMPTY };

/* What a reset does if the peer knows none. */
enum config_reset {
	CONFIG_LOCAL,   /* answered with the ATR that is known */
	CONFIG_REINSERT /* the card is shown as taken out and put back */
};

struct config {
	char name[CONFIG_NAME_MAX]; /* the DEVICENAME */
	enum config_way way;
	struct endpoint endpoint; /* to listen at or to connect to */
	unsigned slots;
	unsigned detached;     /* enum config_detached */
	unsigned legacy_reset; /* enum config_reset */
	/* Deadlines in seconds, 1 … CONFIG_SECONDS_MAX. */
	unsigned apdu_timeout;
	unsigned reset_timeout;
	unsigned handshake_timeout;
	unsigned write_timeout;
	struct allow allow;
	bool has_log_level;
	unsigned log_level; /* enum log_level */
	size_t cards_len;
	char cards[CONFIG_CARDS_MAX][CONFIG_TEXT_MAX]; /* the SPECs */
	char user[CONFIG_TEXT_MAX];  /* that the cards run as, or empty */
	char trace[CONFIG_TEXT_MAX]; /* absolute path, or empty */
	unsigned trace_secrets;      /* 0 or 1 */
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
