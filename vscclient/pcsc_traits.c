/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/pcsc_traits.h"

#include <config.h>
#include <reader.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"
#include "vscard/vscard.h"

enum { ANSWER_MAX = 256, SHORT_MAX = 255 };

bool
pcsc_is_virtual(SCARDHANDLE card)
{
	uint8_t vendor[ANSWER_MAX];
	DWORD len = sizeof(vendor);

	return SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, vendor, &len) ==
	    SCARD_S_SUCCESS && len >= strlen(PACKAGE_NAME) &&
	    len <= sizeof(PACKAGE_NAME) &&
	    memcmp(vendor, PACKAGE_NAME, strlen(PACKAGE_NAME)) == 0;
}

size_t
pcsc_origin(SCARDHANDLE card, uint8_t *out)
{
	uint8_t answer[ANSWER_MAX];
	DWORD len = sizeof(answer);

	if (SCardGetAttrib(card, VSCARD_PCSC_ATTR_ORIGIN, answer, &len) !=
	    SCARD_S_SUCCESS || len > VSCARD_ORIGIN_MAX)
		return 0;
	memcpy(out, answer, len);
	return len;
}

/*
 * Finds a tag among triples of tag, length and value, where the value is four
 * bytes long, and returns these.
 */
static const uint8_t *
find_word(const uint8_t *data, size_t len, unsigned wanted)
{
	const uint8_t *value;
	unsigned tag, size;
	struct rd rd;

	rd_init(&rd, data, len);
	while (rd_ok(&rd) && !rd_end(&rd)) {
		tag = rd_u8(&rd);
		size = rd_u8(&rd);
		value = rd_bytes(&rd, size);
		if (value == NULL)
			return NULL;
		if (tag == wanted && size == sizeof(uint32_t))
			return value;
	}
	return NULL;
}

static const uint8_t *
ask(SCARDHANDLE card, DWORD code, unsigned tag, uint8_t answer[ANSWER_MAX])
{
	DWORD len = 0;

	if (SCardControl(card, code, NULL, 0, answer, ANSWER_MAX, &len) !=
	    SCARD_S_SUCCESS || len > ANSWER_MAX)
		return NULL;
	return find_word(answer, len, tag);
}

/* The control code is big-endian, the property little-endian. */
size_t
pcsc_max_data(SCARDHANDLE card)
{
	uint8_t answer[ANSWER_MAX];
	const uint8_t *word;
	struct rd rd;
	size_t max = 0;

	word = ask(card, CM_IOCTL_GET_FEATURE_REQUEST,
	    FEATURE_GET_TLV_PROPERTIES, answer);
	if (word == NULL)
		return SIZE_MAX;
	rd_init(&rd, word, sizeof(uint32_t));
	word = ask(card, rd_be32(&rd), PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize,
	    answer);
	if (word == NULL)
		return SIZE_MAX;
	for (int i = 3; i >= 0; i--)
		max = max << 8 | word[i];
	return max > SHORT_MAX ? max : 0;
}
