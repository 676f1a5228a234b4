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
