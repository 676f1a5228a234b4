/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng) whose packets
 * Wireshark's dissector for ISO 7816 takes without being told: the link type
 * is WIRESHARK_UPPER_PDU, and each packet names its dissector and its
 * direction. Numbers are big-endian, times are nanoseconds.
 */
#ifndef VSCARD_TRACE_PCAPNG_H
#define VSCARD_TRACE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

enum pcapng_kind {
	PCAPNG_COMMAND,
	PCAPNG_RESPONSE, /* an ATR too: the dissector knows it by its start */
	PCAPNG_TEXT      /* a line; shown as such */
};

struct pcapng_packet {
	enum pcapng_kind kind;
	uint32_t interface; /* counts from 0 in each section */
	uint64_t time;      /* nanoseconds since 1970 */
	const void *data;
	size_t len;
	const char *comment; /* UTF-8 */
};

/* The first words of any section, in either byte order. */
enum { PCAPNG_MAGIC = 0x0a0d0d0a };

/*
 * Each appends one block, or nothing: -ENOMEM at the buffer's ceiling or
 * without memory. Texts are UTF-8, and cut at 65535 bytes.
 */
int pcapng_section(struct buf *, const char *program) MUST_CHECK;
int pcapng_interface(
    struct buf *, const char *name, const char *description) MUST_CHECK;
int pcapng_packet(struct buf *, const struct pcapng_packet *) MUST_CHECK;

#endif
