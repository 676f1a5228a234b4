/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/soak.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vscard/vscard.h"

enum {
	COMMAND_HEAD = 5,   /* application, number */
	RESPONSE_HEAD = 14, /* and the card, how often it was put in, count */
	BIG = 0x80,
	LARGEST = 65536,
	OCTAVES = 17 /* a length of 16 bits is as likely as one of 3 */
};

/* Who speaks. */
enum { HOST = 1, CARD = 2 };

void
soak_fail(struct soak *soak, const char *fmt, ...)
{
	va_list args;

	if (atomic_exchange(&soak->broken, true))
		return;
	va_start(args, fmt);
	(void)vsnprintf(soak->why, sizeof(soak->why), fmt, args);
	va_end(args);
}

/* xorshift64*: small, and the same on every machine. */
uint64_t
soak_roll(struct soak_dice *dice)
{
	uint64_t x = dice->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	dice->state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

unsigned
soak_draw(struct soak_dice *dice, unsigned below)
{
	return (unsigned)(soak_roll(dice) >> 33) % below;
}

static struct soak_dice
dice_of(const struct soak *soak, unsigned who, unsigned app, unsigned number,
    size_t len)
{
	struct soak_dice dice = {soak->seed ^ (uint64_t)who << 60 ^
				 (uint64_t)app << 52 ^ (uint64_t)number << 20 ^
				 len};

	dice.state *= 0x9e3779b97f4a7c15ULL;
	dice.state |= 1;
	(void)soak_roll(&dice);
	return dice;
}

static void
put32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 |
	       (uint32_t)in[2] << 8 | in[3];
}

static size_t
length(struct soak_dice *dice, size_t least, size_t most)
{
	unsigned octave = soak_draw(dice, OCTAVES);
	size_t len = least + soak_draw(dice, 1u << octave);

	return len < most ? len : most;
}

/* Which bytes these are depends on how many there are. */
static void
fill(struct soak_dice dice, uint8_t *out, size_t len)
{
	uint64_t eight;
	size_t n;

	for (; len > 0; out += n, len -= n) {
		eight = soak_roll(&dice);
		n = len < sizeof(eight) ? len : sizeof(eight);
		memcpy(out, &eight, n);
	}
}

static bool
is_filled(struct soak_dice dice, const uint8_t *in, size_t len)
{
	uint64_t eight;
	size_t n;

	for (; len > 0; in += n, len -= n) {
		eight = soak_roll(&dice);
		n = len < sizeof(eight) ? len : sizeof(eight);
		if (memcmp(in, &eight, n) != 0)
			return false;
	}
	return true;
}

size_t
soak_command(const struct soak *soak, unsigned app, unsigned number, bool big,
    uint8_t *out)
{
	struct soak_dice dice = dice_of(soak, HOST, app, number, 0);
	size_t len =
	    length(&dice, COMMAND_HEAD, big ? LARGEST : VSCARD_APDU_STOCK);

	out[0] = (uint8_t)app;
	put32(out + 1, number);
	fill(dice_of(soak, HOST, app, number, len), out + COMMAND_HEAD,
	    len - COMMAND_HEAD);
	return len;
}

bool
soak_is_command(const struct soak *soak, const uint8_t *in, size_t len,
    unsigned *out_app, unsigned *out_number)
{
	if (len < COMMAND_HEAD || in[0] >= SOAK_READERS)
		return false;
	*out_app = in[0];
	*out_number = get32(in + 1);
	return is_filled(dice_of(soak, HOST, *out_app, *out_number, len),
	    in + COMMAND_HEAD, len - COMMAND_HEAD);
}

/* Of the response without 90 00. */
static size_t
response_len(const struct soak *soak, unsigned app, unsigned number, bool big)
{
	struct soak_dice dice = dice_of(soak, CARD, app, number, 0);

	return length(
	    &dice, RESPONSE_HEAD, big ? LARGEST : VSCARD_APDU_STOCK - 2);
}

size_t
soak_response(const struct soak *soak, unsigned app, unsigned number,
    const struct soak_card *card, uint8_t *out)
{
	size_t len = response_len(soak, app, number, card->big);

	out[0] = (uint8_t)app;
	put32(out + 1, number);
	out[5] = (uint8_t)(card->card | (card->big ? BIG : 0));
	put32(out + 6, card->generation);
	put32(out + 10, card->count);
	fill(dice_of(soak, CARD, app, number, len), out + RESPONSE_HEAD,
	    len - RESPONSE_HEAD);
	out[len] = 0x90;
	out[len + 1] = 0x00;
	return len + 2;
}

bool
soak_is_response(const struct soak *soak, unsigned app, unsigned number,
    const uint8_t *in, size_t len, struct soak_card *out)
{
	if (len < RESPONSE_HEAD + 2 || in[0] != app ||
	    get32(in + 1) != number || in[len - 2] != 0x90 || in[len - 1] != 0)
		return false;
	len -= 2;
	*out = (struct soak_card){.card = in[5] & ~BIG & 0xff,
	    .generation = get32(in + 6),
	    .count = get32(in + 10),
	    .big = (in[5] & BIG) != 0};
	return out->card < SOAK_READERS &&
	       len == response_len(soak, app, number, out->big) &&
	       is_filled(dice_of(soak, CARD, app, number, len),
		   in + RESPONSE_HEAD, len - RESPONSE_HEAD);
}
