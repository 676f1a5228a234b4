/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "key/certificate.h"

enum { CEILING = 65536 };

/* A PIV object is a certificate below the ceiling, or refused. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out;
	struct rd rd;
	int rc;

	rd_init(&rd, data, size);
	buf_init(&out, CEILING);
	rc = certificate_get(&rd, &out);
	if (buf_len(&out) > CEILING || (rc != 0 && rc != -EPROTO &&
	    rc != -ENOMEM))
		abort();
	buf_clear(&out);
	return 0;
}
