/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/card.h"

#include <stdlib.h>
#include <string.h>

#include "card/core/chain.h"
#include "card/core/dispatch.h"
#include "card/iso/atr.h"

enum {
	CARD_CLA = 0x00,
	CARD_CLA_PROPRIETARY = 0x80,
	CARD_SELECT = 0xA4,
	CARD_SELECT_AID = 0x04,
	CARD_SELECT_QUIET = 0x0C, /* no answer wanted */
	CARD_MORE = 0xC0
};

/* An application that is open. */
struct slot {
	const struct app_ops *ops;
	void *app;
};

struct card {
	struct env *env;
	struct slot *slots;
	size_t count;
	struct slot *selected; /* or NULL */
	struct chain chain;
	struct answer answer;
};

/* --- life ------------------------------------------------------------- */

static int
card_open(struct card *card, const struct app_ops *const *apps, size_t count)
{
	int rc;

	for (; card->count < count; card->count++) {
		struct slot *slot = &card->slots[card->count];

		slot->ops = apps[card->count];
		rc = slot->ops->open(card->env, &slot->app);
		if (rc < 0)
			return rc;
		card->env->capabilities |= slot->ops->capability;
	}
	return 0;
}

int
card_new(const struct app_ops *const *apps, size_t count, struct env *env,
    struct card **out)
{
	struct card *card = calloc(1, sizeof(*card));
	int rc = -ENOMEM;

	if (card == NULL)
		return -ENOMEM;
	card->env = env;
	env->capabilities = 0;
	card->slots = calloc(count, sizeof(*card->slots));
	if (card->slots != NULL)
		rc = card_open(card, apps, count);
	if (rc < 0)
		card_free(card);
	else
		*out = card;
	return rc;
}

static void
card_end_session(struct card *card)
{
	if (card->selected != NULL)
		card->selected->ops->deselect(card->selected->app);
	card->selected = NULL;
	chain_clear(&card->chain);
	answer_clear(&card->answer);
}

void
card_free(struct card *card)
{
	if (card == NULL)
		return;
	card_end_session(card);
	while (card->count-- > 0)
		card->slots[card->count].ops->close(
		    card->slots[card->count].app);
	free(card->slots);
	free(card);
}

void
card_reset(struct card *card, const uint8_t **out_atr, size_t *out_len)
{
	card_end_session(card);
	for (size_t i = 0; i < card->count; i++)
		if (card->slots[i].ops->power_up != NULL)
			card->slots[i].ops->power_up(card->slots[i].app);
	*out_atr = atr_neutral;
	*out_len = sizeof(atr_neutral);
}

void
card_power_down(struct card *card)
{
	card_end_session(card);
}

/* --- selection -------------------------------------------------------- */

static bool
slot_has_aid(const struct slot *slot, const uint8_t *aid, size_t len)
{
	uint8_t own[APP_AID_MAX];

	memcpy(own, slot->ops->aid, sizeof(own));
	if (slot->ops->get_aid != NULL)
		slot->ops->get_aid(slot->app, own);
	return len >= slot->ops->aid_min && len <= slot->ops->aid_len &&
	       memcmp(own, aid, len) == 0;
}

static struct slot *
card_find(struct card *card, const struct apdu *a)
{
	for (size_t i = 0; i < card->count; i++)
		if (slot_has_aid(&card->slots[i], a->data, a->len))
			return &card->slots[i];
	return NULL;
}

static bool
card_is_select(const struct apdu *a)
{
	return a->cla == CARD_CLA && a->ins == CARD_SELECT;
}

/* The old application hears of it only when the new one has agreed. */
static sw_t
card_select(struct card *card, const struct apdu *a, struct wr *out)
{
	struct slot *old = card->selected, *slot = card_find(card, a);
	sw_t sw;

	if (slot == NULL)
		return SW_NOT_FOUND;
	sw = slot->ops->select(slot->app, slot == old, out);
	if (!sw_has_data(sw))
		return sw;
	if (old != NULL && old != slot)
		old->ops->deselect(old->app);
	card->selected = slot;
	if (a->p2 == CARD_SELECT_QUIET)
		out->len = 0;
	return sw;
}

/* --- one command ------------------------------------------------------ */

/* The same for all applications: SELECT by AID is no row of theirs. */
static sw_t
card_judge_select(const struct apdu *a, bool is_part)
{
	if (a->p2 != 0 && a->p2 != CARD_SELECT_QUIET)
		return SW_P1P2;
	return is_part && a->len > APP_AID_MAX ? SW_LENGTH : SW_OK;
}

/*
 * row stays NULL for SELECT by AID. A SELECT of something else belongs to an
 * application only if one of its rows says so, P1 and P2 included.
 */
static sw_t
card_judge(const struct card *card, const struct apdu *a, bool is_part,
    const struct app_ins **out_row)
{
	const struct slot *slot = card->selected;
	sw_t sw = SW_INS;

	if (card_is_select(a) && a->p1 == CARD_SELECT_AID)
		return card_judge_select(a, is_part);
	if (slot != NULL)
		sw = dispatch_find(slot->ops, slot->app, a, is_part, out_row);
	else if (a->cla != CARD_CLA && a->cla != CARD_CLA_PROPRIETARY)
		sw = dispatch_class(a->cla);
	if (card_is_select(a) && (sw_is(sw, SW_P1P2) || sw_is(sw, SW_CLA)))
		return SW_INS;
	return sw;
}

static sw_t
card_execute(struct card *card, const struct app_ins *row, const struct apdu *a,
    struct wr *out)
{
	sw_t sw;

	if (row == NULL)
		sw = card_select(card, a, out);
	else
		sw = row->run(card->selected->app, a, out);
	return sw_has_data(sw) && wr_end(out) < 0 ? SW_INTERNAL : sw;
}

/* Any command but GET RESPONSE; whole, or a part of a chain. */
static sw_t
card_command(struct card *card, struct apdu *a, struct wr *out)
{
	bool is_part = chain_is_part(a->cla);
	const struct app_ins *row = NULL;
	sw_t sw = SW_LENGTH;

	a->cla = chain_cla(a->cla);
	if (chain_add(&card->chain, is_part, a) == 0)
		sw = card_judge(card, a, is_part, &row);
	if (sw_is(sw, SW_OK) && is_part)
		return SW_OK;
	if (sw_is(sw, SW_OK))
		sw = card_execute(card, row, a, out);
	chain_clear(&card->chain);
	return sw;
}

static bool
card_is_more(const struct card *card, const struct apdu *a)
{
	const struct slot *slot = card->selected;

	if (a->cla != CARD_CLA && a->cla != CARD_CLA_PROPRIETARY)
		return false;
	return a->ins == CARD_MORE ||
	       (slot != NULL && slot->ops->ins_more != 0 &&
		   a->ins == slot->ops->ins_more);
}

/* GET RESPONSE: 9000 if the answer goes on. */
static sw_t
card_judge_more(const struct card *card, const struct apdu *a)
{
	if (a->p1 != 0 || a->p2 != 0)
		return SW_P1P2;
	if (a->len > 0)
		return SW_LENGTH;
	return answer_is_pending(&card->answer) ? SW_OK : SW_CONDITIONS;
}

/* a is NULL if it was no APDU. Leaves what is to be answered. */
static void
card_process(struct card *card, struct apdu *a)
{
	sw_t sw = SW_LENGTH;
	struct wr out;

	if (a != NULL && card_is_more(card, a)) {
		sw = card_judge_more(card, a);
		if (sw_is(sw, SW_OK))
			return;
		a = NULL;
	}
	answer_clear(&card->answer);
	wr_init(&out, card->answer.data, sizeof(card->answer.data));
	if (a != NULL)
		sw = card_command(card, a, &out);
	else
		chain_clear(&card->chain);
	answer_set(&card->answer, out.len, sw);
}

int
card_transmit(struct card *card, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	bool is_apdu;
	struct apdu a;

	is_apdu = apdu_parse(command, len, &a) == 0;
	if (!card->env->stopped)
		card_process(card, is_apdu ? &a : NULL);
	if (card->env->stopped) {
		card_end_session(card);
		return -EIO;
	}
	*out_len =
	    answer_next(&card->answer, is_apdu ? a.le : 0, response, cap);
	return 0;
}
