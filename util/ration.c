/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/ration.h"

bool
ration_take(struct ration *r, int64_t now, unsigned *out_withheld)
{
	if (now >= r->until) {
		r->until = now + RATION_MS;
		r->left = RATION_LINES;
	}
	if (r->left == 0) {
		r->withheld++;
		return false;
	}
	r->left--;
	*out_withheld = r->withheld;
	r->withheld = 0;
	return true;
}
