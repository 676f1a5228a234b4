/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors inside the project: 0 or a count on success, a negative errno from
 * the list below on failure. Each edge (driver, exit status) has one table
 * that maps them.
 */
#ifndef VSCARD_UTIL_ERR_H
#define VSCARD_UTIL_ERR_H

#include <errno.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/*
 * The closed list and what each means here:
 *
 * EINVAL       the caller's argument or the user's text is wrong
 * ENOMEM       no memory, or a buffer's ceiling is reached
 * EPROTO       the peer broke the protocol; the stream is lost
 * ENODEV       no such reader, or it is detached
 * ENOMEDIUM    no card in the reader
 * EBUSY        a request is already in flight
 * EMSGSIZE     larger than the other side takes
 * ENOTSUP      the peer does not know this request
 * EIO          the card or its owner reported a failure
 * ETIMEDOUT    a deadline passed
 * ECANCELED    ended by close or stop
 * ECONNRESET   the connection is gone
 * EAGAIN       would block; try again when ready
 * ENOENT       no such file, entry or name
 * EACCES       not allowed
 * EBADMSG      what was kept is damaged, or somebody altered it
 * EADDRINUSE   somebody else listens there
 * others       as the kernel gave them, from system calls only
 */

/* A short text for a negative or positive errno; never NULL, static. */
const char *err_text(int err);

#endif
