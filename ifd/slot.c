/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/slot.h"

#include <string.h>

#include "ifd/link.h"
#include "util/clock.h"

static int
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc != 0)
		return -rc;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return -rc;
}

int
slot_init(struct slot *slot, struct reader *reader, unsigned index)
{
	int rc;

	memset(slot, 0, sizeof(*slot));
	slot->reader = reader;
	slot->index = index;
	rc = cond_init(&slot->answered);
	if (rc < 0)
		return rc;
	rc = cond_init(&slot->changed);
	if (rc < 0) {
		pthread_cond_destroy(&slot->answered);
		return rc;
	}
	return -pthread_mutex_init(&slot->lock, NULL);
}

void
slot_clear(struct slot *slot)
{
	pthread_mutex_destroy(&slot->lock);
	pthread_cond_destroy(&slot->changed);
	pthread_cond_destroy(&slot->answered);
	explicit_bzero(slot, sizeof(*slot));
}

/* --- pcscd's side ----------------------------------------------------- */

void
slot_open(struct slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	slot->lost = slot->vanished = slot->stopped = slot->closed = false;
	/* pcscd drops a reader whose first presence is an error. */
	slot->shown = SLOT_EMPTY;
	slot->news = slot->mode != SLOT_EMPTY;
	pthread_mutex_unlock(&slot->lock);
}

void
slot_close(struct slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	slot->closed = slot->stopped = true;
	pthread_cond_signal(&slot->changed);
	pthread_mutex_unlock(&slot->lock);
}

enum slot_mode
slot_presence(struct slot *slot)
{
	enum slot_mode mode;

	pthread_mutex_lock(&slot->lock);
	mode = slot->shown;
	pthread_mutex_unlock(&slot->lock);
	return mode;
}

/* What pcscd has to hear next: a removal, before it may hear the mode. */
static enum slot_mode
slot_owed(struct slot *slot)
{
	if (slot->lost) {
		slot->lost = false;
		return SLOT_EMPTY;
	}
	if (slot->vanished) {
		slot->vanished = false;
		return SLOT_DETACHED;
	}
	return slot->mode;
}

void
slot_wait(struct slot *slot, int timeout)
{
	struct timespec until = clock_spec(clock_after(timeout));
	int rc = 0;

	pthread_mutex_lock(&slot->lock);
	while (!slot->news && !slot->stopped && rc == 0)
		rc = pthread_cond_timedwait(
		    &slot->changed, &slot->lock, &until);
	slot->stopped = false;
	slot->shown = slot_owed(slot);
	/* More to say than one answer holds: come back at once. */
	slot->news = slot->vanished || slot->shown != slot->mode;
	pthread_mutex_unlock(&slot->lock);
}

void
slot_stop(struct slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	slot->stopped = true;
	pthread_cond_signal(&slot->changed);
	pthread_mutex_unlock(&slot->lock);
}

/* The card is there, and it is the one that pcscd was shown. */
static bool
slot_has_card(const struct slot *slot)
{
	return slot->mode == SLOT_CARD && slot->shown == SLOT_CARD &&
	    !slot->lost && !slot->vanished;
}

int
slot_reinsert(struct slot *slot)
{
	int rc = -EBUSY;

	pthread_mutex_lock(&slot->lock);
	if (slot->request == NULL) {
		slot->lost |= slot_has_card(slot);
		slot->news = true;
		pthread_cond_signal(&slot->changed);
		rc = -ENOMEDIUM;
	}
	pthread_mutex_unlock(&slot->lock);
	return rc;
}

size_t
slot_atr(struct slot *slot, uint8_t *out)
{
	size_t len;

	pthread_mutex_lock(&slot->lock);
	len = slot_has_card(slot) ? slot->atr_len : 0;
	memcpy(out, slot->atr, len);
	pthread_mutex_unlock(&slot->lock);
	return len;
}

struct link *
slot_link(struct slot *slot)
{
	struct link *link;

	pthread_mutex_lock(&slot->lock);
	link = slot->link;
	if (link != NULL)
		link_ref(link);
	pthread_mutex_unlock(&slot->lock);
	return link;
}

/* --- the link's side -------------------------------------------------- */

static void
slot_finish(struct slot *slot, int result)
{
	struct request *request = slot->request;

	if (request == NULL)
		return;
	slot->request = NULL;
	request->result = result;
	pthread_cond_signal(&slot->answered);
}

static void
slot_change(struct slot *slot, enum slot_mode mode)
{
	if (slot->shown == SLOT_CARD && slot->mode == SLOT_CARD)
		slot->lost = true;
	if (slot->shown != SLOT_DETACHED && mode == SLOT_DETACHED)
		slot->vanished = true;
	slot->mode = mode;
	slot->news = true;
	pthread_cond_signal(&slot->changed);
}

bool
slot_claim(struct slot *slot, struct link *link, unsigned id)
{
	bool free;

	pthread_mutex_lock(&slot->lock);
	free = slot->link == NULL && !slot->closed;
	if (free) {
		slot->link = link_ref(link);
		slot->id = id;
		slot->name[0] = '\0';
		slot_change(slot, SLOT_EMPTY);
	}
	pthread_mutex_unlock(&slot->lock);
	return free;
}

void
slot_detach(struct slot *slot, int rc)
{
	struct link *link;

	pthread_mutex_lock(&slot->lock);
	link = slot->link;
	slot->link = NULL;
	slot_finish(slot, rc);
	slot_change(slot, SLOT_DETACHED);
	pthread_mutex_unlock(&slot->lock);
	if (link != NULL)
		link_unref(link);
}

void
slot_insert(struct slot *slot, const void *atr, size_t len)
{
	if (len > sizeof(slot->atr))
		len = sizeof(slot->atr);
	pthread_mutex_lock(&slot->lock);
	memcpy(slot->atr, atr, len);
	slot->atr_len = len;
	slot_finish(slot, -ENOMEDIUM);
	slot_change(slot, SLOT_CARD);
	pthread_mutex_unlock(&slot->lock);
}

void
slot_eject(struct slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	slot_finish(slot, -ENOMEDIUM);
	slot_change(slot, SLOT_EMPTY);
	pthread_mutex_unlock(&slot->lock);
}

void
slot_set_name(struct slot *slot, const void *name, size_t len)
{
	if (len > VSCARD_NAME_MAX)
		len = VSCARD_NAME_MAX;
	pthread_mutex_lock(&slot->lock);
	if (len > 0)
		memcpy(slot->name, name, len);
	slot->name[len] = '\0';
	pthread_mutex_unlock(&slot->lock);
}

void
slot_name(struct slot *slot, char *out)
{
	pthread_mutex_lock(&slot->lock);
	memcpy(out, slot->name, sizeof(slot->name));
	pthread_mutex_unlock(&slot->lock);
}

void
slot_set_origin(struct slot *slot, const void *ids, size_t len)
{
	if (len > VSCARD_ORIGIN_MAX)
		len = VSCARD_ORIGIN_MAX;
	pthread_mutex_lock(&slot->lock);
	if (len > 0)
		memcpy(slot->origin, ids, len);
	slot->origin_len = len;
	pthread_mutex_unlock(&slot->lock);
}

size_t
slot_origin(struct slot *slot, uint8_t *out)
{
	size_t len;

	pthread_mutex_lock(&slot->lock);
	len = slot->origin_len;
	memcpy(out, slot->origin, len);
	pthread_mutex_unlock(&slot->lock);
	return len;
}

static int
slot_refusal(const struct slot *slot, const struct link *link)
{
	if (slot->link != link || slot->mode == SLOT_DETACHED)
		return -ENODEV;
	if (!slot_has_card(slot))
		return -ENOMEDIUM;
	return slot->request != NULL ? -EBUSY : 0;
}

int
slot_begin(struct slot *slot, struct link *link, struct request *request)
{
	int rc;

	pthread_mutex_lock(&slot->lock);
	rc = slot_refusal(slot, link);
	if (rc == 0) {
		request->result = -EINPROGRESS;
		slot->request = request;
	}
	pthread_mutex_unlock(&slot->lock);
	return rc;
}

bool
slot_is_busy(struct slot *slot, const struct link *link)
{
	bool busy;

	pthread_mutex_lock(&slot->lock);
	busy = slot->link == link && slot->request != NULL;
	pthread_mutex_unlock(&slot->lock);
	return busy;
}

void
slot_withdraw(struct slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	slot->request = NULL;
	pthread_mutex_unlock(&slot->lock);
}

/* An ATR that came with a power-up is the card's from now on. */
static void
slot_keep_atr(struct slot *slot, const void *atr, size_t len)
{
	if (len == 0 || len > sizeof(slot->atr))
		return;
	memcpy(slot->atr, atr, len);
	slot->atr_len = len;
}

void
slot_answer(struct slot *slot, enum request_kind kind, int result,
    const void *data, size_t len)
{
	struct request *request;

	pthread_mutex_lock(&slot->lock);
	request = slot->request;
	if (request == NULL || request->kind != kind)
		goto out;
	if (kind == REQUEST_POWER && result == 0)
		slot_keep_atr(slot, data, len);
	if (result == 0 && len > request->cap)
		result = -ENOBUFS;
	if (result == 0 && len > 0) {
		memcpy(request->room, data, len);
		request->len = len;
	}
	slot_finish(slot, result);
out:
	pthread_mutex_unlock(&slot->lock);
}

bool
slot_hand_token(struct slot *slot)
{
	bool handed;

	pthread_mutex_lock(&slot->lock);
	handed = slot->request != NULL && !slot->request->writer;
	if (handed) {
		slot->request->holder = true;
		pthread_cond_signal(&slot->answered);
	}
	pthread_mutex_unlock(&slot->lock);
	return handed;
}

void
slot_sleep(
    struct slot *slot, const struct request *request, int64_t deadline)
{
	struct timespec until = clock_spec(deadline);
	int rc = 0;

	pthread_mutex_lock(&slot->lock);
	while (request->result == -EINPROGRESS && !request->holder && rc == 0)
		rc = pthread_cond_timedwait(
		    &slot->answered, &slot->lock, &until);
	pthread_mutex_unlock(&slot->lock);
}
