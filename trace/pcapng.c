/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/pcapng.h"

#include <string.h>

#include "util/bytes.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	VERSION_MAJOR = 1,
	VERSION_MINOR = 0,
	LINKTYPE_UPPER_PDU = 252,
	NO_SNAPLEN = 0,
	NANOSECONDS = 9, /* 10 to the minus … */
	FLAG_INBOUND = 1,
	FLAG_OUTBOUND = 2,
	TEXT_MAX = 65535,
	/* More than the fixed fields, lengths and paddings of any block. */
	BLOCK_ROOM = 256
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,
	OPTION_FLAGS = 2,
	OPTION_DESCRIPTION = 3,
	OPTION_PROGRAM = 4,
	OPTION_RESOLUTION = 9
};

/* Of the header that Wireshark puts before a packet of this link type. */
enum tag { TAG_END = 0, TAG_DISSECTOR = 12, TAG_DIRECTION = 35 };

enum { DIRECTION_SENT = 0, DIRECTION_RECEIVED = 1 };

static size_t
padding(size_t len)
{
	return (0 - len) & 3;
}

static void
put_padded(struct wr *wr, const void *data, size_t len)
{
	static const uint8_t zeros[3];

	wr_bytes(wr, data, len);
	wr_bytes(wr, zeros, padding(len));
}

static void
put_option(struct wr *wr, enum option code, const void *data, size_t len)
{
	wr_be16(wr, code);
	wr_be16(wr, len);
	put_padded(wr, data, len);
}

static size_t
text_len(const char *text)
{
	return strnlen(text, TEXT_MAX);
}

static void
put_text(struct wr *wr, enum option code, const char *text)
{
	put_option(wr, code, text, text_len(text));
}

static void
put_end(struct wr *wr)
{
	put_option(wr, OPTION_END, NULL, 0);
}

/* --- a block ---------------------------------------------------------- */

struct block {
	struct buf *buf;
	struct wr wr;
};

/* payload: what the block holds beside fixed fields. */
static int
block_open(struct block *block, struct buf *buf, uint32_t type, size_t payload)
{
	uint8_t *room;
	size_t len;
	int rc = buf_space(buf, payload + BLOCK_ROOM, &room, &len);

	if (rc < 0)
		return rc;
	block->buf = buf;
	wr_init(&block->wr, room, len);
	wr_be32(&block->wr, type);
	wr_be32(&block->wr, 0); /* the length, see block_close */
	return 0;
}

static int
block_close(struct block *block)
{
	size_t total = block->wr.len + 4;
	struct wr head;

	wr_be32(&block->wr, total);
	wr_init(&head, block->wr.p + 4, 4);
	wr_be32(&head, total);
	if (wr_end(&block->wr) < 0 || wr_end(&head) < 0)
		return -ENOMEM;
	buf_filled(block->buf, total);
	return 0;
}

int
pcapng_section(struct buf *buf, const char *program)
{
	struct block block;
	int rc = block_open(&block, buf, PCAPNG_MAGIC, text_len(program));

	if (rc < 0)
		return rc;
	wr_be32(&block.wr, BYTE_ORDER);
	wr_be16(&block.wr, VERSION_MAJOR);
	wr_be16(&block.wr, VERSION_MINOR);
	wr_be32(&block.wr, UINT32_MAX); /* the section's length: not known */
	wr_be32(&block.wr, UINT32_MAX);
	put_text(&block.wr, OPTION_PROGRAM, program);
	put_end(&block.wr);
	return block_close(&block);
}

int
pcapng_interface(struct buf *buf, const char *name, const char *description)
{
	static const uint8_t resolution = NANOSECONDS;
	struct block block;
	int rc = block_open(&block, buf, BLOCK_INTERFACE,
	    text_len(name) + text_len(description));

	if (rc < 0)
		return rc;
	wr_be16(&block.wr, LINKTYPE_UPPER_PDU);
	wr_be16(&block.wr, 0);
	wr_be32(&block.wr, NO_SNAPLEN);
	put_text(&block.wr, OPTION_NAME, name);
	put_text(&block.wr, OPTION_DESCRIPTION, description);
	put_option(&block.wr, OPTION_RESOLUTION, &resolution, 1);
	put_end(&block.wr);
	return block_close(&block);
}

/* --- a packet --------------------------------------------------------- */

/* Its length says how many bytes follow, the padding among them. */
static void
put_tag(struct wr *wr, enum tag tag, const void *data, size_t len)
{
	wr_be16(wr, tag);
	wr_be16(wr, len + padding(len));
	put_padded(wr, data, len);
}

static void
put_header(struct wr *wr, enum pcapng_kind kind)
{
	const char *dissector = kind == PCAPNG_TEXT ? "syslog" : "iso7816";
	const uint8_t direction[4] = {0, 0, 0,
	    kind == PCAPNG_COMMAND ? DIRECTION_SENT : DIRECTION_RECEIVED};

	put_tag(wr, TAG_DISSECTOR, dissector, strlen(dissector));
	if (kind != PCAPNG_TEXT)
		put_tag(wr, TAG_DIRECTION, direction, sizeof(direction));
	put_tag(wr, TAG_END, NULL, 0);
}

static void
put_flags(struct wr *wr, enum pcapng_kind kind)
{
	const uint8_t flags[4] = {
	    0, 0, 0, kind == PCAPNG_COMMAND ? FLAG_OUTBOUND : FLAG_INBOUND};

	if (kind != PCAPNG_TEXT)
		put_option(wr, OPTION_FLAGS, flags, sizeof(flags));
}

int
pcapng_packet(struct buf *buf, const struct pcapng_packet *packet)
{
	uint8_t header[64];
	struct block block;
	struct wr wr;
	size_t len;
	int rc;

	wr_init(&wr, header, sizeof(header));
	put_header(&wr, packet->kind);
	rc = wr_end(&wr);
	if (rc < 0)
		return rc;
	len = wr.len + packet->len;
	rc = block_open(
	    &block, buf, BLOCK_PACKET, len + text_len(packet->comment));
	if (rc < 0)
		return rc;
	wr_be32(&block.wr, packet->interface);
	wr_be32(&block.wr, packet->time >> 32);
	wr_be32(&block.wr, packet->time & UINT32_MAX);
	wr_be32(&block.wr, len); /* captured, and as it was */
	wr_be32(&block.wr, len);
	wr_bytes(&block.wr, header, wr.len);
	wr_bytes(&block.wr, packet->data, packet->len);
	wr_bytes(&block.wr, "\0\0\0", padding(len));
	put_text(&block.wr, OPTION_COMMENT, packet->comment);
	put_flags(&block.wr, packet->kind);
	put_end(&block.wr);
	return block_close(&block);
}
