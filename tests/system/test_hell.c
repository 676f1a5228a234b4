/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peers from hell, one kind after the other, beside an application that goes
 * on with its card: its commands take no more than three times as long as
 * before, and pcscd's memory, descriptors and log do not grow.
 *
 * VSCARD_HELL_MS says how long each attack lasts; see docs/ROBUSTNESS.md.
 */
#include "tests/system/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ifd/slot.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/hell.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/log.h"
#include "tests/system/pc.h"
#include "tests/system/usage.h"
#include "util/log.h"

#define GOOD_ATR "3B0411223344"
#define MS INT64_C(1000000)

enum { SLOTS = 3, CALM_MS = 40, ATTACK_MS = 160, TRIES = 5, SAMPLES = 100000 };
enum { WANTED_MAX = 32 };

/*
 * Below this, three times as long is no sign of anything on a machine that is
 * busy with other tests; who measures has a quiet one, and a millisecond.
 */
#define FLOOR_NS (50 * MS)

/* kB. AddressSanitizer keeps what is freed for a while. */
#ifdef __SANITIZE_ADDRESS__
enum { SLACK = 320 * 1024 };
#else
enum { SLACK = 1024 };
#endif

static int64_t samples[SAMPLES];

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The neighbour's commands for so long: their median. */
static int64_t
latency(struct pc *pc, int64_t ms, int64_t *out_worst)
{
	int64_t since, start = script_ns();
	size_t n = 0;

	do {
		since = script_ns();
		pc_transmit(pc, "8001000001AA", "8001000001AA9000");
		samples[n++] = script_ns() - since;
	} while (n < SAMPLES && script_ns() - start < ms * MS);
	qsort(samples, n, sizeof(*samples), by_size);
	*out_worst = samples[n - 1];
	return samples[n / 2];
}

static int64_t
attack_ms(void)
{
	const char *text = getenv("VSCARD_HELL_MS");

	return text != NULL ? atoll(text) : ATTACK_MS;
}

/* Whoever was let in before has been buried when this one is answered. */
static unsigned
files_left(int pid, unsigned want)
{
	int64_t deadline = script_ns() + 5000 * MS;

	do
		(void)close(stock_peer_open(system_endpoint()));
	while (system_open_files(pid) > want && script_ns() < deadline);
	return system_open_files(pid);
}

struct figures {
	int64_t took, calm, storm, worst; /* ns */
	unsigned rounds, lines;
	long grown; /* kB */
};

/* Other tests run at the same time; what they have spoilt is done again. */
static void
suffer(const struct hell_attack *attack, struct pc *pc, struct figures *out)
{
	unsigned lines = system_log_count("\n");
	int pid = system_pcscd();
	struct hell hell;
	int64_t worst, since = script_ns();

	out->calm = latency(pc, CALM_MS, &worst);
	hell_start(&hell, attack, system_endpoint());
	(void)latency(pc, attack_ms() / 2, &worst);
	out->grown = -(long)usage_memory(pid);
	out->storm = latency(pc, attack_ms() / 2, &out->worst);
	out->grown += (long)usage_memory(pid);
	out->rounds = hell_rounds(&hell);
	hell_stop(&hell);
	out->lines = system_log_count("\n") - lines;
	out->took = script_ns() - since;
}

static void
show(const struct hell_attack *attack, const struct figures *f)
{
	printf("# %s: %u times; %ld us before, %ld us now (x %.2f, worst %ld);"
	       " %ld kB; %u lines\n",
	    attack->name, f->rounds, (long)f->calm / 1000,
	    (long)f->storm / 1000, (double)f->storm / (double)f->calm,
	    (long)f->worst / 1000, f->grown, f->lines);
	(void)fflush(stdout);
}

/*
 * What the driver may say itself in that time, and with it pcscd, which says
 * up to five things about each change that it is shown.
 */
static unsigned
lines_allowed(const struct figures *f)
{
	unsigned ms = (unsigned)(f->took / MS);

	return LOG_RATION_NEWS + LOG_RATION_COMPLAINTS + 11 * (ms / 1000 + 1) +
	       5 * (SLOTS - 1) * (SLOT_NEWS + ms / SLOT_NEWS_MS + 1);
}

static bool
is_slow(const struct figures *f)
{
	int64_t floor = getenv("VSCARD_HELL_MS") != NULL ? MS : FLOOR_NS;

	return f->storm > floor && f->storm > 3 * f->calm;
}

static const struct hell_attack *wanted[WANTED_MAX];

START_TEST(attacked)
{
	const struct hell_attack *attack = wanted[_i];
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), GOOD_ATR);
	int pid = system_pcscd();
	struct figures f;
	struct pc pc;
	unsigned files;

	pcsc_watch_past_empty(watch, 0, "card " GOOD_ATR);
	pc_open(&pc, 0);
	pc_transmit(&pc, "8001000001AA", "8001000001AA9000");
	files = system_open_files(pid);
	for (int i = 0; i < TRIES; i++) {
		suffer(attack, &pc, &f);
		show(attack, &f);
		if (!is_slow(&f))
			break;
	}
	ck_assert_msg(!is_slow(&f), "%s: commands take %ld us, not %ld us",
	    attack->name, (long)f.storm / 1000, (long)f.calm / 1000);
	ck_assert_msg(f.grown < SLACK, "%s: pcscd has grown by %ld kB",
	    attack->name, f.grown);
	ck_assert_msg(f.lines <= lines_allowed(&f), "%s: %u lines in the log",
	    attack->name, f.lines);
	ck_assert_uint_le(files_left(pid, files), files);
	pcsc_watch_nothing(watch, 0);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

const struct system_plan system_plan = {"hell", SLOTS, NULL, false, false};

void
system_add_tests(TCase *tcase)
{
	int n = 0;

	for (unsigned i = 0; i < hell_attacks_len; i++)
		if (hell_is_wanted(&hell_attacks[i]))
			wanted[n++] = &hell_attacks[i];
	tcase_add_loop_test(tcase, attacked, 0, n);
}
