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
#include "vscclient/sandbox_card.h"
#include "vscclient/signals.h"
#include "vscclient/worker.h"

enum {
	/* How long the other side may take to acknowledge the end. */
	CARDPROC_END_MS = 2000,
	/* How long a card may still work at something at the end. */
	CARDPROC_WORK_MS = 1000,
	/*
	 * The host gives a connection up whose power and protocol requests
	 * are not answered within 10 s. A local program that has locked the
	 * card for so long is no reason for that.
	 */
	CARDPROC_POWER_MS = 8000,
	/* Until there may be memory, or room for a thread, again. */
	CARDPROC_THREAD_MS = 200
};

struct cardproc;

/* What goes on for one reader of the backend. */
struct cardproc_reader {
	struct cardproc *proc;
	struct worker *worker; /* NULL: the reader was never there */
	unsigned admission;    /* serial; 0: none wanted */
	unsigned request;      /* serial; 0: the session waits for nothing */
	enum work_kind kind;   /* of the request */
	unsigned id;           /* in the session, of the request */
	struct loop_timer timer; /* of the request, or for a worker */
	bool told;             /* that there is no worker */
};

struct cardproc {
	struct loop *loop;
	struct crew *crew;
	struct link link;
	struct sink sink;
	struct signals signals;
	struct loop_timer end; /* set once the end was asked for */
	const struct backend_ops *ops;
	void *backend; /* NULL: not open */
	struct cardproc_reader readers[SINK_READERS_MAX];
};

static const struct backend_ops *const backends[] = {
    [CARDSPEC_PCSC] = &backend_pcsc,
    [CARDSPEC_NSS] = &backend_nss,
    [CARDSPEC_KEY] = &backend_key,
};

/* --- on any thread of the crew ---------------------------------------- */

/* A command must not reach the successor of the card that it was meant for. */
static bool
cardproc_is_current(struct cardproc *p, const struct work *w)
{
	unsigned card;

	return sink_card(&p->sink, w->reader, &card) == 0 && card == w->card;
}

static void
cardproc_ask(struct cardproc *p, struct work *w)
{
	if (!cardproc_is_current(p, w)) {
		w->rc = -ENOMEDIUM;
		w->status = VSCARD_STATUS_NO_CARD;
	} else if (w->kind == WORK_APDU) {
		w->rc = p->ops->transmit(p->backend, w->reader, w->in, w->len,
		    w->out, sizeof(w->out), &w->out_len);
	} else if (w->kind == WORK_POWER) {
		w->status = p->ops->power(p->backend, w->reader,
		    (enum vscard_power)w->code, w->out, &w->out_len);
	} else {
		w->status = p->ops->protocol(p->backend, w->reader, w->code);
	}
}

static void
cardproc_on_work(void *arg, struct work *w)
{
	struct cardproc *p = arg;

	if (w->kind == WORK_ADMIT) {
		if (p->ops->admit != NULL)
			w->rc = p->ops->admit(p->backend, w->reader, w->out,
			    &w->out_len);
	} else if (w->kind == WORK_RELEASE) {
		w->status = p->ops->power(p->backend, w->reader,
		    VSCARD_POWER_DOWN, w->out, &w->out_len);
	} else {
		cardproc_ask(p, w);
	}
}

/* --- what the host asks ----------------------------------------------- */

/* -ENOENT: the request became void meanwhile, as the card left. */
static void
cardproc_answered(int rc, const char *what)
{
	if (rc < 0 && rc != -ENOENT)
		log_warning("%s cannot be answered: %s", what, err_text(rc));
}

static void
cardproc_answer_apdu(struct cardproc_reader *r, const struct work *w)
{
	struct vscard_session *session = link_session(&r->proc->link);
	int rc = w->rc;

	if (rc == 0)
		rc = vscard_session_send_apdu(session, r->id, w->out,
		    w->out_len);
	if (rc == -EMSGSIZE && w->rc == 0)
		log_warning("a response of %zu bytes is more than the host"
		    " takes", w->out_len);
	if (rc < 0 && rc != -ENOENT)
		rc = vscard_session_fail_apdu(session, r->id,
		    rc == -ENOMEDIUM ? VSCARD_CARD_ERROR_NO_CARD :
		    VSCARD_CARD_ERROR_FAILED);
	cardproc_answered(rc, "a command");
}

static void
cardproc_answer(struct cardproc_reader *r, enum vscard_status status,
    const uint8_t *atr, size_t len)
{
	struct vscard_session *session = link_session(&r->proc->link);

	log_debug("%s: %s", work_kind_name(r->kind),
	    vscard_status_name(status));
	if (r->kind == WORK_POWER)
		cardproc_answered(vscard_session_answer_power(session, r->id,
		    status, len > 0 ? atr : NULL, len), "a power request");
	else
		cardproc_answered(vscard_session_answer_protocol(session,
		    r->id, status), "a protocol request");
}

/* The session waits for nothing of this reader any more. */
static void
cardproc_settle(struct cardproc_reader *r)
{
	r->request = 0;
	loop_timer_cancel(r->proc->loop, &r->timer);
}

/* Work that nobody waits for, or not as for an answer. */
static unsigned
cardproc_post(struct cardproc_reader *r, enum work_kind kind)
{
	return worker_post(r->worker, &(struct work_order){.kind = kind});
}

/* A card that was powered up for nobody is powered down. */
static void
cardproc_on_stale(struct cardproc_reader *r, const struct work *w)
{
	bool up = w->kind == WORK_POWER && w->code != VSCARD_POWER_DOWN &&
	    w->status == VSCARD_STATUS_OK;

	log_debug("%s: done, but nobody waits for it any more",
	    work_kind_name(w->kind));
	if (up && !worker_has_next(r->worker))
		cardproc_post(r, WORK_RELEASE);
}

static void
cardproc_on_done(void *arg, const struct work *w)
{
	struct cardproc *p = arg;
	struct cardproc_reader *r = &p->readers[w->reader];

	if (w->kind == WORK_ADMIT && w->serial == r->admission && w->rc == 0)
		sink_admit(&p->sink, w->reader, w->out, w->out_len);
	if (w->kind == WORK_ADMIT || w->kind == WORK_RELEASE)
		return;
	if (w->serial != r->request) {
		cardproc_on_stale(r, w);
		return;
	}
	cardproc_settle(r);
	if (w->kind == WORK_APDU)
		cardproc_answer_apdu(r, w);
	else
		cardproc_answer(r, w->status, w->out, w->out_len);
	link_kick(&p->link);
}

static void
cardproc_on_late(struct cardproc_reader *r)
{
	log_warning("the card does not answer; a local program may have"
	    " locked it");
	cardproc_settle(r);
	cardproc_answer(r, VSCARD_STATUS_FAILED, NULL, 0);
	link_kick(&r->proc->link);
}

static enum work_kind
cardproc_kind(const struct vscard_event *ev)
{
	if (ev->type == VSCARD_EVENT_APDU)
		return WORK_APDU;
	return ev->type == VSCARD_EVENT_POWER ? WORK_POWER : WORK_PROTOCOL;
}

/* A reader or card that has left meanwhile will void the request. */
static void
cardproc_request(struct cardproc *p, const struct vscard_event *ev)
{
	struct work_order order = {
	    .kind = cardproc_kind(ev),
	    .code = ev->code,
	    .command = ev->data,
	    .len = ev->len,
	};
	int number = sink_find(&p->sink, ev->reader);
	struct cardproc_reader *r;

	if (number < 0 ||
	    sink_card(&p->sink, (unsigned)number, &order.card) < 0)
		return;
	r = &p->readers[number];
	r->kind = order.kind;
	r->id = ev->reader;
	r->request = worker_post(r->worker, &order);
	if (r->kind != WORK_APDU)
		loop_timer_set(p->loop, &r->timer,
		    clock_after(CARDPROC_POWER_MS));
}

static void
cardproc_cancel(struct cardproc *p, unsigned id)
{
	for (unsigned i = 0; i < SINK_READERS_MAX; i++)
		if (p->readers[i].request != 0 && p->readers[i].id == id)
			cardproc_settle(&p->readers[i]);
}

/* --- what the backend says -------------------------------------------- */

static const struct worker_ops cardproc_worker_ops = {
    .on_work = cardproc_on_work,
    .on_done = cardproc_on_done,
};

/* A reader without a thread waits for one; the others go on. */
static void
cardproc_no_worker(struct cardproc_reader *r, int rc)
{
	if (!r->told)
		log_error("no thread for a reader: %s; trying on",
		    err_text(rc));
	r->told = true;
	loop_timer_set(r->proc->loop, &r->timer,
	    clock_after(CARDPROC_THREAD_MS));
}

static void
cardproc_on_reader(void *arg, unsigned reader)
{
	struct cardproc *p = arg;
	struct cardproc_reader *r = &p->readers[reader];
	int rc = 0;

	if (r->worker == NULL)
		rc = worker_new(p->crew, reader, &cardproc_worker_ops, p,
		    &r->worker);
	if (rc < 0)
		cardproc_no_worker(r, rc);
	else
		r->admission = cardproc_post(r, WORK_ADMIT);
}

static void
cardproc_on_time(void *arg)
{
	struct cardproc_reader *r = arg;

	if (r->worker != NULL)
		cardproc_on_late(r);
	else
		cardproc_on_reader(r->proc, (unsigned)(r - r->proc->readers));
}

static void
cardproc_on_gone(void *arg, unsigned reader)
{
	struct cardproc *p = arg;

	cardproc_post(&p->readers[reader], WORK_RELEASE);
}

static const struct sink_ops cardproc_sink_ops = {
    .on_reader = cardproc_on_reader,
    .on_gone = cardproc_on_gone,
};

/* --- what the session says -------------------------------------------- */

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
	case VSCARD_EVENT_CANCEL:
		cardproc_cancel(p, ev->reader);
		break;
	case VSCARD_EVENT_READER_REFUSED:
		log_warning("the host has no place for a reader");
		sink_forget(&p->sink, ev->reader);
		break;
	case VSCARD_EVENT_FINISHED:
		crew_stop(p->crew);
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
	crew_stop(p->crew);
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

	crew_stop(p->crew);
}

static void
cardproc_on_signal(void *arg, int signo)
{
	struct cardproc *p = arg;
	int rc;

	(void)signo;
	if (p->end.deadline != CLOCK_NEVER || !link_is_open(&p->link)) {
		crew_stop(p->crew);
		return;
	}
	loop_timer_set(p->loop, &p->end, clock_after(CARDPROC_END_MS));
	rc = vscard_session_finish(link_session(&p->link), VSCARD_BYE_DONE);
	if (rc < 0)
		crew_stop(p->crew);
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
	sink_init(&p->sink, &p->link, &cardproc_sink_ops, p);
	for (unsigned i = 0; i < SINK_READERS_MAX; i++) {
		p->readers[i].proc = p;
		p->readers[i].timer.deadline = CLOCK_NEVER;
		p->readers[i].timer.on_time = cardproc_on_time;
		p->readers[i].timer.arg = &p->readers[i];
	}
	p->end.deadline = CLOCK_NEVER;
	p->end.on_time = cardproc_on_end;
	p->end.arg = p;
	p->signals.fd = -1;
	rc = crew_new(p->loop, &p->crew);
	if (rc == 0)
		rc = signals_init(&p->signals, p->loop, signals,
		    cardproc_on_signal, p);
	return rc;
}

/*
 * A card that does not come to an end is left to the end of the process, with
 * all that it may still touch; pcscd resets a card that was locked.
 */
static int
cardproc_clear(struct cardproc *p)
{
	if (p->crew != NULL &&
	    crew_end(p->crew, clock_after(CARDPROC_WORK_MS)) < 0) {
		log_debug("card process: a card still works");
		return -ETIMEDOUT;
	}
	if (p->backend != NULL)
		p->ops->close(p->backend);
	if (p->loop == NULL)
		return 0;
	link_close(&p->link);
	signals_clear(&p->signals);
	loop_free(&p->loop);
	sink_clear(&p->sink);
	for (unsigned i = 0; i < SINK_READERS_MAX; i++)
		worker_free(&p->readers[i].worker);
	crew_free(&p->crew);
	return 0;
}

/* The session begins, with its Init, only when the card could be opened. */
static int
cardproc_connect(struct cardproc *p, int fd)
{
	struct vscard_limits limits;
	int rc;

	vscard_limits_init(&limits);
	/* One removed counts until the host has acknowledged it. */
	limits.max_readers = 4 * SINK_READERS_MAX;
	if (getrandom(limits.instance, sizeof(limits.instance), 0) !=
	    sizeof(limits.instance)) {
		close(fd);
		return -EIO;
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

static int
cardproc_give_up_rights(const struct cardspec *spec)
{
	int rc = sandbox_card_enter(spec);

	if (rc < 0)
		log_error("rights cannot be given up: %s; see --no-sandbox",
		    err_text(rc));
	return rc;
}

/* What opens the card has said why it cannot, but for a lack of memory. */
static enum status
cardproc_refused(int rc)
{
	if (rc == -ENOMEM)
		log_error("card process: no memory");
	return rc == -ENOMEM ? STATUS_FAILED : STATUS_CARD;
}

static enum status
cardproc_open(struct cardproc *p, const struct cardspec *spec, int fd,
    bool sandbox)
{
	int rc = 0;

	if (p->ops->prepare != NULL)
		rc = p->ops->prepare(spec, fd, &p->backend);
	if (rc < 0)
		return cardproc_refused(rc);
	if (sandbox && cardproc_give_up_rights(spec) < 0)
		return STATUS_FAILED;
	rc = cardproc_init(p);
	if (rc < 0) {
		log_error("card process: %s", err_text(rc));
		return STATUS_FAILED;
	}
	rc = p->ops->open(spec, &p->sink, &p->backend);
	return rc < 0 ? cardproc_refused(rc) : STATUS_OK;
}

static enum status
cardproc_work(struct cardproc *p, const struct cardspec *spec, int fd,
    bool sandbox)
{
	enum status status = cardproc_open(p, spec, fd, sandbox);
	int rc;

	if (status != STATUS_OK) {
		close(fd);
		return status;
	}
	rc = cardproc_connect(p, fd);
	if (rc == 0)
		rc = crew_run(p->crew);
	if (rc < 0)
		log_error("card process: %s", err_text(rc));
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

static enum status
cardproc_become(const struct cardspec *spec, int fd, bool sandbox)
{
	if (sandbox && cardproc_give_up_rights(spec) < 0) {
		close(fd);
		return STATUS_FAILED;
	}
	return backend_exec_run(&spec->exec, fd);
}

enum status
cardproc_run(const struct cardspec *spec, int fd, bool sandbox)
{
	struct cardproc *p;
	enum status status;

	if (spec->kind == CARDSPEC_EXEC)
		return cardproc_become(spec, fd, sandbox);
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		log_error("card process: no memory");
		close(fd);
		return STATUS_FAILED;
	}
	p->ops = backends[spec->kind];
	status = cardproc_work(p, spec, fd, sandbox);
	if (cardproc_clear(p) == 0)
		free(p);
	/* What they use is not to be torn down under them. */
	if (backends[spec->kind]->has_threads)
		quick_exit((int)status);
	return status;
}
