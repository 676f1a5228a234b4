/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose slot it was, and is. */
#include "ifd/slot.h"

unsigned
slot_fit(struct slot *slot, const struct tenant *tenant)
{
	unsigned fit = 0;

	lock_take(&slot->lock);
	if (slot->link == NULL && !slot->closed)
		fit = 1 + tenant_score(&slot->tenant, tenant);
	lock_release(&slot->lock);
	return fit;
}

bool
slot_is_movable(
    struct slot *slot, const void *name, size_t len, struct tenant *out)
{
	bool movable;

	lock_take(&slot->lock);
	*out = slot->tenant;
	tenant_set_name(out, name, len);
	movable = slot->mode == SLOT_EMPTY && slot->name[0] == '\0' &&
	    tenant_score(&slot->before, out) == 0;
	lock_release(&slot->lock);
	return movable;
}

void
slot_move(struct slot *from, struct slot *to)
{
	uint8_t origin[VSCARD_ORIGIN_MAX];
	size_t len = slot_origin(from, origin);

	slot_set_origin(to, origin, len);
	slot_detach(from, -ENODEV);
	lock_take(&from->lock);
	from->tenant = from->before;
	lock_release(&from->lock);
}
