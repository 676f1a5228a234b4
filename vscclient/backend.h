/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where cards come from. A backend opens what a SPEC names, tells of readers
 * and cards through the sink, and carries out what the host asks.
 *
 * admit, transmit, power and protocol are called one at a time for a reader,
 * but on any thread of the crew and for several readers at once; they may take
 * as long as the card does. reader is the number that the backend gave to the
 * sink.
 */
#ifndef VSCCLIENT_BACKEND_H
#define VSCCLIENT_BACKEND_H

#include "vscclient/cardspec.h"
#include "vscclient/sink.h"

struct backend_ops {
	/*
	 * Does what the process will have no right to any more, while it has
	 * one thread. host: the connection, for whoever has to ask somebody.
	 * Borrows spec until close. Errors as of open. NULL: nothing.
	 */
	int (*prepare)(const struct cardspec *, int host, void **out_backend);
	/*
	 * *backend: what was prepared. Borrows spec and sink until close.
	 * -ENOENT and others: the card cannot be had, and one line in the log
	 * says why.
	 */
	int (*open)(const struct cardspec *, struct sink *, void **backend);
	/* No call of the sink comes any more; it may be prepared only. */
	void (*close)(void *backend);
	/*
	 * May the reader be announced? 0, or -EACCES and one line in the log
	 * says why not. NULL: all may. origin holds VSCARD_ORIGIN_MAX bytes;
	 * see vscard_session_set_origin().
	 */
	int (*admit)(void *backend, unsigned reader, uint8_t *origin,
	    size_t *out_len);
	/*
	 * One command and its response, which is never cut. A card that was
	 * powered down is powered up first. -ENOMEDIUM: no card; -EIO and
	 * others: no response.
	 */
	int (*transmit)(void *backend, unsigned reader, const uint8_t *command,
	    size_t len, uint8_t *response, size_t cap, size_t *out_len);
	/* atr holds VSCARD_ATR_MAX bytes; filled when the card is up. */
	enum vscard_status (*power)(void *backend, unsigned reader,
	    enum vscard_power, uint8_t *atr, size_t *out_len);
	/* protocol: 0 or 1. */
	enum vscard_status (*protocol)(void *backend, unsigned reader,
	    unsigned protocol);
	/* Threads of its libraries go on after close, and nobody can end them. */
	bool has_threads;
};

extern const struct backend_ops backend_key;
extern const struct backend_ops backend_nss;
extern const struct backend_ops backend_pcsc;

#endif
