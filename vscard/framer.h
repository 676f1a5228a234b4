/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cuts a stream of bytes into messages.
 *
 * It keeps one growing buffer, small until a large message is announced. What
 * nobody wants of a payload is passed over as it arrives and never buffered,
 * so a message counts as complete when its wanted part is there.
 */
#ifndef VSCARD_FRAMER_H
#define VSCARD_FRAMER_H

#include "util/buf.h"
#include "vscard/wire.h"

struct framer {
	struct buf buf;
	size_t held; /* bytes of the message lent out, at the front */
	size_t skip; /* bytes to pass over, right behind them */
	size_t need; /* bytes of the message begun, as far as wanted */
};

/* Takes no memory yet. */
void framer_init(struct framer *);
/* Wipes and frees. */
void framer_clear(struct framer *);

/*
 * Lends room for what comes next: at least one byte, and all that is missing
 * of the message begun. -ENOMEM; -EBUSY if the buffer is full of messages
 * that were not taken. What framer_take() lent is gone.
 */
int framer_space(struct framer *, uint8_t **out_room, size_t *out_len)
    MUST_CHECK;
void framer_fed(struct framer *, size_t len);

/*
 * The header of the next message: 1, 0 if it is not complete, -EPROTO if it
 * announces more than VSCARD_PAYLOAD_MAX. What framer_take() lent is gone.
 */
int framer_peek(struct framer *, struct wire_message *out) MUST_CHECK;
/*
 * After a peek that returned 1: lends the first `keep` bytes of that
 * message's payload (all, if it has fewer) and passes over the rest. 1, or 0
 * if they are not all there yet.
 */
int framer_take(struct framer *, size_t keep, struct wire_message *)
    MUST_CHECK;
/* The bytes so far end where a message ends. */
bool framer_is_whole(const struct framer *);

#endif
