/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/mask.h"

#include <string.h>

#define BOTH (DIALOG_COMMAND | DIALOG_RESPONSE)
#define ALL (~0u)
#define PIV APPLET_BIT(APPLET_PIV)
#define OPENPGP APPLET_BIT(APPLET_OPENPGP)
#define OATH APPLET_BIT(APPLET_OATH)
#define FIDO APPLET_BIT(APPLET_FIDO)
#define MANAGEMENT APPLET_BIT(APPLET_MANAGEMENT)
#define OTP APPLET_BIT(APPLET_OTP)
#define HSMAUTH APPLET_BIT(APPLET_HSMAUTH)
#define CAC APPLET_BIT(APPLET_CAC)
#define PKCS15 APPLET_BIT(APPLET_PKCS15)
#define MUSCLE APPLET_BIT(APPLET_MUSCLE)
#define SCHSM APPLET_BIT(APPLET_SCHSM)
#define SIM APPLET_BIT(APPLET_SIM)

enum { ANY = -1, PREFIX_MAX = 5 };

/* Commands from first to last, of these applications, with such parameters. */
struct row {
	unsigned applets;
	uint8_t first, last; /* INS */
	uint8_t cla;         /* bits that must be set */
	int16_t p1, p2;      /* ANY, or the value */
	unsigned secret;
	uint8_t prefix_len; /* the data starts so */
	uint8_t prefix[PREFIX_MAX];
};

/* clang-format off */
static const struct row rows[] = {
    /* VERIFY, CHANGE REFERENCE DATA, DISABLE and ENABLE VERIFICATION
     * REQUIREMENT, RESET RETRY COUNTER, with even and odd INS */
    {ALL, 0x20, 0x21, 0, ANY, ANY, BOTH, 0, {0}},
    {ALL, 0x24, 0x29, 0, ANY, ANY, BOTH, 0, {0}},
    {ALL, 0x2c, 0x2d, 0, ANY, ANY, BOTH, 0, {0}},
    /* ENVELOPE: any command may be in it */
    {ALL, 0xc2, 0xc3, 0, ANY, ANY, BOTH, 0, {0}},
    /* PERFORM SECURITY OPERATION that yields or takes a plain value */
    {ALL, 0x2a, 0x2b, 0, 0x80, ANY, DIALOG_RESPONSE, 0, {0}},
    {ALL, 0x2a, 0x2b, 0, ANY, 0x80, DIALOG_COMMAND, 0, {0}},
    /* PC/SC part 3's LOAD KEYS, for the reader itself */
    {ALL, 0x82, 0x82, 0xff, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    /* GlobalPlatform's PUT KEY and STORE DATA */
    {ALL, 0xd8, 0xd8, 0x80, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {ALL, 0xe2, 0xe2, 0x80, ANY, ANY, DIALOG_COMMAND, 0, {0}},

    /* SET MANAGEMENT KEY, IMPORT KEY; GENERAL AUTHENTICATE with the keys
     * that decipher; the object that ykman keeps a management key in */
    {PIV, 0xfe, 0xff, 0, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {PIV, 0x87, 0x87, 0, ANY, 0x9d, DIALOG_RESPONSE, 0, {0}},
    {PIV, 0xdb, 0xdb, 0, 0x3f, 0xff, DIALOG_COMMAND, 5,
	{0x5c, 0x03, 0x5f, 0xc1, 0x09}},
    {PIV, 0xcb, 0xcb, 0, 0x3f, 0xff, DIALOG_RESPONSE, 5,
	{0x5c, 0x03, 0x5f, 0xc1, 0x09}},

    /* Key import; resetting code, AES and secure messaging keys, KDF with
     * hashes of PINs, private objects */
    {OPENPGP, 0xdb, 0xdb, 0, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xd1, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xd2, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xd3, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xd5, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xf4, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xda, 0xda, 0, 0x00, 0xf9, DIALOG_COMMAND, 0, {0}},
    {OPENPGP, 0xca, 0xca, 0, 0x01, ANY, DIALOG_RESPONSE, 0, {0}},
    /* and MyEID's PUT DATA that sets a PIN */
    {OPENPGP | PKCS15, 0xda, 0xda, 0, 0x01, ANY, DIALOG_COMMAND, 0, {0}},

    /* PUT, SET CODE, VALIDATE; the codes of CALCULATE and CALCULATE ALL */
    {OATH, 0x01, 0x01, 0, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {OATH, 0x03, 0x03, 0, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {OATH, 0xa2, 0xa2, 0, ANY, ANY, DIALOG_RESPONSE, 0, {0}},
    {OATH, 0xa3, 0xa3, 0, ANY, ANY, BOTH, 0, {0}},
    {OATH, 0xa4, 0xa4, 0, 0x00, ANY, DIALOG_RESPONSE, 1, {0x74}},

    /* CTAP clientPIN */
    {FIDO, 0x10, 0x10, 0x80, ANY, ANY, BOTH, 1, {0x06}},

    /* The lock code, keys of slots and what they answer, everything */
    {MANAGEMENT, 0x1c, 0x1c, 0, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {OTP, 0x01, 0x01, 0, ANY, ANY, BOTH, 0, {0}},
    {HSMAUTH, 0x01, 0x0f, 0, ANY, ANY, BOTH, 0, {0}},

    /* SIGN/DECRYPT, which does not say which */
    {CAC, 0x42, 0x42, 0x80, ANY, ANY, DIALOG_RESPONSE, 0, {0}},
    /* IMPORT KEY, COMPUTE CRYPT; CREATE, VERIFY, CHANGE, UNBLOCK PIN */
    {MUSCLE, 0x32, 0x32, 0x80, ANY, ANY, DIALOG_COMMAND, 0, {0}},
    {MUSCLE, 0x36, 0x36, 0x80, ANY, ANY, DIALOG_RESPONSE, 0, {0}},
    {MUSCLE, 0x40, 0x47, 0x80, ANY, ANY, BOTH, 0, {0}},
    /* INITIALIZE DEVICE: PINs */
    {SCHSM, 0x50, 0x50, 0x80, 0x00, 0x00, DIALOG_COMMAND, 1, {0x80}},
    /* AUTHENTICATE: the network's keys */
    {SIM, 0x88, 0x89, 0, ANY, ANY, DIALOG_RESPONSE, 0, {0}},
};
/* clang-format on */

/* PIV's keys for what was enciphered earlier, beside 9D. */
static bool
is_retired_key(const struct trace_apdu *apdu)
{
	return apdu->ins == 0x87 && apdu->p2 >= 0x82 && apdu->p2 <= 0x95;
}

/*
 * Lengths that do not add up hide where the data begins, and the first part of
 * a chain may be too short to tell.
 */
static bool
starts_with(const struct trace_apdu *apdu, const uint8_t *prefix, size_t len)
{
	if (len == 0 || !apdu->sound)
		return true;
	if (trace_apdu_is_chained(apdu) && apdu->len < len)
		len = apdu->len;
	/* A command without data has no place in memory to compare with. */
	return apdu->len >= len &&
	       (len == 0 || memcmp(apdu->data, prefix, len) == 0);
}

static bool
row_fits(const struct row *row, unsigned applets, const struct trace_apdu *apdu)
{
	return (row->applets & applets) != 0 && apdu->ins >= row->first &&
	       apdu->ins <= row->last && (apdu->cla & row->cla) == row->cla &&
	       (row->p1 == ANY || apdu->p1 == row->p1) &&
	       (row->p2 == ANY || apdu->p2 == row->p2) &&
	       starts_with(apdu, row->prefix, row->prefix_len);
}

unsigned
mask_of(enum applet applet, const struct trace_apdu *apdu)
{
	unsigned applets = applet <= APPLET_OTHER ? ALL : APPLET_BIT(applet);
	unsigned secret = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (row_fits(&rows[i], applets, apdu))
			secret |= rows[i].secret;
	if ((applets & PIV) != 0 && is_retired_key(apdu))
		secret |= DIALOG_RESPONSE;
	return secret;
}

bool
mask_command(const struct dialog *d, const void *command, size_t len, void *out)
{
	struct trace_apdu apdu;
	size_t at;

	if (out != command && len > 0)
		memcpy(out, command, len);
	if ((d->secret & DIALOG_COMMAND) == 0 ||
	    !trace_apdu_get(command, len, &apdu) || apdu.len == 0)
		return false;
	at = (size_t)(apdu.data - (const uint8_t *)command);
	memset((uint8_t *)out + at, MASK_FILLER, apdu.len);
	return true;
}

bool
mask_response(
    const struct dialog *d, const void *response, size_t len, void *out)
{
	if (out != response && len > 0)
		memcpy(out, response, len);
	if ((d->secret & DIALOG_RESPONSE) == 0 || len <= 2)
		return false;
	memset(out, MASK_FILLER, len - 2);
	return true;
}
