/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/iso/sw.h"

sw_t
sw_tries(unsigned left)
{
	return SW((uint16_t)(0x63C0 | (left < 15 ? left : 15)));
}

bool
sw_is(sw_t a, sw_t b)
{
	return a.v == b.v;
}

bool
sw_has_data(sw_t sw)
{
	switch (sw.v >> 8) {
	case 0x61:
	case 0x62:
	case 0x63:
	case 0x91:
		return true;
	default:
		return sw_is(sw, SW_OK);
	}
}
