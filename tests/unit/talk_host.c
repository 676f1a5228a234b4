/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/talk_host.h"

#include <check.h>

void
host_open(struct talk *t, uint32_t capabilities)
{
	talk_open(t, VSCARD_ROLE_HOST, capabilities, 4);
}

void
host_open_stock(struct talk *t)
{
	host_open(t, TALK_ALL);
	SAY(t, INIT, 0, INIT, STOCK_OPEN, STOCK_GREETING);
	SAY(t, READER_ADD, 0, "", "reader add 0 0", OK("0"));
	SAY(t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
}

void
host_open_ours(struct talk *t)
{
	host_open(t, TALK_ALL);
	SAY(t, INIT, 0, INIT_ALL, "open 0 3f0000",
	    "Init - " INIT_ALL "; Size - 0001000C; Instance - " INSTANCE);
	SAY(t, SIZE, WHO, "00010000", "", "");
	SAY(t, INSTANCE, WHO, PEER, "instance 0 0 " PEER, "");
	SAY(t, READER_ADD, 0, "", "reader add 0 0", OK("0"));
	SAY(t, ATR, 0, ATR, "card insert 0 0 " ATR, OK("0"));
}

void
host_command(struct talk *t, unsigned reader)
{
	ck_assert_int_eq(
	    vscard_session_send_apdu(t->s, reader, "\0\xa4\4\0", 4), 0);
	talk_out(t);
}
