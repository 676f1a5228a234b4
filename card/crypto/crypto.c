/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/crypto/crypto.h"

#include <openssl/err.h>

int
crypto_failure(void)
{
	unsigned long err;
	int rc = -EIO;

	while ((err = ERR_get_error()) != 0)
		if (ERR_GET_REASON(err) == ERR_R_MALLOC_FAILURE)
			rc = -ENOMEM;
	return rc;
}

int
crypto_refuse(int rc)
{
	ERR_clear_error();
	return rc;
}
