/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signature costs beside libcrypto's own work: SCardTransmit of GENERAL
 * AUTHENTICATE, of a small APDU, and the same operation by libcrypto here, in
 * turns. A line an operation: its name, and the three medians in microseconds.
 *
 *	vscard-run --card key -- bench_sign COUNT
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "card/crypto/block.h"
#include "card/iso/tlv.h"

enum { COUNT = 1000 /* at most */, ROOM = 512, HASH = 32 };

static const struct operation {
	const char *name;
	const char *type;
	const char *curve; /* NULL: RSA */
	uint8_t alg;
	size_t len; /* of what is signed */
} operations[] = {
    {"RSA-2048", "RSA", NULL, 0x07, 256},
    {"P-256", "EC", "P-256", 0x11, HASH},
};

static void
fail(const char *what)
{
	fprintf(stderr, "bench_sign: %s\n", what);
	exit(1);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
earlier(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *t, size_t count)
{
	qsort(t, count, sizeof(*t), earlier);
	return t[count / 2];
}

/* --- the card ------------------------------------------------------------ */

static SCARDHANDLE
card_connect(SCARDCONTEXT context)
{
	char names[1024];
	DWORD len = sizeof(names), protocol;
	SCARDHANDLE card = 0;

	if (SCardListReaders(context, NULL, names, &len) != SCARD_S_SUCCESS ||
	    SCardConnect(context, names, SCARD_SHARE_EXCLUSIVE,
		SCARD_PROTOCOL_T1, &card, &protocol) != SCARD_S_SUCCESS)
		fail("no card");
	return card;
}

/* 9000 or 61xx, or it ends. Leaves the answer in room and returns what it took. */
static double
transmit(SCARDHANDLE card, const uint8_t *command, size_t len, uint8_t *room)
{
	DWORD got = ROOM;
	double from = now();
	LONG rc;

	rc = SCardTransmit(card, SCARD_PCI_T1, command, len, NULL, room, &got);
	from = now() - from;
	if (rc != SCARD_S_SUCCESS || got < 2 ||
	    (room[got - 2] != 0x90 && room[got - 2] != 0x61))
		fail("the card refuses");
	return from;
}

static void
card_prepare(SCARDHANDLE card)
{
	static const uint8_t select[] = {0, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8};
	static const uint8_t ask[] = {0, 0x87, 3, 0x9B, 4, 0x7C, 2, 0x81, 0};
	static const uint8_t key[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6,
	    7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t tell[] = {
	    0, 0x87, 3, 0x9B, 12, 0x7C, 10, 0x82, 8, 0, 0, 0, 0, 0, 0, 0, 0};
	uint8_t room[ROOM];

	transmit(card, select, sizeof(select), room);
	transmit(card, ask, sizeof(ask), room);
	if (block_encrypt(BLOCK_TDES, key, room + 4, tell + 9) < 0)
		fail("libcrypto");
	transmit(card, tell, sizeof(tell), room);
}

/* In the slot whose PIN policy is never. */
static void
card_generate(SCARDHANDLE card, uint8_t alg)
{
	const uint8_t command[] = {0, 0x47, 0, 0x9E, 5, 0xAC, 3, 0x80, 1, alg};
	uint8_t room[ROOM];

	transmit(card, command, sizeof(command), room);
}

static size_t
command_make(const struct operation *op, const uint8_t *block, uint8_t *out)
{
	struct wr wr;
	size_t mark;

	wr_init(&wr, out, ROOM);
	wr_bytes(&wr, (uint8_t[]){0, 0x87, op->alg, 0x9E, 0, 0, 0}, 7);
	mark = tlv_open(&wr, 0x7C);
	tlv_put(&wr, 0x82, NULL, 0);
	tlv_put(&wr, 0x81, block, op->len);
	tlv_close(&wr, mark);
	out[5] = (uint8_t)((wr.len - 7) >> 8);
	out[6] = (uint8_t)(wr.len - 7);
	wr_be16(&wr, 0);
	if (wr_end(&wr) < 0)
		fail("too long");
	return wr.len;
}

/* --- libcrypto ----------------------------------------------------------- */

static EVP_PKEY_CTX *
signer_new(const struct operation *op)
{
	EVP_PKEY *key =
	    op->curve == NULL
		? EVP_PKEY_Q_keygen(NULL, NULL, op->type, (size_t)2048)
		: EVP_PKEY_Q_keygen(NULL, NULL, op->type, op->curve);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	EVP_PKEY_free(key);
	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
	    (op->curve == NULL &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1))
		fail("libcrypto");
	return ctx;
}

static double
sign_here(EVP_PKEY_CTX *ctx, const uint8_t *block, size_t len)
{
	uint8_t out[ROOM];
	size_t room = sizeof(out);
	double from = now();

	if (EVP_PKEY_sign(ctx, out, &room, block, len) != 1)
		fail("libcrypto");
	return now() - from;
}

/* --- the figures --------------------------------------------------------- */

static void
measure(SCARDHANDLE card, const struct operation *op, size_t count)
{
	static const uint8_t version[] = {0, 0xFD, 0, 0};
	static double by_card[COUNT], small[COUNT], here[COUNT];
	uint8_t block[256], command[ROOM], room[ROOM];
	EVP_PKEY_CTX *ctx = signer_new(op);
	size_t len;

	memset(block, 0x5A, sizeof(block));
	block[0] = 0;
	card_generate(card, op->alg);
	len = command_make(op, block, command);
	for (size_t i = 0; i < count; i++) {
		small[i] = transmit(card, version, sizeof(version), room);
		by_card[i] = transmit(card, command, len, room);
		here[i] = sign_here(ctx, block, op->len);
	}
	printf("%s %.1f %.1f %.1f\n", op->name, median(by_card, count),
	    median(small, count), median(here, count));
	EVP_PKEY_CTX_free(ctx);
}

int
main(int argc, char *argv[])
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : COUNT;
	SCARDCONTEXT context;
	SCARDHANDLE card;

	if (count < 1)
		return 2;
	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) !=
	    SCARD_S_SUCCESS)
		fail("no pcscd");
	card = card_connect(context);
	card_prepare(card);
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		measure(card, &operations[i], count < COUNT ? count : COUNT);
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	SCardReleaseContext(context);
	return 0;
}
