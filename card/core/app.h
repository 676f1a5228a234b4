/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a card application is: an AID, a table of instructions, handlers.
 *
 * Permission is data: a row tells what its command must look like and which
 * security state it needs, and dispatch answers the rest, in this order:
 * CLA 6E00, INS 6D00, P1 P2 6A86, length 6700, security 6982. Several rows may
 * have the same INS; the one that fits best decides.
 *
 * The card itself answers SELECT by AID and GET RESPONSE. An application that
 * selects files has rows for A4 with other P1; what fits none of them gets
 * 6D00, because clients tell cards from each other by that.
 */
#ifndef VSCARD_CARD_CORE_APP_H
#define VSCARD_CARD_CORE_APP_H

#include "card/core/env.h"
#include "card/iso/apdu.h"
#include "card/iso/sw.h"
#include "util/bytes.h"

enum {
	APP_ANY = -1, /* any P1 or P2; the handler judges */
	APP_AID_MAX = 16
};

struct app_ins {
	uint8_t cla; /* without the bit for chaining */
	uint8_t ins;
	int p1; /* a value or APP_ANY */
	int p2;
	uint32_t len_min; /* of the data, all parts of a chain together */
	uint32_t len_max;
	uint32_t needs; /* bits of app_ops.security; all of them */
	/*
	 * Writes the answer's data; a status word other than 9000, 61xx, 62xx,
	 * 63xx and 91xx drops what was written. Everything that is to be kept
	 * is committed to the store before it returns.
	 */
	sw_t (*run)(void *app, const struct apdu *, struct wr *out);
};

struct app_ops {
	const char *name; /* "PIV" */
	uint8_t aid[APP_AID_MAX];
	uint8_t aid_len;
	uint8_t aid_min; /* a SELECT may name so many bytes, or more */
	/* A second INS of GET RESPONSE, beside C0. 0: none. */
	uint8_t ins_more;
	/* Its bit in what management tells (see env.h). 0: none. */
	uint16_t capability;
	const struct app_ins *ins;
	size_t ins_count;
	/*
	 * Writes the application's first records into an empty store, within
	 * the caller's transaction: a new key file, or one that is reset. NULL:
	 * it has none.
	 */
	int (*format)(struct env *);
	/*
	 * One for each card; borrows env until close. A store written by an
	 * older version is brought up to date. -EBADMSG: what must be there is
	 * not.
	 */
	int (*open)(struct env *, void **out_app);
	void (*close)(void *app);
	/*
	 * Writes aid_len bytes over aid, for one that differs from card to
	 * card. NULL: aid is all.
	 */
	void (*get_aid)(const void *app, uint8_t *out);
	/*
	 * The card was powered up or reset, after deselect; what counts until
	 * then begins anew. NULL: nothing does.
	 */
	void (*power_up)(void *app);
	/*
	 * SELECT by AID; again: it is selected already. Writes the answer
	 * (dropped if the client wants none). An error leaves everything as it
	 * was, the application that was selected included.
	 */
	sw_t (*select)(void *app, bool again, struct wr *out);
	/* The session is over: another application, reset, power. Wipes. */
	void (*deselect)(void *app);
	/* What has been proved in this session: bits of the app's own. */
	uint32_t (*security)(const void *app);
};

#endif
