/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/cards.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ifd/hub.h"
#include "ifd/reader.h"
#include "util/log.h"

static int
refuse_nobody(const struct config *config)
{
	if (config->user[0] != '\0')
		log_error("%s: user = %s: there is no such user", config->name,
		    config->user);
	else
		log_error("%s: card: there is no user " CARDS_USER " to run it "
			  "as; make one, or say user = NAME",
		    config->name);
	return -ENOENT;
}

/* Not who is asked, but what its service has left it; root may have nothing. */
static bool
can_become_others(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	const uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID;

	return syscall(SYS_capget, &head, caps) == 0 &&
	       (caps[0].effective & needed) == needed;
}

/* root becomes whoever it is told to; everybody else stays. */
static int
user_init(struct cards *cards, const struct config *config)
{
	const char *name = config->user[0] != '\0' ? config->user : CARDS_USER;
	int rc;

	if (config->user[0] == '\0' && geteuid() != 0)
		return 0;
	rc = account_init(&cards->account, name);
	if (rc == -ENOENT)
		return refuse_nobody(config);
	if (rc < 0 || can_become_others())
		return rc;
	if (cards->account.user.uid != geteuid()) {
		log_error("%s: user = %s: pcscd is user %lu and cannot become "
			  "another; run the card beside it, as vscard-card@",
		    config->name, name, (unsigned long)geteuid());
		return -EPERM;
	}
	account_clear(&cards->account);
	return 0;
}

int
cards_init(struct cards *cards, struct reader *reader)
{
	const struct config *config = &reader->config;
	int rc;

	if (config->cards_len == 0)
		return 0;
	rc = user_init(cards, config);
	if (rc < 0)
		return rc;
	for (; cards->len < config->cards_len; cards->len++)
		card_init(&cards->list[cards->len], reader,
		    config->cards[cards->len],
		    cards->account.name != NULL ? &cards->account : NULL);
	return 0;
}

void
cards_start(struct cards *cards)
{
	for (size_t i = 0; i < cards->len; i++)
		card_start(&cards->list[i]);
}

void
cards_stop(struct cards *cards)
{
	for (size_t i = 0; i < cards->len; i++)
		card_stop(&cards->list[i]);
}

void
cards_unlisted(struct cards *cards, const struct link *link)
{
	for (size_t i = 0; i < cards->len; i++)
		card_unlisted(&cards->list[i], link);
}

bool
cards_has(const struct cards *cards, const struct link *link)
{
	for (size_t i = 0; i < cards->len; i++)
		if (cards->list[i].link == link)
			return true;
	return false;
}

static int
cards_forget(void *arg)
{
	struct cards *cards = arg;

	for (size_t i = 0; i < cards->len; i++)
		card_clear(&cards->list[i]);
	return 0;
}

/* What they say at their end is still heard while this thread waits. */
void
cards_clear(struct cards *cards)
{
	for (size_t i = 0; i < cards->len; i++)
		card_wait(&cards->list[i]);
	if (cards->len > 0)
		hub_call(cards->list[0].reader->hub, cards_forget, cards);
	account_clear(&cards->account);
}
