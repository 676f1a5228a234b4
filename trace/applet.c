/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/applet.h"

#include <string.h>

enum { AID_MAX = 16 };

struct aid {
	enum applet applet;
	uint8_t len;
	uint8_t bytes[AID_MAX];
};

#define AID(applet, text)                      \
	{                                      \
		applet, sizeof(text) - 1, text \
	}

/* The longer ones of a vendor stand before the shorter ones. */
static const struct aid aids[] = {
    AID(APPLET_PIV, "\xa0\x00\x00\x03\x08"),
    AID(APPLET_OPENPGP, "\xd2\x76\x00\x01\x24\x01"),
    AID(APPLET_OATH, "\xa0\x00\x00\x05\x27\x21\x01"),
    AID(APPLET_MANAGEMENT, "\xa0\x00\x00\x05\x27\x47\x11\x17"),
    AID(APPLET_OTP, "\xa0\x00\x00\x05\x27\x20\x01"),
    AID(APPLET_HSMAUTH, "\xa0\x00\x00\x05\x27\x21\x07\x01"),
    AID(APPLET_FIDO, "\xa0\x00\x00\x06\x47\x2f\x00\x01"),
    AID(APPLET_FIDO, "\xa0\x00\x00\x05\x27\x10\x02"), /* before U2F had one */
    AID(APPLET_NDEF, "\xd2\x76\x00\x00\x85\x01"),
    AID(APPLET_CAC, "\xa0\x00\x00\x00\x79"),
    AID(APPLET_CAC, "\xa0\x00\x00\x01\x16"),
    AID(APPLET_PKCS15, "\xa0\x00\x00\x00\x63PKCS-15"),
    AID(APPLET_MUSCLE, "\xa0\x00\x00\x00\x01\x01"),
    AID(APPLET_MUSCLE, "\x62\x76\x01\xff\x00\x00\x00"),
    AID(APPLET_SCHSM, "\xe8\x2b\x06\x01\x04\x01\x81\xc3\x1f\x02\x01"),
    AID(APPLET_PLATFORM, "\xa0\x00\x00\x00\x03\x00\x00"),
    AID(APPLET_PLATFORM, "\xa0\x00\x00\x01\x51\x00\x00"),
    AID(APPLET_SIM, "\xa0\x00\x00\x00\x87"),
    AID(APPLET_PASSPORT, "\xa0\x00\x00\x02\x47\x10"),
    AID(APPLET_PAYMENT, "1PAY.SYS.DDF01"),
    AID(APPLET_PAYMENT, "2PAY.SYS.DDF01"),
    AID(APPLET_PAYMENT, "\xa0\x00\x00\x00\x03\x10"), /* Visa */
    AID(APPLET_PAYMENT, "\xa0\x00\x00\x00\x04\x10"), /* Mastercard */
};

enum applet
applet_of(const void *aid, size_t len)
{
	for (size_t i = 0; i < sizeof(aids) / sizeof(*aids); i++)
		if (len >= aids[i].len &&
		    memcmp(aid, aids[i].bytes, aids[i].len) == 0)
			return aids[i].applet;
	return APPLET_OTHER;
}

static const char *const applet_names[] = {
    [APPLET_UNKNOWN] = "unknown",
    [APPLET_OTHER] = "other",
    [APPLET_PIV] = "PIV",
    [APPLET_OPENPGP] = "OpenPGP",
    [APPLET_OATH] = "OATH",
    [APPLET_FIDO] = "FIDO",
    [APPLET_MANAGEMENT] = "YubiKey management",
    [APPLET_OTP] = "YubiKey OTP",
    [APPLET_HSMAUTH] = "YubiHSM Auth",
    [APPLET_NDEF] = "NDEF",
    [APPLET_CAC] = "CAC",
    [APPLET_PKCS15] = "PKCS #15",
    [APPLET_MUSCLE] = "MUSCLE",
    [APPLET_SCHSM] = "SmartCard-HSM",
    [APPLET_PLATFORM] = "GlobalPlatform",
    [APPLET_SIM] = "SIM",
    [APPLET_PASSPORT] = "passport",
    [APPLET_PAYMENT] = "payment",
};

const char *
applet_name(enum applet applet)
{
	return (unsigned)applet <= APPLET_PAYMENT ? applet_names[applet] : "?";
}
