/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recorded conversations, byte for byte; then the same bytes in any pieces,
 * cut off at every byte, and changed.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/fuzz/drive.h"
#include "tests/unit/player.h"

static const char *const tapes[] = {
    "docs/PROTOCOL.vscard-ext",
    "tests/interop/late-answer.txt",
    "tests/interop/no-card.txt",
    "tests/interop/odd-input.txt",
    "tests/interop/qemu-two-inits.txt",
    "tests/interop/removal-in-flight.txt",
    "tests/interop/spice-session.txt",
    "tests/interop/stock-session.txt",
    "tests/interop/three-readers.txt",
    "tests/interop/vscclient-error.txt",
    "tests/interop/vscclient-session.txt",
    "tests/interop/vscclient-two-inits.txt",
};

#define EACH_TAPE(i) for (size_t i = 0; i < sizeof(tapes) / sizeof(*tapes); i++)
#define EACH_ROLE(r)                                                           \
	for (enum vscard_role r = VSCARD_ROLE_HOST; r <= VSCARD_ROLE_CLIENT; r++)

static struct tape tape;

static bool
is_for(enum vscard_role role)
{
	return role == VSCARD_ROLE_HOST ? tape.for_host : tape.for_client;
}

START_TEST(they_go_as_recorded)
{
	EACH_TAPE(i) {
		tape_load(&tape, tapes[i]);
		ck_assert(tape.for_host || tape.for_client);
		EACH_ROLE(role) {
			if (is_for(role))
				tape_play(&tape, role, 0);
		}
	}
}
END_TEST

START_TEST(pieces_make_no_difference)
{
	EACH_TAPE(i) {
		tape_load(&tape, tapes[i]);
		EACH_ROLE(role) {
			uint64_t whole;

			if (!is_for(role))
				continue;
			whole = tape_play(&tape, role, 0);
			for (uint32_t cut = 1; cut < 100; cut++)
				ck_assert_uint_eq(tape_play(&tape, role, cut),
				    whole);
		}
	}
}
END_TEST

static struct vscard_limits
all_limits(void)
{
	struct vscard_limits limits;

	vscard_limits_init(&limits);
	memset(limits.instance, 0x11, sizeof(limits.instance));
	return limits;
}

/* Either side gets either side's bytes: the wrong role must survive too. */
START_TEST(the_end_may_come_at_every_byte)
{
	struct vscard_limits limits = all_limits();
	uint8_t bytes[TAPE_BYTES];
	struct drive d;

	EACH_TAPE(i) {
		tape_load(&tape, tapes[i]);
		for (int to_host = 0; to_host < 2; to_host++) {
			size_t len = tape_join(&tape, to_host, bytes,
			    sizeof(bytes));

			for (size_t cut = 0; cut <= len; cut++) {
				EACH_ROLE(role)
					drive_run(role, &limits, bytes, cut, 0,
					    &d);
			}
		}
	}
}
END_TEST

static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A bit, a byte, a piece missing, or a piece twice. */
static size_t
mutate(uint8_t *bytes, size_t len, size_t cap, uint32_t *seed)
{
	size_t at = draw(seed) % len, size = 1 + draw(seed) % 20;

	if (size > len - at)
		size = len - at;
	switch (draw(seed) % 5) {
	case 0:
		bytes[at] ^= (uint8_t)(1u << draw(seed) % 8);
		return len;
	case 1:
		bytes[at] = (uint8_t)draw(seed);
		return len;
	case 2:
		memmove(bytes + at, bytes + at + size, len - at - size);
		return len - size;
	case 3:
		if (len + size > cap)
			return len;
		memmove(bytes + at + size, bytes + at, len - at);
		return len + size;
	default:
		return at > 0 ? at : len;
	}
}

START_TEST(changed_bytes_do_no_harm)
{
	struct vscard_limits limits = all_limits();
	uint32_t seed = 20240607;
	uint8_t bytes[TAPE_BYTES];

	EACH_TAPE(i) {
		tape_load(&tape, tapes[i]);
		for (int round = 0; round < 400; round++) {
			enum vscard_role role = round % 2 == 0 ?
			    VSCARD_ROLE_HOST : VSCARD_ROLE_CLIENT;
			size_t len = tape_join(&tape,
			    role == VSCARD_ROLE_HOST, bytes, sizeof(bytes));

			for (int n = 1 + round % 4; n > 0 && len > 0; n--)
				len = mutate(bytes, len, sizeof(bytes), &seed);
			drive_compare(role, &limits, bytes, len);
		}
	}
}
END_TEST

UNIT_SUITE("conversations", they_go_as_recorded, pieces_make_no_difference,
    the_end_may_come_at_every_byte, changed_bytes_do_no_harm)
