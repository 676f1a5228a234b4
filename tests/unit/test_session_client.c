/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's side: greetings, readers and cards, message by message. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/talk_client.h"

START_TEST(init_comes_first_and_nothing_else)
{
	struct talk t;

	talk_open(&t, VSCARD_ROLE_CLIENT, TALK_STOCK, 1);
	client_insert(&t, client_add(&t, "reader"), "\x3b\0", 2);
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
	client_insert(&t, client_add(&t, NULL), "\x3b\0", 2);
	client_add(&t, "second");
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
	reader = client_with_card(&t);
	SAY(&t, APDU, 5, "00A40400", "apdu 0 0 00A40400", "");
	client_respond(&t, reader);
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
	client_with_card(&t);
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
	reader = client_with_card(&t);
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	client_insert(&t, reader, "\x3b\x01\x41", 3);
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), 0);
	client_insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "CardRemove 5");
	EVENTS(&t, "");
	client_insert(&t, reader, "\x3f\0", 2);
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3F00");
	SAY(&t, ERROR, 5, OK, "card ready 0 0", "");
	client_insert(&t, reader, "\x3f\0", 2);
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
	reader = client_with_card(&t);
	client_insert(&t, reader, "\x3b\x01\x41", 3);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ATR 5 3B0141");
	client_insert(&t, reader, "\x3b\x01\x42", 3);
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
	reader = client_add(&t, NULL);
	client_insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ReaderAdd 0");
	SAY(&t, ERROR, WHO, "00000002", "reader refused 0 2", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), -ENODEV);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), -ENODEV);
	client_with_card(&t);
	talk_close(&t);
}
END_TEST

/* QEMU has a single slot and says so by giving its id again. */
START_TEST(an_id_given_twice_is_a_refusal)
{
	struct talk t;

	client_open_stock(&t);
	client_with_card(&t);
	client_add(&t, NULL);
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
	reader = client_add(&t, NULL);
	talk_out(&t);
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "");
	client_insert(&t, reader, "\x3b\0", 2);
	OUT(&t, "ATR 0 3B00");
	SAY(&t, ERROR, 0, BAD, "card refused 0 1", "CardRemove 0");
	SAY(&t, ERROR, 0, OK, "", "");
	ck_assert_int_eq(vscard_session_remove_card(t.s, reader), -ENOMEDIUM);
	client_insert(&t, reader, "\x3f\0", 2);
	OUT(&t, "ATR 0 3F00");
	talk_close(&t);
}
END_TEST

START_TEST(a_refused_atr_of_a_card_long_gone)
{
	struct talk t;
	unsigned reader;

	client_open_stock(&t);
	reader = client_add(&t, NULL);
	talk_out(&t);
	SAY(&t, ERROR, 0, OK, "reader ready 0 0", "");
	client_insert(&t, reader, "\x3b\0", 2);
	talk_out(&t);
	client_insert(&t, reader, "\x3f\0", 2);
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
	reader = client_add(&t, NULL);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	OUT(&t, "");
	reader = client_add(&t, NULL);
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
	reader = client_with_card(&t);
	ck_assert_int_eq(vscard_session_add_reader(t.s, "", &dummy), -ENOMEM);
	ck_assert_int_eq(vscard_session_remove_reader(t.s, reader), 0);
	ck_assert_int_eq(vscard_session_insert_card(t.s, reader, "\x3b\0", 2),
	    -ENODEV);
	OUT(&t, "CardRemove 5");
	SAY(&t, ERROR, 5, OK, "", "ReaderRemove 5");
	ck_assert_int_eq(vscard_session_add_reader(t.s, "", &dummy), -ENOMEM);
	SAY(&t, ERROR, 5, OK, "", "");
	client_with_card(&t);
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
	reader = client_add(&t, name);
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

START_TEST(finish_removes_and_says_bye)
{
	struct talk t;
	unsigned dummy;

	client_open_ours(&t);
	client_with_card(&t);
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
	client_add(&t, "never seen");
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
	client_add(&t, NULL);
	OUT(&t, "ReaderAdd 0");
	ck_assert_int_eq(vscard_session_finish(t.s, VSCARD_BYE_DONE), 0);
	EVENTS(&t, "");
	SAY(&t, ERROR, 4, OK, "", "ReaderRemove 4");
	SAY(&t, ERROR, 4, OK, "finished 0 0", "");
	talk_close(&t);
}
END_TEST

UNIT_SUITE("session_client", init_comes_first_and_nothing_else,
    one_control_message_at_a_time, every_message_has_the_id_that_the_host_gave,
    a_second_init_changes_nothing, a_bad_init_is_fatal, another_version_is_odd,
    two_clients_notice, capabilities_are_what_was_offered,
    swaps_show_only_the_last_card, a_swap_while_an_atr_is_under_way,
    a_refused_reader_is_forgotten, an_id_given_twice_is_a_refusal,
    a_refused_atr_empties_the_reader, a_refused_atr_of_a_card_long_gone,
    a_reader_removed_before_it_was_added,
    a_place_is_free_once_its_removal_is_acknowledged, wishes_are_checked,
    finish_removes_and_says_bye, finish_without_anything,
    finish_in_the_middle_of_an_addition)
