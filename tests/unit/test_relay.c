/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay between two real sessions: a card process and a network host, both
 * played here, in one loop with it.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/clock.h"
#include "util/hex.h"
#include "vscclient/relay.h"

enum { LINE_MAX_LEN = 160, LINES_MAX = 64, WAIT_MS = 20000 };

struct bench {
	struct loop *loop;
	struct relay relay;
	struct link card;      /* ours, towards the card process */
	struct link net;       /* ours, towards the host */
	struct link card_peer; /* the card process */
	struct link net_peer;  /* the host */
	struct vscard_limits card_limits;
	struct vscard_limits net_limits;
	struct loop_timer failsafe;
	char lines[LINES_MAX][LINE_MAX_LEN]; /* what the two players saw */
	int count;
	int taken;        /* lines that bench_want has passed */
	const char *want; /* stop at this line */
	uint8_t data[VSCARD_APDU_MAX]; /* of the last APDU seen */
	size_t len;
	unsigned reader; /* the card process's own */
};

/* --- the players ------------------------------------------------------ */

static void
bench_see(struct bench *b, const char *who, const struct vscard_event *ev)
{
	char hex[64] = "";
	char *line = b->lines[b->count];

	ck_assert_int_lt(b->count, LINES_MAX);
	if (ev->len > 0)
		hex_put(hex, 33, ev->data, ev->len);
	if (ev->type == VSCARD_EVENT_READER_NAME)
		snprintf(hex, sizeof(hex), "%.*s", (int)ev->len,
		    (const char *)ev->data);
	snprintf(line, LINE_MAX_LEN, "%s: %s %u %s", who,
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
static void
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

static void
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

static void
bench_connect(struct bench *b)
{
	struct vscard_limits ours;

	vscard_limits_init(&ours);
	ours.instance[0] = 1;
	open_pair(&b->net, &b->net_peer, &ours, &b->net_limits);
	relay_net_open(&b->relay, &b->net);
	bench_want(b, "host: open");
}

static void
bench_disconnect(struct bench *b)
{
	relay_net_lost(&b->relay);
	link_close(&b->net);
	link_close(&b->net_peer);
}

static struct bench *
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

static void
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
static const uint8_t atr2[] = {0x3b, 0x01, 0x77};
static const uint8_t command[] = {0x00, 0xa4, 0x04, 0x00};
static const uint8_t response[] = {0x6f, 0x00, 0x90, 0x00};

static void
card_add(struct bench *b, const char *name)
{
	ck_assert_int_eq(vscard_session_add_reader(link_session(
	    &b->card_peer), name, &b->reader), 0);
	link_kick(&b->card_peer);
}

static void
card_insert(struct bench *b, const uint8_t *a, size_t len)
{
	ck_assert_int_eq(vscard_session_insert_card(link_session(
	    &b->card_peer), b->reader, a, len), 0);
	link_kick(&b->card_peer);
}

static void
card_answer(struct bench *b, const uint8_t *data, size_t len)
{
	ck_assert_int_eq(vscard_session_send_apdu(link_session(&b->card_peer),
	    b->reader, data, len), 0);
	link_kick(&b->card_peer);
}

static void
card_answer_power(struct bench *b, const uint8_t *a, size_t len)
{
	ck_assert_int_eq(vscard_session_answer_power(link_session(
	    &b->card_peer), b->reader, VSCARD_STATUS_OK, a, len), 0);
	link_kick(&b->card_peer);
}

static int
host_send(struct bench *b, const uint8_t *data, size_t len)
{
	int rc = vscard_session_send_apdu(link_session(&b->net_peer), 0,
	    data, len);

	link_kick(&b->net_peer);
	return rc;
}

static int
host_power(struct bench *b, enum vscard_power power)
{
	int rc = vscard_session_power(link_session(&b->net_peer), 0, power);

	link_kick(&b->net_peer);
	return rc;
}

static struct bench *
bench_with_card(uint32_t card_caps, uint32_t net_caps)
{
	struct bench *b = bench_new(card_caps, net_caps);

	card_add(b, "Reader");
	card_insert(b, atr, sizeof(atr));
	bench_want(b, "host: card insert 0 3B021450");
	return b;
}

/* --- tests ------------------------------------------------------------ */

START_TEST(passes_reader_name_card_and_removal)
{
	struct bench *b = bench_new(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	card_add(b, "Reader one");
	bench_want(b, "host: reader add");
	bench_want(b, "host: reader name 0 Reader one");
	card_insert(b, atr, sizeof(atr));
	bench_want(b, "host: card insert 0 3B021450");
	vscard_session_remove_card(link_session(&b->card_peer), b->reader);
	link_kick(&b->card_peer);
	bench_want(b, "host: card remove");
	vscard_session_remove_reader(link_session(&b->card_peer), b->reader);
	link_kick(&b->card_peer);
	bench_want(b, "host: reader remove");
	bench_free(b);
}
END_TEST

START_TEST(nameless_reader_is_shown_too)
{
	struct bench *b = bench_new(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	card_add(b, "");
	bench_want(b, "host: reader add");
	bench_free(b);
	b = bench_new(0, VSCARD_CAP_ALL);
	card_add(b, "never sent");
	bench_want_before(b, "host: reader add", "host: reader name");
	bench_free(b);
}
END_TEST

START_TEST(passes_apdus_of_any_size)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);
	static uint8_t big[VSCARD_APDU_MAX];

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	ck_assert_int_eq(host_send(b, big, sizeof(big)), 0);
	bench_want(b, "card: apdu");
	ck_assert_uint_eq(b->len, sizeof(big));
	ck_assert_mem_eq(b->data, big, sizeof(big));
	card_answer(b, big, VSCARD_RESPONSE_MAX);
	bench_want(b, "host: apdu");
	ck_assert_uint_eq(b->len, VSCARD_RESPONSE_MAX);
	ck_assert_mem_eq(b->data, big, VSCARD_RESPONSE_MAX);
	bench_free(b);
}
END_TEST

START_TEST(stock_host_gets_an_error_for_a_long_response)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, 0);
	static uint8_t big[VSCARD_APDU_STOCK + 1];

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, big, sizeof(big));
	bench_want(b, "host: apdu failed");
	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, big, VSCARD_APDU_STOCK);
	bench_want(b, "host: apdu 0");
	ck_assert_uint_eq(b->len, VSCARD_APDU_STOCK);
	bench_free(b);
}
END_TEST

START_TEST(stock_card_gets_no_long_command)
{
	struct bench *b = bench_with_card(0, VSCARD_CAP_ALL);
	static uint8_t big[VSCARD_APDU_STOCK + 1];

	ck_assert_int_eq(host_send(b, big, sizeof(big)), 0);
	bench_want_before(b, "host: apdu failed", "card: apdu");
	bench_free(b);
}
END_TEST

START_TEST(passes_power_and_protocol)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_power(b, VSCARD_POWER_RESET), 0);
	bench_want(b, "card: power 2");
	card_answer_power(b, atr2, sizeof(atr2));
	bench_want(b, "host: power done 0 3B0177");
	ck_assert_int_eq(vscard_session_protocol(link_session(&b->net_peer),
	    0, 1), 0);
	link_kick(&b->net_peer);
	bench_want(b, "card: protocol 1");
	ck_assert_int_eq(vscard_session_answer_protocol(link_session(
	    &b->card_peer), b->reader, VSCARD_STATUS_UNSUPPORTED), 0);
	link_kick(&b->card_peer);
	bench_want(b, "host: protocol done 3");
	bench_free(b);
}
END_TEST

START_TEST(stock_card_cannot_be_reset)
{
	struct bench *b = bench_with_card(0, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_power(b, VSCARD_POWER_UP), 0);
	bench_want(b, "host: power done 3");
	bench_free(b);
}
END_TEST

START_TEST(swap_is_removal_and_insertion)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	card_insert(b, atr2, sizeof(atr2));
	bench_want_before(b, "host: card remove", "host: card insert");
	bench_want(b, "host: card insert 0 3B0177");
	bench_free(b);
}
END_TEST

START_TEST(removal_fails_a_command)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	vscard_session_remove_card(link_session(&b->card_peer), b->reader);
	link_kick(&b->card_peer);
	bench_want(b, "card: cancel");
	bench_want(b, "host: card remove");
	card_insert(b, atr, sizeof(atr));
	bench_want(b, "host: card insert");
	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, response, sizeof(response));
	bench_want(b, "host: apdu 0 6F009000");
	bench_free(b);
}
END_TEST

START_TEST(dead_card_process_takes_its_readers_along)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	link_close(&b->card_peer);
	bench_want(b, "host: reader remove");
	bench_free(b);
}
END_TEST

START_TEST(unused_card_is_shown_again_at_once)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	bench_disconnect(b);
	bench_connect(b);
	bench_want(b, "host: reader name 0 Reader");
	bench_want_before(b, "host: card insert 0 3B021450", "card: power");
	bench_free(b);
}
END_TEST

START_TEST(reader_does_not_go_back_to_where_it_comes_from)
{
	struct bench *b = bench_new(VSCARD_CAP_ALL, VSCARD_CAP_ALL);
	uint8_t ids[2 * VSCARD_INSTANCE_LEN] = {4};

	memcpy(ids + VSCARD_INSTANCE_LEN, b->net_limits.instance,
	    VSCARD_INSTANCE_LEN);
	card_add(b, "Circle");
	ck_assert_int_eq(vscard_session_set_origin(link_session(
	    &b->card_peer), b->reader, ids, sizeof(ids)), 0);
	card_insert(b, atr, sizeof(atr));
	bench_want(b, "card: card ready");
	card_add(b, "Straight");
	ck_assert_int_eq(vscard_session_set_origin(link_session(
	    &b->card_peer), b->reader, ids, VSCARD_INSTANCE_LEN), 0);
	bench_want_before(b, "host: reader name 0 Straight", "Circle");
	bench_free(b);
}
END_TEST

START_TEST(used_card_is_powered_down_before_the_next_host)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, 0);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, response, sizeof(response));
	bench_want(b, "host: apdu 0 6F009000");
	bench_disconnect(b);
	bench_want(b, "card: power 0");
	bench_connect(b);
	bench_want_before(b, "host: reader add", "host: card insert");
	card_answer_power(b, NULL, 0);
	bench_want(b, "host: card insert 0 3B021450");
	bench_free(b);
}
END_TEST

START_TEST(answer_for_a_host_that_has_gone_reaches_nobody)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	bench_disconnect(b);
	bench_connect(b);
	bench_want_before(b, "host: reader name", "host: card insert");
	card_answer(b, response, sizeof(response));
	bench_want_before(b, "card: power 0", "host: card insert");
	card_answer_power(b, NULL, 0);
	bench_want_before(b, "host: card insert", "host: apdu");
	ck_assert_int_eq(host_power(b, VSCARD_POWER_UP), 0);
	bench_want_before(b, "card: power 1", "host: apdu");
	bench_free(b);
}
END_TEST

/* A stock card process cannot be told to power down; so be it. */
START_TEST(used_stock_card_is_shown_again)
{
	struct bench *b = bench_with_card(0, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	bench_disconnect(b);
	bench_connect(b);
	bench_want_before(b, "host: reader add", "host: card insert");
	card_answer(b, response, sizeof(response));
	bench_want_before(b, "host: card insert", "host: apdu");
	bench_free(b);
}
END_TEST

UNIT_SUITE("relay", passes_reader_name_card_and_removal,
    nameless_reader_is_shown_too, passes_apdus_of_any_size,
    stock_host_gets_an_error_for_a_long_response,
    stock_card_gets_no_long_command, passes_power_and_protocol,
    stock_card_cannot_be_reset, swap_is_removal_and_insertion,
    removal_fails_a_command, dead_card_process_takes_its_readers_along,
    unused_card_is_shown_again_at_once,
    reader_does_not_go_back_to_where_it_comes_from,
    used_card_is_powered_down_before_the_next_host,
    answer_for_a_host_that_has_gone_reaches_nobody,
    used_stock_card_is_shown_again)
