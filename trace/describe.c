/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/describe.h"

#include "trace/apdu.h"
#include "trace/line.h"
#include "trace/words.h"
#include "util/bytes.h"

enum { AID_SHOWN = 16, TAG_MAX = 3, TAG_LIST = 0x5c };

/* "NAME (HEX)", or "HEX" of what has no name. */
static void
add_named(struct line *line, const char *name, const void *data, size_t len)
{
	if (name != NULL)
		line_add(line, "%s (", name);
	line_add_hex(line, data, len);
	if (name != NULL)
		line_add(line, ")");
}

static void
add_named_byte(struct line *line, const char *name, uint8_t byte)
{
	add_named(line, name, &byte, 1);
}

/* ISO 7816-4, table 62. */
static void
add_select(struct line *line, const struct trace_apdu *apdu)
{
	enum applet applet;
	size_t shown = apdu->len < AID_SHOWN ? apdu->len : AID_SHOWN;

	line_add(line, " ");
	if (apdu->p1 == 0x04) {
		applet = applet_of(apdu->data, apdu->len);
		add_named(line,
		    applet != APPLET_OTHER ? applet_name(applet) : NULL,
		    apdu->data, shown);
	} else if (apdu->p1 == 0x03) {
		line_add(line, "parent");
	} else if (apdu->len == 0) {
		line_add(line, "master file");
	} else {
		line_add(line, apdu->p1 >= 0x08 ? "path " : "file ");
		line_add_hex(line, apdu->data, shown);
	}
}

static void
add_parameters(struct line *line, const struct trace_apdu *apdu)
{
	line_add(line, " P1 %02X P2 %02X", apdu->p1, apdu->p2);
}

/* The tag in a tag list, 5C; 0 if there is none of one to three bytes. */
static uint32_t
listed_tag(const struct trace_apdu *apdu)
{
	uint32_t tag = 0;
	struct rd rd;
	uint8_t len;

	rd_init(&rd, apdu->data, apdu->len);
	if (rd_u8(&rd) != TAG_LIST)
		return 0;
	len = rd_u8(&rd);
	if (len > TAG_MAX)
		return 0;
	while (len-- > 0)
		tag = tag << 8 | rd_u8(&rd);
	return rd_ok(&rd) ? tag : 0;
}

static void
add_object(struct line *line, enum applet applet, const struct trace_apdu *apdu)
{
	uint32_t tag = (uint32_t)apdu->p1 << 8 | apdu->p2;
	const char *name;

	if ((apdu->ins & 1) != 0) {
		if (listed_tag(apdu) == 0) {
			add_parameters(line, apdu);
			return;
		}
		tag = listed_tag(apdu);
	}
	name = words_object(applet, tag);
	line_add(line, name != NULL ? " %s (%0*X)" : " %s%0*X",
	    name != NULL ? name : "",
	    tag > 0xffff ? 6
	    : tag > 0xff ? 4
			 : 2,
	    (unsigned)tag);
}

static void
add_offset(struct line *line, const struct trace_apdu *apdu)
{
	if ((apdu->p1 & 0x80) != 0)
		line_add(line, " of file %u at %u", apdu->p1 & 0x1f, apdu->p2);
	else
		line_add(line, " at %u", (unsigned)apdu->p1 << 8 | apdu->p2);
}

static void
add_record(struct line *line, const struct trace_apdu *apdu)
{
	line_add(line, " %u", apdu->p1);
	if (apdu->p2 >> 3 != 0)
		line_add(line, " of file %u", apdu->p2 >> 3);
}

static void
add_ctap(struct line *line, const struct trace_apdu *apdu)
{
	if (apdu->len > 0) {
		line_add(line, " ");
		add_named_byte(line, words_ctap(apdu->data[0]), apdu->data[0]);
	}
}

static void
add_detail(struct line *line, enum words_detail detail, enum applet applet,
    const struct trace_apdu *apdu)
{
	switch (detail) {
	case WORDS_NOTHING:
		break;
	case WORDS_PARAMETERS:
		add_parameters(line, apdu);
		break;
	case WORDS_SELECT:
		add_select(line, apdu);
		break;
	case WORDS_OBJECT:
		add_object(line, applet, apdu);
		break;
	case WORDS_REFERENCE:
	case WORDS_KEY:
		line_add(line, " ");
		add_named_byte(
		    line, words_reference(applet, apdu->p2), apdu->p2);
		break;
	case WORDS_ALGORITHM:
		line_add(line, " ");
		add_named_byte(line, words_algorithm(apdu->p1), apdu->p1);
		line_add(line, ", ");
		add_named_byte(
		    line, words_reference(applet, apdu->p2), apdu->p2);
		break;
	case WORDS_OFFSET:
		add_offset(line, apdu);
		break;
	case WORDS_RECORD:
		add_record(line, apdu);
		break;
	case WORDS_CTAP:
		add_ctap(line, apdu);
		break;
	}
}

static void
add_rest(struct line *line, const struct trace_apdu *apdu)
{
	if (apdu->len > 0 && apdu->ins != APDU_INS_SELECT)
		line_add_bytes(line, apdu->len);
	if (!apdu->sound)
		line_add(line, ", wrong lengths");
	if (apdu->extended)
		line_add(line, ", extended");
	if (trace_apdu_is_chained(apdu))
		line_add(line, ", chained");
	if (trace_apdu_is_secure(apdu))
		line_add(line, ", secure messaging");
	if (trace_apdu_channel(apdu) != 0)
		line_add(line, ", channel %u", trace_apdu_channel(apdu));
}

char *
describe_command(
    enum applet applet, const void *command, size_t len, char *out, size_t cap)
{
	const struct words_ins *ins;
	struct trace_apdu apdu;
	struct line line;

	line_init(&line, out, cap);
	if (!trace_apdu_get(command, len, &apdu)) {
		line_add(&line, "no command");
		line_add_bytes(&line, len);
		return out;
	}
	ins = words_ins_get(applet, &apdu);
	if (ins != NULL) {
		line_add(&line, "%s", ins->name);
		add_detail(&line, ins->detail, applet, &apdu);
	} else {
		line_add(&line, "CLA %02X INS %02X", apdu.cla, apdu.ins);
		add_parameters(&line, &apdu);
	}
	add_rest(&line, &apdu);
	return out;
}
