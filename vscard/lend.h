/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending without a copy, for programs that are built with the library. A
 * large APDU need not pass through the session's buffer: it is lent to the
 * session while it is written.
 */
#ifndef VSCARD_LEND_H
#define VSCARD_LEND_H

#include <stddef.h>

#include "util/err.h"
#include "vscard/vscard.h"

/* A run of bytes that waits to be sent. */
struct session_piece {
	const void *data;
	size_t len;
};

enum { SESSION_PIECES = 2 };

/*
 * As vscard_session_send_apdu, but the APDU stays the caller's, and must stay
 * where it is until session_end_loan. A short one is copied all the same.
 */
int session_lend_apdu(struct vscard_session *, unsigned reader,
    const void *apdu, size_t len) MUST_CHECK;
/*
 * As vscard_session_pending, without putting what is lent behind the rest:
 * how many pieces there are. vscard_session_sent counts through all of them.
 */
size_t session_pieces(struct vscard_session *,
    struct session_piece out[SESSION_PIECES]);
/*
 * Copies what of the loan was not sent, so that its owner has it back.
 * -ENOMEM: the session has failed; the owner has it back even so.
 */
int session_end_loan(struct vscard_session *) MUST_CHECK;

#endif
