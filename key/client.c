/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/client.h"

#include <stdlib.h>

#include "card/iso/apdu.h"
#include "util/bytes.h"

enum { INS_SELECT = 0xA4, COMMAND_MAX = 300 };

void
client_init(struct client *c, struct card *card)
{
	const uint8_t *atr;
	size_t len;

	c->card = card;
	buf_init(&c->answer, APDU_RESPONSE_MAX);
	card_reset(card, &atr, &len);
}

void
client_clear(struct client *c)
{
	card_power_down(c->card);
	buf_clear(&c->answer);
}

/* Extended, so that the answer comes in one piece. */
static int
client_transmit(struct client *c, const uint8_t *command, size_t len)
{
	uint8_t *room;
	size_t cap, got = 0;
	int rc;

	buf_clear(&c->answer);
	rc = buf_space(&c->answer, APDU_RESPONSE_MAX, &room, &cap);
	if (rc == 0)
		rc = card_transmit(c->card, command, len, room, cap, &got);
	if (rc < 0)
		return rc;
	if (got < 2)
		return -EIO;
	buf_filled(&c->answer, got - 2);
	return room[got - 2] << 8 | room[got - 1];
}

int
client_ask(struct client *c, uint8_t ins, uint8_t p1, uint8_t p2,
    const void *data, size_t len)
{
	uint8_t command[COMMAND_MAX];
	struct wr wr;
	int rc;

	wr_init(&wr, command, sizeof(command));
	wr_u8(&wr, 0);
	wr_u8(&wr, ins);
	wr_u8(&wr, p1);
	wr_u8(&wr, p2);
	wr_u8(&wr, 0);
	if (len > 0) {
		wr_be16(&wr, len);
		wr_bytes(&wr, data, len);
	}
	wr_be16(&wr, 0);
	rc = wr_end(&wr);
	return rc < 0 ? rc : client_transmit(c, command, (size_t)rc);
}

int
client_select(struct client *c, const void *aid, size_t len)
{
	return client_ask(c, INS_SELECT, 4, 0, aid, len);
}
