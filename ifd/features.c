/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/features.h"

#include <config.h>
#include <reader.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

#include "ifd/link.h"
#include "ifd/reader.h"
#include "util/bytes.h"

enum {
	/* Class 2 of PC/SC part 10 begins here in pcsc-lite and libccid. */
	FEATURE_CODES = 0x330000,
	MAX_APDU_SHORT = 255,   /* bytes of data: no extended APDUs */
	MAX_APDU_EXTENDED = 65536,
	APDU_HEAD_MAX = 12, /* VSCARD_APDU_MAX - MAX_APDU_EXTENDED */
	SIMULTANEOUS_MAX = 255
};

#define FEATURE_TLV_PROPERTIES                                                 \
	SCARD_CTL_CODE(FEATURE_CODES + FEATURE_GET_TLV_PROPERTIES)

static int
put(void *out, size_t cap, const void *value, size_t len)
{
	if (len > cap)
		return -ENOBUFS;
	if (len > 0)
		memcpy(out, value, len);
	return (int)len;
}

static int
put_u8(void *out, size_t cap, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	return put(out, cap, &byte, 1);
}

static int
put_text(void *out, size_t cap, const char *text)
{
	return put(out, cap, text, strlen(text) + 1);
}

/* --- tags and attributes ---------------------------------------------- */

static int
get_atr(struct slot *slot, void *out, size_t cap)
{
	uint8_t atr[VSCARD_ATR_MAX];

	return put(out, cap, atr, slot_atr(slot, atr));
}

static int
get_slots(struct slot *slot, void *out, size_t cap)
{
	return put_u8(out, cap, slot->reader->config.slots);
}

/* Without this answer two readers of one library get the same LUNs. */
static int
get_simultaneous(struct slot *slot, void *out, size_t cap)
{
	(void)slot;
	return put_u8(out, cap, SIMULTANEOUS_MAX);
}

static int
get_yes(struct slot *slot, void *out, size_t cap)
{
	(void)slot;
	return put_u8(out, cap, 1);
}

static int
get_vendor(struct slot *slot, void *out, size_t cap)
{
	(void)slot;
	return put_text(out, cap, PACKAGE_NAME);
}

/* 0xMMmmbbbb, in the machine's order as PC/SC has it. */
static int
get_version(struct slot *slot, void *out, size_t cap)
{
	unsigned major = 0, minor = 0, build = 0;
	uint32_t value;

	(void)slot;
	if (sscanf(PACKAGE_VERSION, "%u.%u.%u", &major, &minor, &build) < 2)
		return -ENOENT;
	value = major << 24 | (minor & 0xff) << 16 | (build & 0xffff);
	return put(out, cap, &value, sizeof(value));
}

/* The place is what stays the same about a virtual reader. */
static int
get_serial(struct slot *slot, void *out, size_t cap)
{
	char text[ENDPOINT_TEXT_MAX + 16];

	snprintf(text, sizeof(text), "%s#%u", slot->reader->text, slot->index);
	return put_text(out, cap, text);
}

/*
 * Our own id and those of the hosts that the reader has come through before,
 * as far as there is room: a client sees by them that it would forward a
 * reader in a circle.
 */
static int
get_origin(struct slot *slot, void *out, size_t cap)
{
	uint8_t ids[VSCARD_INSTANCE_LEN + VSCARD_ORIGIN_MAX];
	size_t len = VSCARD_INSTANCE_LEN;

	memcpy(ids, slot->reader->limits.instance, VSCARD_INSTANCE_LEN);
	len += slot_origin(slot, ids + len);
	return put(out, cap, ids,
	    len < VSCARD_ORIGIN_MAX ? len : VSCARD_ORIGIN_MAX);
}

static const struct {
	DWORD tag;
	int (*get)(struct slot *, void *out, size_t cap);
} feature_tags[] = {
    {TAG_IFD_ATR, get_atr},
    {SCARD_ATTR_ATR_STRING, get_atr},
    {TAG_IFD_SLOTS_NUMBER, get_slots},
    {TAG_IFD_SIMULTANEOUS_ACCESS, get_simultaneous},
    {TAG_IFD_THREAD_SAFE, get_yes},
    {TAG_IFD_SLOT_THREAD_SAFE, get_yes},
    {SCARD_ATTR_VENDOR_NAME, get_vendor},
    {SCARD_ATTR_VENDOR_IFD_VERSION, get_version},
    {SCARD_ATTR_VENDOR_IFD_SERIAL_NO, get_serial},
    {VSCARD_PCSC_ATTR_ORIGIN, get_origin},
};

int
features_get(struct slot *slot, DWORD tag, void *out, size_t cap)
{
	for (size_t i = 0; i < sizeof(feature_tags) / sizeof(*feature_tags);
	    i++)
		if (feature_tags[i].tag == tag)
			return feature_tags[i].get(slot, out, cap);
	return -ENOENT;
}

/* --- control codes ---------------------------------------------------- */

/* PC/SC part 10, 2.2: tag, length 4, control code in big-endian order. */
static int
control_features(void *out, size_t cap)
{
	struct wr wr;

	wr_init(&wr, out, cap);
	wr_u8(&wr, FEATURE_GET_TLV_PROPERTIES);
	wr_u8(&wr, 4);
	wr_be32(&wr, FEATURE_TLV_PROPERTIES);
	return wr_end(&wr) < 0 ? -ENOBUFS : wr_end(&wr);
}

/* What applications may put into one command follows the peer. */
static size_t
max_apdu_data(struct slot *slot)
{
	size_t max = link_max_apdu(slot);

	if (max < MAX_APDU_SHORT + APDU_HEAD_MAX + VSCARD_APDU_STOCK)
		return MAX_APDU_SHORT;
	max -= APDU_HEAD_MAX;
	return max < MAX_APDU_EXTENDED ? max : MAX_APDU_EXTENDED;
}

/* PC/SC part 10, 2.6.14: tag, length, value in little-endian order. */
static int
control_properties(struct slot *slot, void *out, size_t cap)
{
	size_t max = max_apdu_data(slot);
	struct wr wr;

	wr_init(&wr, out, cap);
	wr_u8(&wr, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize);
	wr_u8(&wr, 4);
	for (int shift = 0; shift < 32; shift += 8)
		wr_u8(&wr, max >> shift & 0xff);
	return wr_end(&wr) < 0 ? -ENOBUFS : wr_end(&wr);
}

int
features_control(struct slot *slot, DWORD code, void *out, size_t cap)
{
	if (code == CM_IOCTL_GET_FEATURE_REQUEST)
		return control_features(out, cap);
	if (code == FEATURE_TLV_PROPERTIES)
		return control_properties(slot, out, cap);
	return -ENOTSUP;
}
