/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mutex with a place in the order of locks, which docs/THREADS.md explains.
 * In a debug build (--enable-debug, and any with sanitizers) each thread knows
 * what it holds, and what breaks the order ends the program with a line in the
 * log, whether or not another thread was about to make a deadlock of it.
 * Otherwise it is a mutex and nothing else.
 */
#ifndef VSCARD_UTIL_LOCK_H
#define VSCARD_UTIL_LOCK_H

#include <pthread.h>
#include <time.h>

#include "util/err.h"

/* In lock.c: which of them may be held when one is taken. */
enum lock_rank {
	LOCK_LIFE,   /* luns.life */
	LOCK_TABLE,  /* luns.lock */
	LOCK_ERRAND, /* a call that the hub is to make */
	LOCK_CLERK,
	LOCK_LINK,
	LOCK_SLOT,
	LOCK_TAP,
	LOCK_CLIENT, /* at the control socket */
	LOCK_LOOP,   /* the loop's own */
	LOCK_LOG,    /* its rations */
	LOCK_RANKS
};

struct lock {
	pthread_mutex_t mutex;
#ifdef VSCARD_DEBUG
	enum lock_rank rank;
#endif
};

/* "luns.life", "link.lock" …, or "?". */
const char *lock_rank_name(enum lock_rank);

#ifdef VSCARD_DEBUG
#define LOCK_INITIALIZER(r) {.mutex = PTHREAD_MUTEX_INITIALIZER, .rank = (r)}
#define LOCK_RANK(lock) ((lock)->rank)
/* Each ends the program if it is not as it should be. */
void lock_check_take(enum lock_rank);
void lock_check_release(enum lock_rank);
void lock_check_wait(enum lock_rank);
void lock_check_held(enum lock_rank);
#else
#define LOCK_INITIALIZER(r) {.mutex = PTHREAD_MUTEX_INITIALIZER}
#define LOCK_RANK(lock) LOCK_RANKS
static inline void
lock_check_take(enum lock_rank rank)
{
	(void)rank;
}
static inline void
lock_check_release(enum lock_rank rank)
{
	(void)rank;
}
static inline void
lock_check_wait(enum lock_rank rank)
{
	(void)rank;
}
static inline void
lock_check_held(enum lock_rank rank)
{
	(void)rank;
}
#endif

static inline int MUST_CHECK
lock_init(struct lock *lock, enum lock_rank rank)
{
	(void)rank;
	*lock = (struct lock)LOCK_INITIALIZER(rank);
	return -pthread_mutex_init(&lock->mutex, NULL);
}

static inline void
lock_clear(struct lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

static inline void
lock_take(struct lock *lock)
{
	lock_check_take(LOCK_RANK(lock));
	pthread_mutex_lock(&lock->mutex);
}

static inline void
lock_release(struct lock *lock)
{
	lock_check_release(LOCK_RANK(lock));
	pthread_mutex_unlock(&lock->mutex);
}

/* For a function whose callers hold it. */
static inline void
lock_expect(struct lock *lock)
{
	(void)lock;
	lock_check_held(LOCK_RANK(lock));
}

/* As the condition's own functions, with no other lock held but luns.life. */
static inline void
lock_wait(struct lock *lock, pthread_cond_t *cond)
{
	lock_check_wait(LOCK_RANK(lock));
	pthread_cond_wait(cond, &lock->mutex);
}

/* 0, or ETIMEDOUT as the function behind it. */
static inline int
lock_wait_until(
    struct lock *lock, pthread_cond_t *cond, const struct timespec *until)
{
	lock_check_wait(LOCK_RANK(lock));
	return pthread_cond_timedwait(cond, &lock->mutex, until);
}

#endif
