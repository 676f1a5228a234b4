/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcrypto's own time for what a card signs with, in nanoseconds: "median p99
 * least". The random source and blinding are part of it, as in the card.
 *
 *	bench_evp rsa2048|p256 COUNT
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BYTES_MAX = 256, HASH = 32 };

static void
must(int ok, const char *what)
{
	if (ok > 0)
		return;
	fprintf(stderr, "bench_evp: %s failed\n", what);
	exit(1);
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int
earlier(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
sign(EVP_PKEY *key, const uint8_t *data, size_t len)
{
	uint8_t out[BYTES_MAX];
	size_t got = sizeof(out);
	int64_t from = now();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	must(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1, "init");
	if (EVP_PKEY_is_a(key, "RSA"))
		must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING),
		    "padding");
	must(EVP_PKEY_sign(ctx, out, &got, data, len), "sign");
	EVP_PKEY_CTX_free(ctx);
	return now() - from;
}

int
main(int argc, char *argv[])
{
	int count = argc == 3 ? atoi(argv[2]) : 0;
	int64_t *t = calloc((size_t)count + 1, sizeof(*t));
	uint8_t data[BYTES_MAX];
	EVP_PKEY *key = NULL;
	size_t len = HASH;

	if (t == NULL || count < 1)
		return 2;
	memset(data, 0x5a, sizeof(data));
	if (strcmp(argv[1], "rsa2048") == 0) {
		key = EVP_RSA_gen(2048);
		len = sizeof(data);
	} else if (strcmp(argv[1], "p256") == 0) {
		key = EVP_EC_gen("P-256");
	}
	must(key != NULL, "key");
	for (int i = 0; i < count / 10; i++)
		sign(key, data, len);
	for (int i = 0; i < count; i++)
		t[i] = sign(key, data, len);
	qsort(t, (size_t)count, sizeof(*t), earlier);
	printf("%lld %lld %lld\n", (long long)t[count / 2],
	    (long long)t[count * 99 / 100], (long long)t[0]);
	EVP_PKEY_free(key);
	free(t);
	return 0;
}
