/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "util/hex.h"

static const char *const message_names[WIRE_ROWS] = {"unknown", "Init", "Error",
    "ReaderAdd", "ReaderRemove", "ATR", "CardRemove", "APDU", "Flush",
    "FlushComplete", "Size", "Instance", "Name", "Power", "Protocol", "Done",
    "Bye", "Origin"};

void
talk_open(struct talk *t, enum vscard_role role, uint32_t capabilities,
    uint32_t readers)
{
	struct vscard_limits limits;

	vscard_limits_init(&limits);
	limits.capabilities = capabilities;
	limits.max_readers = readers;
	memset(limits.instance, 0x11, sizeof(limits.instance));
	ck_assert_int_eq(vscard_session_new(role, &limits, &t->s), 0);
}

void
talk_close(struct talk *t)
{
	vscard_session_free(&t->s);
	ck_assert_ptr_null(t->s);
}

void
talk_bytes(struct talk *t, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		long n = vscard_session_feed(t->s, p, len);

		ck_assert_int_gt(n, 0);
		p += n;
		len -= (size_t)n;
	}
}

void
talk_say(struct talk *t, enum wire_type type, uint32_t reader, const char *hex)
{
	uint8_t payload[512], bytes[600];
	int len = hex_get(hex, payload, sizeof(payload));
	struct wr wr;

	ck_assert_int_ge(len, 0);
	wr_init(&wr, bytes, sizeof(bytes));
	wire_put(&wr, type, reader, payload, (size_t)len);
	talk_bytes(t, bytes, (size_t)wr_end(&wr));
}

static void __attribute__((format(printf, 2, 3)))
talk_add(struct talk *t, const char *fmt, ...)
{
	size_t len = strlen(t->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->text + len, sizeof(t->text) - len, fmt, ap);
	va_end(ap);
}

static void
talk_add_event(struct talk *t, const struct vscard_event *ev)
{
	char hex[600];

	talk_add(t, "%s", t->text[0] != '\0' ? "; " : "");
	if (ev->type == VSCARD_EVENT_ODDITY) {
		talk_add(t, "odd: %s",
		    vscard_oddity_name((enum vscard_oddity)ev->code));
		return;
	}
	talk_add(t, "%s %u %x%s%s", vscard_event_name(ev->type), ev->reader,
	    ev->code, ev->len > 0 ? " " : "",
	    hex_put(hex, sizeof(hex), ev->data, ev->len));
}

const char *
talk_events(struct talk *t)
{
	struct vscard_event ev;
	int rc;

	t->text[0] = '\0';
	while ((rc = vscard_session_next(t->s, &ev)) == 1)
		talk_add_event(t, &ev);
	if (rc < 0)
		talk_add(t, "%sfault: %s", t->text[0] != '\0' ? "; " : "",
		    vscard_fault_name(vscard_session_fault(t->s)));
	return t->text;
}

const char *
talk_out(struct talk *t)
{
	size_t len, at = 0;
	const uint8_t *p = vscard_session_pending(t->s, &len);
	struct wire_message m;
	char hex[600], reader[16];

	t->text[0] = '\0';
	ck_assert_int_eq(p == NULL, len == 0);
	while (at < len) {
		ck_assert(wire_get_header(p + at, len - at, &m));
		at += WIRE_HEADER_LEN;
		ck_assert_uint_le(m.len, len - at);
		snprintf(reader, sizeof(reader), "%u", m.reader);
		talk_add(t, "%s%s %s%s%s", t->text[0] != '\0' ? "; " : "",
		    message_names[wire_row(m.type)],
		    m.reader == WIRE_NO_READER ? "-" : reader,
		    m.len > 0 ? " " : "",
		    hex_put(hex, sizeof(hex), p + at, m.len));
		at += m.len;
	}
	vscard_session_sent(t->s, len);
	return t->text;
}

void
talk_check(struct talk *t, int line, enum wire_type type, uint32_t reader,
    const char *hex, const char *events, const char *out)
{
	talk_say(t, type, reader, hex);
	ck_assert_msg(strcmp(talk_events(t), events) == 0,
	    "line %d: events '%s', not '%s'", line, t->text, events);
	ck_assert_msg(strcmp(talk_out(t), out) == 0,
	    "line %d: sent '%s', not '%s'", line, t->text, out);
}
