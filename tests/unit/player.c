/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "util/hex.h"

struct player {
	const struct tape *tape;
	enum vscard_role role;
	struct vscard_session *s;
	uint8_t sent[TAPE_BYTES]; /* by the session, not compared yet */
	size_t sent_len;
	unsigned at;              /* line */
	unsigned number_of[VSCARD_READERS_MAX]; /* a client's, by id */
	enum vscard_event_type asked;
	uint64_t events;
};

/* --- the tape --------------------------------------------------------- */

static void
tape_add(struct tape *t, bool to_host, char *text, unsigned number)
{
	struct tape_line *line = &t->lines[t->count++];
	int len;

	ck_assert_uint_lt(t->count, TAPE_LINES);
	text[strcspn(text, "#\n")] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if (*p == '|')
			*p = ' ';
	len = hex_get(text, t->bytes + t->used, TAPE_BYTES - t->used);
	ck_assert_msg(len >= WIRE_HEADER_LEN, "%s:%u: no message", t->name,
	    number);
	line->to_host = to_host;
	line->number = number;
	line->bytes = t->bytes + t->used;
	line->len = (size_t)len;
	t->used += line->len;
	ck_assert(wire_get_header(line->bytes, line->len, &line->m));
	ck_assert_msg(line->m.len == line->len - WIRE_HEADER_LEN,
	    "%s:%u: wrong length", t->name, number);
	line->m.data = line->bytes + WIRE_HEADER_LEN;
	line->m.have = line->m.len;
}

static void
tape_add_text(struct tape *t, char *text, unsigned number)
{
	char *p = text + strspn(text, "\t ");

	if (strncmp(p, "play ", 5) == 0) {
		t->for_host = strncmp(p + 5, "client", 6) != 0;
		t->for_client = strncmp(p + 5, "host", 4) != 0;
	} else if ((*p == '<' || *p == '>') && p[1] == ' ') {
		tape_add(t, *p == '>', p + 1, number);
	}
}

void
tape_load(struct tape *t, const char *path)
{
	const char *top = getenv("top_srcdir");
	char full[4096], text[512];
	unsigned number = 0;
	FILE *file;

	memset(t, 0, sizeof(*t));
	t->for_host = t->for_client = true;
	snprintf(t->name, sizeof(t->name), "%s", path);
	snprintf(full, sizeof(full), "%s/%s", top != NULL ? top : ".", path);
	file = fopen(full, "r");
	ck_assert_msg(file != NULL, "cannot read %s", full);
	while (fgets(text, sizeof(text), file) != NULL)
		tape_add_text(t, text, ++number);
	fclose(file);
	ck_assert_uint_gt(t->count, 0);
}

size_t
tape_join(const struct tape *t, bool to_host, uint8_t *out, size_t cap)
{
	size_t len = 0;

	for (unsigned i = 0; i < t->count; i++) {
		const struct tape_line *line = &t->lines[i];

		if (line->to_host != to_host)
			continue;
		ck_assert_uint_le(line->len, cap - len);
		memcpy(out + len, line->bytes, line->len);
		len += line->len;
	}
	return len;
}

static const struct tape_line *
tape_find(const struct tape *t, bool to_host, enum wire_type type)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->lines[i].to_host == to_host && t->lines[i].m.type == type)
			return &t->lines[i];
	return NULL;
}

/* --- what the program does -------------------------------------------- */

/* Our part's limits are those that it tells on the tape. */
static void
player_limits(const struct tape *t, bool client, struct vscard_limits *out)
{
	const struct tape_line *line;
	struct wire_init init;

	vscard_limits_init(out);
	out->capabilities = 0;
	line = tape_find(t, client, WIRE_INIT);
	if (line != NULL) {
		ck_assert(!wire_get_init(&line->m, &init));
		out->capabilities = init.capabilities;
	}
	line = tape_find(t, client, WIRE_SIZE);
	if (line != NULL)
		out->max_apdu = wire_get_word(&line->m);
	line = tape_find(t, client, WIRE_INSTANCE);
	if (line != NULL)
		memcpy(out->instance, line->m.data, VSCARD_INSTANCE_LEN);
}

static int
host_act(struct player *p, const struct wire_message *m)
{
	switch (m->type) {
	case WIRE_APDU:
		return vscard_session_send_apdu(p->s, m->reader, m->data,
		    m->len);
	case WIRE_POWER:
		return vscard_session_power(p->s, m->reader,
		    (enum vscard_power)wire_get_byte(m));
	case WIRE_PROTOCOL:
		return vscard_session_protocol(p->s, m->reader,
		    wire_get_byte(m));
	case WIRE_BYE:
		return vscard_session_bye(p->s,
		    (enum vscard_bye)wire_get_word(m));
	default:
		return 0;
	}
}

static int
client_act_add(struct player *p)
{
	const struct tape_line *name = tape_find(p->tape, true, WIRE_NAME);
	char text[VSCARD_NAME_MAX + 1] = "";
	unsigned reader;

	if (name != NULL)
		memcpy(text, name->m.data, name->m.len);
	return vscard_session_add_reader(p->s, text, &reader);
}

/* The card leaves; for good, if a Bye comes later. */
static int
client_act_leave(struct player *p, unsigned reader, bool card)
{
	const struct tape_line *bye = tape_find(p->tape, true, WIRE_BYE);

	for (unsigned i = p->at; bye != NULL && i < p->tape->count; i++)
		if (p->tape->lines[i].m.type == WIRE_ATR)
			bye = NULL;
	if (bye != NULL)
		return vscard_session_finish(p->s,
		    (enum vscard_bye)wire_get_word(&bye->m));
	return card ? vscard_session_remove_card(p->s, reader) :
		      vscard_session_remove_reader(p->s, reader);
}

static int
client_act_done(struct player *p, unsigned reader, const struct wire_message *m)
{
	struct wire_done done;

	wire_get_done(m, &done);
	if (p->asked == VSCARD_EVENT_POWER)
		return vscard_session_answer_power(p->s, reader,
		    (enum vscard_status)done.status, done.atr, done.atr_len);
	return vscard_session_answer_protocol(p->s, reader,
	    (enum vscard_status)done.status);
}

static int
client_act(struct player *p, const struct wire_message *m)
{
	unsigned reader = p->number_of[m->reader % VSCARD_READERS_MAX];
	uint32_t code = wire_get_word(m);

	switch (m->type) {
	case WIRE_ERROR:
		/* An answer to a command that is void is the session's own. */
		if (code == VSCARD_CARD_ERROR_NO_CARD &&
		    p->at + 1 < p->tape->count &&
		    p->tape->lines[p->at + 1].m.type == WIRE_CARD_REMOVE)
			return client_act_leave(p, reader, true);
		return vscard_session_fail_apdu(p->s, reader,
		    (enum vscard_card_error)code);
	case WIRE_READER_ADD:
		return client_act_add(p);
	case WIRE_READER_REMOVE:
		return client_act_leave(p, reader, false);
	case WIRE_ATR:
		return vscard_session_insert_card(p->s, reader, m->data,
		    m->len);
	case WIRE_CARD_REMOVE:
		return client_act_leave(p, reader, true);
	case WIRE_APDU:
		return vscard_session_send_apdu(p->s, reader, m->data, m->len);
	case WIRE_DONE:
		return client_act_done(p, reader, m);
	default:
		return 0;
	}
}

/* --- playing ---------------------------------------------------------- */

static void
player_hash(struct player *p, const void *data, size_t len)
{
	const uint8_t *byte = data;

	while (len-- > 0)
		p->events = (p->events ^ *byte++) * 0x100000001b3u;
}

static void
player_take(struct player *p)
{
	struct vscard_event ev;
	int rc;

	while ((rc = vscard_session_next(p->s, &ev)) == 1) {
		uint32_t words[] = {(uint32_t)ev.type, ev.reader, ev.code};

		player_hash(p, words, sizeof(words));
		player_hash(p, ev.data, ev.len);
		if (ev.type == VSCARD_EVENT_READER_READY)
			p->number_of[ev.code % VSCARD_READERS_MAX] = ev.reader;
		if (ev.type == VSCARD_EVENT_POWER ||
		    ev.type == VSCARD_EVENT_PROTOCOL)
			p->asked = ev.type;
	}
	ck_assert_msg(rc == 0, "%s: %s", p->tape->name,
	    vscard_fault_name(vscard_session_fault(p->s)));
}

static void
player_collect(struct player *p)
{
	const uint8_t *data;
	size_t len;

	while ((data = vscard_session_pending(p->s, &len)) != NULL) {
		ck_assert_uint_le(len, sizeof(p->sent) - p->sent_len);
		memcpy(p->sent + p->sent_len, data, len);
		p->sent_len += len;
		vscard_session_sent(p->s, len);
	}
}

/* Our own line: already sent, or to be done now. */
static void
player_expect(struct player *p, const struct tape_line *line)
{
	int rc = 0;

	player_collect(p);
	if (p->sent_len == 0) {
		rc = p->role == VSCARD_ROLE_HOST ? host_act(p, &line->m) :
						   client_act(p, &line->m);
		player_collect(p);
	}
	ck_assert_msg(rc == 0 && p->sent_len >= line->len &&
	    memcmp(p->sent, line->bytes, line->len) == 0,
	    "%s:%u: not sent like this (%d)", p->tape->name, line->number, rc);
	p->sent_len -= line->len;
	memmove(p->sent, p->sent + line->len, p->sent_len);
}

static void
player_feed(struct player *p, const struct tape_line *line, uint32_t *cut)
{
	size_t at = 0;

	while (at < line->len) {
		size_t piece = line->len - at;
		long n;

		if (*cut != 0) {
			*cut = *cut * 1664525 + 1013904223;
			piece = 1 + (*cut >> 16) % piece;
		}
		n = vscard_session_feed(p->s, line->bytes + at, piece);
		ck_assert_int_gt(n, 0);
		at += (size_t)n;
		/* With some cuts several messages meet in the buffer. */
		if (*cut == 0 || (*cut >> 8) % 3 != 0)
			player_take(p);
	}
}

uint64_t
tape_play(const struct tape *t, enum vscard_role role, uint32_t cut)
{
	bool client = role == VSCARD_ROLE_CLIENT;
	struct player p = {.tape = t, .role = role};
	struct vscard_limits limits;

	player_limits(t, client, &limits);
	ck_assert_int_eq(vscard_session_new(role, &limits, &p.s), 0);
	for (p.at = 0; p.at < t->count; p.at++) {
		const struct tape_line *line = &t->lines[p.at];

		if (line->to_host == client) {
			player_take(&p);
			player_expect(&p, line);
		} else {
			player_feed(&p, line, &cut);
		}
	}
	player_take(&p);
	player_collect(&p);
	ck_assert_msg(p.sent_len == 0, "%s: more was sent", t->name);
	ck_assert_int_eq(vscard_session_feed_end(p.s), 0);
	vscard_session_free(&p.s);
	return p.events;
}
