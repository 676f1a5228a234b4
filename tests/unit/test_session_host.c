/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's side: greetings, readers and cards, message by message. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/talk_host.h"

START_TEST(it_says_nothing_first)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	EVENTS(&t, "");
	OUT(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(a_stock_session_from_start_to_end)
{
	struct talk t;

	host_open_stock(&t);
	ck_assert_uint_eq(vscard_session_capabilities(t.s), 0);
	ck_assert_uint_eq(vscard_session_max_apdu(t.s), VSCARD_APDU_STOCK);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, "\0\xa4\4\0", 4), 0);
	OUT(&t, "APDU 0 00A40400");
	SAY(&t, APDU, 0, "6F009000", "apdu 0 0 6F009000", "");
	SAY(&t, CARD_REMOVE, 0, "", "card remove 0 0", OK("0"));
	SAY(&t, READER_REMOVE, 0, "", "reader remove 0 0", OK("0"));
	ck_assert_int_eq(vscard_session_feed_end(t.s), 0);
	ck_assert_int_eq(vscard_session_fault(t.s), VSCARD_FAULT_NONE);
	talk_close(&t);
}
END_TEST

/* What a bad message gets: those that end the session. */
static const struct fatal {
	enum wire_type type;
	const char *hex;
	const char *events;
	enum vscard_fault fault;
} fatal[] = {
    {WIRE_INIT, "565343580000000200000000", "fault: Init without the VSCD mark",
        VSCARD_FAULT_INIT_MAGIC},
    {WIRE_INIT, "5653434400000002", "fault: Init of a wrong length",
        VSCARD_FAULT_INIT_LENGTH},
    {WIRE_INIT, "", "fault: Init of a wrong length", VSCARD_FAULT_INIT_LENGTH},
    {WIRE_INIT, INIT "00", "fault: Init of a wrong length",
        VSCARD_FAULT_INIT_LENGTH},
};

START_TEST(fatal_messages_are_not_answered)
{
	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++) {
		uint8_t more[16];
		struct talk t;

		host_open(&t, TALK_ALL);
		talk_check(&t, (int)i, fatal[i].type, 0, fatal[i].hex,
		    fatal[i].events, "");
		ck_assert_int_eq(vscard_session_fault(t.s), fatal[i].fault);
		ck_assert_int_eq(vscard_session_feed(t.s, more, 1), -EPROTO);
		ck_assert_int_eq(vscard_session_feed_end(t.s), -EPROTO);
		ck_assert_int_eq(vscard_session_fault(t.s), fatal[i].fault);
		ck_assert_int_eq(vscard_session_power(t.s, 0, 0), -EPROTO);
		ck_assert_int_eq(vscard_session_send_apdu(t.s, 0, "x", 1),
		    -EPROTO);
		EVENTS(&t, fatal[i].events);
		talk_close(&t);
	}
}
END_TEST

START_TEST(a_length_over_the_ceiling_is_fatal)
{
	static const uint8_t header[] = {0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0x19};
	struct talk t;

	host_open_stock(&t);
	talk_bytes(&t, header, sizeof(header));
	EVENTS(&t, "fault: message too long");
	ck_assert_int_eq(vscard_session_fault(t.s), VSCARD_FAULT_LENGTH);
	talk_close(&t);
}
END_TEST

START_TEST(what_was_pending_at_a_fault_can_be_sent)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	talk_say(&t, WIRE_INIT, 0, INIT);
	talk_say(&t, WIRE_INIT, 0, "");
	EVENTS(&t, "open 0 0; fault: Init of a wrong length");
	OUT(&t, STOCK_GREETING);
	OUT(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(an_end_within_a_message_is_a_fault)
{
	static const uint8_t init[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 12, 'V',
	    'S', 'C', 'D', 0, 0, 0, 2, 0, 0, 0, 0};

	for (size_t cut = 0; cut <= sizeof(init); cut++) {
		bool whole = cut == 0 || cut == sizeof(init);
		struct talk t;

		host_open(&t, TALK_ALL);
		talk_bytes(&t, init, cut);
		EVENTS(&t, cut == sizeof(init) ? "open 0 0" : "");
		ck_assert_int_eq(vscard_session_feed_end(t.s),
		    whole ? 0 : -EPROTO);
		ck_assert_int_eq(vscard_session_fault(t.s),
		    whole ? VSCARD_FAULT_NONE : VSCARD_FAULT_TRUNCATED);
		EVENTS(&t, whole ? "" :
				   "fault: stream ended within a message");
		talk_close(&t);
	}
}
END_TEST

START_TEST(inits_are_answered_once)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, INIT, 0, "565343440020000000000000",
	    "odd: Init with another version; open 0 0", STOCK_GREETING);
	SAY(&t, INIT, 0, INIT_ALL, "odd: second Init", "");
	ck_assert_uint_eq(vscard_session_capabilities(t.s), 0);
	SAY(&t, INIT, 0, "", "fault: Init of a wrong length", "");
	talk_close(&t);
}
END_TEST

START_TEST(long_inits_get_twelve_bytes)
{
	struct talk t;

	host_open(&t, TALK_STOCK);
	SAY(&t, INIT, 7, "56534344000000020000000012345678", STOCK_OPEN,
	    STOCK_GREETING);
	talk_close(&t);
}
END_TEST

/* spice-server never sends one. */
START_TEST(clients_may_leave_init_out)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, READER_ADD, 0, "", "odd: messages before Init; reader add 0 0",
	    OK("0"));
	SAY(&t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
	SAY(&t, INIT, 0, INIT_ALL, STOCK_OPEN, STOCK_GREETING);
	talk_close(&t);
}
END_TEST

START_TEST(capabilities_are_what_both_have)
{
	struct talk t;

	host_open(&t, VSCARD_CAP_POWER | VSCARD_CAP_NAME);
	SAY(&t, INIT, 0, "56534344000000028009FFFF", "open 0 90000",
	    "Init - 565343440000000200090000");
	SAY(&t, SIZE, WHO, "00010000", "odd: message of a type not meant for us",
	    GENERAL("-"));
	talk_close(&t);
}
END_TEST

START_TEST(no_instance_is_not_told)
{
	struct vscard_limits limits;
	struct talk t;

	vscard_limits_init(&limits);
	ck_assert_int_eq(
	    vscard_session_new(VSCARD_ROLE_HOST, &limits, &t.s), 0);
	SAY(&t, INIT, 0, INIT_ALL, "open 0 1f0000",
	    "Init - 5653434400000002001F0000; Size - 0001000C");
	talk_close(&t);
}
END_TEST

START_TEST(readers_get_the_lowest_free_id)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, INIT, 0, INIT, STOCK_OPEN, STOCK_GREETING);
	SAY(&t, READER_ADD, WHO, "54657374", "reader add 0 0 54657374", OK("0"));
	SAY(&t, READER_ADD, 3, "5465737400", "reader add 1 0 54657374",
	    OK("1"));
	SAY(&t, READER_ADD, 0, "", "reader add 2 0", OK("2"));
	SAY(&t, READER_ADD, 0, "00", "reader add 3 0", OK("3"));
	SAY(&t, READER_ADD, 0, "", "", "Error - 00000002");
	SAY(&t, READER_REMOVE, 1, "", "reader remove 1 0", OK("1"));
	SAY(&t, READER_ADD, 0, "", "reader add 1 0", OK("1"));
	SAY(&t, ATR, 1, ATR, "card insert 1 0 " ATR, OK("1"));
	talk_close(&t);
}
END_TEST

START_TEST(a_reader_can_be_refused)
{
	struct vscard_event ev;
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, INIT, 0, INIT, STOCK_OPEN, STOCK_GREETING);
	ck_assert_int_eq(vscard_session_refuse(t.s), -ENOENT);
	talk_say(&t, WIRE_READER_ADD, 0, "");
	ck_assert_int_eq(vscard_session_next(t.s, &ev), 1);
	ck_assert_int_eq(ev.type, VSCARD_EVENT_READER_ADD);
	ck_assert_int_eq(vscard_session_refuse(t.s), 0);
	ck_assert_int_eq(vscard_session_refuse(t.s), -ENOENT);
	EVENTS(&t, "");
	OUT(&t, "Error - 00000002");
	SAY(&t, READER_ADD, 0, "", "reader add 0 0", OK("0"));
	ck_assert_int_eq(vscard_session_refuse(t.s), -ENOENT);
	talk_close(&t);
}
END_TEST

/* Even if the program looks at what is pending before it takes the event. */
START_TEST(pending_accepts_but_not_too_early)
{
	struct vscard_event ev;
	struct talk t;

	host_open(&t, TALK_ALL);
	talk_say(&t, WIRE_READER_ADD, 0, "");
	ck_assert_int_eq(vscard_session_next(t.s, &ev), 1);
	ck_assert_int_eq(ev.type, VSCARD_EVENT_ODDITY);
	OUT(&t, "");
	ck_assert_int_eq(vscard_session_next(t.s, &ev), 1);
	ck_assert_int_eq(ev.type, VSCARD_EVENT_READER_ADD);
	OUT(&t, OK("0"));
	ck_assert_int_eq(vscard_session_refuse(t.s), -ENOENT);
	talk_close(&t);
}
END_TEST

START_TEST(an_atr_can_add_reader_0)
{
	struct vscard_event ev;
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, INIT, 0, INIT, STOCK_OPEN, STOCK_GREETING);
	SAY(&t, ATR, 0, ATR, "reader add 0 0; card insert 0 0 " ATR, OK("0"));
	SAY(&t, READER_REMOVE, 0, "", "reader remove 0 0", OK("0"));
	talk_say(&t, WIRE_ATR, 0, ATR);
	ck_assert_int_eq(vscard_session_next(t.s, &ev), 1);
	ck_assert_int_eq(vscard_session_refuse(t.s), 0);
	EVENTS(&t, "");
	OUT(&t, GENERAL("0"));
	SAY(&t, CARD_REMOVE, 0, "", "", OK("0"));
	talk_close(&t);
}
END_TEST

/* What a bad message gets: those that a session lives with. */
START_TEST(odd_messages_get_their_answer)
{
	struct talk t;

	host_open_stock(&t);
#define BAD_ATR "odd: ATR of wrong length or first byte"
#define BAD_TYPE "odd: message of a type not meant for us"
#define BAD_READER "odd: message for an unknown reader"
	SAY(&t, ATR, 0, "", BAD_ATR, GENERAL("0"));
	SAY(&t, ATR, 0, "3B", BAD_ATR, GENERAL("0"));
	SAY(&t, ATR, 0, "007A18000073667465206364313434", BAD_ATR,
	    GENERAL("0"));
	SAY(&t, ATR, 0, "3BFF" ATR ATR "0000", BAD_ATR, GENERAL("0"));
	SAY(&t, ATR, 9, "007A18", BAD_ATR, GENERAL("9"));
	SAY(&t, ATR, 1, ATR, BAD_READER, GENERAL("1"));
	SAY(&t, ATR, WHO, ATR, BAD_READER, GENERAL("-"));
	SAY(&t, CARD_REMOVE, 2, "", BAD_READER, OK("2"));
	SAY(&t, READER_REMOVE, 77, "", BAD_READER, OK("77"));
	SAY(&t, FLUSH, 0, "", BAD_TYPE, GENERAL("0"));
	SAY(&t, FLUSH_COMPLETE, 0, "", BAD_TYPE, GENERAL("0"));
	talk_check(&t, __LINE__, (enum wire_type)99, 5, "616263", BAD_TYPE,
	    GENERAL("5"));
	talk_check(&t, __LINE__, (enum wire_type)0, 0, "", BAD_TYPE,
	    GENERAL("0"));
	SAY(&t, POWER, 0, "00", BAD_TYPE, GENERAL("0"));
	SAY(&t, APDU, 0, "9000", "odd: response that nobody waits for", "");
	SAY(&t, ERROR, 0, "01000000", "odd: response that nobody waits for",
	    "");
	/* And the card is still there. */
	host_command(&t, 0);
	SAY(&t, APDU, 0, "9000", "apdu 0 0 9000", "");
	talk_close(&t);
}
END_TEST

START_TEST(removal_of_what_is_not_there_is_fine)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	SAY(&t, INIT, 0, INIT, STOCK_OPEN, STOCK_GREETING);
	SAY(&t, READER_REMOVE, 0, "", "", OK("0"));
	SAY(&t, CARD_REMOVE, 0, "", "", OK("0"));
	SAY(&t, READER_ADD, 0, "", "reader add 0 0", OK("0"));
	SAY(&t, CARD_REMOVE, 0, "", "", OK("0"));
	talk_close(&t);
}
END_TEST

START_TEST(acknowledgements_keep_the_order)
{
	struct talk t;

	host_open(&t, TALK_ALL);
	talk_say(&t, WIRE_INIT, 0, INIT);
	talk_say(&t, WIRE_READER_REMOVE, 0, "");
	talk_say(&t, WIRE_READER_ADD, 0, "");
	talk_say(&t, WIRE_ATR, 4, ATR);
	talk_say(&t, WIRE_ATR, 0, ATR);
	talk_say(&t, WIRE_FLUSH, 6, "");
	EVENTS(&t, "open 0 0; reader add 0 0; odd: message for an unknown "
		   "reader; card insert 0 0 " ATR "; odd: message of a type "
		   "not meant for us");
	OUT(&t, STOCK_GREETING "; " OK("0") "; " OK("0") "; " GENERAL(
	    "4") "; " OK("0") "; " GENERAL("6"));
	talk_close(&t);
}
END_TEST

START_TEST(limits_are_checked)
{
	struct vscard_session *s = NULL;
	struct vscard_limits good, bad;

	vscard_limits_init(&good);
#define REFUSED(field, value)                                                  \
	do {                                                                   \
		bad = good;                                                    \
		bad.field = value;                                             \
		ck_assert_int_eq(vscard_session_new(VSCARD_ROLE_HOST, &bad,    \
		    &s), -EINVAL);                                             \
		ck_assert_ptr_null(s);                                         \
	} while (0)
	REFUSED(capabilities, 1);
	REFUSED(capabilities, 1u << 31);
	REFUSED(max_apdu, VSCARD_APDU_STOCK - 1);
	REFUSED(max_apdu, VSCARD_APDU_MAX + 1);
	REFUSED(max_readers, 0);
	REFUSED(max_readers, VSCARD_READERS_MAX + 1);
	ck_assert_int_eq(vscard_session_new((enum vscard_role)2, &good, &s),
	    -EINVAL);
	vscard_session_free(&s);
}
END_TEST

UNIT_SUITE("session_host", it_says_nothing_first,
    a_stock_session_from_start_to_end, fatal_messages_are_not_answered,
    a_length_over_the_ceiling_is_fatal, what_was_pending_at_a_fault_can_be_sent,
    an_end_within_a_message_is_a_fault, inits_are_answered_once,
    long_inits_get_twelve_bytes, clients_may_leave_init_out,
    capabilities_are_what_both_have, no_instance_is_not_told,
    readers_get_the_lowest_free_id, a_reader_can_be_refused,
    pending_accepts_but_not_too_early, an_atr_can_add_reader_0,
    odd_messages_get_their_answer, removal_of_what_is_not_there_is_fine,
    acknowledgements_keep_the_order, limits_are_checked)
