/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What doctor knows, and how a check says what it has found. The table of
 * checks is in checks.c: one row and one short function each.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ctl/check_pcsc.h"
#include "ctl/pcscd.h"
#include "ctl/readerconf.h"
#include "ctl/state.h"

enum { DOCTOR_MENDS_MAX = 4 };

struct finding {
	const char *id; /* the row's */
	bool hint;      /* worth to know; nothing is wrong */
	char *what;
	size_t mends_len;
	char *mends[DOCTOR_MENDS_MAX]; /* commands */
};

struct doctor {
	const char *socket; /* of the driver */
	struct pcscd pcscd;
	struct readerconf conf; /* what pcscd is told */
	int conf_error;         /* of reading it */
	struct state state;     /* of the driver */
	struct ask ask;
	int state_error; /* of asking it */
	struct pcsc_facts pcsc;

	const char *id; /* of the check that looks now */
	bool failed;    /* no memory for a finding */
	size_t findings_len;
	struct finding *findings;
};

typedef void check_fn(struct doctor *);

struct check {
	const char *id; /* in the manual, and for scripts */
	check_fn *look;
};

extern const struct check checks[];
extern const size_t checks_len;

/* --- for checks ------------------------------------------------------- */

/* Something is wrong. */
void doctor_find(struct doctor *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Nothing is, but it may be what the user wonders about. */
void doctor_hint(struct doctor *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A command that mends what was found last. */
void doctor_mend(struct doctor *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The one that starts pcscd anew, with whatever starts it here. */
void doctor_mend_restart(struct doctor *);

bool doctor_has_pcscd(const struct doctor *);
/* The driver is loaded: it answers, or refuses to. */
bool doctor_has_driver(const struct doctor *);
/* The next entry of reader.conf that names our driver, from `i` on; or NULL. */
const struct readerconf_entry *
doctor_entry(const struct doctor *, size_t *inout_i);

#endif
