/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/status.h"

#include <stddef.h>

#include "util/err.h"

/*
 * Never IFD_NO_SUCH_DEVICE: pcscd takes it as the reader's end and starts to
 * look for USB devices. Never IFD_ICC_NOT_PRESENT: from a transmit pcscd takes
 * it as the card's removal and says so behind its status thread's back, which
 * may have seen the next card already; the reader then stays empty for good.
 * A card that has gone is presence's to tell.
 */
static const struct {
	int err;
	RESPONSECODE code;
} status_table[] = {
    {ENOTSUP, IFD_NOT_SUPPORTED},
    {ENOENT, IFD_ERROR_TAG},
    {EPROTONOSUPPORT, IFD_PROTOCOL_NOT_SUPPORTED},
    {ETIMEDOUT, IFD_RESPONSE_TIMEOUT},
    {ENOBUFS, IFD_ERROR_INSUFFICIENT_BUFFER},
};

RESPONSECODE
status_of(int rc)
{
	if (rc >= 0)
		return IFD_SUCCESS;
	for (size_t i = 0; i < sizeof(status_table) / sizeof(*status_table);
	    i++)
		if (status_table[i].err == -rc)
			return status_table[i].code;
	return IFD_COMMUNICATION_ERROR;
}
