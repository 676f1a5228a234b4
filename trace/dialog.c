/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/dialog.h"

#include <string.h>

#include "trace/mask.h"

enum {
	INS_OATH_GET_RESPONSE = 0xa5,
	INS_CTAP_GET_RESPONSE = 0x11,
	P1_SELECT_BY_NAME = 0x04
};

void
dialog_init(struct dialog *d)
{
	memset(d, 0, sizeof(*d));
	/* The command whose response comes first was not seen. */
	d->secret = DIALOG_RESPONSE;
}

/* It asks for the rest of a response, which is as secret as its start. */
static bool
is_rest(const struct dialog *d, const struct trace_apdu *apdu)
{
	if (apdu->ins == APDU_INS_GET_RESPONSE)
		return true;
	if (apdu->ins == INS_OATH_GET_RESPONSE)
		return d->applet == APPLET_OATH || d->applet <= APPLET_OTHER;
	return apdu->ins == INS_CTAP_GET_RESPONSE && (apdu->cla & 0x80) != 0;
}

static bool
is_next_part(const struct dialog *d, const struct trace_apdu *apdu)
{
	return d->chaining && apdu->ins == d->ins && apdu->p1 == d->p1 &&
	       apdu->p2 == d->p2;
}

/* On another channel another application answers. */
static unsigned
secret_of(const struct dialog *d, const struct trace_apdu *apdu)
{
	enum applet applet = d->applet;
	unsigned secret;

	if (trace_apdu_channel(apdu) != 0)
		applet = APPLET_UNKNOWN;
	secret = mask_of(applet, apdu);
	if (is_next_part(d, apdu))
		secret |= d->secret;
	if (is_rest(d, apdu))
		secret |= d->secret & DIALOG_RESPONSE;
	return secret;
}

static void
note_select(struct dialog *d, const struct trace_apdu *apdu)
{
	d->selecting = apdu->ins == APDU_INS_SELECT &&
		       apdu->p1 == P1_SELECT_BY_NAME &&
		       trace_apdu_channel(apdu) == 0;
	if (d->selecting)
		d->wanted = applet_of(apdu->data, apdu->len);
}

void
dialog_command(struct dialog *d, const void *command, size_t len)
{
	struct trace_apdu apdu;

	d->selecting = false;
	if (!trace_apdu_get(command, len, &apdu)) {
		d->chaining = false;
		d->secret = 0;
		return;
	}
	d->secret = secret_of(d, &apdu);
	note_select(d, &apdu);
	d->chaining = trace_apdu_is_chained(&apdu);
	d->ins = apdu.ins;
	d->p1 = apdu.p1;
	d->p2 = apdu.p2;
}

/* A SELECT that fails leaves the application that was there. */
static bool
is_selected(const uint8_t *response, size_t len)
{
	uint8_t sw1;

	if (len < 2)
		return false;
	sw1 = response[len - 2];
	return sw1 == 0x90 || sw1 == 0x61 || sw1 == 0x62 || sw1 == 0x63;
}

void
dialog_response(struct dialog *d, const void *response, size_t len)
{
	if (d->selecting && is_selected(response, len))
		d->applet = d->wanted;
	d->selecting = false;
}
