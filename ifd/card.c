/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/card.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ifd/card_env.h"
#include "ifd/hub.h"
#include "ifd/link.h"
#include "ifd/reader.h"
#include "net/spawn.h"
#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/* vscclient's exit statuses that nothing but a person can change. */
enum { STATUS_USAGE = 2, STATUS_CARD = 3 };

static struct loop *
card_loop(const struct card *card)
{
	return hub_loop(card->reader->hub);
}

/* --- starting --------------------------------------------------------- */

/* argv is never written to, whatever the prototype of exec says. */
static char *
word(const char *text)
{
	return (char *)(uintptr_t)text;
}

static const char *
program(void)
{
	const char *named = getenv("VSCARD_VSCCLIENT");

	return named != NULL && *named != '\0' ? named : BINDIR "/vscclient";
}

static int
card_exec(struct card *card, int err, struct spawn *out)
{
	_Static_assert(SPAWN_FD == 3, "as written below");
	char *argv[] = {word(program()), word("--card"), word(card->spec),
	    word("--connect"), word("fd:3"), NULL};
	struct spawn_as as = {.err = err};
	char **env;
	int rc;

	if (card->account != NULL)
		as.user = &card->account->user;
	rc = card_env_new(card->account, err, &env);
	if (rc < 0)
		return rc;
	as.env = env;
	rc = spawn_start_as(argv, &as, out);
	card_env_free(&env);
	return rc;
}

static int
card_spawn(struct card *card, struct spawn *out)
{
	int words[2];
	int rc;

	if (pipe2(words, O_CLOEXEC) < 0)
		return -errno;
	if (fcntl(words[0], F_SETFL, O_NONBLOCK) < 0)
		rc = -errno;
	else
		rc = card_exec(card, words[1], out);
	close(words[1]);
	if (rc < 0) {
		close(words[0]);
		return rc;
	}
	if (card_log_open(&card->log, words[0]) < 0)
		log_debug("%s: nobody hears what it says", card->name);
	return 0;
}

static void
card_again(struct card *card)
{
	card->state = CARD_WAITING;
	loop_timer_set(card_loop(card), &card->timer,
	    clock_after((int64_t)backoff_next(&card->backoff)));
}

static void
card_end_by(struct card *card, int64_t deadline)
{
	card->state = CARD_ENDING;
	loop_timer_set(card_loop(card), &card->timer, deadline);
}

static void
card_detach(struct card *card)
{
	loop_unwatch(card_loop(card), &card->ended);
	loop_timer_cancel(card_loop(card), &card->timer);
	if (card->pidfd >= 0)
		close(card->pidfd);
	card->pidfd = -1;
}

static void
card_forget(struct card *card)
{
	card_detach(card);
	card->pid = 0;
}

static void card_on_end(void *arg, uint32_t events);

/* The process runs; from here on its end is heard of. */
static int
card_attach(struct card *card, const struct spawn *child)
{
	struct peer peer = {.pid = child->pid};
	int rc;

	card->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	rc = card->pidfd < 0 ? -errno
			     : loop_watch(card_loop(card), &card->ended,
				   card->pidfd, EPOLLIN, card_on_end, card);
	if (rc < 0) {
		close(child->fd);
		return rc;
	}
	memcpy(peer.name, card->name, sizeof(peer.name));
	rc = link_new(card->reader, child->fd, &peer, &card->link);
	if (rc < 0)
		card_end_by(card, clock_now());
	return 0;
}

static bool
is_hopeless(int rc)
{
	return rc == -ENOENT || rc == -EACCES || rc == -EPERM;
}

static void
card_fail(struct card *card, int rc)
{
	if (is_hopeless(rc)) {
		log_error("%s: %s cannot be run: %s", card->name, program(),
		    err_text(rc));
		card->state = CARD_IDLE;
		return;
	}
	if (card->fails++ == 0)
		log_warning("%s: %s cannot be run: %s; trying again",
		    card->name, program(), err_text(rc));
	card_again(card);
}

/* Nothing tells of its end, and the hub waits for nobody: on to the timer. */
static void
card_abandon(struct card *card)
{
	kill(card->pid, SIGKILL);
	card_detach(card);
	card_log_close(&card->log);
}

/* Whether one that was abandoned is there still. */
static bool
is_lingering(struct card *card)
{
	if (card->pid != 0 && waitpid(card->pid, NULL, WNOHANG) != 0)
		card->pid = 0;
	return card->pid != 0;
}

void
card_start(struct card *card)
{
	struct spawn child;
	int rc;

	if (is_lingering(card)) {
		card_again(card);
		return;
	}
	card->log.silent = card->fails >= CARD_FAILS_SAID;
	rc = card_spawn(card, &child);
	if (rc < 0) {
		card_fail(card, rc);
		return;
	}
	stream_set_aside(&child.fd);
	card->since = clock_now();
	card->pid = child.pid;
	card->state = CARD_RUNNING;
	rc = card_attach(card, &child);
	if (rc == 0) {
		log_info("%s: process %ld", card->name, (long)child.pid);
		return;
	}
	card_abandon(card);
	card_fail(card, rc);
}

/* --- its end ---------------------------------------------------------- */

static void
card_on_time(void *arg)
{
	struct card *card = arg;

	if (card->state == CARD_ENDING)
		kill(card->pid, SIGKILL);
	else if (card->state == CARD_WAITING)
		card_start(card);
}

/* Whether the process could open its card; then what it heard, no more. */
static void
card_drop_link(struct card *card)
{
	struct link *link = card->link;

	if (link == NULL)
		return;
	lock_take(&link->lock);
	card->known = card->known || link->greeted;
	link_kill(link, -ECONNRESET, NULL);
	lock_release(&link->lock);
	card->link = NULL;
}

void
card_unlisted(struct card *card, const struct link *link)
{
	if (card->link != link)
		return;
	card_drop_link(card);
	if (card->state == CARD_RUNNING)
		card_end_by(card, clock_after(CARD_END_MS));
}

/* Words for it; with them it is clear whether another one would do better. */
static bool
is_final(const struct card *card, int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS && !card->known;
	return (WEXITSTATUS(status) == STATUS_USAGE ||
		   WEXITSTATUS(status) == STATUS_CARD) &&
	       !card->known;
}

static void
how_it_ended(int status, char *out, size_t cap)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(out, cap,
		    "the service of pcscd forbids what it "
		    "needs; run it beside pcscd, as vscard-card@");
	else if (WIFSIGNALED(status))
		snprintf(out, cap, "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(out, cap, "ended with status %d", WEXITSTATUS(status));
}

/* One line however often it ends in a row, and the reason, if it has said. */
static void
card_judge(struct card *card, int status)
{
	char how[120];

	how_it_ended(status, how, sizeof(how));
	if (is_final(card, status)) {
		if (!card->log.complained)
			log_error("%s: %s", card->name, how);
		log_info("%s: not started again", card->name);
		card->state = CARD_IDLE;
		return;
	}
	if (card->known && clock_now() - card->since >= CARD_LIFE_MS) {
		card->fails = 0;
		backoff_reset(&card->backoff);
	}
	if (card->fails++ == 0)
		log_warning("%s: %s; starting it again", card->name, how);
	card_again(card);
}

static void
card_on_end(void *arg, uint32_t events)
{
	struct card *card = arg;
	int status = 0;
	pid_t pid;

	(void)events;
	pid = waitpid(card->pid, &status, WNOHANG);
	if (pid == 0)
		return;
	card_forget(card);
	card_log_close(&card->log);
	card_drop_link(card);
	card_judge(card, status);
}

/* --- life ------------------------------------------------------------- */

void
card_init(struct card *card, struct reader *reader, const char *spec,
    const struct account *account)
{
	memset(card, 0, sizeof(*card));
	card->reader = reader;
	card->spec = spec;
	card->account = account;
	snprintf(card->name, sizeof(card->name), "card '%s'", spec);
	card->pidfd = card->ended.fd = -1;
	card->timer = (struct loop_timer){
	    .deadline = CLOCK_NEVER, .on_time = card_on_time, .arg = card};
	card_log_init(&card->log, card_loop(card), card->name);
	backoff_init_random(&card->backoff);
}

void
card_stop(struct card *card)
{
	loop_unwatch(card_loop(card), &card->ended);
	loop_timer_cancel(card_loop(card), &card->timer);
	card->state = CARD_IDLE;
}

/* Not for ever: this process may not be allowed to kill it. */
static bool
is_gone(struct card *card)
{
	struct pollfd pfd = {.fd = card->pidfd, .events = POLLIN};
	const int64_t deadline = clock_after(CARD_END_MS);

	while (poll(&pfd, 1, clock_left(deadline)) < 0 &&
	       clock_left(deadline) > 0)
		;
	return waitpid(card->pid, NULL, WNOHANG) != 0;
}

void
card_wait(struct card *card)
{
	if (card->pid == 0 || is_gone(card))
		return;
	kill(card->pid, SIGKILL);
	if (!is_gone(card))
		log_error("%s: process %ld does not end", card->name,
		    (long)card->pid);
}

void
card_clear(struct card *card)
{
	card_forget(card);
	card_log_close(&card->log);
}
