/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/ration.h"

void
ration_init(struct ration *r, unsigned most, unsigned every)
{
	*r = (struct ration){.most = most, .every = every, .left = most};
}

static void
ration_grow(struct ration *r, int64_t now)
{
	int64_t more = (now - r->since) / r->every;

	if (more < r->most - r->left) {
		r->left += (unsigned)more;
		r->since += more * r->every;
	} else {
		r->left = r->most;
		r->since = now;
	}
}

bool
ration_take(struct ration *r, int64_t now, unsigned *out_withheld)
{
	ration_grow(r, now);
	if (r->left == 0) {
		r->withheld++;
		return false;
	}
	r->left--;
	*out_withheld = r->withheld;
	r->withheld = 0;
	return true;
}

int64_t
ration_next(struct ration *r, int64_t now)
{
	ration_grow(r, now);
	return r->left > 0 ? now : r->since + r->every;
}
