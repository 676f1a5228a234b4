/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/lock.h"

#include <stdlib.h>

#include "util/log.h"

static const char *const names[] = {
    [LOCK_LIFE] = "luns.life",
    [LOCK_TABLE] = "luns.lock",
    [LOCK_ERRAND] = "errand.lock",
    [LOCK_CLERK] = "clerk.lock",
    [LOCK_LINK] = "link.lock",
    [LOCK_SLOT] = "slot.lock",
    [LOCK_TAP] = "tap.lock",
    [LOCK_CLIENT] = "control_client.lock",
    [LOCK_LOOP] = "loop.mutex",
    [LOCK_LOG] = "log.lock",
};

const char *
lock_rank_name(enum lock_rank rank)
{
	return (unsigned)rank < LOCK_RANKS ? names[rank] : "?";
}

#ifdef VSCARD_DEBUG

#define BIT(rank) (1u << (rank))
#define LIFE BIT(LOCK_LIFE)
#define LINK BIT(LOCK_LINK)
#define TAP BIT(LOCK_TAP)

/* What a thread may hold when it takes one; no two of a kind. */
static const unsigned under[] = {
    [LOCK_LIFE] = 0,
    [LOCK_TABLE] = LIFE,
    [LOCK_ERRAND] = LIFE,
    [LOCK_CLERK] = LIFE,
    [LOCK_LINK] = LIFE,
    [LOCK_SLOT] = LIFE | LINK,
    [LOCK_TAP] = LIFE | LINK,
    [LOCK_CLIENT] = LIFE | LINK | TAP,
    [LOCK_LOOP] = BIT(LOCK_LOOP) - 1,
    [LOCK_LOG] = BIT(LOCK_LOG) - 1,
};

/*
 * In a module that pcscd loads, memory for it is taken at its first use unless
 * the model says otherwise; LeakSanitizer falls over that at the end of pcscd.
 */
static _Thread_local unsigned held __attribute__((tls_model("initial-exec")));

/* With one that is in the way. */
static void
fail(const char *what, enum lock_rank rank, unsigned with)
{
	enum lock_rank other = LOCK_LIFE;

	while (other < LOCK_RANKS && (with & BIT(other)) == 0)
		other++;
	log_error("lock order: %s %s with %s held", lock_rank_name(rank), what,
	    other < LOCK_RANKS ? lock_rank_name(other) : "none");
	abort();
}

void
lock_check_take(enum lock_rank rank)
{
	if ((held & ~under[rank]) != 0)
		fail("taken", rank, held & ~under[rank]);
	held |= BIT(rank);
}

void
lock_check_held(enum lock_rank rank)
{
	if ((held & BIT(rank)) == 0)
		fail("needed", rank, held);
}

void
lock_check_release(enum lock_rank rank)
{
	if ((held & BIT(rank)) == 0)
		fail("released", rank, held);
	held &= ~BIT(rank);
}

void
lock_check_wait(enum lock_rank rank)
{
	lock_check_held(rank);
	if ((held & ~(BIT(rank) | LIFE)) != 0)
		fail("slept on", rank, held & ~(BIT(rank) | LIFE));
}

#endif
