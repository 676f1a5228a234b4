/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/cardproc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"
#include "vscclient/backend.h"
#include "vscclient/backend_exec.h"
#include "vscclient/signals.h"

/* How long the other side may take to acknowledge the end. */
enum { CARDPROC_END_MS = 2000 };

struct cardproc {
	struct loop *loop;
	struct link link;
	struct sink sink;
	struct signals signals;
	struct loop_timer end; /* set once the end was asked for */
	const struct backend_ops *ops;
	void *backend; /* NULL: not open */
	uint8_t response[VSCARD_RESPONSE_MAX];
};

static const struct backend_ops *const backends[] = {
    [CARDSPEC_PCSC] = &backend_pcsc,
    [CARDSPEC_NSS] = &backend_nss,
};

/* --- what the host asks ----------------------------------------------- */

/* -ENOENT: the request became void meanwhile, as the card left. */
static void
cardproc_answered(int rc, const char *what)
{
	if (rc < 0 && rc != -ENOENT)
		log_warning("%s cannot be answered: %s", what, err_text(rc));
}

static void
cardproc_apdu(struct cardproc *p, unsigned reader, const struct vscard_event *ev)
{
	struct vscard_session *session = link_session(&p->link);
	size_t len = 0;
	int rc;

	rc = p->ops->transmit(p->backend, reader, ev->data, ev->len,
	    p->response, sizeof(p->response), &len);
	if (rc == 0)
		rc = vscard_session_send_apdu(session, ev->reader,
		    p->response, len);
	explicit_bzero(p->response, len);
	if (rc == -EMSGSIZE)
		log_warning("a response of %zu bytes is more than the host"
		    " takes", len);
	if (rc < 0 && rc != -ENOENT)
		rc = vscard_session_fail_apdu(session, ev->reader,
		    rc == -ENOMEDIUM ? VSCARD_CARD_ERROR_NO_CARD :
		    VSCARD_CARD_ERROR_FAILED);
	cardproc_answered(rc, "a command");
}

static void
cardproc_power(struct cardproc *p, unsigned reader,
    const struct vscard_event *ev)
{
	uint8_t atr[VSCARD_ATR_MAX];
	enum vscard_status status;
	size_t len = 0;

	status = p->ops->power(p->backend, reader,
	    (enum vscard_power)ev->code, atr, &len);
	log_debug("%s: %s", vscard_power_name((enum vscard_power)ev->code),
	    vscard_status_name(status));
	cardproc_answered(vscard_session_answer_power(link_session(&p->link),
	    ev->reader, status, len > 0 ? atr : NULL, len), "a power request");
}

static void
cardproc_protocol(struct cardproc *p, unsigned reader,
    const struct vscard_event *ev)
{
	enum vscard_status status;

	status = p->ops->protocol(p->backend, reader, ev->code);
	log_debug("protocol T=%u: %s", ev->code, vscard_status_name(status));
	cardproc_answered(vscard_session_answer_protocol(
	    link_session(&p->link), ev->reader, status), "a protocol request");
}

static void
cardproc_request(struct cardproc *p, const struct vscard_event *ev)
{
	int reader = sink_find(&p->sink, ev->reader);

	if (reader < 0)
		return; /* removed; the session has voided the request */
	if (ev->type == VSCARD_EVENT_APDU)
		cardproc_apdu(p, (unsigned)reader, ev);
	else if (ev->type == VSCARD_EVENT_POWER)
		cardproc_power(p, (unsigned)reader, ev);
	else
		cardproc_protocol(p, (unsigned)reader, ev);
}

static void
cardproc_on_event(void *arg, const struct vscard_event *ev)
{
	struct cardproc *p = arg;

	switch (ev->type) {
	case VSCARD_EVENT_APDU:
	case VSCARD_EVENT_POWER:
	case VSCARD_EVENT_PROTOCOL:
		cardproc_request(p, ev);
		break;
	case VSCARD_EVENT_READER_REFUSED:
		log_warning("the host has no place for a reader");
		sink_forget(&p->sink, ev->reader);
		break;
	case VSCARD_EVENT_FINISHED:
		loop_stop(p->loop);
		break;
	default:
		log_debug("card process: %s", vscard_event_name(ev->type));
		break;
	}
}

/* The end of the descriptor is the usual way to be told to stop. */
static void
cardproc_on_lost(void *arg, int err)
{
	struct cardproc *p = arg;

	log_debug("card process: %s", link_why(&p->link, err));
	loop_stop(p->loop);
}

static const struct link_ops cardproc_link_ops = {
    .on_event = cardproc_on_event,
    .on_lost = cardproc_on_lost,
};

/* --- life ------------------------------------------------------------- */

static void
cardproc_on_end(void *arg)
{
	struct cardproc *p = arg;

	loop_stop(p->loop);
}

static void
cardproc_on_signal(void *arg, int signo)
{
	struct cardproc *p = arg;
	int rc;

	(void)signo;
	if (p->end.deadline != CLOCK_NEVER || !link_is_open(&p->link)) {
		loop_stop(p->loop);
		return;
	}
	loop_timer_set(p->loop, &p->end, clock_after(CARDPROC_END_MS));
	rc = vscard_session_finish(link_session(&p->link), VSCARD_BYE_DONE);
	if (rc < 0)
		loop_stop(p->loop);
	link_kick(&p->link);
}

/*
 * Ctrl-C and the terminal's end reach the whole foreground group, but the
 * network process says good-bye first and then closes the descriptor.
 */
static int
cardproc_init(struct cardproc *p)
{
	static const int signals[] = {SIGTERM, 0};
	int rc;

	rc = loop_new(&p->loop);
	if (rc < 0)
		return rc;
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	link_init(&p->link, p->loop, &cardproc_link_ops, p);
	sink_init(&p->sink, &p->link);
	p->end.deadline = CLOCK_NEVER;
	p->end.on_time = cardproc_on_end;
	p->end.arg = p;
	p->signals.fd = -1;
	return signals_init(&p->signals, p->loop, signals, cardproc_on_signal,
	    p);
}

static void
cardproc_clear(struct cardproc *p)
{
	if (p->backend != NULL)
		p->ops->close(p->backend);
	if (p->loop == NULL)
		return;
	link_close(&p->link);
	signals_clear(&p->signals);
	loop_free(&p->loop);
	sink_clear(&p->sink);
}

/* The session begins, with its Init, only when the card could be opened. */
static int
cardproc_connect(struct cardproc *p, int fd)
{
	struct vscard_limits limits;
	int rc;

	vscard_limits_init(&limits);
	limits.max_readers = SINK_READERS_MAX;
	if (getrandom(limits.instance, sizeof(limits.instance), 0) !=
	    sizeof(limits.instance)) {
		close(fd);
		return -errno;
	}
	rc = stream_setup(fd);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	rc = link_open(&p->link, fd, VSCARD_ROLE_CLIENT, &limits);
	if (rc == 0)
		sink_apply(&p->sink);
	return rc;
}

static enum status
cardproc_work(struct cardproc *p, const struct cardspec *spec, int fd)
{
	int rc;

	rc = cardproc_init(p);
	if (rc == 0) {
		rc = p->ops->open(spec, &p->sink, &p->backend);
		if (rc < 0 && rc != -ENOMEM) {
			close(fd);
			return STATUS_CARD; /* it said why */
		}
	}
	if (rc < 0)
		close(fd);
	else
		rc = cardproc_connect(p, fd);
	if (rc == 0)
		rc = loop_run(p->loop);
	if (rc < 0)
		log_error("card process: %s", err_text(rc));
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

enum status
cardproc_run(const struct cardspec *spec, int fd)
{
	struct cardproc *p;
	enum status status;

	if (spec->kind == CARDSPEC_EXEC)
		return backend_exec_run(&spec->exec, fd);
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		log_error("card process: no memory");
		close(fd);
		return STATUS_FAILED;
	}
	p->ops = backends[spec->kind];
	status = cardproc_work(p, spec, fd);
	cardproc_clear(p);
	free(p);
	return status;
}
