/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real reader of this machine, through PC/SC. The monitor follows the reader
 * and its card on a thread of its own; commands run on the caller's thread with
 * a context of their own, so neither waits for the other.
 */
#include "vscclient/backend.h"

#include <stdlib.h>
#include <string.h>

#include <reader.h>
#include <winscard.h>

#include "util/log.h"
#include "vscclient/pcsc_monitor.h"

#define PCSC_ANY (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

struct pcsc {
	struct pcsc_monitor monitor;
	SCARDCONTEXT context;
	bool has_context;
	SCARDHANDLE card;
	bool connected;
	DWORD protocol;  /* of the connected card */
	unsigned number; /* which card that is, see sink_card() */
};

/* --- connecting ------------------------------------------- */

static const struct {
	LONG rv;
	int err;
} pcsc_errors[] = {
    {SCARD_S_SUCCESS, 0},
    {SCARD_W_REMOVED_CARD, -ENOMEDIUM},
    {SCARD_E_NO_SMARTCARD, -ENOMEDIUM},
    {SCARD_E_UNKNOWN_READER, -ENOMEDIUM},
    {SCARD_E_READER_UNAVAILABLE, -ENOMEDIUM},
    {SCARD_E_PROTO_MISMATCH, -ENOTSUP},
    {SCARD_E_SHARING_VIOLATION, -EBUSY},
    {SCARD_E_INSUFFICIENT_BUFFER, -EMSGSIZE},
    {SCARD_E_NO_MEMORY, -ENOMEM},
};

static int
pcsc_err(LONG rv)
{
	for (size_t i = 0; i < sizeof(pcsc_errors) / sizeof(pcsc_errors[0]);
	     i++)
		if (pcsc_errors[i].rv == rv)
			return pcsc_errors[i].err;
	return -EIO;
}

static enum vscard_status
pcsc_status(LONG rv)
{
	switch (pcsc_err(rv)) {
	case 0:
		return VSCARD_STATUS_OK;
	case -ENOMEDIUM:
		return VSCARD_STATUS_NO_CARD;
	case -ENOTSUP:
		return VSCARD_STATUS_UNSUPPORTED;
	default:
		return VSCARD_STATUS_FAILED;
	}
}

static LONG
pcsc_disconnect(struct pcsc *p, DWORD disposition)
{
	LONG rv = SCARD_S_SUCCESS;

	if (p->connected)
		rv = SCardDisconnect(p->card, disposition);
	p->connected = false;
	return rv;
}

/* A context of a pcscd that has gone is worth nothing. */
static void
pcsc_drop_context(struct pcsc *p)
{
	pcsc_disconnect(p, SCARD_LEAVE_CARD);
	if (p->has_context)
		SCardReleaseContext(p->context);
	p->has_context = false;
}

static LONG
pcsc_ensure_context(struct pcsc *p)
{
	LONG rv;

	if (p->has_context && SCardIsValidContext(p->context) !=
	    SCARD_S_SUCCESS)
		pcsc_drop_context(p);
	if (p->has_context)
		return SCARD_S_SUCCESS;
	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &p->context);
	p->has_context = rv == SCARD_S_SUCCESS;
	return rv;
}

static LONG
pcsc_connect(struct pcsc *p)
{
	char name[PCSC_NAME_MAX];
	LONG rv;

	pcsc_monitor_name(&p->monitor, name);
	if (name[0] == '\0')
		return SCARD_E_READER_UNAVAILABLE;
	rv = pcsc_ensure_context(p);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	rv = SCardConnect(p->context, name, SCARD_SHARE_SHARED, PCSC_ANY,
	    &p->card, &p->protocol);
	p->connected = rv == SCARD_S_SUCCESS;
	return rv;
}

/* Connected to the card that the host knows of, and to no other. */
static LONG
pcsc_ensure_card(struct pcsc *p)
{
	unsigned number;

	if (sink_card(p->monitor.sink, PCSC_READER, &number) < 0)
		return SCARD_W_REMOVED_CARD;
	if (p->connected && number != p->number)
		pcsc_disconnect(p, SCARD_LEAVE_CARD);
	p->number = number;
	return p->connected ? SCARD_S_SUCCESS : pcsc_connect(p);
}

/* What a failed call leaves: a handle to go on with, or none. */
static void
pcsc_failed(struct pcsc *p, const char *what, LONG rv)
{
	int err = pcsc_err(rv);

	if (err == -ENOMEDIUM)
		log_debug("pcsc: %s: %s", what, pcsc_stringify_error(rv));
	else
		log_warning("pcsc: %s: %s", what, pcsc_stringify_error(rv));
	if (err == -ENOMEDIUM)
		pcsc_disconnect(p, SCARD_LEAVE_CARD);
	else if (err == -EIO)
		pcsc_drop_context(p);
}

/*
 * SCardStatus shares a table with the monitor's SCardGetStatusChange, and the
 * library of 1.9 does not lock it; so it is only the second choice.
 */
static LONG
pcsc_atr(struct pcsc *p, uint8_t *atr, size_t *out_len)
{
	unsigned char got[MAX_ATR_SIZE];
	DWORD len = sizeof(got);
	LONG rv;

	rv = SCardGetAttrib(p->card, SCARD_ATTR_ATR_STRING, got, &len);
	if (rv != SCARD_S_SUCCESS) {
		len = sizeof(got);
		rv = SCardStatus(p->card, NULL, NULL, NULL, NULL, got, &len);
	}
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (len < VSCARD_ATR_MIN || len > VSCARD_ATR_MAX)
		return SCARD_W_UNRESPONSIVE_CARD;
	memcpy(atr, got, len);
	*out_len = len;
	return SCARD_S_SUCCESS;
}

/* --- requests --------------------------------------------- */

/*
 * A program of this machine has reset the card: what the host had selected and
 * verified is gone. Going on would be a lie, so the host sees a new insertion.
 */
static void
pcsc_on_reset(struct pcsc *p)
{
	uint8_t atr[VSCARD_ATR_MAX];
	size_t len;
	LONG rv;

	log_info("pcsc: a local program has reset the card; announcing it"
	    " again");
	rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, PCSC_ANY,
	    SCARD_LEAVE_CARD, &p->protocol);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_atr(p, atr, &len);
	if (rv == SCARD_S_SUCCESS)
		sink_card_reset(p->monitor.sink, PCSC_READER, atr, len);
	else
		pcsc_failed(p, "after a reset", rv);
}

static LONG
pcsc_exchange(struct pcsc *p, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	const SCARD_IO_REQUEST *pci = p->protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0;
	DWORD got = (DWORD)cap;
	LONG rv;

	rv = SCardTransmit(p->card, pci, command, (DWORD)len, NULL, response,
	    &got);
	if (rv == SCARD_S_SUCCESS)
		*out_len = got;
	return rv;
}

static int
pcsc_transmit(void *backend, unsigned reader, const uint8_t *command,
    size_t len, uint8_t *response, size_t cap, size_t *out_len)
{
	struct pcsc *p = backend;
	LONG rv;

	(void)reader;
	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_exchange(p, command, len, response, cap, out_len);
	if (rv == SCARD_W_RESET_CARD || rv == SCARD_W_UNPOWERED_CARD)
		pcsc_on_reset(p);
	else if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, "command", rv);
	return pcsc_err(rv);
}

/*
 * A power-up is a cold reset even right after connecting: a program of this
 * machine may have used the card before and left a PIN verified.
 */
static LONG
pcsc_reset(struct pcsc *p, DWORD how, uint8_t *atr, size_t *out_len)
{
	LONG rv;

	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS)
		rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, PCSC_ANY, how,
		    &p->protocol);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_atr(p, atr, out_len);
	return rv;
}

static enum vscard_status
pcsc_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *atr, size_t *out_len)
{
	struct pcsc *p = backend;
	LONG rv;

	(void)reader;
	if (power == VSCARD_POWER_DOWN)
		rv = pcsc_disconnect(p, SCARD_UNPOWER_CARD);
	else
		rv = pcsc_reset(p, power == VSCARD_POWER_RESET ?
		    SCARD_RESET_CARD : SCARD_UNPOWER_CARD, atr, out_len);
	if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, vscard_power_name(power), rv);
	return pcsc_status(rv);
}

/*
 * PC/SC changes a protocol only with a reset. The host chooses right after one,
 * so there is nothing yet that this could lose.
 */
static enum vscard_status
pcsc_protocol(void *backend, unsigned reader, unsigned protocol)
{
	struct pcsc *p = backend;
	DWORD wanted = protocol == 1 ? SCARD_PROTOCOL_T1 : SCARD_PROTOCOL_T0;
	LONG rv;

	(void)reader;
	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS && p->protocol != wanted)
		rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, wanted,
		    SCARD_RESET_CARD, &p->protocol);
	if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, "protocol", rv);
	return pcsc_status(rv);
}

/* --- the backend ------------------------------------------------------ */

static int
pcsc_open(const struct cardspec *spec, struct sink *sink, void **out_backend)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return -ENOMEM;
	rc = pcsc_monitor_init(&p->monitor, spec->pcsc.pattern, sink);
	if (rc < 0) {
		log_error("pcsc: no thread: %s", err_text(rc));
		free(p);
		return rc;
	}
	*out_backend = p;
	return 0;
}

/* A card left connected would keep what the host verified. */
static void
pcsc_close(void *backend)
{
	struct pcsc *p = backend;

	pcsc_monitor_clear(&p->monitor);
	pcsc_disconnect(p, SCARD_UNPOWER_CARD);
	pcsc_drop_context(p);
	free(p);
}

const struct backend_ops backend_pcsc = {
    .open = pcsc_open,
    .close = pcsc_close,
    .transmit = pcsc_transmit,
    .power = pcsc_power,
    .protocol = pcsc_protocol,
};
