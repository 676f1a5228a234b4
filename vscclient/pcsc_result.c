/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/pcsc_result.h"

static const struct {
	LONG rv;
	int err;
} results[] = {
    {SCARD_S_SUCCESS, 0},
    {SCARD_W_REMOVED_CARD, -ENOMEDIUM},
    {SCARD_E_NO_SMARTCARD, -ENOMEDIUM},
    {SCARD_E_UNKNOWN_READER, -ENOMEDIUM},
    {SCARD_E_READER_UNAVAILABLE, -ENOMEDIUM},
    {SCARD_E_PROTO_MISMATCH, -ENOTSUP},
    {SCARD_E_SHARING_VIOLATION, -EACCES},
    {SCARD_E_INSUFFICIENT_BUFFER, -EMSGSIZE},
    {SCARD_E_NO_MEMORY, -ENOMEM},
};

int
pcsc_err(LONG rv)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].rv == rv)
			return results[i].err;
	return -EIO;
}

enum vscard_status
pcsc_status(LONG rv)
{
	switch (pcsc_err(rv)) {
	case 0:
		return VSCARD_STATUS_OK;
	case -ENOMEDIUM:
		return VSCARD_STATUS_NO_CARD;
	case -ENOTSUP:
		return VSCARD_STATUS_UNSUPPORTED;
	default:
		return VSCARD_STATUS_FAILED;
	}
}
