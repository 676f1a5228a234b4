/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/chain.h"

#include <string.h>

enum {
	CHAIN_CLA_KIND = 0x60, /* clear in classes that have our bit */
	ANSWER_SW = 2,
	ANSWER_MORE = 0x6100
};

bool
chain_is_part(uint8_t cla)
{
	return (cla & CHAIN_CLA_KIND) == 0 && (cla & APDU_CLA_CHAINED) != 0;
}

uint8_t
chain_cla(uint8_t cla)
{
	return chain_is_part(cla) ? (uint8_t)(cla & ~APDU_CLA_CHAINED) : cla;
}

void
chain_clear(struct chain *chain)
{
	explicit_bzero(chain->data, chain->len);
	chain->len = 0;
	chain->is_open = false;
}

static bool
chain_goes_on(const struct chain *chain, const struct apdu *a)
{
	return chain->is_open && chain->cla == a->cla && chain->ins == a->ins &&
	       chain->p1 == a->p1 && chain->p2 == a->p2;
}

static void
chain_begin(struct chain *chain, const struct apdu *a)
{
	chain->is_open = true;
	chain->cla = a->cla;
	chain->ins = a->ins;
	chain->p1 = a->p1;
	chain->p2 = a->p2;
}

int
chain_add(struct chain *chain, bool is_part, struct apdu *a)
{
	if (!chain_goes_on(chain, a)) {
		chain_clear(chain);
		if (!is_part)
			return 0;
		chain_begin(chain, a);
	}
	if (a->len > sizeof(chain->data) - chain->len) {
		chain_clear(chain);
		return -EMSGSIZE;
	}
	if (a->len > 0)
		memcpy(chain->data + chain->len, a->data, a->len);
	chain->len += a->len;
	a->data = chain->data;
	a->len = chain->len;
	return 0;
}

bool
answer_is_pending(const struct answer *answer)
{
	return answer->at < answer->len;
}

void
answer_clear(struct answer *answer)
{
	explicit_bzero(answer->data, answer->len);
	answer->at = answer->len = 0;
}

void
answer_set(struct answer *answer, size_t len, sw_t sw)
{
	answer->sw = sw;
	answer->at = 0;
	answer->len = len;
	if (!sw_has_data(sw))
		answer_clear(answer);
}

size_t
answer_next(struct answer *answer, size_t le, uint8_t *response, size_t cap)
{
	size_t left = answer->len - answer->at;
	size_t n = left < cap - ANSWER_SW ? left : cap - ANSWER_SW;
	uint16_t sw = answer->sw.v;

	n = n < le ? n : le;
	memcpy(response, answer->data + answer->at, n);
	answer->at += n;
	left -= n;
	if (left > 0)
		sw = (uint16_t)(ANSWER_MORE | (left < 256 ? left : 0));
	else
		answer_clear(answer);
	response[n] = (uint8_t)(sw >> 8);
	response[n + 1] = (uint8_t)(sw & 0xFF);
	return n + ANSWER_SW;
}
