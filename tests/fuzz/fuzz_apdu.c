/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command APDUs: what is accepted can be put together again, in the form that
 * it had.
 */
#include <stdlib.h>
#include <string.h>

#include "card/iso/apdu.h"
#include "tests/fuzz/fuzz.h"

/* Bytes of Lc and Le in the shortest command of this form. */
static size_t
overhead(const struct apdu *a)
{
	size_t lc = a->len == 0 ? 0 : a->extended ? 2 : 1;
	size_t le = !a->has_le ? 0 : a->extended ? 2 : 1;

	return (a->extended ? 1 : 0) + lc + le;
}

static void
check(const uint8_t *data, size_t size, const struct apdu *a)
{
	size_t more = size - 4 - a->len;

	MUST(size >= 4 && a->len <= size - 4);
	MUST(a->len <= (a->extended ? APDU_DATA_MAX : 255u));
	MUST(a->le >= 1 && a->le <= (a->extended ? 65536u : 256u));
	MUST(memcmp(data, &(uint8_t[]){a->cla, a->ins, a->p1, a->p2}, 4) == 0);
	MUST(a->len == 0 ||
	     (a->data >= data + 5 &&
		 a->data + a->len + (a->has_le ? a->extended ? 2 : 1 : 0) ==
		     data + size));
	/* Lc of nothing may be there, and then Le is. */
	MUST(more == overhead(a) ||
	     (a->len == 0 && a->has_le &&
		 more == overhead(a) + (a->extended ? 2u : 1u)));
	MUST(a->has_le || a->le == (a->extended ? 65536u : 256u));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct apdu a, before;

	memset(&a, 0x5A, sizeof(a));
	before = a;
	if (apdu_parse(data, size, &a) == 0)
		check(data, size, &a);
	else
		MUST(memcmp(&a, &before, sizeof(a)) == 0);
	return 0;
}
