/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/pcsc_card.h"

#include <reader.h>
#include <stdio.h>
#include <string.h>

#include "util/log.h"
#include "vscclient/pcsc_result.h"
#include "vscclient/pcsc_traits.h"
#include "vscclient/readermatch.h"

#define PCSC_ANY (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

/* --- what the monitor says -------------------------------------------- */

void
pcsc_card_set_name(struct pcsc_card *c, const char *name)
{
	pthread_mutex_lock(&c->lock);
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->denied = false;
	pthread_mutex_unlock(&c->lock);
}

bool
pcsc_card_take_denied(struct pcsc_card *c)
{
	bool denied;

	pthread_mutex_lock(&c->lock);
	denied = c->denied;
	c->denied = false;
	pthread_mutex_unlock(&c->lock);
	return denied;
}

/* A copy, because the monitor may change it. */
static void
card_name(struct pcsc_card *c, char name[PCSC_NAME_MAX])
{
	pthread_mutex_lock(&c->lock);
	memcpy(name, c->name, PCSC_NAME_MAX);
	pthread_mutex_unlock(&c->lock);
}

static void
card_deny(struct pcsc_card *c)
{
	pthread_mutex_lock(&c->lock);
	c->denied = true;
	pthread_mutex_unlock(&c->lock);
}

/* --- connecting ------------------------------------------------------- */

static DWORD
card_share(const struct pcsc_card *c)
{
	return c->spec->exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED;
}

static unsigned
card_count_pulled(struct pcsc_card *c)
{
	unsigned pulled;

	pthread_mutex_lock(&c->lock);
	pulled = c->pulled;
	pthread_mutex_unlock(&c->lock);
	return pulled;
}

void
pcsc_card_pulled(struct pcsc_card *c)
{
	pthread_mutex_lock(&c->lock);
	c->pulled++;
	pthread_mutex_unlock(&c->lock);
}

/* Ends a transaction, too. */
static LONG
card_disconnect(struct pcsc_card *c, DWORD disposition)
{
	LONG rv = SCARD_S_SUCCESS;

	if (c->locked)
		SCardEndTransaction(c->card, SCARD_LEAVE_CARD);
	if (c->connected)
		rv = SCardDisconnect(c->card, disposition);
	c->locked = c->connected = false;
	return rv;
}

/* A context of a pcscd that has gone is worth nothing. */
static void
card_drop_context(struct pcsc_card *c)
{
	card_disconnect(c, SCARD_LEAVE_CARD);
	if (c->has_context)
		SCardReleaseContext(c->context);
	c->has_context = false;
}

static LONG
card_ensure_context(struct pcsc_card *c)
{
	LONG rv;

	if (c->has_context && SCardIsValidContext(c->context) !=
	    SCARD_S_SUCCESS)
		card_drop_context(c);
	if (c->has_context)
		return SCARD_S_SUCCESS;
	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &c->context);
	c->has_context = rv == SCARD_S_SUCCESS;
	return rv;
}

static LONG
card_connect(struct pcsc_card *c)
{
	char name[PCSC_NAME_MAX];
	LONG rv;

	card_name(c, name);
	if (name[0] == '\0')
		return SCARD_E_READER_UNAVAILABLE;
	rv = card_ensure_context(c);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	c->before = card_count_pulled(c);
	rv = SCardConnect(c->context, name, card_share(c), PCSC_ANY, &c->card,
	    &c->protocol);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	c->connected = true;
	c->max_data = pcsc_max_data(c->card);
	return rv;
}

/* Connected to the card that the host knows of, and to no other. */
static LONG
card_ensure(struct pcsc_card *c)
{
	unsigned number;

	if (sink_card(c->sink, c->reader, &number) < 0)
		return SCARD_W_REMOVED_CARD;
	if (c->connected && number != c->number)
		card_disconnect(c, SCARD_LEAVE_CARD);
	if (number != c->number)
		c->chosen = 0;
	c->number = number;
	return c->connected ? SCARD_S_SUCCESS : card_connect(c);
}

static LONG
card_reconnect(struct pcsc_card *c, DWORD protocols, DWORD initialization)
{
	return SCardReconnect(c->card, card_share(c), protocols,
	    initialization, &c->protocol);
}

/* A reset by others must be seen before PC/SC grants a transaction. */
static LONG
card_lock(struct pcsc_card *c)
{
	LONG rv;

	if (c->locked || c->spec->exclusive || c->spec->no_transaction)
		return SCARD_S_SUCCESS;
	rv = SCardBeginTransaction(c->card);
	if (rv == SCARD_W_RESET_CARD) {
		rv = card_reconnect(c, PCSC_ANY, SCARD_LEAVE_CARD);
		if (rv == SCARD_S_SUCCESS)
			rv = SCardBeginTransaction(c->card);
	}
	c->locked = rv == SCARD_S_SUCCESS;
	return rv;
}

/* What a failed call leaves: a handle to go on with, or none. */
static void
card_failed(struct pcsc_card *c, const char *what, LONG rv)
{
	char name[PCSC_NAME_MAX];
	int err = pcsc_err(rv);

	card_name(c, name);
	if (err == -ENOMEDIUM) {
		log_debug("pcsc: '%s': %s: %s", name, what,
		    pcsc_stringify_error(rv));
		card_disconnect(c, SCARD_LEAVE_CARD);
		return;
	}
	log_warning("pcsc: '%s': %s: %s", name, what, err == -EACCES ?
	    "a local program uses the card" : pcsc_stringify_error(rv));
	if (err == -EACCES)
		card_deny(c);
	else if (err == -EIO)
		card_drop_context(c);
}

/*
 * SCardStatus shares a table with the monitor's SCardGetStatusChange, and the
 * library of 1.9 does not lock it; so it is only the second choice.
 */
static LONG
card_atr(struct pcsc_card *c, uint8_t *atr, size_t *out_len)
{
	unsigned char got[MAX_ATR_SIZE];
	DWORD len = sizeof(got);
	LONG rv;

	rv = SCardGetAttrib(c->card, SCARD_ATTR_ATR_STRING, got, &len);
	if (rv != SCARD_S_SUCCESS) {
		len = sizeof(got);
		rv = SCardStatus(c->card, NULL, NULL, NULL, NULL, got, &len);
	}
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (len < VSCARD_ATR_MIN || len > VSCARD_ATR_MAX)
		return SCARD_W_UNRESPONSIVE_CARD;
	memcpy(atr, got, len);
	*out_len = len;
	return SCARD_S_SUCCESS;
}

/* --- commands --------------------------------------------------------- */

/*
 * A program of this machine has reset the card: what the host had selected and
 * verified is gone. Going on would be a lie, so the host sees a new insertion.
 */
static void
card_on_reset(struct pcsc_card *c)
{
	uint8_t atr[VSCARD_ATR_MAX];
	size_t len;
	LONG rv;

	log_info("pcsc: a local program has reset the card; announcing it"
	    " again");
	rv = card_reconnect(c, PCSC_ANY, SCARD_LEAVE_CARD);
	if (rv == SCARD_S_SUCCESS)
		rv = card_atr(c, atr, &len);
	if (rv == SCARD_S_SUCCESS)
		sink_card_reset(c->sink, c->reader, atr, len);
	else
		card_failed(c, "after a reset", rv);
}

/*
 * The host is told one size for all readers of a connection, at its begin. So
 * a command that this reader cannot do is refused here, and never cut. A zero
 * where a short command has its only length marks an extended one.
 */
static bool
card_can(const struct pcsc_card *c, const uint8_t *command, size_t len)
{
	enum { LC = 4, HEAD = 7, LE = 2, ALL = 65536 };

	if (c->max_data >= ALL || len < HEAD || command[LC] != 0)
		return true;
	return c->max_data > 0 && len - HEAD <= c->max_data + LE;
}

static LONG
card_exchange(struct pcsc_card *c, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	const SCARD_IO_REQUEST *pci = c->protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0;
	DWORD got = (DWORD)cap;
	LONG rv;

	rv = SCardTransmit(c->card, pci, command, (DWORD)len, NULL, response,
	    &got);
	if (rv == SCARD_S_SUCCESS)
		*out_len = got;
	return rv;
}

int
pcsc_card_transmit(struct pcsc_card *c, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	LONG rv;

	rv = card_ensure(c);
	if (rv == SCARD_S_SUCCESS && !card_can(c, command, len)) {
		log_warning("pcsc: the reader does no extended APDU (a command"
		    " of %zu bytes)", len);
		return -EMSGSIZE;
	}
	if (rv == SCARD_S_SUCCESS)
		rv = card_exchange(c, command, len, response, cap, out_len);
	if (rv == SCARD_W_RESET_CARD || rv == SCARD_W_UNPOWERED_CARD)
		card_on_reset(c);
	else if (rv != SCARD_S_SUCCESS)
		card_failed(c, "command", rv);
	return pcsc_err(rv);
}

/* --- power and protocol ----------------------------------------------- */

/* The card selects again what the host has chosen, if it still offers it. */
static LONG
card_reset(struct pcsc_card *c, DWORD how)
{
	LONG rv = SCARD_E_PROTO_MISMATCH;

	if (c->chosen != 0)
		rv = card_reconnect(c, c->chosen, how);
	if (rv != (LONG)SCARD_E_PROTO_MISMATCH)
		return rv;
	c->chosen = 0;
	return card_reconnect(c, PCSC_ANY, how);
}

/*
 * A power-up is a cold reset even right after connecting: a program of this
 * machine may have used the card before and left a PIN verified. The lock
 * comes first, so that none does so in between.
 */
static LONG
card_up(struct pcsc_card *c, DWORD how, uint8_t *atr, size_t *out_len)
{
	LONG rv;

	rv = card_ensure(c);
	if (rv == SCARD_S_SUCCESS)
		rv = card_lock(c);
	if (rv == SCARD_S_SUCCESS)
		rv = card_reset(c, how);
	if (rv == SCARD_S_SUCCESS)
		rv = card_atr(c, atr, out_len);
	return rv;
}

/*
 * The next card in the reader is not ours to power down. The sink cannot tell:
 * at the end it has no card any more, but what the host verified is still there.
 */
static enum vscard_status
card_down(struct pcsc_card *c)
{
	bool same = card_count_pulled(c) == c->before;
	LONG rv;

	rv = card_disconnect(c, same ? SCARD_UNPOWER_CARD : SCARD_LEAVE_CARD);
	if (rv == SCARD_S_SUCCESS)
		return VSCARD_STATUS_OK;
	log_debug("pcsc: power down: %s", pcsc_stringify_error(rv));
	card_drop_context(c);
	return pcsc_status(rv);
}

enum vscard_status
pcsc_card_power(struct pcsc_card *c, enum vscard_power power, uint8_t *atr,
    size_t *out_len)
{
	LONG rv;

	if (power == VSCARD_POWER_DOWN)
		return card_down(c);
	rv = card_up(c, power == VSCARD_POWER_RESET ? SCARD_RESET_CARD :
	    SCARD_UNPOWER_CARD, atr, out_len);
	if (rv != SCARD_S_SUCCESS) {
		card_failed(c, vscard_power_name(power), rv);
		card_disconnect(c, SCARD_LEAVE_CARD);
	}
	return pcsc_status(rv);
}

/*
 * PC/SC changes a protocol only with a reset. The host chooses right after one,
 * so there is nothing yet that this could lose.
 */
enum vscard_status
pcsc_card_protocol(struct pcsc_card *c, unsigned protocol)
{
	DWORD wanted = protocol == 1 ? SCARD_PROTOCOL_T1 : SCARD_PROTOCOL_T0;
	LONG rv;

	rv = card_ensure(c);
	if (rv == SCARD_S_SUCCESS && c->protocol != wanted)
		rv = card_reconnect(c, wanted, SCARD_RESET_CARD);
	c->chosen = rv == SCARD_S_SUCCESS ? wanted : 0;
	if (rv != SCARD_S_SUCCESS)
		card_failed(c, "protocol", rv);
	return pcsc_status(rv);
}

/* --- admission -------------------------------------------------------- */

/* A reader that nobody can ask, as it is used exclusively, has its name. */
static bool
card_is_virtual(struct pcsc_card *c, const char *name, uint8_t *origin,
    size_t *out_len)
{
	SCARDHANDLE reader;
	DWORD protocol;
	bool is_virtual;

	if (card_ensure_context(c) != SCARD_S_SUCCESS ||
	    SCardConnect(c->context, name, SCARD_SHARE_DIRECT, 0, &reader,
	    &protocol) != SCARD_S_SUCCESS)
		return false;
	is_virtual = pcsc_is_virtual(reader);
	if (is_virtual)
		*out_len = pcsc_origin(reader, origin);
	SCardDisconnect(reader, SCARD_LEAVE_CARD);
	return is_virtual;
}

int
pcsc_card_admit(struct pcsc_card *c, uint8_t *origin, size_t *out_len)
{
	char name[PCSC_NAME_MAX];

	/* Whatever is left is of another reader, or of another pcscd. */
	card_drop_context(c);
	card_name(c, name);
	if (!card_is_virtual(c, name, origin, out_len) ||
	    readermatch_is_meant(name, c->spec->pattern))
		return 0;
	log_info("pcsc: '%s' is a virtual reader of vscard, left out", name);
	return -EACCES;
}

/* --- life ------------------------------------------------------------- */

void
pcsc_card_init(struct pcsc_card *c, const struct cardspec_pcsc *spec,
    struct sink *sink, unsigned reader)
{
	memset(c, 0, sizeof(*c));
	c->spec = spec;
	c->sink = sink;
	c->reader = reader;
	c->max_data = SIZE_MAX;
	pthread_mutex_init(&c->lock, NULL);
}

/* A card left connected would keep what the host verified. */
void
pcsc_card_clear(struct pcsc_card *c)
{
	(void)card_down(c);
	card_drop_context(c);
	pthread_mutex_destroy(&c->lock);
}
