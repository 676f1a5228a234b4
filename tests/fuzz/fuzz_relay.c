/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay between two real sessions, a card process and a network host. The
 * input is a program: what the two do, whole or as raw bytes, what is typed at
 * the prompt, and how much time goes by. Whatever one says, the relay's words
 * to the other are in order; as long as both behave, each response is that of
 * its command, and no host sees a card that an earlier one used and nobody
 * powered down. What the prompt says is clean text, if what was typed is.
 *
 * Linked with --wrap for the clock, so that a run is the same each time.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/log.h"
#include "vscclient/commands.h"
#include "vscclient/relay.h"

enum { ROUNDS = 5, STEPS_MAX = 100, CARDS = 4, ATR_LEN = 4 };

/* A peer's own view of one reader. */
struct card {
	bool there; /* the reader is */
	unsigned id;
	enum vscard_event_type owed; /* what it was asked; OPEN: nothing */
	uint32_t code;
	uint8_t tag[2];
	unsigned used_by; /* the host's number; 0: clean */
};

struct stage {
	struct loop *loop;
	struct loop_call tick;
	int rounds;
	struct relay relay;
	struct link card, net;           /* ours */
	struct link card_peer, net_peer; /* the players' */
	bool card_raw, net_raw;          /* they have said whatever they like */
	bool power;                      /* the card process knows of it */
	struct vscard_limits limits[3];  /* ours, the card process's, host's */
	struct card cards[CARDS];
	unsigned host; /* counts them */
	uint16_t tag, sent[VSCARD_READERS_MAX];
	bool refuse; /* the next reader */
	struct commands prompt;
	bool exited; /* by its last line */
};

static int64_t now;

int64_t __wrap_clock_now(void);
int64_t __wrap_clock_after(int64_t);

int64_t
__wrap_clock_now(void)
{
	return now;
}

int64_t
__wrap_clock_after(int64_t ms)
{
	return now + ms;
}

static void
silence(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
}

/* --- rounds of the loop ------------------------------------------------ */

static void
on_tick(void *arg)
{
	struct stage *s = arg;

	if (--s->rounds > 0)
		loop_defer(s->loop, &s->tick);
	else
		loop_stop(s->loop);
}

/* As many as a message needs from one end to the other. */
static void
settle(struct stage *s)
{
	s->rounds = ROUNDS;
	loop_defer(s->loop, &s->tick);
	MUST(loop_run(s->loop) == 0);
}

/* --- the card process -------------------------------------------------- */

static struct card *
card_find(struct stage *s, unsigned id)
{
	for (int i = 0; i < CARDS; i++)
		if (s->cards[i].there && s->cards[i].id == id)
			return &s->cards[i];
	return NULL;
}

static void
card_peer_on_event(void *arg, const struct vscard_event *ev)
{
	struct stage *s = arg;
	struct card *c = card_find(s, ev->reader);

	if (s->card_raw)
		return;
	MUST(ev->type != VSCARD_EVENT_ODDITY);
	MUST(ev->type != VSCARD_EVENT_READER_REFUSED);
	if (c == NULL)
		return;
	if (ev->type == VSCARD_EVENT_CANCEL)
		c->owed = VSCARD_EVENT_OPEN;
	if (ev->type != VSCARD_EVENT_APDU && ev->type != VSCARD_EVENT_POWER &&
	    ev->type != VSCARD_EVENT_PROTOCOL)
		return;
	MUST(c->owed == VSCARD_EVENT_OPEN);
	c->owed = ev->type;
	c->code = ev->code;
	if (ev->type == VSCARD_EVENT_APDU && ev->len >= 3)
		memcpy(c->tag, ev->data + 1, 2);
	if (ev->type == VSCARD_EVENT_APDU)
		c->used_by = s->host;
}

static void
card_answer(struct stage *s, struct card *c, bool well)
{
	static const uint8_t atr[ATR_LEN] = {0x3b, 0x02, 0x14, 0xff};
	const uint8_t response[] = {c->tag[0], c->tag[1], 0x90, 0};
	struct vscard_session *session = link_session(&s->card_peer);
	bool up = c->code != VSCARD_POWER_DOWN;
	int rc = 0;

	if (c->owed == VSCARD_EVENT_APDU)
		rc = well ? vscard_session_send_apdu(
				session, c->id, response, sizeof(response))
			  : vscard_session_fail_apdu(
				session, c->id, VSCARD_CARD_ERROR_FAILED);
	if (c->owed == VSCARD_EVENT_POWER) {
		rc = vscard_session_answer_power(session, c->id,
		    well ? VSCARD_STATUS_OK : VSCARD_STATUS_FAILED,
		    well && up ? atr : NULL, well && up ? ATR_LEN : 0);
		if (!up && well)
			c->used_by = 0;
	}
	if (c->owed == VSCARD_EVENT_PROTOCOL)
		rc = vscard_session_answer_protocol(session, c->id,
		    well ? VSCARD_STATUS_OK : VSCARD_STATUS_UNSUPPORTED);
	MUST(rc == 0 || s->card_raw);
	c->owed = VSCARD_EVENT_OPEN;
}

/* The ATR says whose card it is. */
static void
card_insert(struct stage *s, struct card *c)
{
	const uint8_t atr[ATR_LEN] = {
	    0x3b, 0x02, 0x14, (uint8_t)(c - s->cards)};

	if (vscard_session_insert_card(
		link_session(&s->card_peer), c->id, atr, sizeof(atr)) == 0)
		c->used_by = 0;
}

static void
card_add(struct stage *s, struct card *c)
{
	memset(c, 0, sizeof(*c));
	c->there = vscard_session_add_reader(link_session(&s->card_peer),
		       (c - s->cards) % 2 == 0 ? "reader" : NULL, &c->id) == 0;
}

static void
card_step(struct stage *s, unsigned what, struct card *c)
{
	struct vscard_session *session = link_session(&s->card_peer);

	if (session == NULL)
		return;
	if (!c->there)
		card_add(s, c);
	else if (what < 2 && c->owed != VSCARD_EVENT_OPEN)
		card_answer(s, c, what == 0);
	else if (what == 2)
		vscard_session_remove_card(session, c->id);
	else if (what == 3) {
		vscard_session_remove_reader(session, c->id);
		c->there = false;
	} else
		card_insert(s, c);
	link_kick(&s->card_peer);
}

/* --- the host ---------------------------------------------------------- */

static void
net_peer_on_event(void *arg, const struct vscard_event *ev)
{
	struct stage *s = arg;
	const struct card *c;

	if (s->net_raw)
		return;
	/* An answer may cross the removal that made it void. */
	MUST(ev->type != VSCARD_EVENT_ODDITY ||
	     ev->code == VSCARD_ODDITY_STALE ||
	     ev->code == VSCARD_ODDITY_RESPONSE);
	if (ev->type == VSCARD_EVENT_READER_ADD && s->refuse) {
		MUST(vscard_session_refuse(link_session(&s->net_peer)) == 0);
		s->refuse = false;
	}
	if (s->card_raw)
		return;
	if (ev->type == VSCARD_EVENT_APDU)
		MUST(ev->len == 4 &&
		     (ev->data[0] << 8 | ev->data[1]) == s->sent[ev->reader]);
	if (ev->type != VSCARD_EVENT_CARD_INSERT || ev->data[3] >= CARDS)
		return;
	c = &s->cards[ev->data[3]];
	MUST(!s->power || c->used_by == 0 || c->used_by == s->host);
}

static void
host_step(struct stage *s, unsigned what, unsigned reader)
{
	struct vscard_session *session = link_session(&s->net_peer);
	uint8_t apdu[4] = {0};
	uint16_t tag = ++s->tag;

	if (session == NULL)
		return;
	apdu[1] = (uint8_t)(tag >> 8);
	apdu[2] = (uint8_t)tag;
	if (what == 3)
		s->refuse = true;
	else if (what == 2)
		(void)!vscard_session_protocol(session, reader, tag % 2);
	else if (what == 1)
		(void)!vscard_session_power(
		    session, reader, (enum vscard_power)(tag % 3));
	else if (vscard_session_send_apdu(
		     session, reader, apdu, sizeof(apdu)) == 0)
		s->sent[reader] = tag;
	link_kick(&s->net_peer);
}

/* --- ours, as netproc does it ------------------------------------------ */

static void
card_on_event(void *arg, const struct vscard_event *ev)
{
	struct stage *s = arg;

	relay_card_event(&s->relay, &s->card, ev);
}

static void
card_on_lost(void *arg, int err)
{
	struct stage *s = arg;

	MUST(err != -EPROTO || s->card_raw);
	link_close(&s->card);
	relay_card_lost(&s->relay, &s->card);
}

static void
net_on_event(void *arg, const struct vscard_event *ev)
{
	struct stage *s = arg;

	relay_net_event(&s->relay, ev);
}

static void
net_on_lost(void *arg, int err)
{
	struct stage *s = arg;

	MUST(err != -EPROTO || s->net_raw);
	relay_net_lost(&s->relay);
	link_close(&s->net);
}

/* The relay never breaks the protocol. */
static void
card_peer_on_lost(void *arg, int err)
{
	struct stage *s = arg;

	MUST(err != -EPROTO || s->card_raw);
	link_close(&s->card_peer);
	memset(s->cards, 0, sizeof(s->cards));
}

static void
net_peer_on_lost(void *arg, int err)
{
	struct stage *s = arg;

	MUST(err != -EPROTO || s->net_raw);
	link_close(&s->net_peer);
}

static const struct link_ops card_ops = {card_on_event, card_on_lost};
static const struct link_ops net_ops = {net_on_event, net_on_lost};
static const struct link_ops card_peer_ops = {
    card_peer_on_event, card_peer_on_lost};
static const struct link_ops net_peer_ops = {
    net_peer_on_event, net_peer_on_lost};

/* --- the stage --------------------------------------------------------- */

static void
open_pair(struct link *client, struct link *host,
    const struct vscard_limits *clients, const struct vscard_limits *hosts)
{
	int fd[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	MUST(link_open(client, fd[0], VSCARD_ROLE_CLIENT, clients) == 0);
	MUST(link_open(host, fd[1], VSCARD_ROLE_HOST, hosts) == 0);
}

static void
open_card(struct stage *s)
{
	if (link_is_open(&s->card) || link_is_open(&s->card_peer))
		return;
	s->card_raw = false;
	open_pair(&s->card_peer, &s->card, &s->limits[1], &s->limits[0]);
}

static void
open_net(struct stage *s)
{
	if (link_is_open(&s->net) || link_is_open(&s->net_peer))
		return;
	s->net_raw = false;
	s->host++;
	open_pair(&s->net, &s->net_peer, &s->limits[0], &s->limits[2]);
	relay_net_open(&s->relay, &s->net);
	relay_net_show(&s->relay, &s->card);
	link_kick(&s->net);
}

static void
on_exit_typed(void *arg)
{
	struct stage *s = arg;

	s->exited = true;
}

static void
stage_init(struct stage *s, uint8_t how)
{
	memset(s, 0, sizeof(*s));
	MUST(loop_new(&s->loop) == 0);
	s->tick = (struct loop_call){.on_call = on_tick, .arg = s};
	relay_init(&s->relay, s->loop);
	s->prompt = (struct commands){.relay = &s->relay,
	    .on_exit = on_exit_typed,
	    .arg = s,
	    .quiet = LOG_LEVEL_INFO};
	log_set_level(s->prompt.quiet);
	link_init(&s->card, s->loop, &card_ops, s);
	link_init(&s->net, s->loop, &net_ops, s);
	link_init(&s->card_peer, s->loop, &card_peer_ops, s);
	link_init(&s->net_peer, s->loop, &net_peer_ops, s);
	for (uint8_t i = 0; i < 3; i++) {
		vscard_limits_init(&s->limits[i]);
		s->limits[i].instance[0] = (uint8_t)(i + 1);
	}
	s->power = how % 2 == 0;
	s->limits[1].capabilities = s->power ? VSCARD_CAP_ALL : 0;
	s->limits[2].capabilities = how & 2 ? 0 : VSCARD_CAP_ALL;
	s->limits[2].max_readers = how & 4 ? 1 : CARDS;
	open_card(s);
	open_net(s);
	settle(s);
}

static void
stage_clear(struct stage *s)
{
	link_close(&s->card_peer);
	link_close(&s->net_peer);
	link_close(&s->net);
	link_close(&s->card);
	loop_free(&s->loop);
}

/* --- the program ------------------------------------------------------- */

static void
say_raw(struct link *link, bool *raw, struct rd *rd)
{
	size_t len = rd_u8(rd);
	const uint8_t *bytes = rd_bytes(rd, len);

	if (bytes == NULL || !link_is_open(link))
		return;
	*raw = true;
	(void)!send(link->conn.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool
is_clean(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((text[i] < ' ' && text[i] != '\n') || text[i] == 0x7f)
			return false;
	return true;
}

/* It says something, unless it has nothing to do or to say. */
static void
type(struct stage *s, struct rd *rd)
{
	size_t len = rd_u8(rd), said;
	const char *typed = (const char *)rd_bytes(rd, len);
	char line[UINT8_MAX + 1] = "", *text;
	unsigned selected = s->prompt.selected;
	bool is_empty, was_clean;

	if (typed == NULL)
		return;
	memcpy(line, typed, len);
	is_empty = line[strspn(line, " \t\r\n")] == '\0';
	was_clean = is_clean(line, strlen(line));
	s->exited = false;
	s->prompt.out = open_memstream(&text, &said);
	MUST(s->prompt.out != NULL);
	commands_run(&s->prompt, line);
	MUST(fclose(s->prompt.out) == 0);
	MUST((said > 0) == (!is_empty && !s->exited));
	MUST(said == 0 || text[said - 1] == '\n');
	MUST(!was_clean || is_clean(text, said));
	MUST(s->prompt.selected == selected ||
	     relay_reader_get(&s->relay, s->prompt.selected) != NULL);
	free(text);
}

static void
world_step(struct stage *s, unsigned what, unsigned arg, struct rd *rd)
{
	static const int64_t times[] = {1, RELAY_NAME_MS, RELAY_ORPHAN_MS};

	if (what == 0)
		now += times[arg % 3];
	else if (what == 1)
		link_close(&s->net_peer);
	else if (what == 2)
		open_net(s);
	else if (what == 3) {
		link_close(&s->card_peer);
		memset(s->cards, 0, sizeof(s->cards));
	} else if (what == 4)
		open_card(s);
	else if (what == 5)
		(void)!relay_remove(&s->relay, arg);
	else if (what == 6)
		(void)!relay_insert(&s->relay, arg);
	else
		type(s, rd);
}

/* Two bits say who acts, three what, and three on which reader. */
static void
step(struct stage *s, struct rd *rd)
{
	uint8_t code = rd_u8(rd);
	unsigned what = code >> 2 & 7, arg = code >> 5;

	if (code % 4 == 0)
		card_step(s, what, &s->cards[arg % CARDS]);
	else if (code % 4 == 1)
		host_step(s, what % 4, arg % CARDS);
	else if (code % 4 == 2)
		world_step(s, what, arg, rd);
	else if (arg % 2 == 0)
		say_raw(&s->card_peer, &s->card_raw, rd);
	else
		say_raw(&s->net_peer, &s->net_raw, rd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stage s;
	struct rd rd;

	log_set_sink(silence);
	now = 1000;
	rd_init(&rd, data, size);
	stage_init(&s, size > 0 ? rd_u8(&rd) : 0);
	for (int i = 0; i < STEPS_MAX && rd_ok(&rd) && !rd_end(&rd); i++) {
		step(&s, &rd);
		/* The highest reader bit: without a pause behind it. */
		if (rd.len == 0 || (rd.p[0] & 0x80) == 0)
			settle(&s);
	}
	settle(&s);
	stage_clear(&s);
	return 0;
}
