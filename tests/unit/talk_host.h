/* SPDX-License-Identifier: BSD-2-Clause */
/* A host in conversation, and the messages that its tests have in common. */
#ifndef TESTS_UNIT_TALK_HOST_H
#define TESTS_UNIT_TALK_HOST_H

#include "tests/unit/talk.h"

#define INIT "565343440000000200000000"
#define INIT_ALL "5653434400000002003F0000"
#define ATR "3B7A18000073667465206364313434"
#define INSTANCE "11111111111111111111111111111111"
#define PEER "22222222222222222222222222222222"
#define OK(id) "Error " id " 00000000"
#define GENERAL(id) "Error " id " 00000001"
#define STOCK_OPEN "open 0 0"
#define STOCK_GREETING "Init - " INIT
#define WHO WIRE_NO_READER

/* A session of the host's side, with room for four readers. */
void host_open(struct talk *, uint32_t capabilities);
/* A stock client with a card in reader 0. */
void host_open_stock(struct talk *);
/* One of ours, which has said how much it takes. */
void host_open_ours(struct talk *);
/* A command for the card; it is sent. */
void host_command(struct talk *, unsigned reader);

#endif
