/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables behind describe_command: what instructions and objects are. */
#ifndef VSCARD_TRACE_WORDS_H
#define VSCARD_TRACE_WORDS_H

#include "trace/apdu.h"
#include "trace/applet.h"

/* What of a command is told beside its name. */
enum words_detail {
	WORDS_NOTHING,
	WORDS_PARAMETERS, /* P1 and P2 as they are */
	WORDS_SELECT,
	WORDS_REFERENCE, /* P2: of a PIN */
	WORDS_OBJECT,    /* P1 and P2, or the tag list in the data */
	WORDS_KEY,       /* P2: of a key */
	WORDS_ALGORITHM, /* P1, and P2: of a key */
	WORDS_OFFSET,
	WORDS_RECORD,
	WORDS_CTAP
};

struct words_ins {
	unsigned applets; /* bits; 0: whichever answers */
	uint8_t ins;
	int16_t p1, p2; /* WORDS_ANY, or the value */
	const char *name;
	enum words_detail detail;
};

enum { WORDS_ANY = -1 };

/* The application's word before the standard's; NULL: nobody's. */
const struct words_ins *words_ins_get(enum applet, const struct trace_apdu *);
/* What P2 names: "PIN", "PW3", …; NULL if that is not known. */
const char *words_reference(enum applet, uint8_t p2);
/* Of P1 in PIV. NULL as above. */
const char *words_algorithm(uint8_t p1);
/* Of a data object. NULL as above. */
const char *words_object(enum applet, uint32_t tag);
/* The first byte of a CTAP message. NULL as above. */
const char *words_ctap(uint8_t command);

#endif
