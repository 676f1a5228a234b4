/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/tenant.h"

#include <string.h>

void
tenant_init(struct tenant *t, const struct peer *peer, const uint8_t *instance,
    unsigned id)
{
	*t = (struct tenant){
	    .known = true,
	    .has_user = peer->has_user,
	    .uid = peer->has_user ? peer->uid : 0,
	    .id = id,
	};
	if (!peer->has_user)
		memcpy(t->address, peer->address, sizeof(t->address));
	memcpy(t->instance, instance, sizeof(t->instance));
}

void
tenant_set_name(struct tenant *t, const void *name, size_t len)
{
	if (len > VSCARD_NAME_MAX)
		len = VSCARD_NAME_MAX;
	if (len > 0)
		memcpy(t->name, name, len);
	t->name[len] = '\0';
}

static bool
same_place(const struct tenant *a, const struct tenant *b)
{
	return a->has_user == b->has_user && a->uid == b->uid &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static bool
has_instance(const struct tenant *t)
{
	static const uint8_t none[VSCARD_INSTANCE_LEN];

	return memcmp(t->instance, none, sizeof(none)) != 0;
}

unsigned
tenant_score(const struct tenant *was, const struct tenant *now)
{
	bool same_run =
	    has_instance(now) &&
	    memcmp(was->instance, now->instance, sizeof(now->instance)) == 0;

	if (!was->known || !now->known || !same_place(was, now))
		return 0;
	if (now->name[0] != '\0') {
		if (strcmp(was->name, now->name) != 0)
			return 0;
		return same_run ? 3 : 2;
	}
	return same_run && was->id == now->id ? 3 : 0;
}
