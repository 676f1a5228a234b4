/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a real reader's driver says of itself: one byte of length and then the
 * answer, for each question. Linked with --wrap for PC/SC.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"
#include "vscard/vscard.h"
#include "vscclient/pcsc_traits.h"

enum { CARD = 1 };

static struct rd answers;

LONG __wrap_SCardGetAttrib(SCARDHANDLE, DWORD, LPBYTE, LPDWORD);
LONG __wrap_SCardControl(
    SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD);

/* A length without its bytes is an error of the reader's. */
static LONG
answer(void *out, DWORD cap, DWORD *out_len)
{
	size_t len = rd_u8(&answers);
	const uint8_t *bytes = rd_bytes(&answers, len);

	if (bytes == NULL)
		return SCARD_E_NOT_TRANSACTED;
	len = len < cap ? len : cap;
	memcpy(out, bytes, len);
	*out_len = len;
	return SCARD_S_SUCCESS;
}

LONG
__wrap_SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE out, LPDWORD len)
{
	MUST(card == CARD && id != 0);
	return answer(out, *len, len);
}

LONG
__wrap_SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_len,
    LPVOID out, DWORD cap, LPDWORD len)
{
	MUST(card == CARD && in == NULL && in_len == 0);
	(void)code;
	return answer(out, cap, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *origin = malloc(VSCARD_ORIGIN_MAX);
	size_t max;

	MUST(origin != NULL);
	rd_init(&answers, data, size);
	(void)pcsc_is_virtual(CARD);
	MUST(pcsc_origin(CARD, origin) <= VSCARD_ORIGIN_MAX);
	max = pcsc_max_data(CARD);
	MUST(max == 0 || max > 255);
	free(origin);
	return 0;
}
