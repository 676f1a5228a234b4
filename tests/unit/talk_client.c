/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/talk_client.h"

#include <check.h>

void
client_insert(struct talk *t, unsigned reader, const char *atr, size_t len)
{
	ck_assert_int_eq(vscard_session_insert_card(t->s, reader, atr, len), 0);
}

unsigned
client_add(struct talk *t, const char *name)
{
	unsigned reader = 99;

	ck_assert_int_eq(vscard_session_add_reader(t->s, name, &reader), 0);
	return reader;
}

void
client_respond(struct talk *t, unsigned reader)
{
	ck_assert_int_eq(
	    vscard_session_send_apdu(t->s, reader, "\x90\x00", 2), 0);
}

void
client_open_stock(struct talk *t)
{
	talk_open(t, VSCARD_ROLE_CLIENT, TALK_STOCK, 3);
	OUT(t, "Init 0 " INIT);
	SAY(t, INIT, WHO, INIT, "open 0 0", "ReaderRemove 0");
	SAY(t, ERROR, 0, OK, "", "");
}

void
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

unsigned
client_with_card(struct talk *t)
{
	unsigned reader = client_add(t, NULL);

	OUT(t, "ReaderAdd 0");
	SAY(t, ERROR, 5, OK, "reader ready 0 5", "");
	client_insert(t, reader, "\x3b\0", 2);
	OUT(t, "ATR 5 " ATR2);
	SAY(t, ERROR, 5, OK, "card ready 0 0", "");
	return reader;
}
