/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drives one session with arbitrary bytes. A small program acts on its events,
 * by their order alone, so that two runs over the same bytes must agree in
 * every event and in every byte sent, however the bytes were cut.
 */
#ifndef TESTS_FUZZ_DRIVE_H
#define TESTS_FUZZ_DRIVE_H

#include <stddef.h>
#include <stdint.h>

#include "vscard/vscard.h"

struct drive {
	uint64_t events; /* hash over all events */
	uint64_t sent;   /* hash over all bytes sent */
	size_t event_count;
	size_t sent_len;
	enum vscard_fault fault;
};

/*
 * cut: 0 for pieces as large as they fit, or the seed of their sizes. Aborts
 * if the session does what it must not.
 */
void drive_run(enum vscard_role, const struct vscard_limits *,
    const uint8_t *data, size_t len, uint32_t cut, struct drive *out);
/* Runs it whole and cut in several ways, and aborts if they differ. */
void drive_compare(enum vscard_role, const struct vscard_limits *,
    const uint8_t *data, size_t len);
/* The first byte of a fuzzer's input chooses the limits, the rest is sent. */
int drive_input(enum vscard_role, const uint8_t *data, size_t size);

#endif
