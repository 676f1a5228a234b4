/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real readers of this machine, through PC/SC. The monitor follows them on
 * a thread of its own; each has a connection and a context of its own to its
 * card. So none waits for another.
 */
#include "vscclient/backend.h"

#include <stdlib.h>

#include "util/log.h"
#include "vscclient/pcsc_card.h"
#include "vscclient/pcsc_monitor.h"

struct pcsc {
	struct pcsc_monitor monitor;
	struct pcsc_card cards[SINK_READERS_MAX];
};

static void
pcsc_free(struct pcsc *p)
{
	for (unsigned i = 0; i < SINK_READERS_MAX; i++)
		pcsc_card_clear(&p->cards[i]);
	free(p);
}

static int
pcsc_open(const struct cardspec *spec, struct sink *sink, void **out_backend)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < SINK_READERS_MAX; i++)
		pcsc_card_init(&p->cards[i], &spec->pcsc, sink, i);
	rc = pcsc_monitor_init(&p->monitor, spec->pcsc.pattern, sink,
	    p->cards);
	if (rc < 0) {
		log_error("pcsc: no thread: %s", err_text(rc));
		pcsc_free(p);
		return rc;
	}
	*out_backend = p;
	return 0;
}

static void
pcsc_close(void *backend)
{
	struct pcsc *p = backend;

	pcsc_monitor_clear(&p->monitor);
	pcsc_free(p);
}

static int
pcsc_admit(void *backend, unsigned reader, uint8_t *origin, size_t *out_len)
{
	struct pcsc *p = backend;

	return pcsc_card_admit(&p->cards[reader], origin, out_len);
}

static int
pcsc_transmit(void *backend, unsigned reader, const uint8_t *command,
    size_t len, uint8_t *response, size_t cap, size_t *out_len)
{
	struct pcsc *p = backend;

	return pcsc_card_transmit(&p->cards[reader], command, len, response,
	    cap, out_len);
}

static enum vscard_status
pcsc_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *atr, size_t *out_len)
{
	struct pcsc *p = backend;

	return pcsc_card_power(&p->cards[reader], power, atr, out_len);
}

static enum vscard_status
pcsc_protocol(void *backend, unsigned reader, unsigned protocol)
{
	struct pcsc *p = backend;

	return pcsc_card_protocol(&p->cards[reader], protocol);
}

const struct backend_ops backend_pcsc = {
    .open = pcsc_open,
    .close = pcsc_close,
    .admit = pcsc_admit,
    .transmit = pcsc_transmit,
    .power = pcsc_power,
    .protocol = pcsc_protocol,
};
