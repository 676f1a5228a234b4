/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's side: what it asks of cards, and what comes of it. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/talk_host.h"

START_TEST(requests_are_checked)
{
	uint8_t big[VSCARD_APDU_STOCK + 1] = {0};
	struct talk t;

	host_open_stock(&t);
	SAY(&t, READER_ADD, 0, "", "reader add 1 0", OK("1"));
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 2, "x", 1), -ENODEV);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 4, "x", 1), -ENODEV);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 1, "x", 1), -ENOMEDIUM);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, "x", 0), -EINVAL);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, big, sizeof(big)),
	    -EMSGSIZE);
	ck_assert_int_eq(vscard_session_power(t.s, 0, VSCARD_POWER_UP),
	    -ENOTSUP);
	ck_assert_int_eq(vscard_session_protocol(t.s, 0, 1), -ENOTSUP);
	ck_assert_int_eq(vscard_session_protocol(t.s, 0, 2), -EINVAL);
	ck_assert_int_eq(vscard_session_power(t.s, 0, (enum vscard_power)3),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_fail_apdu(t.s, 0,
	    VSCARD_CARD_ERROR_FAILED), -EINVAL);
	ck_assert_int_eq(vscard_session_remove_card(t.s, 0), -EINVAL);
	OUT(&t, "");
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, big,
	    VSCARD_APDU_STOCK), 0);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, "x", 1), -EBUSY);
	talk_close(&t);
}
END_TEST

/* Whatever its code and byte order. */
START_TEST(an_error_is_a_failed_command)
{
	static const struct {
		const char *hex, *events;
	} codes[] = {
	    {"01000000", "apdu failed 0 1"},
	    {"00000001", "apdu failed 0 1"},
	    {"02000000", "apdu failed 0 2"},
	    {"00000000", "apdu failed 0 0"},
	    {"12345678", "apdu failed 0 12345678"},
	    {"", "apdu failed 0 0"},
	    {"0000000200000001", "apdu failed 0 2"},
	};
	struct talk t;

	host_open_stock(&t);
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		host_command(&t, 0);
		SAY(&t, ERROR, 0, codes[i].hex, codes[i].events, "");
	}
	talk_close(&t);
}
END_TEST

START_TEST(a_response_needs_a_status_word)
{
	struct talk t;

	host_open_stock(&t);
	host_command(&t, 0);
	SAY(&t, APDU, 0, "", "apdu failed 0 2", "");
	host_command(&t, 0);
	SAY(&t, APDU, 0, "90", "apdu failed 0 2", "");
	host_command(&t, 0);
	SAY(&t, APDU, 0, "9000", "apdu 0 0 9000", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_response_has_a_largest_size)
{
	static uint8_t bytes[WIRE_HEADER_LEN + VSCARD_PAYLOAD_MAX];
	static const uint32_t sizes[] = {VSCARD_RESPONSE_MAX,
	    VSCARD_RESPONSE_MAX + 1, VSCARD_PAYLOAD_MAX};
	struct talk t;

	host_open_stock(&t);
	for (int i = 0; i < 3; i++) {
		enum vscard_event_type type = VSCARD_EVENT_APDU_FAILED;
		struct vscard_event ev = {.len = 0};
		size_t at = 0, len;
		struct wr wr;

		if (sizes[i] <= VSCARD_RESPONSE_MAX)
			type = VSCARD_EVENT_APDU;
		host_command(&t, 0);
		wr_init(&wr, bytes, sizeof(bytes));
		wire_put(&wr, WIRE_APDU, 0, NULL, 0);
		len = WIRE_HEADER_LEN + sizes[i];
		bytes[9] = (uint8_t)(sizes[i] >> 16);
		bytes[10] = (uint8_t)(sizes[i] >> 8);
		bytes[11] = (uint8_t)sizes[i];
		do {
			long n = vscard_session_feed(t.s, bytes + at, len - at);

			ck_assert_int_ge(n, 0);
			at += (size_t)n;
		} while (vscard_session_next(t.s, &ev) == 0);
		ck_assert_int_eq(ev.type, type);
		ck_assert_uint_eq(ev.len,
		    type == VSCARD_EVENT_APDU ? sizes[i] : 0);
		while (at < len) {
			long n = vscard_session_feed(t.s, bytes + at, len - at);

			ck_assert_int_gt(n, 0);
			at += (size_t)n;
			EVENTS(&t, "");
		}
	}
	talk_close(&t);
}
END_TEST

START_TEST(removal_fails_what_is_in_flight)
{
	struct talk t;

	host_open_stock(&t);
	host_command(&t, 0);
	SAY(&t, CARD_REMOVE, 0, "", "card remove 0 0", OK("0"));
	/* The late answer comes before the next card, or after it. */
	SAY(&t, APDU, 0, "9000", "odd: late response to a failed command", "");
	SAY(&t, APDU, 0, "9000", "odd: response that nobody waits for", "");
	SAY(&t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
	host_command(&t, 0);
	SAY(&t, ATR, 0, "3B00", "card insert 0 0 3B00", OK("0"));
	host_command(&t, 0);
	SAY(&t, ERROR, 0, "01000000", "odd: late response to a failed command",
	    "");
	SAY(&t, APDU, 0, "6A82", "apdu 0 0 6A82", "");
	/* It survives the reader's own removal. */
	host_command(&t, 0);
	SAY(&t, READER_REMOVE, 0, "", "reader remove 0 0", OK("0"));
	SAY(&t, READER_ADD, 0, "", "reader add 0 0", OK("0"));
	SAY(&t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
	host_command(&t, 0);
	SAY(&t, APDU, 0, "1111", "odd: late response to a failed command", "");
	SAY(&t, APDU, 0, "2222", "apdu 0 0 2222", "");
	talk_close(&t);
}
END_TEST

START_TEST(several_late_answers_are_all_swallowed)
{
	struct talk t;

	host_open_stock(&t);
	for (int i = 0; i < 3; i++) {
		host_command(&t, 0);
		SAY(&t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
	}
	host_command(&t, 0);
	for (int i = 0; i < 3; i++)
		SAY(&t, APDU, 0, "1111",
		    "odd: late response to a failed command", "");
	SAY(&t, APDU, 0, "9000", "apdu 0 0 9000", "");
	talk_close(&t);
}
END_TEST

START_TEST(our_clients_owe_no_late_answers)
{
	struct talk t;

	host_open_ours(&t);
	host_command(&t, 0);
	SAY(&t, CARD_REMOVE, 0, "", "card remove 0 0", OK("0"));
	SAY(&t, APDU, 0, "6F00", "odd: response that nobody waits for", "");
	SAY(&t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
	host_command(&t, 0);
	SAY(&t, APDU, 0, "9000", "apdu 0 0 9000", "");
	talk_close(&t);
}
END_TEST

/* vscclient with two soft readers. */
START_TEST(reader_0_may_mean_the_one_that_waits)
{
	struct talk t;

	host_open_stock(&t);
	SAY(&t, READER_ADD, 0, "", "reader add 1 0", OK("1"));
	SAY(&t, ATR, 1, ATR, "card insert 1 0 " ATR, OK("1"));
	SAY(&t, READER_ADD, 0, "", "reader add 2 0", OK("2"));
	SAY(&t, ATR, 2, ATR, "card insert 2 0 " ATR, OK("2"));
	host_command(&t, 1);
	SAY(&t, APDU, 0, "9000", "apdu 1 0 9000", "");
	host_command(&t, 1);
	SAY(&t, ERROR, 0, "01000000", "apdu failed 1 1", "");
	/* Not if two of them wait, and not if reader 0 does. */
	host_command(&t, 1);
	host_command(&t, 2);
	SAY(&t, APDU, 0, "9000", "odd: response that nobody waits for", "");
	host_command(&t, 0);
	SAY(&t, APDU, 0, "9000", "apdu 0 0 9000", "");
	SAY(&t, APDU, 2, "9000", "apdu 2 0 9000", "");
	/* A late answer of one reader is not taken for another's. */
	SAY(&t, CARD_REMOVE, 1, "", "card remove 1 0", OK("1"));
	SAY(&t, APDU, 0, "9000", "odd: late response to a failed command", "");
	talk_close(&t);
}
END_TEST

START_TEST(our_clients_say_what_they_mean)
{
	struct talk t;

	host_open_ours(&t);
	SAY(&t, READER_ADD, 0, "", "reader add 1 0", OK("1"));
	SAY(&t, ATR, 1, ATR, "card insert 1 0 " ATR, OK("1"));
	host_command(&t, 1);
	SAY(&t, APDU, 0, "9000", "odd: response that nobody waits for", "");
	SAY(&t, APDU, 1, "9000", "apdu 1 0 9000", "");
	talk_close(&t);
}
END_TEST

START_TEST(sizes_are_respected)
{
	static const uint8_t big[VSCARD_APDU_MAX];
	struct talk t;

	host_open_ours(&t);
	ck_assert_uint_eq(vscard_session_max_apdu(t.s), 0x10000);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, big, 0x10001),
	    -EMSGSIZE);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, big, 0x10000), 0);
	talk_close(&t);
}
END_TEST

START_TEST(larger_than_any_size_is_the_largest)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	talk_say(&t, WIRE_INIT, 0, INIT_ALL);
	EVENTS(&t, "open 0 3f0000");
	SAY(&t, SIZE, 0, "FFFFFFFF", "",
	    "Init - " INIT_ALL "; Size - 0001000C; Instance - " INSTANCE);
	ck_assert_uint_eq(vscard_session_max_apdu(t.s), VSCARD_APDU_MAX);
	talk_close(&t);
}
END_TEST

START_TEST(power_and_protocol_have_one_answer)
{
	struct talk t;

	host_open_ours(&t);
	ck_assert_int_eq(vscard_session_power(t.s, 0, VSCARD_POWER_RESET), 0);
	OUT(&t, "Power 0 02");
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, "x", 1), -EBUSY);
	SAY(&t, APDU, 0, "9000", "odd: response that nobody waits for", "");
	SAY(&t, ERROR, 0, "00000001", "odd: response that nobody waits for", "");
	SAY(&t, DONE, 0, "003B00", "power done 0 0 3B00", "");
	ck_assert_int_eq(vscard_session_power(t.s, 0, VSCARD_POWER_DOWN), 0);
	OUT(&t, "Power 0 00");
	SAY(&t, DONE, 0, "00", "power done 0 0", "");
	ck_assert_int_eq(vscard_session_power(t.s, 0, VSCARD_POWER_UP), 0);
	OUT(&t, "Power 0 01");
	SAY(&t, DONE, 0, "01", "power done 0 1", "");
	ck_assert_int_eq(vscard_session_protocol(t.s, 0, 1), 0);
	OUT(&t, "Protocol 0 01");
	SAY(&t, DONE, 0, "03", "protocol done 0 3", "");
	SAY(&t, DONE, 0, "00", "odd: response that nobody waits for", "");
	/* Removal ends them as well. */
	ck_assert_int_eq(vscard_session_power(t.s, 0, VSCARD_POWER_UP), 0);
	talk_out(&t);
	SAY(&t, CARD_REMOVE, 0, "", "card remove 0 0", OK("0"));
	SAY(&t, DONE, 0, "02", "odd: response that nobody waits for", "");
	talk_close(&t);
}
END_TEST

START_TEST(names_come_late)
{
	struct talk t;

	host_open_ours(&t);
	SAY(&t, NAME, 0, "4D792072656164657200", "fault: malformed extension "
						 "message", "");
	talk_close(&t);
	host_open_ours(&t);
	SAY(&t, NAME, 0, "C3A4", "reader name 0 0 C3A4", "");
	SAY(&t, NAME, 3, "C3A4", "odd: message for an unknown reader", "");
	talk_close(&t);
}
END_TEST

START_TEST(origins_are_heard)
{
	static const char *const ids = "07000000000000000000000000000000"
				       "08000000000000000000000000000000";
	struct talk t;

	host_open_ours(&t);
	SAY(&t, ORIGIN, 0, ids, "reader origin 0 0 "
	    "0700000000000000000000000000000008000000000000000000000000000000",
	    "");
	SAY(&t, ORIGIN, 3, ids, "odd: message for an unknown reader", "");
	talk_close(&t);
}
END_TEST

START_TEST(goodbyes_are_heard_and_said)
{
	struct talk t;

	host_open_ours(&t);
	SAY(&t, BYE, WHO, "00000001", "bye 0 1", "");
	ck_assert_int_eq(vscard_session_bye(t.s, VSCARD_BYE_LOOP), 0);
	OUT(&t, "Bye - 00000003");
	ck_assert_int_eq(vscard_session_bye(t.s, VSCARD_BYE_DONE), 0);
	OUT(&t, "");
	ck_assert_int_eq(vscard_session_bye(t.s, (enum vscard_bye)4), -EINVAL);
	talk_close(&t);
	host_open_stock(&t);
	ck_assert_int_eq(vscard_session_bye(t.s, VSCARD_BYE_DONE), 0);
	OUT(&t, "");
	talk_close(&t);
}
END_TEST

/* Of the extension: all fatal. */
static const struct {
	enum wire_type type;
	const char *hex;
} malformed[] = {
    {WIRE_SIZE, ""},
    {WIRE_SIZE, "000100"},
    {WIRE_SIZE, "0001000000"},
    {WIRE_SIZE, "00010000"}, /* the second one */
    {WIRE_INSTANCE, PEER},   /* the second one */
    {WIRE_INSTANCE, "22"},
    {WIRE_NAME, ""},
    {WIRE_ORIGIN, ""},
    {WIRE_ORIGIN, "0700000000000000000000000000000008"},
    {WIRE_NAME, "00"},
    {WIRE_DONE, ""},
    {WIRE_DONE, "00"}, /* a command is in flight, not a request */
    {WIRE_BYE, ""},
    {WIRE_BYE, "00000004"},
    {WIRE_BYE, "0000000000"},
};

START_TEST(malformed_extension_messages_are_fatal)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		struct talk t;

		host_open_ours(&t);
		host_command(&t, 0);
		talk_check(&t, (int)i, malformed[i].type, 0, malformed[i].hex,
		    "fault: malformed extension message", "");
		talk_close(&t);
	}
}
END_TEST

START_TEST(too_small_a_size_is_fatal)
{
	struct talk t;

	host_open(&t, VSCARD_CAP_SIZE);
	talk_say(&t, WIRE_INIT, 0, INIT_ALL);
	talk_say(&t, WIRE_SIZE, 0, "0000010D");
	EVENTS(&t, "open 0 40000; fault: malformed extension message");
	talk_close(&t);
}
END_TEST

static const struct {
	enum vscard_power power; /* 3: protocol */
	const char *hex;
} bad_done[] = {
    {VSCARD_POWER_UP, "00"},        /* no ATR */
    {VSCARD_POWER_UP, "003B"},      /* too short */
    {VSCARD_POWER_UP, "000000"},    /* no ATR, by its first byte */
    {VSCARD_POWER_UP, "04"},        /* no such status */
    {VSCARD_POWER_UP, "013B00"},    /* failed, with an ATR */
    {VSCARD_POWER_DOWN, "003B00"},  /* down, with an ATR */
    {(enum vscard_power)3, "003B00"},
};

START_TEST(malformed_done_is_fatal)
{
	for (size_t i = 0; i < sizeof(bad_done) / sizeof(*bad_done); i++) {
		struct talk t;
		int rc;

		host_open_ours(&t);
		rc = bad_done[i].power == 3 ?
		    vscard_session_protocol(t.s, 0, 0) :
		    vscard_session_power(t.s, 0, bad_done[i].power);
		ck_assert_int_eq(rc, 0);
		talk_out(&t);
		talk_check(&t, (int)i, WIRE_DONE, 0, bad_done[i].hex,
		    "fault: malformed extension message", "");
		talk_close(&t);
	}
}
END_TEST

START_TEST(a_peer_that_never_reads_is_given_up)
{
	uint8_t flushes[12 * 64] = {0};
	struct vscard_event ev;
	struct talk t;
	int rounds = 0;

	for (size_t i = 0; i < sizeof(flushes); i += 12)
		flushes[i + 3] = WIRE_FLUSH;
	talk_open(&t, VSCARD_ROLE_HOST, TALK_STOCK, 1);
	while (vscard_session_feed(t.s, flushes, sizeof(flushes)) > 0) {
		while (vscard_session_next(t.s, &ev) > 0)
			;
		ck_assert_int_lt(rounds++, 1000);
	}
	ck_assert_int_eq(vscard_session_fault(t.s), VSCARD_FAULT_MEMORY);
	talk_close(&t);
}
END_TEST

UNIT_SUITE("session_requests", requests_are_checked,
    an_error_is_a_failed_command, a_response_needs_a_status_word,
    a_response_has_a_largest_size, removal_fails_what_is_in_flight,
    several_late_answers_are_all_swallowed, our_clients_owe_no_late_answers,
    reader_0_may_mean_the_one_that_waits, our_clients_say_what_they_mean,
    sizes_are_respected, larger_than_any_size_is_the_largest,
    power_and_protocol_have_one_answer, names_come_late, origins_are_heard,
    goodbyes_are_heard_and_said, malformed_extension_messages_are_fatal,
    too_small_a_size_is_fatal, malformed_done_is_fatal,
    a_peer_that_never_reads_is_given_up)
