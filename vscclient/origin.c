/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/origin.h"

#include <string.h>

void
origin_set(struct origin *o, const uint8_t *ids, size_t len)
{
	o->len = len < sizeof(o->ids) ? len : sizeof(o->ids);
	if (o->len > 0)
		memcpy(o->ids, ids, o->len);
}

bool
origin_has(const struct origin *o, const uint8_t id[VSCARD_INSTANCE_LEN])
{
	for (size_t i = 0; i + VSCARD_INSTANCE_LEN <= o->len;
	     i += VSCARD_INSTANCE_LEN)
		if (memcmp(o->ids + i, id, VSCARD_INSTANCE_LEN) == 0)
			return true;
	return false;
}
