/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conversations with an application: a card on the bench with a store in
 * memory, answers fetched to their end, and long commands.
 */
#ifndef TESTS_CARD_SCRIPT_H
#define TESTS_CARD_SCRIPT_H

#include "card/core/app.h"
#include "tests/unit/rig.h"

struct script {
	struct rig rig;
	struct store *store;
	/* The last answer, all parts of it. */
	uint8_t data[APDU_RESPONSE_MAX];
	size_t len;
	uint16_t sw;
};

/* A new card with these applications, powered up. */
void
script_init(struct script *, const struct app_ops *const *apps, size_t count);
void script_clear(struct script *);
/* The same store, opened by a card anew. */
void
script_reopen(struct script *, const struct app_ops *const *apps, size_t count);

/*
 * Sends a command in hex (blanks between bytes are skipped), fetches all that
 * there is to the answer, and returns its status word.
 */
uint16_t script_send(struct script *, const char *command);
/* The same: four bytes in hex, then data, as an extended APDU. */
uint16_t
script_put(struct script *, const char *header, const void *data, size_t len);
/* As script_put, in parts of 255 bytes. */
uint16_t
script_chain(struct script *, const char *header, const void *data, size_t len);
/*
 * Sends, and checks the answer: data and status word in upper-case hex without
 * blanks; a "*" in front of the status word stands for any data.
 */
void script_is(struct script *, const char *command, const char *want);

#endif
