/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/dispatch.h"

/* How far a command gets with a row: the first thing that is wrong. */
enum dispatch_level {
	DISPATCH_CLA,
	DISPATCH_INS,
	DISPATCH_P1P2,
	DISPATCH_LENGTH,
	DISPATCH_SECURITY,
	DISPATCH_RUN
};

enum {
	DISPATCH_CLA_FURTHER = 0xC0, /* 01xx xxxx has channels 4 to 19 */
	DISPATCH_CLA_FIRST = 0x60,   /* clear in 000x xxxx and 100x xxxx */
	DISPATCH_CLA_SM = 0x0C,
	DISPATCH_CLA_CHANNEL = 0x03
};

sw_t
dispatch_class(uint8_t cla)
{
	if ((cla & DISPATCH_CLA_FURTHER) == 0x40)
		return SW_CHANNEL;
	if ((cla & DISPATCH_CLA_FIRST) != 0)
		return SW_CLA;
	if ((cla & DISPATCH_CLA_SM) != 0)
		return SW_SECURE_MESSAGING;
	return (cla & DISPATCH_CLA_CHANNEL) != 0 ? SW_CHANNEL : SW_CLA;
}

static bool
dispatch_is_param(int want, uint8_t got)
{
	return want == APP_ANY || want == got;
}

static enum dispatch_level
dispatch_level(const struct app_ins *row, const struct apdu *a, bool is_part,
    uint32_t security)
{
	if (row->cla != a->cla)
		return DISPATCH_CLA;
	if (row->ins != a->ins)
		return DISPATCH_INS;
	if (!dispatch_is_param(row->p1, a->p1) ||
	    !dispatch_is_param(row->p2, a->p2))
		return DISPATCH_P1P2;
	if (a->len > row->len_max || (!is_part && a->len < row->len_min))
		return DISPATCH_LENGTH;
	if (!is_part && (row->needs & ~security) != 0)
		return DISPATCH_SECURITY;
	return DISPATCH_RUN;
}

static sw_t
dispatch_sw(enum dispatch_level level, uint8_t cla)
{
	switch (level) {
	case DISPATCH_CLA:
		return dispatch_class(cla);
	case DISPATCH_INS:
		return SW_INS;
	case DISPATCH_P1P2:
		return SW_P1P2;
	case DISPATCH_LENGTH:
		return SW_LENGTH;
	case DISPATCH_SECURITY:
		return SW_SECURITY;
	case DISPATCH_RUN:
		break;
	}
	return SW_OK;
}

sw_t
dispatch_find(const struct app_ops *ops, const void *app, const struct apdu *a,
    bool is_part, const struct app_ins **out_row)
{
	enum dispatch_level best = DISPATCH_CLA, level;
	uint32_t security = ops->security(app);
	const struct app_ins *row = NULL;

	for (size_t i = 0; i < ops->ins_count && best < DISPATCH_RUN; i++) {
		level = dispatch_level(&ops->ins[i], a, is_part, security);
		if (level > best) {
			best = level;
			row = &ops->ins[i];
		}
	}
	if (best == DISPATCH_RUN)
		*out_row = row;
	return dispatch_sw(best, a->cla);
}
