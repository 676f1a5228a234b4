/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay passes on, and what it does when one side goes. */
#include "tests/unit/relay_bench.h"

#include <string.h>

#include "tests/unit/unit.h"

static const uint8_t atr[] = {0x3b, 0x02, 0x14, 0x50};
static const uint8_t atr2[] = {0x3b, 0x01, 0x77};
static const uint8_t command[] = {0x00, 0xa4, 0x04, 0x00};
static const uint8_t response[] = {0x6f, 0x00, 0x90, 0x00};

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

/* But it can be used: a host that got an error would not take it. */
START_TEST(stock_card_keeps_its_state)
{
	struct bench *b = bench_with_card(0, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_power(b, VSCARD_POWER_UP), 0);
	bench_want(b, "host: power done 0 3B021450");
	ck_assert_int_eq(host_power(b, VSCARD_POWER_RESET), 0);
	bench_want(b, "host: power done 0 3B021450");
	ck_assert_int_eq(host_power(b, VSCARD_POWER_DOWN), 0);
	bench_want(b, "host: power done 0 ");
	ck_assert_int_eq(vscard_session_protocol(link_session(&b->net_peer),
	    0, 1), 0);
	link_kick(&b->net_peer);
	bench_want(b, "host: protocol done 0");
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

/* It still knows what the host before has proved to it. */
START_TEST(used_card_that_stays_up_is_given_up)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, response, sizeof(response));
	bench_want(b, "host: apdu 0 6F009000");
	bench_disconnect(b);
	bench_want(b, "card: power 0");
	card_refuse_power(b, VSCARD_STATUS_FAILED);
	bench_connect(b);
	ck_assert_ptr_null(relay_reader_get(&b->relay, 0));
	bench_free(b);
}
END_TEST

/* Whoever knows no power-down is no better than a stock card process. */
START_TEST(used_card_without_power_is_shown_again)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	card_answer(b, response, sizeof(response));
	bench_disconnect(b);
	bench_connect(b);
	bench_want(b, "card: power 0");
	card_refuse_power(b, VSCARD_STATUS_UNSUPPORTED);
	bench_want(b, "host: card insert 0 3B021450");
	bench_free(b);
}
END_TEST

START_TEST(failed_reset_is_no_power_down)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(host_power(b, VSCARD_POWER_RESET), 0);
	bench_want(b, "card: power 2");
	bench_disconnect(b);
	bench_connect(b);
	card_refuse_power(b, VSCARD_STATUS_FAILED);
	bench_want_before(b, "card: power 0", "host: card insert");
	card_answer_power(b, NULL, 0);
	bench_want(b, "host: card insert 0 3B021450");
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

/* The card process sees that its card is powered down, and nothing else. */
START_TEST(card_removed_by_hand_is_withheld)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(relay_insert(&b->relay, 0), -EBUSY);
	ck_assert_int_eq(host_send(b, command, sizeof(command)), 0);
	bench_want(b, "card: apdu 0 00A40400");
	ck_assert_int_eq(relay_remove(&b->relay, 0), 0);
	ck_assert_int_eq(relay_remove(&b->relay, 0), -ENOMEDIUM);
	bench_want(b, "host: card remove");
	ck_assert_int_eq(relay_insert(&b->relay, 0), 0);
	card_answer(b, response, sizeof(response));
	bench_want_before(b, "card: power 0", "host: card insert");
	card_answer_power(b, NULL, 0);
	bench_want_before(b, "host: card insert 0 3B021450", "host: apdu");
	bench_free(b);
}
END_TEST

START_TEST(card_withheld_stays_so)
{
	struct bench *b = bench_with_card(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(relay_remove(&b->relay, 0), 0);
	bench_want(b, "host: card remove");
	bench_disconnect(b);
	bench_connect(b);
	card_insert(b, atr2, sizeof(atr2));
	card_add(b, "Second");
	bench_want_before(b, "host: reader name 0 Second", "host: card insert");
	ck_assert_int_eq(relay_insert(&b->relay, 0), 0);
	bench_want(b, "host: card insert 0 3B0177");
	bench_free(b);
}
END_TEST

START_TEST(hand_needs_a_reader_and_a_card)
{
	struct bench *b = bench_new(VSCARD_CAP_ALL, VSCARD_CAP_ALL);

	ck_assert_int_eq(relay_remove(&b->relay, 0), -ENODEV);
	ck_assert_int_eq(relay_insert(&b->relay, 0), -ENODEV);
	ck_assert_int_eq(relay_remove(&b->relay, RELAY_READERS_MAX), -ENODEV);
	ck_assert_ptr_null(relay_reader_get(&b->relay, RELAY_READERS_MAX));
	card_add(b, "Reader");
	bench_want(b, "host: reader name");
	ck_assert_int_eq(relay_remove(&b->relay, 0), -ENOMEDIUM);
	ck_assert_int_eq(relay_insert(&b->relay, 0), -EBUSY);
	bench_disconnect(b);
	ck_assert(!relay_reader_is_active(relay_reader_get(&b->relay, 0)));
	bench_free(b);
}
END_TEST

UNIT_SUITE("relay", passes_reader_name_card_and_removal,
    nameless_reader_is_shown_too, passes_apdus_of_any_size,
    stock_host_gets_an_error_for_a_long_response,
    stock_card_gets_no_long_command, passes_power_and_protocol,
    stock_card_keeps_its_state, swap_is_removal_and_insertion,
    removal_fails_a_command, dead_card_process_takes_its_readers_along,
    unused_card_is_shown_again_at_once,
    reader_does_not_go_back_to_where_it_comes_from,
    used_card_is_powered_down_before_the_next_host,
    answer_for_a_host_that_has_gone_reaches_nobody,
    used_card_that_stays_up_is_given_up, used_card_without_power_is_shown_again,
    failed_reset_is_no_power_down,
    used_stock_card_is_shown_again, card_removed_by_hand_is_withheld,
    card_withheld_stays_so, hand_needs_a_reader_and_a_card)
