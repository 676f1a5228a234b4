/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole card over a store in memory: what is written first, and the
 * management application, which lists the others.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/core/identity.h"
#include "card/registry.h"
#include "tests/unit/rig.h"

#define MANAGEMENT "00A4040008A000000527471117"

static void
bench(struct rig *rig)
{
	struct store *store;

	ck_assert_int_eq(store_new_memory(&store), 0);
	rig_init(rig, store);
}

static void
insert(struct rig *rig)
{
	ck_assert_int_eq(registry_card(&rig->env, &rig->card), 0);
	rig_reset(rig);
}

static void
clear(struct rig *rig)
{
	struct store *store = rig->env.store;

	rig_clear(rig);
	store_free(store);
}

START_TEST(management_tells_its_version)
{
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(registry_format(&rig.env, ""), 0);
	insert(&rig);
	/* VSCard - FW version 5.7.0 */
	RIG_TALK(&rig, MANAGEMENT,
	    "565343617264202D2046572076657273696F6E20352E372E309000");
	RIG_TALK(&rig, "00A4040007A0000005274711", "6A82", "001C0000020100",
	    "6D00", "00160000", "6D00", "001D0100", "6A86", "001D000001AA",
	    "6700", "801D0000", "6E00", "00CB3FFF035C017E", "6D00",
	    "00A4000C023F00", "6D00");
	clear(&rig);
}
END_TEST

START_TEST(management_lists_what_the_card_has)
{
	struct identity id;
	char want[256];
	unsigned caps;
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(registry_format(&rig.env, "my key"), 0);
	insert(&rig);
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	caps = rig.env.capabilities;
	snprintf(want, sizeof(want),
	    "2B"
	    "0102%04X"
	    "0204%08X"
	    "0302%04X"
	    "040101"
	    "0503050700"
	    "06020000"
	    "07010F"
	    "080100"
	    "0A0100"
	    "0D02%04X"
	    "0E02%04X9000",
	    caps, id.serial, caps, caps, caps);
	RIG_TALK(&rig, MANAGEMENT,
	    "565343617264202D2046572076657273696F6E20352E372E309000",
	    "001D0000", want, "001D000000", want);
	clear(&rig);
}
END_TEST

START_TEST(a_card_needs_its_first_records)
{
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(registry_format(&rig.env, "bad\n"), -EINVAL);
	ck_assert_int_eq(registry_format(&rig.env, "good"), 0);
	insert(&rig);
	ck_assert_int_eq(store_delete_app(rig.env.store, STORE_CARD), 0);
	rig_send(&rig, MANAGEMENT);
	RIG_TALK(&rig, "001D0000", "6F00");
	clear(&rig);
}
END_TEST

/* Formatting again drops what was there, or, if it fails, nothing. */
START_TEST(formatting_is_all_or_nothing)
{
	const struct place place = {.app = 200, .kind = 1, .id = 7};
	struct identity id;
	struct buf record;
	struct rig rig;

	bench(&rig);
	buf_init(&record, STORE_RECORD_MAX);
	ck_assert_int_eq(registry_format(&rig.env, "first"), 0);
	ck_assert_int_eq(store_put(rig.env.store, place, "x", 1), 0);
	rig.random_left = 0;
	ck_assert_int_eq(registry_format(&rig.env, "second"), -EIO);
	rig.env.stopped = false;
	rig.random_left = -1;
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	ck_assert_str_eq(id.name, "first");
	ck_assert_int_eq(store_get(rig.env.store, place, &record), 0);
	ck_assert_int_eq(registry_format(&rig.env, "third"), 0);
	ck_assert_int_eq(store_get(rig.env.store, place, &record), -ENOENT);
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	ck_assert_str_eq(id.name, "third");
	buf_clear(&record);
	clear(&rig);
}
END_TEST

#define PIV "00A4040005A000000308"

/* A hundred keys in one process: each has its own PIN, serial and session. */
START_TEST(cards_know_nothing_of_each_other)
{
	enum { CARDS = 100 };
	struct rig *rigs = calloc(CARDS, sizeof(*rigs));
	char text[64];

	ck_assert_ptr_nonnull(rigs);
	for (unsigned i = 0; i < CARDS; i++) {
		bench(&rigs[i]);
		rigs[i].seed = i;
		ck_assert_int_eq(registry_format(&rigs[i].env, ""), 0);
		insert(&rigs[i]);
		rig_send(&rigs[i], PIV);
	}
	for (unsigned i = 0; i < CARDS; i++) {
		snprintf(text, sizeof(text),
		    "0024008010 313233343536FFFF 3132333435%02XFFFF", 0x40 + i);
		RIG_TALK(&rigs[i], text, "9000");
	}
	for (unsigned i = 0; i < CARDS; i++) {
		snprintf(text, sizeof(text), "0020008008 3132333435%02XFFFF",
		    0x40 + i);
		RIG_TALK(&rigs[i], text, "9000");
		RIG_TALK(&rigs[(i + 1) % CARDS], text, "63C2");
	}
	for (unsigned i = 0; i < CARDS; i++) {
		/* the wrong one of its neighbour came last, but for the first */
		RIG_TALK(&rigs[i], "00200080", i == 0 ? "63C2" : "9000");
		clear(&rigs[i]);
	}
	free(rigs);
}
END_TEST

UNIT_SUITE("registry", management_tells_its_version,
    management_lists_what_the_card_has, a_card_needs_its_first_records,
    formatting_is_all_or_nothing, cards_know_nothing_of_each_other)
