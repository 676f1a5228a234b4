/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/luns.h"

#include "ifd/control.h"
#include "ifd/hub.h"
#include "ifd/link.h"
#include "ifd/log_pcscd.h"
#include "ifd/reader.h"
#include "util/lock.h"
#include "util/log.h"

enum { LUNS_BUCKETS = 64 };

static struct {
	struct lock life; /* held over a whole open or close */
	struct hub *hub;
	struct control *control;
	unsigned readers;
	unsigned levels[LOG_LEVEL_DEBUG + 1]; /* readers that ask for each */

	struct lock lock; /* the table; held for moments */
	pthread_cond_t idle;
	struct slot *buckets[LUNS_BUCKETS];
} luns = {
    .life = LOCK_INITIALIZER(LOCK_LIFE),
    .lock = LOCK_INITIALIZER(LOCK_TABLE),
    .idle = PTHREAD_COND_INITIALIZER,
};

/* --- the table -------------------------------------------------------- */

static struct slot **
bucket_of(unsigned long lun)
{
	return &luns.buckets[(lun + (lun >> 16) * 7) % LUNS_BUCKETS];
}

static struct slot **
luns_find(unsigned long lun)
{
	struct slot **at = bucket_of(lun);

	while (*at != NULL && (*at)->lun != lun)
		at = &(*at)->next;
	return at;
}

struct slot *
luns_take(unsigned long lun)
{
	struct slot *slot;

	lock_take(&luns.lock);
	slot = *luns_find(lun);
	if (slot != NULL)
		slot->users++;
	lock_release(&luns.lock);
	return slot;
}

void
luns_release(struct slot *slot)
{
	lock_take(&luns.lock);
	if (--slot->users == 0 && !slot->listed)
		pthread_cond_broadcast(&luns.idle);
	lock_release(&luns.lock);
}

bool
luns_find_lun(struct slot *slot, unsigned long *out_lun)
{
	bool listed;

	lock_take(&luns.lock);
	listed = slot->listed;
	if (listed)
		*out_lun = slot->lun;
	lock_release(&luns.lock);
	return listed;
}

static void
luns_list(struct slot *slot, unsigned long lun)
{
	lock_take(&luns.lock);
	slot->lun = lun;
	slot->next = *bucket_of(lun);
	*bucket_of(lun) = slot;
	slot->listed = slot->opened = true;
	slot->reader->open_slots++;
	lock_release(&luns.lock);
}

static struct slot *
luns_unlist(unsigned long lun)
{
	struct slot **at, *slot;

	lock_take(&luns.lock);
	at = luns_find(lun);
	slot = *at;
	if (slot != NULL) {
		*at = slot->next;
		slot->listed = false;
	}
	lock_release(&luns.lock);
	return slot;
}

static void
luns_wait_idle(struct slot *slot)
{
	lock_take(&luns.lock);
	while (slot->users > 0)
		lock_wait(&luns.lock, &luns.idle);
	lock_release(&luns.lock);
}

/* The reader that another slot of the same high half belongs to. */
static struct reader *
luns_reader(unsigned long lun)
{
	struct slot *slot;
	struct reader *reader = NULL;

	lock_take(&luns.lock);
	for (size_t i = 0; reader == NULL && i < LUNS_BUCKETS; i++)
		for (slot = luns.buckets[i]; slot != NULL; slot = slot->next)
			if (slot->lun >> 16 == lun >> 16)
				reader = slot->reader;
	lock_release(&luns.lock);
	return reader;
}

/* --- opening and closing ---------------------------------------------- */

static void
hub_end(void)
{
	control_free(&luns.control);
	hub_free(&luns.hub);
}

/*
 * There is one log. The reader that wants to see most decides, of those that
 * want anything.
 */
static void
level_count(const struct config *config, int change)
{
	int level = LOG_LEVEL_DEBUG;

	if (config->has_log_level)
		luns.levels[config->log_level] += (unsigned)change;
	while (level >= 0 && luns.levels[level] == 0)
		level--;
	log_pcscd_set_level(level);
}

static int
reader_open(const char *devicename, struct reader **out_reader)
{
	struct config config;
	struct config_why why;
	int rc = config_get(devicename, &config, &why);

	if (rc < 0) {
		log_error("%s", why.text);
		return rc;
	}
	if (luns.hub == NULL) {
		rc = hub_new(&luns.hub);
		if (rc < 0)
			return rc;
		luns.control = control_new(luns.hub);
	}
	level_count(&config, 1);
	rc = reader_new(luns.hub, &config, out_reader);
	if (rc == 0) {
		luns.readers++;
		control_add(luns.control, *out_reader);
		return 0;
	}
	level_count(&config, -1);
	if (luns.readers == 0)
		hub_end();
	return rc;
}

/* It takes all of a reader's slots at once, or drops the reader. */
static void
tell_dropped(const struct reader *reader)
{
	unsigned opened = 0;

	while (opened < reader->config.slots && reader->slots[opened].opened)
		opened++;
	if (opened > 0 && opened < reader->config.slots)
		log_error("%s: pcscd has room for %u of %u slots, and drops "
			  "all of them: before version 2.5 it holds no more "
			  "than 16 readers in all; set slots in a file",
		    reader->text, opened, reader->config.slots);
}

static void
reader_close(struct reader *reader)
{
	/* What its end has to say still counts as the reader's. */
	struct config spoken = {.has_log_level = reader->config.has_log_level,
	    .log_level = reader->config.log_level};

	tell_dropped(reader);
	control_remove(luns.control, reader);
	reader_free(&reader);
	if (--luns.readers == 0)
		hub_end();
	level_count(&spoken, -1);
}

static int
luns_open_locked(unsigned long lun, const char *devicename)
{
	struct reader *reader = luns_reader(lun);
	unsigned index = (unsigned)(lun & 0xffff);
	int rc = 0;

	if (reader == NULL)
		rc = reader_open(devicename, &reader);
	if (rc < 0)
		return rc;
	if (index >= reader->config.slots || reader->slots[index].listed) {
		if (reader->open_slots == 0)
			reader_close(reader);
		return index >= CONFIG_SLOTS_MAX ? -EINVAL : -EBUSY;
	}
	slot_open(&reader->slots[index]);
	luns_list(&reader->slots[index], lun);
	return 0;
}

int
luns_open(unsigned long lun, const char *devicename)
{
	int rc;

	lock_take(&luns.life);
	/* Only while there is no thread yet that may be logging. */
	if (luns.hub == NULL)
		log_pcscd_init();
	rc = luns_open_locked(lun, devicename);
	lock_release(&luns.life);
	return rc;
}

int
luns_close(unsigned long lun)
{
	struct reader *reader;
	struct slot *slot;

	lock_take(&luns.life);
	slot = luns_unlist(lun);
	if (slot != NULL) {
		reader = slot->reader;
		slot_close(slot);
		link_abort(slot);
		luns_wait_idle(slot);
		if (--reader->open_slots == 0)
			reader_close(reader);
	}
	lock_release(&luns.life);
	return slot != NULL ? 0 : -ENODEV;
}
