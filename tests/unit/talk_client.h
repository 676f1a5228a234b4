/* SPDX-License-Identifier: BSD-2-Clause */
/* A client in conversation, and the messages that its tests have in common. */
#ifndef TESTS_UNIT_TALK_CLIENT_H
#define TESTS_UNIT_TALK_CLIENT_H

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

/* Greeted by a stock host, which has acknowledged the first ReaderRemove. */
void client_open_stock(struct talk *);
/* The same with a host of ours, which takes 64 KiB. */
void client_open_ours(struct talk *);
/* The program's number of the new reader. */
unsigned client_add(struct talk *, const char *name);
void client_insert(struct talk *, unsigned reader, const char *atr, size_t len);
/* A reader with id 5 and a card in it. */
unsigned client_with_card(struct talk *);
/* The card's answer: 90 00. */
void client_respond(struct talk *, unsigned reader);

#endif
