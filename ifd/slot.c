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
	ration_init(&slot->pace, SLOT_NEWS, SLOT_NEWS_MS);
	rc = cond_init(&slot->answered);
	if (rc < 0)
		return rc;
	rc = cond_init(&slot->changed);
	if (rc < 0) {
		pthread_cond_destroy(&slot->answered);
		return rc;
	}
	return lock_init(&slot->lock, LOCK_SLOT);
}

void
slot_clear(struct slot *slot)
{
	lock_clear(&slot->lock);
	pthread_cond_destroy(&slot->changed);
	pthread_cond_destroy(&slot->answered);
	explicit_bzero(slot, sizeof(*slot));
}

/* --- pcscd's side ----------------------------------------------------- */

void
slot_open(struct slot *slot)
{
	lock_take(&slot->lock);
	slot->lost = slot->vanished = slot->stopped = slot->closed = false;
	slot->connected = slot->has_poller = false;
	slot->quiet = slot->quiet_end = 0;
	/* pcscd drops a reader whose first presence is an error. */
	slot->shown = SLOT_EMPTY;
	slot->news = slot->mode != SLOT_EMPTY;
	lock_release(&slot->lock);
}

void
slot_close(struct slot *slot)
{
	lock_take(&slot->lock);
	slot->closed = slot->stopped = true;
	pthread_cond_signal(&slot->changed);
	lock_release(&slot->lock);
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

	lock_take(&slot->lock);
	if (slot->request == NULL) {
		slot->lost |= slot_has_card(slot);
		slot->news = true;
		pthread_cond_signal(&slot->changed);
		rc = -ENOMEDIUM;
	}
	lock_release(&slot->lock);
	return rc;
}

size_t
slot_atr(struct slot *slot, uint8_t *out)
{
	size_t len;

	lock_take(&slot->lock);
	len = slot_has_card(slot) ? slot->atr_len : 0;
	memcpy(out, slot->atr, len);
	lock_release(&slot->lock);
	return len;
}

void
slot_connect(struct slot *slot)
{
	lock_take(&slot->lock);
	slot->connected = slot_has_card(slot);
	lock_release(&slot->lock);
}

bool
slot_speaks(struct slot *slot, unsigned protocol)
{
	bool speaks;

	lock_take(&slot->lock);
	speaks = slot_has_card(slot) && slot->has_protocol &&
	    slot->protocol == protocol;
	lock_release(&slot->lock);
	return speaks;
}

static const char *const mode_names[] = {
    [SLOT_DETACHED] = "detached",
    [SLOT_EMPTY] = "empty",
    [SLOT_CARD] = "card",
};

const char *
slot_mode_name(enum slot_mode mode)
{
	return (unsigned)mode <= SLOT_CARD ? mode_names[mode] : "?";
}

void
slot_get_view(struct slot *slot, struct slot_view *out)
{
	lock_take(&slot->lock);
	*out = (struct slot_view){
	    .mode = slot->mode,
	    .hold = slot->hold,
	    .is_closed = slot->closed,
	    .link = slot->link != NULL ? link_ref(slot->link) : NULL,
	    .id = slot->id,
	    .counts = slot->counts,
	};
	if (slot->mode == SLOT_CARD || slot->hold != SLOT_HOLD_NONE)
		out->atr_len = slot->atr_len;
	memcpy(out->atr, slot->atr, sizeof(out->atr));
	memcpy(out->name, slot->name, sizeof(out->name));
	lock_release(&slot->lock);
}

struct link *
slot_link(struct slot *slot)
{
	struct link *link;

	lock_take(&slot->lock);
	link = slot->link;
	if (link != NULL)
		link_ref(link);
	lock_release(&slot->lock);
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
	if (request->kind == REQUEST_APDU && result < 0)
		slot->counts.failures++;
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
	if (mode == SLOT_CARD)
		slot->counts.cards++;
	slot->mode = mode;
	slot->hold = SLOT_HOLD_NONE;
	slot->wanted = false;
	slot->has_protocol = false;
	slot->news = true;
	pthread_cond_signal(&slot->changed);
}

/* The peer's card stays, and so does its ATR. */
static void
slot_take_out(struct slot *slot)
{
	slot_change(slot, SLOT_EMPTY);
	slot->hold = SLOT_HOLD_EJECTED;
}

/* Who comes back without a name so far is known by the one he had. */
static void
slot_let(struct slot *slot, const struct tenant *tenant)
{
	slot->before = slot->tenant;
	slot->tenant = *tenant;
	if (tenant->name[0] == '\0' && tenant_score(&slot->before, tenant) > 0)
		memcpy(slot->tenant.name, slot->before.name,
		    sizeof(slot->tenant.name));
}

bool
slot_claim(struct slot *slot, struct link *link, const struct tenant *tenant)
{
	bool free;

	lock_take(&slot->lock);
	free = slot->link == NULL && !slot->closed;
	if (free) {
		slot->link = link_ref(link);
		slot->id = tenant->id;
		slot->name[0] = '\0';
		slot_let(slot, tenant);
		slot_change(slot, SLOT_EMPTY);
	}
	lock_release(&slot->lock);
	return free;
}

void
slot_detach(struct slot *slot, int rc)
{
	struct link *link;

	lock_take(&slot->lock);
	link = slot->link;
	slot->link = NULL;
	slot_finish(slot, rc);
	slot_change(slot, SLOT_DETACHED);
	lock_release(&slot->lock);
	if (link != NULL)
		link_unref(link);
}

void
slot_insert(struct slot *slot, const void *atr, size_t len)
{
	if (len > sizeof(slot->atr))
		len = sizeof(slot->atr);
	lock_take(&slot->lock);
	memcpy(slot->atr, atr, len);
	slot->atr_len = len;
	slot_finish(slot, -ENOMEDIUM);
	slot_change(slot, SLOT_CARD);
	lock_release(&slot->lock);
}

void
slot_eject(struct slot *slot)
{
	lock_take(&slot->lock);
	slot_finish(slot, -ENOMEDIUM);
	slot_change(slot, SLOT_EMPTY);
	lock_release(&slot->lock);
}

void
slot_set_name(struct slot *slot, const void *name, size_t len)
{
	if (len > VSCARD_NAME_MAX)
		len = VSCARD_NAME_MAX;
	lock_take(&slot->lock);
	if (len > 0)
		memcpy(slot->name, name, len);
	slot->name[len] = '\0';
	if (len > 0)
		tenant_set_name(&slot->tenant, name, len);
	lock_release(&slot->lock);
}

void
slot_name(struct slot *slot, char *out)
{
	lock_take(&slot->lock);
	memcpy(out, slot->name, sizeof(slot->name));
	lock_release(&slot->lock);
}

void
slot_set_origin(struct slot *slot, const void *ids, size_t len)
{
	if (len > VSCARD_ORIGIN_MAX)
		len = VSCARD_ORIGIN_MAX;
	lock_take(&slot->lock);
	if (len > 0)
		memcpy(slot->origin, ids, len);
	slot->origin_len = len;
	lock_release(&slot->lock);
}

size_t
slot_origin(struct slot *slot, uint8_t *out)
{
	size_t len;

	lock_take(&slot->lock);
	len = slot->origin_len;
	memcpy(out, slot->origin, len);
	lock_release(&slot->lock);
	return len;
}

/* Once a card: whoever goes on asking means the card that is there. */
static bool
slot_is_stray(struct slot *slot, const struct request *request)
{
	bool stray = request->kind == REQUEST_APDU && !request->raw &&
	    !slot->connected;

	if (stray)
		slot->connected = true;
	return stray;
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

static void
slot_count(struct slot *slot, const struct request *request)
{
	if (request->kind == REQUEST_APDU) {
		slot->counts.commands++;
		slot->counts.sent += request->command_len;
	} else if (request->kind == REQUEST_POWER) {
		slot->counts.powers++;
	}
}

int
slot_begin(struct slot *slot, struct link *link, struct request *request)
{
	int rc;

	lock_take(&slot->lock);
	rc = slot_refusal(slot, link);
	if (rc == 0 && slot_is_stray(slot, request))
		rc = -ENOMEDIUM;
	if (rc == 0) {
		request->result = -EINPROGRESS;
		slot->request = request;
		slot_count(slot, request);
	}
	lock_release(&slot->lock);
	return rc;
}

bool
slot_is_busy(struct slot *slot, const struct link *link)
{
	bool busy;

	lock_take(&slot->lock);
	busy = slot->link == link && slot->request != NULL;
	lock_release(&slot->lock);
	return busy;
}

void
slot_withdraw(struct slot *slot)
{
	lock_take(&slot->lock);
	slot->request = NULL;
	lock_release(&slot->lock);
}

/* An ATR that came with a power-up is the card's from now on. */
static void
slot_keep_atr(struct slot *slot, const void *atr, size_t len)
{
	if (len == 0 || len > sizeof(slot->atr))
		return;
	/* Another offer: it may not contain what was chosen. */
	if (len != slot->atr_len || memcmp(slot->atr, atr, len) != 0)
		slot->has_protocol = false;
	memcpy(slot->atr, atr, len);
	slot->atr_len = len;
}

/* What is true of the card when it has answered. */
static void
slot_learn(struct slot *slot, const struct request *request, int result,
    const void *data, size_t len)
{
	if (request->kind == REQUEST_POWER && result == 0)
		slot_keep_atr(slot, data, len);
	if (request->kind == REQUEST_PROTOCOL) {
		slot->has_protocol = result == 0;
		slot->protocol = request->what;
	}
}

bool
slot_answer(struct slot *slot, enum request_kind kind, int result,
    const void *data, size_t len)
{
	struct request *request;
	bool held;

	lock_take(&slot->lock);
	request = slot->request;
	if (kind == REQUEST_POWER && slot->hold == SLOT_HOLD_COOLING)
		slot->hold = SLOT_HOLD_COLD;
	if (request == NULL || request->kind != kind)
		goto out;
	slot_learn(slot, request, result, data, len);
	if (result == 0 && len > request->cap)
		result = -ENOBUFS;
	if (result == 0 && len > 0) {
		memcpy(request->room, data, len);
		request->len = len;
	}
	if (kind == REQUEST_APDU)
		slot->counts.received += request->len;
	slot_finish(slot, result);
	if (slot->hold == SLOT_HOLD_DUE)
		slot_take_out(slot);
out:
	held = slot->hold != SLOT_HOLD_NONE;
	lock_release(&slot->lock);
	return held;
}

/* --- a card withheld -------------------------------------------------- */

int
slot_withhold(struct slot *slot, const struct link *link)
{
	int rc = 0;

	lock_take(&slot->lock);
	if (slot->link != link || slot->mode == SLOT_DETACHED) {
		rc = -ENODEV;
	} else if (slot->mode != SLOT_CARD) {
		/* Out already, perhaps on the way back. */
		slot->wanted = false;
		rc = -ENOMEDIUM;
	} else if (slot->request != NULL) {
		slot->hold = SLOT_HOLD_DUE;
		rc = -EBUSY;
	} else {
		slot_take_out(slot);
	}
	lock_release(&slot->lock);
	return rc;
}

int
slot_want(struct slot *slot, const struct link *link)
{
	int rc = 0;

	lock_take(&slot->lock);
	if (slot->link != link || slot->mode == SLOT_DETACHED)
		rc = -ENODEV;
	else if (slot->hold == SLOT_HOLD_DUE)
		slot->hold = SLOT_HOLD_NONE;
	else if (slot->hold != SLOT_HOLD_NONE)
		slot->wanted = true;
	else if (slot->mode != SLOT_CARD)
		rc = -ENOMEDIUM;
	lock_release(&slot->lock);
	return rc;
}

enum slot_hold
slot_get_hold(struct slot *slot)
{
	enum slot_hold hold;

	lock_take(&slot->lock);
	hold = slot->hold;
	lock_release(&slot->lock);
	return hold;
}

void
slot_set_hold(struct slot *slot, enum slot_hold hold)
{
	lock_take(&slot->lock);
	slot->hold = hold;
	lock_release(&slot->lock);
}

bool
slot_restore(struct slot *slot)
{
	bool restored;

	lock_take(&slot->lock);
	restored = slot->hold == SLOT_HOLD_COLD && slot->wanted;
	if (restored)
		slot_change(slot, SLOT_CARD);
	lock_release(&slot->lock);
	return restored;
}

/* --- the token -------------------------------------------------------- */

bool
slot_hand_token(struct slot *slot)
{
	bool handed;

	lock_take(&slot->lock);
	handed = slot->request != NULL && !slot->request->writer;
	if (handed) {
		slot->request->holder = true;
		pthread_cond_signal(&slot->answered);
	}
	lock_release(&slot->lock);
	return handed;
}

void
slot_sleep(struct slot *slot, const struct request *request, int64_t deadline)
{
	struct timespec until = clock_spec(deadline);
	int rc = 0;

	lock_take(&slot->lock);
	while (request->result == -EINPROGRESS && !request->holder && rc == 0)
		rc = lock_wait_until(&slot->lock, &slot->answered, &until);
	lock_release(&slot->lock);
}
