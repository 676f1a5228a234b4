/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's side: what the host asks of its cards. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/talk_client.h"

START_TEST(answers_are_checked)
{
	static const uint8_t big[VSCARD_APDU_STOCK + 1];
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_with_card(&t);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, reader, "\x90\0", 2),
	    -ENOENT);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, 7, "\x90\0", 2),
	    -ENODEV);
	SAY(&t, APDU, 5, "00", "apdu 0 0 00", "");
	ck_assert_int_eq(vscard_session_send_apdu(t.s, reader, "", 0), -EINVAL);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, reader, "\x90", 1),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_send_apdu(t.s, reader, big,
	    sizeof(big)), -EMSGSIZE);
	ck_assert_int_eq(vscard_session_fail_apdu(t.s, reader,
	    (enum vscard_card_error)3), -EINVAL);
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_OK, NULL, 0), -ENOENT);
	ck_assert_int_eq(vscard_session_answer_protocol(t.s, reader,
	    VSCARD_STATUS_OK), -ENOENT);
	ck_assert_int_eq(vscard_session_power(t.s, reader, VSCARD_POWER_UP),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_refuse(t.s), -EINVAL);
	OUT(&t, "");
	ck_assert_int_eq(vscard_session_fail_apdu(t.s, reader,
	    VSCARD_CARD_ERROR_FAILED), 0);
	OUT(&t, "Error 5 00000002");
	ck_assert_int_eq(vscard_session_fail_apdu(t.s, reader,
	    VSCARD_CARD_ERROR_FAILED), -ENOENT);
	talk_close(&t);
}
END_TEST

START_TEST(commands_without_a_card_fail)
{
	struct talk t;

	client_open_stock(&t);
	SAY(&t, APDU, 0, "00A40400", "", "Error 0 00000001");
	SAY(&t, APDU, 77, "00A40400", "", "Error 77 00000001");
	client_add(&t, NULL);
	talk_out(&t);
	SAY(&t, ERROR, 3, OK, "reader ready 0 3", "");
	SAY(&t, APDU, 3, "00A40400", "", "Error 3 00000001");
	talk_close(&t);
}
END_TEST

START_TEST(commands_of_impossible_sizes_fail)
{
	static uint8_t bytes[WIRE_HEADER_LEN + VSCARD_PAYLOAD_MAX] = {0, 0, 0,
	    7, 0, 0, 0, 5, 0, 1, 0, 0x18};
	struct talk t;

	client_open_stock(&t);
	client_with_card(&t);
	SAY(&t, APDU, 5, "", "", "Error 5 00000002");
	for (size_t at = 0; at < sizeof(bytes);) {
		long n = vscard_session_feed(t.s, bytes + at,
		    sizeof(bytes) - at);

		ck_assert_int_gt(n, 0);
		at += (size_t)n;
		EVENTS(&t, "");
	}
	OUT(&t, "Error 5 00000002");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	talk_close(&t);
}
END_TEST

/* QEMU sends a second command if its guest does. */
START_TEST(surplus_commands_fail_in_their_turn)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, APDU, 5, "00B0", "odd: command while one is in flight", "");
	SAY(&t, APDU, 5, "00B1", "odd: command while one is in flight", "");
	SAY(&t, FLUSH, 0, "", "", "");
	client_respond(&t, reader);
	OUT(&t, "APDU 5 9000; Error 5 00000002; Error 5 00000002; "
		"FlushComplete 0");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	SAY(&t, APDU, 5, "00B0", "cancel 0 0", "Error 5 00000001; CardRemove 5; "
					       "APDU 5 6F00");
	talk_close(&t);
}
END_TEST

START_TEST(endless_surplus_is_fatal)
{
	struct talk t;

	client_open_stock(&t);
	client_with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	for (int i = 0; i < UINT8_MAX; i++)
		SAY(&t, APDU, 5, "00B0", "odd: command while one is in flight",
		    "");
	talk_say(&t, WIRE_APDU, 5, "00B0");
	talk_events(&t);
	ck_assert_int_eq(vscard_session_fault(t.s), VSCARD_FAULT_MEMORY);
	talk_close(&t);
}
END_TEST

START_TEST(flush_waits_for_what_is_in_flight)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	SAY(&t, FLUSH, 0, "", "", "FlushComplete 0");
	reader = client_with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, FLUSH, 0, "", "", "");
	SAY(&t, FLUSH, 0, "", "", "");
	client_respond(&t, reader);
	OUT(&t, "APDU 5 9000; FlushComplete 0; FlushComplete 0");
	/* In whichever reader. */
	client_insert(&t, client_add(&t, NULL), "\x3b\0", 2);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 6, OK, "reader ready 1 6", "ATR 6 3B00");
	SAY(&t, ERROR, 6, OK, "card ready 1 0", "");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, APDU, 6, "00A4", "apdu 1 0 00A4", "");
	SAY(&t, FLUSH, 0, "", "", "");
	client_respond(&t, reader);
	OUT(&t, "APDU 5 9000");
	client_respond(&t, 1);
	OUT(&t, "APDU 6 9000; FlushComplete 0");
	talk_close(&t);
}
END_TEST

START_TEST(what_only_clients_say_is_ignored)
{
	struct talk t;

	client_open_stock(&t);
	client_with_card(&t);
	SAY(&t, READER_ADD, 0, "5465", BAD_TYPE, "");
	SAY(&t, READER_REMOVE, 5, "", BAD_TYPE, "");
	SAY(&t, ATR, 5, ATR1, BAD_TYPE, "");
	SAY(&t, CARD_REMOVE, 5, "", BAD_TYPE, "");
	SAY(&t, FLUSH_COMPLETE, 5, "", BAD_TYPE, "");
	SAY(&t, DONE, 5, "00", BAD_TYPE, "");
	SAY(&t, NAME, 5, "00", BAD_TYPE, "");
	SAY(&t, POWER, 5, "00", BAD_TYPE, "");
	talk_check(&t, __LINE__, (enum wire_type)99, 5, "616263", BAD_TYPE, "");
	SAY(&t, ERROR, 5, BAD, "odd: response that nobody waits for", "");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	talk_close(&t);
}
END_TEST

/* The answer goes out before the message that makes it pointless. */
START_TEST(removal_answers_what_is_in_flight)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	OUT(&t, "Error 5 00000001; CardRemove 5");
	ck_assert_int_eq(vscard_session_send_apdu(t.s, reader, "\x90\0", 2),
	    -ENOENT);
	EVENTS(&t, "cancel 0 0");
	/* A command that crossed the removal. */
	SAY(&t, APDU, 5, "00B0", "", "APDU 5 6F00");
	SAY(&t, ERROR, 5, OK, "", "");
	/* And one that makes no sense. */
	SAY(&t, APDU, 5, "00B0", "", "Error 5 00000001");
	client_insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ATR 5 3B00");
	/* The host may be fast. */
	talk_say(&t, WIRE_ERROR, 5, OK);
	SAY(&t, APDU, 5, "00A4", "card ready 0 0; apdu 0 0 00A4", "");
	client_insert(&t, reader, "\x3b\0", 2);
	EVENTS(&t, "cancel 0 0");
	OUT(&t, "Error 5 00000001; CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3B00");
	SAY(&t, ERROR, 5, OK, "card ready 0 0", "");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	EVENTS(&t, "cancel 0 0");
	OUT(&t, "Error 5 00000001; CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ReaderRemove 5");
	SAY(&t, APDU, 5, "00A4", "", "APDU 5 6F00");
	talk_close(&t);
}
END_TEST

/* The removal is known here, but another acknowledgement is awaited. */
START_TEST(commands_for_a_card_on_its_way_out)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_with_card(&t);
	client_add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	SAY(&t, APDU, 5, "00A4", "", "Error 5 00000001");
	client_insert(&t, reader, "\x3b\0", 2);
	SAY(&t, APDU, 5, "00A4", "", "Error 5 00000001");
	SAY(&t, ERROR, 6, OK, "reader ready 1 6", "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3B00");
	talk_close(&t);
}
END_TEST

START_TEST(an_answer_beats_a_removal_not_yet_told)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	client_respond(&t, reader);
	OUT(&t, "APDU 5 9000; CardRemove 5");
	EVENTS(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(names_follow_the_acknowledgement)
{
	struct talk t;

	client_open_ours(&t);
	client_add(&t, "\xc3\xa4");
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "Name 0 C3A4");
	client_add(&t, "");
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 1, OK, "reader ready 1 1", "");
	talk_close(&t);
}
END_TEST

START_TEST(origins_follow_the_acknowledgement)
{
	static const uint8_t ids[VSCARD_ORIGIN_MAX + VSCARD_INSTANCE_LEN] = {7};
	struct talk t;
	unsigned reader;

	client_open_ours(&t);
	reader = client_add(&t, "");
	ck_assert_int_eq(vscard_session_set_origin(t.s, reader, ids, 15),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_set_origin(t.s, reader, ids,
	    sizeof(ids)), -EINVAL);
	ck_assert_int_eq(vscard_session_set_origin(t.s, reader + 1, ids, 16),
	    -ENODEV);
	ck_assert_int_eq(vscard_session_set_origin(t.s, reader, ids, 16), 0);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 0, OK, "reader ready 0 0",
	    "Origin 0 07000000000000000000000000000000");
	talk_close(&t);
	client_open_stock(&t);
	reader = client_add(&t, "");
	ck_assert_int_eq(vscard_session_set_origin(t.s, reader, ids, 16), 0);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "");
	talk_close(&t);
}
END_TEST

START_TEST(power_and_protocol_are_asked_and_answered)
{
	struct talk t;
	unsigned reader;

	client_open_ours(&t);
	reader = client_with_card(&t);
	SAY(&t, POWER, 5, "02", "power 0 2", "");
	ck_assert_int_eq(vscard_session_answer_protocol(t.s, reader,
	    VSCARD_STATUS_OK), -ENOENT);
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_OK, NULL, 0), -EINVAL);
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_FAILED, "\x3b\0", 2), -EINVAL);
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    (enum vscard_status)4, NULL, 0), -EINVAL);
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_OK, "\x3f\0", 2), 0);
	OUT(&t, "Done 5 003F00");
	SAY(&t, POWER, 5, "00", "power 0 0", "");
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_OK, NULL, 0), 0);
	OUT(&t, "Done 5 00");
	SAY(&t, PROTOCOL, 5, "01", "protocol 0 1", "");
	SAY(&t, APDU, 5, "00A4", "odd: command while one is in flight", "");
	ck_assert_int_eq(vscard_session_answer_power(t.s, reader,
	    VSCARD_STATUS_OK, NULL, 0), -ENOENT);
	ck_assert_int_eq(vscard_session_answer_protocol(t.s, reader,
	    VSCARD_STATUS_UNSUPPORTED), 0);
	OUT(&t, "Done 5 03; Error 5 00000002");
	talk_close(&t);
}
END_TEST

START_TEST(power_without_a_card_is_answered_at_once)
{
	struct talk t;
	unsigned reader;

	client_open_ours(&t);
	SAY(&t, POWER, 9, "01", "", "Done 9 02");
	reader = client_with_card(&t);
	SAY(&t, POWER, 5, "01", "power 0 1", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	OUT(&t, "Done 5 02; CardRemove 5");
	EVENTS(&t, "cancel 0 0");
	SAY(&t, PROTOCOL, 5, "01", "", "Done 5 02");
	SAY(&t, ERROR, 5, OK, "", "");
	SAY(&t, POWER, 5, "01", "", "Done 5 02");
	talk_close(&t);
}
END_TEST

/* Of the extension: all fatal. A request is in flight in reader 5. */
static const struct {
	enum wire_type type;
	uint32_t reader;
	const char *hex;
} malformed[] = {
    {WIRE_SIZE, WHO, "00"},
    {WIRE_SIZE, WHO, "00010000"},
    {WIRE_INSTANCE, WHO, PEER},
    {WIRE_INSTANCE, WHO, PEER "00"},
    {WIRE_BYE, WHO, "00000009"},
    {WIRE_POWER, 5, "00"},
    {WIRE_POWER, 6, "03"},
    {WIRE_POWER, 6, ""},
    {WIRE_POWER, 6, "0000"},
    {WIRE_PROTOCOL, 5, "00"},
    {WIRE_PROTOCOL, 6, "02"},
    {WIRE_PROTOCOL, 6, ""},
};

START_TEST(malformed_extension_messages_are_fatal)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		struct talk t;
		unsigned reader;

		client_open_ours(&t);
		client_with_card(&t);
		reader = client_add(&t, NULL);
		client_insert(&t, reader, "\x3b\0", 2);
		OUT(&t, "ReaderAdd 0");
		SAY(&t, ERROR, 6, OK, "reader ready 1 6", "ATR 6 3B00");
		SAY(&t, ERROR, 6, OK, "card ready 1 0", "");
		SAY(&t, POWER, 5, "01", "power 0 1", "");
		talk_check(&t, (int)i, malformed[i].type, malformed[i].reader,
		    malformed[i].hex, "fault: malformed extension message",
		    "");
		talk_close(&t);
	}
}
END_TEST

UNIT_SUITE("session_commands", answers_are_checked,
    commands_without_a_card_fail, commands_of_impossible_sizes_fail,
    surplus_commands_fail_in_their_turn, endless_surplus_is_fatal,
    flush_waits_for_what_is_in_flight, what_only_clients_say_is_ignored,
    removal_answers_what_is_in_flight, commands_for_a_card_on_its_way_out,
    an_answer_beats_a_removal_not_yet_told, names_follow_the_acknowledgement,
    origins_follow_the_acknowledgement,
    power_and_protocol_are_asked_and_answered,
    power_without_a_card_is_answered_at_once,
    malformed_extension_messages_are_fatal)
