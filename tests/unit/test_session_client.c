/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's side, message by message. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/talk.h"

#define INIT "565343440000000200000000"
#define INIT_ALL "5653434400000002003F0000"
#define INSTANCE "11111111111111111111111111111111"
#define PEER "22222222222222222222222222222222"
#define ATR1 "3B7A18000073667465206364313434"
#define ATR2 "3B00"
#define OK "00000000"
#define BAD "00000001"
#define WHO WIRE_NO_READER
#define BAD_TYPE "odd: message of a type not meant for us"

static void
insert(struct talk *t, unsigned reader, const char *atr, size_t len)
{
	ck_assert_int_eq(
	    vscard_session_insert_card(t->s, reader, atr, len), 0);
}

static unsigned
add(struct talk *t, const char *name)
{
	unsigned reader = 99;

	ck_assert_int_eq(vscard_session_add_reader(t->s, name, &reader), 0);
	return reader;
}

static void
respond(struct talk *t, unsigned reader)
{
	ck_assert_int_eq(
	    vscard_session_send_apdu(t->s, reader, "\x90\x00", 2), 0);
}

/* Greeted by a stock host, which has acknowledged the first ReaderRemove. */
static void
client_open_stock(struct talk *t)
{
	talk_open(t, VSCARD_ROLE_CLIENT, TALK_STOCK, 3);
	OUT(t, "Init 0 " INIT);
	SAY(t, INIT, WHO, INIT, "open 0 0", "ReaderRemove 0");
	SAY(t, ERROR, 0, OK, "", "");
}

static void
client_open_ours(struct talk *t)
{
	talk_open(t, VSCARD_ROLE_CLIENT, TALK_ALL, 3);
	OUT(t, "Init 0 " INIT_ALL);
	SAY(t, INIT, WHO, INIT_ALL, "open 0 3f0000",
	    "Size - 0001000C; Instance - " INSTANCE "; ReaderRemove 0");
	SAY(t, SIZE, WHO, "00010000", "", "");
	SAY(t, INSTANCE, WHO, PEER, "instance 0 0 " PEER, "");
	SAY(t, ERROR, 0, OK, "", "");
}

/* A reader with id 5 and a card in it. */
static unsigned
with_card(struct talk *t)
{
	unsigned reader = add(t, NULL);

	OUT(t, "ReaderAdd 0");
	SAY(t, ERROR, 5, OK, "reader ready 0 5", "");
	insert(t, reader, "\x3b\0", 2);
	OUT(t, "ATR 5 " ATR2);
	SAY(t, ERROR, 5, OK, "card ready 0 0", "");
	return reader;
}

START_TEST(init_comes_first_and_nothing_else)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 1);
	insert(&t, add(&t, "reader"), "\x3b\0", 2);
	OUT(&t, "Init 0 " INIT);
	EVENTS(&t, "");
	OUT(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(one_control_message_at_a_time)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 2);
	insert(&t, add(&t, NULL), "\x3b\0", 2);
	add(&t, "second");
	talk_out(&t);
	SAY(&t, INIT, WHO, INIT, "open 0 0", "ReaderRemove 0");
	SAY(&t, ERROR, 0, OK, "", "ReaderAdd 0");
	EVENTS(&t, "");
	OUT(&t, "");
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "ReaderAdd 0");
	SAY(&t, ERROR, 1, OK, "reader ready 1 1", "ATR 0 " ATR2);
	SAY(&t, ERROR, 0, OK, "card ready 0 0", "");
	talk_close(&t);
}
END_TEST

START_TEST(every_message_has_the_id_that_the_host_gave)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = with_card(&t);
	SAY(&t, APDU, 5, "00A40400", "apdu 0 0 00A40400", "");
	respond(&t, reader);
	OUT(&t, "APDU 5 9000");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "");
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	OUT(&t, "ReaderRemove 5");
	SAY(&t, ERROR, 5, OK, "", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_second_init_changes_nothing)
{
	struct talk t;

	client_open_stock(&t);
	with_card(&t);
	SAY(&t, INIT, WHO, INIT_ALL, "odd: second Init", "");
	SAY(&t, INIT, WHO, "00", "fault: Init of a wrong length", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_bad_init_is_fatal)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 1);
	talk_say(&t, WIRE_INIT, WHO, "444353560000000200000000");
	EVENTS(&t, "fault: Init without the VSCD mark");
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), -EPROTO);
	OUT(&t, "Init 0 " INIT);
	talk_close(&t);
}
END_TEST

START_TEST(another_version_is_odd)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_ALL, 1);
	talk_out(&t);
	SAY(&t, INIT, WHO, "565343440020000000000000",
	    "odd: Init with another version; open 0 0", "ReaderRemove 0");
	talk_close(&t);
}
END_TEST

START_TEST(two_clients_notice)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_ALL, 1);
	talk_out(&t);
	SAY(&t, INIT, 0, INIT_ALL, "fault: peer plays the same role", "");
	talk_close(&t);
}
END_TEST

START_TEST(capabilities_are_what_was_offered)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, VSCARD_CAP_BYE, 1);
	OUT(&t, "Init 0 565343440000000200100000");
	SAY(&t, INIT, WHO, "5653434400000002FFFFFFFF", "open 0 100000",
	    "ReaderRemove 0");
	SAY(&t, SIZE, WHO, "00010000", BAD_TYPE, "");
	ck_assert_uint_eq(vscard_session_max_apdu(t.s), VSCARD_APDU_STOCK);
	talk_close(&t);
}
END_TEST

START_TEST(swaps_show_only_the_last_card)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = with_card(&t);
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	insert(&t, reader, "\x3b\x01\x41", 3);
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "CardRemove 5");
	EVENTS(&t, "");
	insert(&t, reader, "\x3f\0", 2);
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3F00");
	SAY(&t, ERROR, 5, OK, "card ready 0 0", "");
	insert(&t, reader, "\x3f\0", 2);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3F00");
	talk_close(&t);
}
END_TEST

START_TEST(a_swap_while_an_atr_is_under_way)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = with_card(&t);
	insert(&t, reader, "\x3b\x01\x41", 3);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3B0141");
	insert(&t, reader, "\x3b\x01\x42", 3);
	OUT(&t, "");
	SAY(&t, ERROR, 5, OK, "", "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3B0142");
	SAY(&t, ERROR, 5, OK, "card ready 0 0", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_refused_reader_is_forgotten)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = add(&t, NULL);
	insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, WHO, "00000002", "reader refused 0 2", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), -ENODEV);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), -ENODEV);
	with_card(&t);
	talk_close(&t);
}
END_TEST

/* QEMU has a single slot and says so by giving its id again. */
START_TEST(an_id_given_twice_is_a_refusal)
{
	struct talk t;

	client_open_stock(&t);
	with_card(&t);
	add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 5, OK, "reader refused 1 2", "");
	SAY(&t, APDU, 5, "00A40400", "apdu 0 0 00A40400", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_refused_atr_empties_the_reader)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = add(&t, NULL);
	talk_out(&t);
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "");
	insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ATR 0 3B00");
	SAY(&t, ERROR, 0, BAD, "card refused 0 1", "CardRemove 0");
	SAY(&t, ERROR, 0, OK, "", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), -ENOMEDIUM);
	insert(&t, reader, "\x3f\0", 2);
	OUT(&t, "ATR 0 3F00");
	talk_close(&t);
}
END_TEST

START_TEST(a_refused_atr_of_a_card_long_gone)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = add(&t, NULL);
	talk_out(&t);
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "");
	insert(&t, reader, "\x3b\0", 2);
	talk_out(&t);
	insert(&t, reader, "\x3f\0", 2);
	SAY(&t, ERROR, 0, BAD, "", "CardRemove 0");
	SAY(&t, ERROR, 0, OK, "", "ATR 0 3F00");
	talk_close(&t);
}
END_TEST

START_TEST(a_reader_removed_before_it_was_added)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = add(&t, NULL);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	OUT(&t, "");
	reader = add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	OUT(&t, "");
	SAY(&t, ERROR, 1, OK, "", "ReaderRemove 1");
	SAY(&t, ERROR, 1, BAD, "", "");
	talk_close(&t);
}
END_TEST

START_TEST(a_place_is_free_once_its_removal_is_acknowledged)
{
	unsigned reader, dummy;
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 1);
	talk_out(&t);
	SAY(&t, INIT, WHO, INIT, "open 0 0", "ReaderRemove 0");
	SAY(&t, ERROR, 0, OK, "", "");
	reader = with_card(&t);
	ck_assert_int_eq(vscard_session_add_reader(t.s, "", &dummy), -ENOMEM);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	ck_assert_int_eq(vscard_session_insert_card(t.s, reader, "\x3b\0", 2),
	    -ENODEV);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ReaderRemove 5");
	ck_assert_int_eq(vscard_session_add_reader(t.s, "", &dummy), -ENOMEM);
	SAY(&t, ERROR, 5, OK, "", "");
	with_card(&t);
	talk_close(&t);
}
END_TEST

START_TEST(answers_are_checked)
{
	static const uint8_t big[VSCARD_APDU_STOCK + 1];
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = with_card(&t);
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

START_TEST(wishes_are_checked)
{
	char name[VSCARD_NAME_MAX + 2];
	struct talk t;
	unsigned reader;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 3);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(vscard_session_add_reader(t.s, name, &reader),
	    -EINVAL);
	name[VSCARD_NAME_MAX] = '\0';
	reader = add(&t, name);
	ck_assert_int_eq(vscard_session_insert_card(t.s, reader, "\x3b", 1),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_insert_card(t.s, reader, "\x3a\0", 2),
	    -EINVAL);
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), -ENOMEDIUM);
	ck_assert_int_eq(vscard_session_insert_card(t.s, 2, "\x3b\0", 2),
	    -ENODEV);
	ck_assert_int_eq(vscard_session_insert_card(t.s, 3, "\x3b\0", 2),
	    -ENODEV);
	ck_assert_int_eq(vscard_session_finish(t.s, (enum vscard_bye)4),
	    -EINVAL);
	talk_close(&t);
}
END_TEST

START_TEST(commands_without_a_card_fail)
{
	struct talk t;

	client_open_stock(&t);
	SAY(&t, APDU, 0, "00A40400", "", "Error 0 00000001");
	SAY(&t, APDU, 77, "00A40400", "", "Error 77 00000001");
	add(&t, NULL);
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
	with_card(&t);
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
	reader = with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, APDU, 5, "00B0", "odd: command while one is in flight", "");
	SAY(&t, APDU, 5, "00B1", "odd: command while one is in flight", "");
	SAY(&t, FLUSH, 0, "", "", "");
	respond(&t, reader);
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
	with_card(&t);
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
	reader = with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, FLUSH, 0, "", "", "");
	SAY(&t, FLUSH, 0, "", "", "");
	respond(&t, reader);
	OUT(&t, "APDU 5 9000; FlushComplete 0; FlushComplete 0");
	/* In whichever reader. */
	insert(&t, add(&t, NULL), "\x3b\0", 2);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 6, OK, "reader ready 1 6", "ATR 6 3B00");
	SAY(&t, ERROR, 6, OK, "card ready 1 0", "");
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	SAY(&t, APDU, 6, "00A4", "apdu 1 0 00A4", "");
	SAY(&t, FLUSH, 0, "", "", "");
	respond(&t, reader);
	OUT(&t, "APDU 5 9000");
	respond(&t, 1);
	OUT(&t, "APDU 6 9000; FlushComplete 0");
	talk_close(&t);
}
END_TEST

START_TEST(what_only_clients_say_is_ignored)
{
	struct talk t;

	client_open_stock(&t);
	with_card(&t);
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
	reader = with_card(&t);
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
	insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ATR 5 3B00");
	/* The host may be fast. */
	talk_say(&t, WIRE_ERROR, 5, OK);
	SAY(&t, APDU, 5, "00A4", "card ready 0 0; apdu 0 0 00A4", "");
	insert(&t, reader, "\x3b\0", 2);
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
	reader = with_card(&t);
	add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	SAY(&t, APDU, 5, "00A4", "", "Error 5 00000001");
	insert(&t, reader, "\x3b\0", 2);
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
	reader = with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	respond(&t, reader);
	OUT(&t, "APDU 5 9000; CardRemove 5");
	EVENTS(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(names_follow_the_acknowledgement)
{
	struct talk t;

	client_open_ours(&t);
	add(&t, "\xc3\xa4");
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "Name 0 C3A4");
	add(&t, "");
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
	reader = add(&t, "");
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
	reader = add(&t, "");
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
	reader = with_card(&t);
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
	reader = with_card(&t);
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
		with_card(&t);
		reader = add(&t, NULL);
		insert(&t, reader, "\x3b\0", 2);
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

START_TEST(finish_removes_and_says_bye)
{
	struct talk t;
	unsigned dummy;

	client_open_ours(&t);
	with_card(&t);
	SAY(&t, APDU, 5, "00A4", "apdu 0 0 00A4", "");
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_RESTART), 0);
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), 0);
	ck_assert_int_eq(vscard_session_add_reader(t.s, "", &dummy), -ENODEV);
	OUT(&t, "Error 5 00000001; CardRemove 5");
	EVENTS(&t, "cancel 0 0");
	SAY(&t, ERROR, 5, OK, "", "ReaderRemove 5");
	SAY(&t, ERROR, 5, OK, "finished 0 0", "Bye - 00000001");
	SAY(&t, BYE, WHO, "00000000", "bye 0 0", "");
	EVENTS(&t, "");
	OUT(&t, "");
	talk_close(&t);
}
END_TEST

START_TEST(finish_without_anything)
{
	struct talk t;

	client_open_stock(&t);
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), 0);
	EVENTS(&t, "finished 0 0");
	OUT(&t, "");
	talk_close(&t);
	/* Not even greeted; and a greeting that comes then is too late. */
	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_ALL, 1);
	add(&t, "never seen");
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), 0);
	EVENTS(&t, "finished 0 0");
	OUT(&t, "Init 0 " INIT_ALL);
	SAY(&t, INIT, WHO, INIT, "open 0 0", "");
	talk_close(&t);
}
END_TEST

START_TEST(finish_in_the_middle_of_an_addition)
{
	struct talk t;

	client_open_stock(&t);
	add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), 0);
	EVENTS(&t, "");
	SAY(&t, ERROR, 4, OK, "", "ReaderRemove 4");
	SAY(&t, ERROR, 4, OK, "finished 0 0", "");
	talk_close(&t);
}
END_TEST

UNIT_SUITE("session_client", init_comes_first_and_nothing_else,
    one_control_message_at_a_time,
    every_message_has_the_id_that_the_host_gave,
    a_second_init_changes_nothing, a_bad_init_is_fatal,
    another_version_is_odd, two_clients_notice,
    capabilities_are_what_was_offered, swaps_show_only_the_last_card,
    a_swap_while_an_atr_is_under_way, a_refused_reader_is_forgotten,
    an_id_given_twice_is_a_refusal, a_refused_atr_empties_the_reader,
    a_refused_atr_of_a_card_long_gone, a_reader_removed_before_it_was_added,
    a_place_is_free_once_its_removal_is_acknowledged, answers_are_checked,
    wishes_are_checked, commands_without_a_card_fail,
    commands_of_impossible_sizes_fail, surplus_commands_fail_in_their_turn,
    endless_surplus_is_fatal, flush_waits_for_what_is_in_flight,
    what_only_clients_say_is_ignored, removal_answers_what_is_in_flight,
    commands_for_a_card_on_its_way_out,
    an_answer_beats_a_removal_not_yet_told, names_follow_the_acknowledgement,
    origins_follow_the_acknowledgement,
    power_and_protocol_are_asked_and_answered,
    power_without_a_card_is_answered_at_once,
    malformed_extension_messages_are_fatal, finish_removes_and_says_bye,
    finish_without_anything, finish_in_the_middle_of_an_addition)
