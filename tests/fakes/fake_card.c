/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/fake_card.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/hex.h"

struct card {
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
	bool verified;
};

struct fake_card {
	int fd;
	int kick; /* eventfd: the session has something to send, or stop */
	pthread_t thread;
	pthread_mutex_t mutex; /* all below */
	pthread_cond_t changed;
	struct vscard_session *session;
	struct card cards[FAKE_CARD_READERS];
	unsigned counts[FAKE_COUNTS];
	uint8_t command[VSCARD_APDU_MAX];
	size_t command_len;
	bool stop;
};

uint8_t
fake_card_pattern(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

/* The rest with the mutex held, on whatever thread. */

static void
count(struct fake_card *fake, enum fake_count what)
{
	fake->counts[what]++;
	(void)pthread_cond_broadcast(&fake->changed);
}

static void
answer(struct fake_card *fake, unsigned reader, const void *data, size_t len)
{
	int rc = vscard_session_send_apdu(fake->session, reader, data, len);

	if (rc != 0)
		script_fail(HERE, "send_apdu: %s", strerror(-rc));
}

static void
answer_word(struct fake_card *fake, unsigned reader, unsigned word)
{
	uint8_t sw[2] = {(uint8_t)(word >> 8), (uint8_t)word};

	answer(fake, reader, sw, sizeof(sw));
}

static void
answer_echo(struct fake_card *fake, unsigned reader)
{
	static uint8_t room[VSCARD_APDU_MAX + 2];
	size_t len = fake->command_len;

	if (len > VSCARD_RESPONSE_MAX - 2)
		len = VSCARD_RESPONSE_MAX - 2;
	memcpy(room, fake->command, len);
	memcpy(room + len, "\x90\x00", 2);
	answer(fake, reader, room, len + 2);
}

static void
answer_pattern(struct fake_card *fake, unsigned reader)
{
	static uint8_t room[VSCARD_RESPONSE_MAX];
	const uint8_t *p = fake->command + 5;
	size_t i, len = 0;

	if (fake->command_len >= 9)
		len = (size_t)p[0] << 24 | (size_t)p[1] << 16 |
		    (size_t)p[2] << 8 | p[3];
	if (len > sizeof(room) - 2)
		script_fail(HERE, "a pattern of %zu bytes", len);
	for (i = 0; i < len; i++)
		room[i] = fake_card_pattern(i);
	memcpy(room + len, "\x90\x00", 2);
	answer(fake, reader, room, len + 2);
}

static void
on_apdu(struct fake_card *fake, const struct vscard_event *event)
{
	struct card *card = &fake->cards[event->reader];
	unsigned ins = 0;

	memcpy(fake->command, event->data, event->len);
	fake->command_len = event->len;
	if (event->len >= 4)
		ins = (unsigned)event->data[0] << 8 | event->data[1];
	if (ins == 0x8001)
		answer_echo(fake, event->reader);
	else if (ins == 0x8002)
		answer_pattern(fake, event->reader);
	else if (ins == 0x8004)
		answer_word(fake, event->reader,
		    card->verified ? 0x9000 : 0x6982);
	else if (ins == 0x0020)
		answer_word(fake, event->reader, 0x9000);
	else if (ins != 0x8003)
		answer_word(fake, event->reader, 0x6D00);
	if (ins == 0x0020)
		card->verified = true;
	if (ins == 0x8003)
		count(fake, FAKE_HELD);
	count(fake, FAKE_COMMANDS);
}

static void
on_power(struct fake_card *fake, const struct vscard_event *event)
{
	static const enum fake_count counts[] = {
	    [VSCARD_POWER_DOWN] = FAKE_POWER_DOWN,
	    [VSCARD_POWER_UP] = FAKE_POWER_UP,
	    [VSCARD_POWER_RESET] = FAKE_POWER_RESET};
	struct card *card = &fake->cards[event->reader];
	bool up = event->code != VSCARD_POWER_DOWN;
	int rc;

	card->verified = false;
	rc = vscard_session_answer_power(fake->session, event->reader,
	    VSCARD_STATUS_OK, up ? card->atr : NULL, up ? card->atr_len : 0);
	if (rc != 0)
		script_fail(HERE, "answer_power: %s", strerror(-rc));
	count(fake, counts[event->code]);
}

static void
on_protocol(struct fake_card *fake, const struct vscard_event *event)
{
	int rc = vscard_session_answer_protocol(fake->session, event->reader,
	    VSCARD_STATUS_OK);

	if (rc != 0)
		script_fail(HERE, "answer_protocol: %s", strerror(-rc));
	count(fake, event->code == 0 ? FAKE_PROTOCOL_0 : FAKE_PROTOCOL_1);
}

static void
on_event(struct fake_card *fake, const struct vscard_event *event)
{
	count(fake, FAKE_MESSAGES);
	switch (event->type) {
	case VSCARD_EVENT_OPEN:
		count(fake, FAKE_OPEN);
		break;
	case VSCARD_EVENT_READER_READY:
		count(fake, FAKE_READY);
		break;
	case VSCARD_EVENT_READER_REFUSED:
		count(fake, FAKE_REFUSED);
		break;
	case VSCARD_EVENT_CARD_READY:
		count(fake, FAKE_CARD_READY);
		break;
	case VSCARD_EVENT_CANCEL:
		count(fake, FAKE_CANCELLED);
		break;
	case VSCARD_EVENT_APDU:
		on_apdu(fake, event);
		break;
	case VSCARD_EVENT_POWER:
		on_power(fake, event);
		break;
	case VSCARD_EVENT_PROTOCOL:
		on_protocol(fake, event);
		break;
	default:
		break;
	}
}

/* False when the stream has ended. */
static bool
receive(struct fake_card *fake)
{
	struct vscard_event event;
	size_t len;
	void *room;
	ssize_t n;
	int rc;

	if (vscard_session_space(fake->session, &room, &len) != 0)
		script_fail(HERE, "session_space");
	n = recv(fake->fd, room, len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	vscard_session_fed(fake->session, (size_t)n);
	while ((rc = vscard_session_next(fake->session, &event)) == 1)
		on_event(fake, &event);
	if (rc != 0)
		script_fail(HERE, "the host broke the protocol: %s",
		    vscard_fault_name(vscard_session_fault(fake->session)));
	return true;
}

/* Sends what is pending, whole; the host reads, or the test's deadline ends. */
static void
flush(struct fake_card *fake)
{
	const void *data;
	size_t len;
	ssize_t n;

	while ((data = vscard_session_pending(fake->session, &len)) != NULL) {
		n = send(fake->fd, data, len, MSG_NOSIGNAL);
		if (n < 0)
			return;
		vscard_session_sent(fake->session, (size_t)n);
	}
}

static void *
fake_card_run(void *arg)
{
	struct fake_card *fake = arg;
	struct pollfd pollers[2] = {{.fd = fake->fd, .events = POLLIN},
	    {.fd = fake->kick, .events = POLLIN}};
	uint64_t kicks;

	(void)pthread_mutex_lock(&fake->mutex);
	while (!fake->stop) {
		flush(fake);
		(void)pthread_mutex_unlock(&fake->mutex);
		(void)poll(pollers, 2, -1);
		if (pollers[1].revents != 0)
			(void)!read(fake->kick, &kicks, sizeof(kicks));
		(void)pthread_mutex_lock(&fake->mutex);
		if (pollers[0].revents != 0 && !receive(fake)) {
			pollers[0].fd = -1;
			count(fake, FAKE_ENDED);
		}
	}
	(void)pthread_mutex_unlock(&fake->mutex);
	return NULL;
}

/* From here on the test's thread. */

static void
kick(struct fake_card *fake)
{
	const uint64_t one = 1;

	(void)!write(fake->kick, &one, sizeof(one));
}

struct fake_card *
fake_card_new(const char *endpoint, const struct vscard_limits *limits)
{
	struct fake_card *fake = calloc(1, sizeof(*fake));
	struct vscard_limits all;
	pthread_condattr_t attr;
	pid_t pid;

	vscard_limits_init(&all);
	/* One a program run, which a test is. */
	memset(all.instance, 0xfa, sizeof(all.instance));
	pid = getpid();
	memcpy(all.instance, &pid, sizeof(pid));
	if (fake == NULL ||
	    vscard_session_new(VSCARD_ROLE_CLIENT,
	        limits != NULL ? limits : &all, &fake->session) != 0)
		script_fail(HERE, "no memory");
	fake->fd = script_dial(endpoint);
	fake->kick = eventfd(0, EFD_CLOEXEC);
	(void)pthread_mutex_init(&fake->mutex, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&fake->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&fake->thread, NULL, fake_card_run, fake) != 0)
		script_fail(HERE, "pthread_create");
	return fake;
}

void
fake_card_free(struct fake_card **fake)
{
	(void)pthread_mutex_lock(&(*fake)->mutex);
	(*fake)->stop = true;
	(void)pthread_mutex_unlock(&(*fake)->mutex);
	kick(*fake);
	(void)pthread_join((*fake)->thread, NULL);
	vscard_session_free(&(*fake)->session);
	(void)close((*fake)->fd);
	(void)close((*fake)->kick);
	(void)pthread_cond_destroy(&(*fake)->changed);
	(void)pthread_mutex_destroy(&(*fake)->mutex);
	free(*fake);
	*fake = NULL;
}

/* Ends a call on the session: wakes the thread, and checks the outcome. */
static void
unlock_and_kick(struct fake_card *fake, const char *what, int rc)
{
	(void)pthread_mutex_unlock(&fake->mutex);
	kick(fake);
	if (rc != 0)
		script_fail(HERE, "%s: %s", what, strerror(-rc));
}

void
fake_card_wait_at(const char *here, struct fake_card *fake,
    enum fake_count what, unsigned n)
{
	struct timespec until = clock_spec(clock_after(SCRIPT_DEADLINE));
	int rc = 0;
	unsigned have;

	(void)pthread_mutex_lock(&fake->mutex);
	while (fake->counts[what] < n && rc == 0)
		rc = pthread_cond_timedwait(&fake->changed, &fake->mutex,
		    &until);
	have = fake->counts[what];
	(void)pthread_mutex_unlock(&fake->mutex);
	if (have < n)
		script_fail(here, "count %d: expected %u, have %u", (int)what,
		    n, have);
}

unsigned
fake_card_count(struct fake_card *fake, enum fake_count what)
{
	unsigned have;

	(void)pthread_mutex_lock(&fake->mutex);
	have = fake->counts[what];
	(void)pthread_mutex_unlock(&fake->mutex);
	return have;
}

unsigned
fake_card_add(struct fake_card *fake)
{
	unsigned reader = 0, places;
	char name[32];
	int rc;

	/* Each test's own, or it would get the slot of the one before. */
	(void)snprintf(name, sizeof(name), "fake %d", (int)getpid());
	(void)pthread_mutex_lock(&fake->mutex);
	places = fake->counts[FAKE_READY];
	rc = vscard_session_add_reader(fake->session, name, &reader);
	unlock_and_kick(fake, "add_reader", rc);
	fake_card_wait(fake, FAKE_READY, places + 1);
	if (reader >= FAKE_CARD_READERS)
		script_fail(HERE, "reader %u", reader);
	return reader;
}

void
fake_card_try_add(struct fake_card *fake)
{
	unsigned reader;
	int rc;

	(void)pthread_mutex_lock(&fake->mutex);
	rc = vscard_session_add_reader(fake->session, "", &reader);
	unlock_and_kick(fake, "add_reader", rc);
}

void
fake_card_remove_reader(struct fake_card *fake, unsigned reader)
{
	int rc;

	(void)pthread_mutex_lock(&fake->mutex);
	rc = vscard_session_remove_reader(fake->session, reader);
	unlock_and_kick(fake, "remove_reader", rc);
}

static void
set_atr(struct card *card, const char *atr)
{
	int len = hex_get(atr, card->atr, sizeof(card->atr));

	if (len < 0)
		script_fail(HERE, "ATR %s", atr);
	card->atr_len = (size_t)len;
}

void
fake_card_set_atr(struct fake_card *fake, unsigned reader, const char *atr)
{
	(void)pthread_mutex_lock(&fake->mutex);
	set_atr(&fake->cards[reader], atr);
	(void)pthread_mutex_unlock(&fake->mutex);
}

void
fake_card_insert(struct fake_card *fake, unsigned reader, const char *atr)
{
	struct card *card = &fake->cards[reader];
	unsigned taken;
	int rc;

	(void)pthread_mutex_lock(&fake->mutex);
	taken = fake->counts[FAKE_CARD_READY];
	set_atr(card, atr);
	card->verified = false;
	rc = vscard_session_insert_card(fake->session, reader, card->atr,
	    card->atr_len);
	unlock_and_kick(fake, "insert_card", rc);
	fake_card_wait(fake, FAKE_CARD_READY, taken + 1);
}

void
fake_card_remove(struct fake_card *fake, unsigned reader)
{
	int rc;

	(void)pthread_mutex_lock(&fake->mutex);
	rc = vscard_session_remove_card(fake->session, reader);
	unlock_and_kick(fake, "remove_card", rc);
}

struct fake_card *
fake_card_start(const char *endpoint, const char *atr)
{
	struct fake_card *fake = fake_card_new(endpoint, NULL);

	fake_card_insert(fake, fake_card_add(fake), atr);
	return fake;
}

void
fake_card_release(struct fake_card *fake, unsigned reader)
{
	(void)pthread_mutex_lock(&fake->mutex);
	answer_word(fake, reader, 0x9000);
	unlock_and_kick(fake, "release", 0);
}

size_t
fake_card_command(struct fake_card *fake, uint8_t *out, size_t cap)
{
	size_t len;

	(void)pthread_mutex_lock(&fake->mutex);
	len = fake->command_len < cap ? fake->command_len : cap;
	memcpy(out, fake->command, len);
	(void)pthread_mutex_unlock(&fake->mutex);
	return len;
}
