/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/relay_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/unit.h"
#include "util/clock.h"
#include "util/hex.h"

enum { WAIT_MS = 20000 };

/* --- the players ------------------------------------------------------ */

static void
bench_see(struct bench *b, const char *who, const struct vscard_event *ev)
{
	char hex[64] = "";
	char *line = b->lines[b->count];

	ck_assert_int_lt(b->count, BENCH_LINES_MAX);
	if (ev->len > 0)
		hex_put(hex, 33, ev->data, ev->len);
	if (ev->type == VSCARD_EVENT_READER_NAME)
		snprintf(hex, sizeof(hex), "%.*s", (int)ev->len,
		    (const char *)ev->data);
	snprintf(line, BENCH_LINE_MAX, "%s: %s %u %s", who,
	    vscard_event_name(ev->type), ev->code, hex);
	if (ev->type == VSCARD_EVENT_APDU) {
		memcpy(b->data, ev->data, ev->len);
		b->len = ev->len;
	}
	b->count++;
	if (b->want != NULL && strstr(line, b->want) != NULL)
		loop_stop(b->loop);
}

static void
card_peer_on_event(void *arg, const struct vscard_event *ev)
{
	if (ev->type != VSCARD_EVENT_INSTANCE)
		bench_see(arg, "card", ev);
}

static void
net_peer_on_event(void *arg, const struct vscard_event *ev)
{
	if (ev->type != VSCARD_EVENT_INSTANCE)
		bench_see(arg, "host", ev);
}

static void
peer_on_lost(void *arg, int err)
{
	(void)arg;
	(void)err;
}

static const struct link_ops card_peer_ops = {card_peer_on_event, peer_on_lost};
static const struct link_ops net_peer_ops = {net_peer_on_event, peer_on_lost};

/* --- ours ------------------------------------------------------------- */

static void
card_on_event(void *arg, const struct vscard_event *ev)
{
	struct bench *b = arg;

	relay_card_event(&b->relay, &b->card, ev);
}

static void
card_on_lost(void *arg, int err)
{
	struct bench *b = arg;

	(void)err;
	link_close(&b->card);
	relay_card_lost(&b->relay, &b->card);
}

static void
net_on_event(void *arg, const struct vscard_event *ev)
{
	struct bench *b = arg;

	relay_net_event(&b->relay, ev);
}

static const struct link_ops card_ops = {card_on_event, card_on_lost};
static const struct link_ops net_ops = {net_on_event, peer_on_lost};

/* --- the bench -------------------------------------------------------- */

static void
on_failsafe(void *arg)
{
	struct bench *b = arg;

	for (int i = 0; i < b->count; i++)
		printf("# %s\n", b->lines[i]);
	ck_abort_msg("'%s' did not come", b->want);
}

/* The next line with these words; those before it must not have `never`. */
void
bench_want_before(struct bench *b, const char *words, const char *never)
{
	int i = b->taken;

	b->want = words;
	loop_timer_set(b->loop, &b->failsafe, clock_after(WAIT_MS));
	for (;;) {
		for (; i < b->count; i++) {
			if (strstr(b->lines[i], words) != NULL) {
				b->taken = i + 1;
				loop_timer_cancel(b->loop, &b->failsafe);
				return;
			}
			ck_assert_msg(never == NULL ||
			    strstr(b->lines[i], never) == NULL,
			    "'%s' came before '%s'", never, words);
		}
		ck_assert_int_eq(loop_run(b->loop), 0);
	}
}

void
bench_want(struct bench *b, const char *words)
{
	bench_want_before(b, words, NULL);
}

static void
open_pair(struct link *client, struct link *host,
    const struct vscard_limits *client_limits,
    const struct vscard_limits *host_limits)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fd), 0);
	ck_assert_int_eq(link_open(client, fd[0], VSCARD_ROLE_CLIENT,
	    client_limits), 0);
	ck_assert_int_eq(link_open(host, fd[1], VSCARD_ROLE_HOST,
	    host_limits), 0);
}

void
bench_connect(struct bench *b)
{
	struct vscard_limits ours;

	vscard_limits_init(&ours);
	ours.instance[0] = 1;
	open_pair(&b->net, &b->net_peer, &ours, &b->net_limits);
	relay_net_open(&b->relay, &b->net);
	relay_net_show(&b->relay, &b->card);
	link_kick(&b->net);
	bench_want(b, "host: open");
}

void
bench_disconnect(struct bench *b)
{
	relay_net_lost(&b->relay);
	link_close(&b->net);
	link_close(&b->net_peer);
}

struct bench *
bench_new(uint32_t card_caps, uint32_t net_caps)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct vscard_limits ours;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(loop_new(&b->loop), 0);
	relay_init(&b->relay, b->loop);
	link_init(&b->card, b->loop, &card_ops, b);
	link_init(&b->net, b->loop, &net_ops, b);
	link_init(&b->card_peer, b->loop, &card_peer_ops, b);
	link_init(&b->net_peer, b->loop, &net_peer_ops, b);
	b->failsafe.deadline = CLOCK_NEVER;
	b->failsafe.on_time = on_failsafe;
	b->failsafe.arg = b;
	vscard_limits_init(&ours);
	vscard_limits_init(&b->card_limits);
	vscard_limits_init(&b->net_limits);
	ours.instance[0] = 1;
	b->card_limits.instance[0] = 2;
	b->net_limits.instance[0] = 3;
	b->card_limits.capabilities = card_caps;
	b->net_limits.capabilities = net_caps;
	open_pair(&b->card_peer, &b->card, &b->card_limits, &ours);
	bench_connect(b);
	return b;
}

void
bench_free(struct bench *b)
{
	link_close(&b->card_peer);
	link_close(&b->net_peer);
	link_close(&b->net);
	link_close(&b->card);
	loop_free(&b->loop);
	free(b);
}

/* --- what the players do ---------------------------------------------- */

static const uint8_t atr[] = {0x3b, 0x02, 0x14, 0x50};

void
card_add(struct bench *b, const char *name)
{
	ck_assert_int_eq(vscard_session_add_reader(link_session(
	    &b->card_peer), name, &b->reader), 0);
	link_kick(&b->card_peer);
}

void
card_insert(struct bench *b, const uint8_t *a, size_t len)
{
	ck_assert_int_eq(vscard_session_insert_card(link_session(
	    &b->card_peer), b->reader, a, len), 0);
	link_kick(&b->card_peer);
}

void
card_answer(struct bench *b, const uint8_t *data, size_t len)
{
	ck_assert_int_eq(vscard_session_send_apdu(link_session(&b->card_peer),
	    b->reader, data, len), 0);
	link_kick(&b->card_peer);
}

void
card_answer_power(struct bench *b, const uint8_t *a, size_t len)
{
	ck_assert_int_eq(vscard_session_answer_power(link_session(
	    &b->card_peer), b->reader, VSCARD_STATUS_OK, a, len), 0);
	link_kick(&b->card_peer);
}

void
card_refuse_power(struct bench *b, enum vscard_status status)
{
	ck_assert_int_eq(vscard_session_answer_power(link_session(
	    &b->card_peer), b->reader, status, NULL, 0), 0);
	link_kick(&b->card_peer);
}

int
host_send(struct bench *b, const uint8_t *data, size_t len)
{
	int rc = vscard_session_send_apdu(link_session(&b->net_peer), 0,
	    data, len);

	link_kick(&b->net_peer);
	return rc;
}

int
host_power(struct bench *b, enum vscard_power power)
{
	int rc = vscard_session_power(link_session(&b->net_peer), 0, power);

	link_kick(&b->net_peer);
	return rc;
}

struct bench *
bench_with_card(uint32_t card_caps, uint32_t net_caps)
{
	struct bench *b = bench_new(card_caps, net_caps);

	card_add(b, "Reader");
	card_insert(b, atr, sizeof(atr));
	bench_want(b, "host: card insert 0 3B021450");
	return b;
}
