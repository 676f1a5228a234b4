/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/words.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ANY WORDS_ANY
#define PIV APPLET_BIT(APPLET_PIV)
#define OPENPGP APPLET_BIT(APPLET_OPENPGP)
#define OATH APPLET_BIT(APPLET_OATH)
#define FIDO APPLET_BIT(APPLET_FIDO)
#define MANAGEMENT APPLET_BIT(APPLET_MANAGEMENT)
#define OTP APPLET_BIT(APPLET_OTP)
#define CAC APPLET_BIT(APPLET_CAC)
#define MUSCLE APPLET_BIT(APPLET_MUSCLE)
#define PLATFORM APPLET_BIT(APPLET_PLATFORM)
#define PAYMENT APPLET_BIT(APPLET_PAYMENT)

/* clang-format off */
static const struct words_ins instructions[] = {
    {PIV, 0xf6, 0xff, ANY, "DELETE KEY", WORDS_KEY},
    {PIV, 0xf6, ANY, ANY, "MOVE KEY", WORDS_PARAMETERS},
    {PIV, 0xf7, ANY, ANY, "GET METADATA", WORDS_KEY},
    {PIV, 0xf8, ANY, ANY, "GET SERIAL", WORDS_NOTHING},
    {PIV, 0xf9, ANY, ANY, "ATTEST", WORDS_PARAMETERS},
    {PIV, 0xfa, ANY, ANY, "SET RETRIES", WORDS_PARAMETERS},
    {PIV, 0xfb, ANY, ANY, "RESET", WORDS_NOTHING},
    {PIV, 0xfd, ANY, ANY, "GET VERSION", WORDS_NOTHING},
    {PIV, 0xfe, ANY, ANY, "IMPORT KEY", WORDS_ALGORITHM},
    {PIV, 0xff, ANY, ANY, "SET MANAGEMENT KEY", WORDS_NOTHING},
    {PIV, 0x47, ANY, ANY, "GENERATE ASYMMETRIC KEY PAIR", WORDS_KEY},
    {PIV, 0x87, ANY, ANY, "GENERAL AUTHENTICATE", WORDS_ALGORITHM},

    {OPENPGP, 0x47, 0x80, ANY, "GENERATE ASYMMETRIC KEY PAIR", WORDS_NOTHING},
    {OPENPGP, 0x47, 0x81, ANY, "READ PUBLIC KEY", WORDS_NOTHING},
    {OPENPGP, 0xa5, ANY, ANY, "SELECT DATA", WORDS_PARAMETERS},
    {OPENPGP, 0xdb, 0x3f, 0xff, "IMPORT KEY", WORDS_NOTHING},
    {OPENPGP, 0xf1, ANY, ANY, "GET VERSION", WORDS_NOTHING},
    {OPENPGP, 0xf2, ANY, ANY, "SET RETRIES", WORDS_NOTHING},
    {OPENPGP, 0xfb, ANY, ANY, "ATTEST", WORDS_PARAMETERS},

    {OATH, 0x01, ANY, ANY, "PUT", WORDS_NOTHING},
    {OATH, 0x02, ANY, ANY, "DELETE", WORDS_NOTHING},
    {OATH, 0x03, ANY, ANY, "SET CODE", WORDS_NOTHING},
    {OATH, 0x04, ANY, ANY, "RESET", WORDS_NOTHING},
    {OATH, 0x05, ANY, ANY, "RENAME", WORDS_NOTHING},
    {OATH, 0xa1, ANY, ANY, "LIST", WORDS_NOTHING},
    {OATH, 0xa2, ANY, ANY, "CALCULATE", WORDS_NOTHING},
    {OATH, 0xa3, ANY, ANY, "VALIDATE", WORDS_NOTHING},
    {OATH, 0xa4, 0x00, ANY, "CALCULATE ALL", WORDS_NOTHING},
    {OATH, 0xa5, ANY, ANY, "SEND REMAINING", WORDS_NOTHING},

    {FIDO, 0x01, ANY, ANY, "U2F REGISTER", WORDS_NOTHING},
    {FIDO, 0x02, 0x07, ANY, "U2F CHECK", WORDS_NOTHING},
    {FIDO, 0x02, ANY, ANY, "U2F AUTHENTICATE", WORDS_NOTHING},
    {FIDO, 0x03, ANY, ANY, "U2F VERSION", WORDS_NOTHING},
    {FIDO, 0x10, ANY, ANY, "CTAP", WORDS_CTAP},
    {FIDO, 0x11, ANY, ANY, "CTAP GET RESPONSE", WORDS_NOTHING},
    {FIDO, 0x12, ANY, ANY, "CTAP CONTROL", WORDS_PARAMETERS},

    {MANAGEMENT, 0x1c, ANY, ANY, "WRITE CONFIG", WORDS_NOTHING},
    {MANAGEMENT, 0x1d, ANY, ANY, "READ CONFIG", WORDS_PARAMETERS},
    {MANAGEMENT, 0x1f, ANY, ANY, "DEVICE RESET", WORDS_NOTHING},
    {OTP, 0x01, ANY, ANY, "SLOT COMMAND", WORDS_PARAMETERS},
    {OTP, 0x03, ANY, ANY, "READ STATUS", WORDS_NOTHING},

    {CAC, 0x36, ANY, ANY, "GET CERTIFICATE", WORDS_PARAMETERS},
    {CAC, 0x42, ANY, ANY, "SIGN/DECRYPT", WORDS_PARAMETERS},
    {CAC, 0x4c, ANY, ANY, "GET PROPERTIES", WORDS_PARAMETERS},
    {CAC, 0x52, ANY, ANY, "READ BUFFER", WORDS_PARAMETERS},
    {CAC, 0x56, ANY, ANY, "GET PROPERTIES", WORDS_PARAMETERS},

    {MUSCLE, 0x32, ANY, ANY, "IMPORT KEY", WORDS_PARAMETERS},
    {MUSCLE, 0x36, ANY, ANY, "COMPUTE CRYPT", WORDS_PARAMETERS},
    {MUSCLE, 0x40, ANY, ANY, "CREATE PIN", WORDS_PARAMETERS},
    {MUSCLE, 0x42, ANY, ANY, "VERIFY PIN", WORDS_PARAMETERS},
    {MUSCLE, 0x44, ANY, ANY, "CHANGE PIN", WORDS_PARAMETERS},
    {MUSCLE, 0x46, ANY, ANY, "UNBLOCK PIN", WORDS_PARAMETERS},

    {PLATFORM, 0x50, ANY, ANY, "INITIALIZE UPDATE", WORDS_PARAMETERS},
    {PLATFORM, 0xd8, ANY, ANY, "PUT KEY", WORDS_PARAMETERS},
    {PLATFORM, 0xe2, ANY, ANY, "STORE DATA", WORDS_PARAMETERS},
    {PLATFORM, 0xe4, ANY, ANY, "DELETE", WORDS_PARAMETERS},
    {PLATFORM, 0xe6, ANY, ANY, "INSTALL", WORDS_PARAMETERS},
    {PLATFORM, 0xe8, ANY, ANY, "LOAD", WORDS_PARAMETERS},
    {PLATFORM, 0xf0, ANY, ANY, "SET STATUS", WORDS_PARAMETERS},
    {PLATFORM, 0xf2, ANY, ANY, "GET STATUS", WORDS_PARAMETERS},
    {PAYMENT, 0xa8, ANY, ANY, "GET PROCESSING OPTIONS", WORDS_NOTHING},
    {PAYMENT, 0xae, ANY, ANY, "GENERATE AC", WORDS_PARAMETERS},

    /* ISO 7816-4, -8, -9 */
    {0, 0x04, ANY, ANY, "DEACTIVATE FILE", WORDS_PARAMETERS},
    {0, 0x0c, ANY, ANY, "ERASE RECORD", WORDS_RECORD},
    {0, 0x0e, ANY, ANY, "ERASE BINARY", WORDS_OFFSET},
    {0, 0x0f, ANY, ANY, "ERASE BINARY", WORDS_PARAMETERS},
    {0, 0x20, 0xff, ANY, "LOG OUT", WORDS_REFERENCE},
    {0, 0x20, ANY, ANY, "VERIFY", WORDS_REFERENCE},
    {0, 0x21, ANY, ANY, "VERIFY", WORDS_REFERENCE},
    {0, 0x22, ANY, ANY, "MANAGE SECURITY ENVIRONMENT", WORDS_PARAMETERS},
    {0, 0x24, ANY, ANY, "CHANGE REFERENCE DATA", WORDS_REFERENCE},
    {0, 0x25, ANY, ANY, "CHANGE REFERENCE DATA", WORDS_REFERENCE},
    {0, 0x26, ANY, ANY, "DISABLE VERIFICATION", WORDS_REFERENCE},
    {0, 0x28, ANY, ANY, "ENABLE VERIFICATION", WORDS_REFERENCE},
    {0, 0x2a, 0x9e, 0x9a, "PSO: COMPUTE DIGITAL SIGNATURE", WORDS_NOTHING},
    {0, 0x2a, 0x80, ANY, "PSO: DECIPHER", WORDS_NOTHING},
    {0, 0x2a, ANY, 0x80, "PSO: ENCIPHER", WORDS_NOTHING},
    {0, 0x2a, 0x90, ANY, "PSO: HASH", WORDS_NOTHING},
    {0, 0x2a, 0x00, ANY, "PSO: VERIFY", WORDS_PARAMETERS},
    {0, 0x2a, ANY, ANY, "PERFORM SECURITY OPERATION", WORDS_PARAMETERS},
    {0, 0x2c, ANY, ANY, "RESET RETRY COUNTER", WORDS_REFERENCE},
    {0, 0x2d, ANY, ANY, "RESET RETRY COUNTER", WORDS_REFERENCE},
    {0, 0x44, ANY, ANY, "ACTIVATE FILE", WORDS_NOTHING},
    {0, 0x46, ANY, ANY, "GENERATE ASYMMETRIC KEY PAIR", WORDS_PARAMETERS},
    {0, 0x47, ANY, ANY, "GENERATE ASYMMETRIC KEY PAIR", WORDS_PARAMETERS},
    {0, 0x70, 0x00, ANY, "OPEN CHANNEL", WORDS_NOTHING},
    {0, 0x70, 0x80, ANY, "CLOSE CHANNEL", WORDS_PARAMETERS},
    {0, 0x70, ANY, ANY, "MANAGE CHANNEL", WORDS_PARAMETERS},
    {0, 0x82, ANY, ANY, "EXTERNAL AUTHENTICATE", WORDS_PARAMETERS},
    {0, 0x84, ANY, ANY, "GET CHALLENGE", WORDS_NOTHING},
    {0, 0x86, ANY, ANY, "GENERAL AUTHENTICATE", WORDS_PARAMETERS},
    {0, 0x87, ANY, ANY, "GENERAL AUTHENTICATE", WORDS_PARAMETERS},
    {0, 0x88, ANY, ANY, "INTERNAL AUTHENTICATE", WORDS_PARAMETERS},
    {0, 0xa0, ANY, ANY, "SEARCH BINARY", WORDS_OFFSET},
    {0, 0xa2, ANY, ANY, "SEARCH RECORD", WORDS_RECORD},
    {0, 0xa4, ANY, ANY, "SELECT", WORDS_SELECT},
    {0, 0xb0, ANY, ANY, "READ BINARY", WORDS_OFFSET},
    {0, 0xb1, ANY, ANY, "READ BINARY", WORDS_PARAMETERS},
    {0, 0xb2, ANY, ANY, "READ RECORD", WORDS_RECORD},
    {0, 0xb3, ANY, ANY, "READ RECORD", WORDS_RECORD},
    {0, 0xc0, ANY, ANY, "GET RESPONSE", WORDS_NOTHING},
    {0, 0xc2, ANY, ANY, "ENVELOPE", WORDS_NOTHING},
    {0, 0xc3, ANY, ANY, "ENVELOPE", WORDS_NOTHING},
    {0, 0xca, ANY, ANY, "GET DATA", WORDS_OBJECT},
    {0, 0xcb, ANY, ANY, "GET DATA", WORDS_OBJECT},
    {0, 0xcc, ANY, ANY, "GET NEXT DATA", WORDS_OBJECT},
    {0, 0xd0, ANY, ANY, "WRITE BINARY", WORDS_OFFSET},
    {0, 0xd1, ANY, ANY, "WRITE BINARY", WORDS_PARAMETERS},
    {0, 0xd2, ANY, ANY, "WRITE RECORD", WORDS_RECORD},
    {0, 0xd6, ANY, ANY, "UPDATE BINARY", WORDS_OFFSET},
    {0, 0xd7, ANY, ANY, "UPDATE BINARY", WORDS_PARAMETERS},
    {0, 0xda, ANY, ANY, "PUT DATA", WORDS_OBJECT},
    {0, 0xdb, ANY, ANY, "PUT DATA", WORDS_OBJECT},
    {0, 0xdc, ANY, ANY, "UPDATE RECORD", WORDS_RECORD},
    {0, 0xdd, ANY, ANY, "UPDATE RECORD", WORDS_RECORD},
    {0, 0xe0, ANY, ANY, "CREATE FILE", WORDS_PARAMETERS},
    {0, 0xe2, ANY, ANY, "APPEND RECORD", WORDS_RECORD},
    {0, 0xe4, ANY, ANY, "DELETE FILE", WORDS_PARAMETERS},
    {0, 0xe6, ANY, ANY, "TERMINATE DF", WORDS_PARAMETERS},
    {0, 0xe8, ANY, ANY, "TERMINATE EF", WORDS_PARAMETERS},
    {0, 0xfe, ANY, ANY, "TERMINATE CARD USAGE", WORDS_PARAMETERS},
};

static const struct {
	enum applet applet;
	uint8_t p2;
	const char *name;
} references[] = {
    {APPLET_PIV, 0x00, "global PIN"},
    {APPLET_PIV, 0x80, "PIN"},
    {APPLET_PIV, 0x81, "PUK"},
    {APPLET_PIV, 0x96, "fingerprint"},
    {APPLET_PIV, 0x98, "pairing code"},
    {APPLET_PIV, 0x9a, "authentication key"},
    {APPLET_PIV, 0x9b, "management key"},
    {APPLET_PIV, 0x9c, "signature key"},
    {APPLET_PIV, 0x9d, "key management key"},
    {APPLET_PIV, 0x9e, "card authentication key"},
    {APPLET_PIV, 0xf9, "attestation key"},
    {APPLET_OPENPGP, 0x81, "PW1 for signing"},
    {APPLET_OPENPGP, 0x82, "PW1"},
    {APPLET_OPENPGP, 0x83, "PW3"},
};

static const struct {
	uint8_t p1;
	const char *name;
} algorithms[] = {
    {0x00, "3DES"}, {0x03, "3DES"}, {0x05, "RSA-3072"}, {0x06, "RSA-1024"},
    {0x07, "RSA-2048"}, {0x08, "AES-128"}, {0x0a, "AES-192"},
    {0x0c, "AES-256"}, {0x11, "P-256"}, {0x14, "P-384"}, {0x16, "RSA-4096"},
    {0xe0, "Ed25519"}, {0xe1, "X25519"},
};

static const struct {
	enum applet applet;
	uint32_t tag;
	const char *name;
} objects[] = {
    {APPLET_PIV, 0x7e, "discovery"},
    {APPLET_PIV, 0x7f61, "biometric templates"},
    {APPLET_PIV, 0x5fc101, "certificate 9E"},
    {APPLET_PIV, 0x5fc102, "CHUID"},
    {APPLET_PIV, 0x5fc103, "fingerprints"},
    {APPLET_PIV, 0x5fc105, "certificate 9A"},
    {APPLET_PIV, 0x5fc106, "security object"},
    {APPLET_PIV, 0x5fc107, "card capability container"},
    {APPLET_PIV, 0x5fc108, "facial image"},
    {APPLET_PIV, 0x5fc109, "printed information"},
    {APPLET_PIV, 0x5fc10a, "certificate 9C"},
    {APPLET_PIV, 0x5fc10b, "certificate 9D"},
    {APPLET_PIV, 0x5fc10c, "key history"},
    {APPLET_PIV, 0x5fc121, "iris images"},
    {APPLET_PIV, 0x5fff00, "ykman's data"},
    {APPLET_PIV, 0x5fff01, "attestation certificate"},
    {APPLET_OPENPGP, 0x4f, "application identifier"},
    {APPLET_OPENPGP, 0x5b, "name"},
    {APPLET_OPENPGP, 0x5e, "login"},
    {APPLET_OPENPGP, 0x65, "cardholder"},
    {APPLET_OPENPGP, 0x6e, "application data"},
    {APPLET_OPENPGP, 0x7a, "signature counter"},
    {APPLET_OPENPGP, 0xc0, "capabilities"},
    {APPLET_OPENPGP, 0xc1, "algorithm of the signature key"},
    {APPLET_OPENPGP, 0xc2, "algorithm of the decryption key"},
    {APPLET_OPENPGP, 0xc3, "algorithm of the authentication key"},
    {APPLET_OPENPGP, 0xc4, "PIN status"},
    {APPLET_OPENPGP, 0xc5, "fingerprints"},
    {APPLET_OPENPGP, 0xd3, "resetting code"},
    {APPLET_OPENPGP, 0xd5, "AES key"},
    {APPLET_OPENPGP, 0xf9, "KDF"},
    {APPLET_OPENPGP, 0xfa, "algorithms"},
    {APPLET_OPENPGP, 0x5f2d, "language"},
    {APPLET_OPENPGP, 0x5f35, "sex"},
    {APPLET_OPENPGP, 0x5f50, "URL"},
    {APPLET_OPENPGP, 0x5f52, "historical bytes"},
    {APPLET_OPENPGP, 0x7f21, "certificate"},
    {APPLET_OPENPGP, 0x7f66, "extended lengths"},
    {APPLET_OPENPGP, 0x7f74, "features"},
};

static const struct {
	uint8_t command;
	const char *name;
} ctap[] = {
    {0x01, "makeCredential"}, {0x02, "getAssertion"}, {0x04, "getInfo"},
    {0x06, "clientPIN"}, {0x07, "reset"}, {0x08, "getNextAssertion"},
    {0x09, "bioEnrollment"}, {0x0a, "credentialManagement"},
    {0x0b, "selection"}, {0x0c, "largeBlobs"}, {0x0d, "authenticatorConfig"},
};
/* clang-format on */

const struct words_ins *
words_ins_get(enum applet applet, const struct trace_apdu *apdu)
{
	for (size_t i = 0; i < COUNT(instructions); i++) {
		const struct words_ins *row = &instructions[i];

		if (row->ins == apdu->ins &&
		    (row->applets == 0 ||
			(row->applets & APPLET_BIT(applet)) != 0) &&
		    (row->p1 == ANY || row->p1 == apdu->p1) &&
		    (row->p2 == ANY || row->p2 == apdu->p2))
			return row;
	}
	return NULL;
}

const char *
words_reference(enum applet applet, uint8_t p2)
{
	for (size_t i = 0; i < COUNT(references); i++)
		if (references[i].applet == applet && references[i].p2 == p2)
			return references[i].name;
	return NULL;
}

const char *
words_algorithm(uint8_t p1)
{
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (algorithms[i].p1 == p1)
			return algorithms[i].name;
	return NULL;
}

const char *
words_object(enum applet applet, uint32_t tag)
{
	for (size_t i = 0; i < COUNT(objects); i++)
		if (objects[i].applet == applet && objects[i].tag == tag)
			return objects[i].name;
	return NULL;
}

const char *
words_ctap(uint8_t command)
{
	for (size_t i = 0; i < COUNT(ctap); i++)
		if (ctap[i].command == command)
			return ctap[i].name;
	return NULL;
}
