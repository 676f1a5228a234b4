/* SPDX-License-Identifier: BSD-2-Clause */
/* What pcscd says to an application: the only file that is one. */
#ifndef CTL_CHECK_PCSC_H
#define CTL_CHECK_PCSC_H

#include <stdbool.h>

enum { PCSC_READER_MAX = 128 };

enum pcsc_answer {
	PCSC_UNASKED,
	PCSC_GOOD,
	PCSC_DENIED, /* policy does not let us in */
	PCSC_SILENT, /* it took too long */
	PCSC_FAILED  /* it was reached, and something else was wrong */
};

struct pcsc_facts {
	enum pcsc_answer answer;
	unsigned readers;
	/* The first reader that a program uses exclusively, or "". */
	char held[PCSC_READER_MAX];
};

/*
 * Asks, in a child with a deadline: an application can be kept waiting for as
 * long as somebody's command takes.
 */
void pcsc_look(struct pcsc_facts *out);

#endif
