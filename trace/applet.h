/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The applications of cards that are known by their identifiers: what an
 * instruction means, and what is secret in it, depends on them.
 */
#ifndef VSCARD_TRACE_APPLET_H
#define VSCARD_TRACE_APPLET_H

#include <stddef.h>
#include <stdint.h>

enum applet {
	APPLET_UNKNOWN, /* none was seen to be selected */
	APPLET_OTHER,   /* one that this table does not have */
	APPLET_PIV,
	APPLET_OPENPGP,
	APPLET_OATH,
	APPLET_FIDO,
	APPLET_MANAGEMENT, /* YubiKey's */
	APPLET_OTP,        /* YubiKey's */
	APPLET_HSMAUTH,    /* YubiKey's */
	APPLET_NDEF,
	APPLET_CAC,
	APPLET_PKCS15,
	APPLET_MUSCLE, /* and CoolKey */
	APPLET_SCHSM,
	APPLET_PLATFORM, /* GlobalPlatform's security domain */
	APPLET_SIM,
	APPLET_PASSPORT,
	APPLET_PAYMENT
};

/* The bit of an applet in a set. */
#define APPLET_BIT(applet) (1u << (applet))

/* By the start of the identifier that a SELECT names. */
enum applet applet_of(const void *aid, size_t len);
/* "PIV", "OpenPGP", …; never NULL. */
const char *applet_name(enum applet);

#endif
