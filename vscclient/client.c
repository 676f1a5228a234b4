/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/client.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/dial.h"
#include "util/clock.h"
#include "util/log.h"

static void client_handle(struct client *, enum client_event);

static bool
client_is_listening(const struct client *c)
{
	return c->listener.fd >= 0;
}

/* --- what is said ----------------------------------------------------- */

/* Once a failure, however often it is tried again. */
static void
client_complain(struct client *c, const char *what, unsigned ms)
{
	if (c->complained)
		return;
	c->complained = true;
	if (client_is_listening(c)) {
		log_warning("%s the host at %s: %s; waiting for the next one",
		    what, c->text, link_why(&c->link, c->err));
		return;
	}
	log_warning("%s %s: %s; trying again in %u.%u s, then every %d s at"
	    " most", what, c->text, link_why(&c->link, c->err), ms / 1000,
	    ms % 1000 / 100, BACKOFF_LAST_MS / 1000);
}

/* "power, protocol, …" */
static void
client_say_open(const struct client *c)
{
	uint32_t caps = vscard_session_capabilities(link_session(&c->link));
	char words[128] = "stock peer";
	size_t used = 0;
	int n;

	for (unsigned bit = 0; bit < 32 && used < sizeof(words); bit++) {
		if ((caps & (uint32_t)1 << bit) == 0)
			continue;
		n = snprintf(words + used, sizeof(words) - used, "%s%s",
		    used > 0 ? ", " : "",
		    vscard_cap_name((enum vscard_cap)((uint32_t)1 << bit)));
		used += n > 0 ? (size_t)n : 0;
	}
	log_info("connected to %s (%s)", c->text, words);
}

/* --- actions ---------------------------------------------------------- */

/* Lets go of whatever is open, in any state. */
static void
client_drop(struct client *c)
{
	loop_timer_cancel(c->loop, &c->timer);
	if (c->door.fd >= 0)
		loop_unwatch(c->loop, &c->door);
	if (c->dial.fd >= 0) {
		int fd = c->dial.fd;

		loop_unwatch(c->loop, &c->dial);
		close(fd);
	}
	if (c->linked) {
		c->linked = false;
		c->ops->on_unlink(c->arg);
	}
	link_close(&c->link);
	/* Answers that it did not read took up to 4 MiB. */
	(void)malloc_trim(0);
	ssh_stop(&c->ssh);
}

static void
client_on_dialed(void *arg, uint32_t events)
{
	struct client *c = arg;

	(void)events;
	c->err = dial_finish(c->dial.fd);
	client_handle(c, c->err == 0 ? CLIENT_EV_CONNECTED : CLIENT_EV_LOST);
}

/* A connected one is writable at once. */
static int
client_watch_dial(struct client *c, int fd)
{
	int rc;

	rc = loop_watch(c->loop, &c->dial, fd, EPOLLOUT, client_on_dialed, c);
	if (rc < 0)
		close(fd);
	return rc;
}

/* Whoever is accepted has as long for its handshake as one that was dialed. */
static void
client_on_knock(void *arg, uint32_t events)
{
	struct client *c = arg;
	struct peer peer;
	int fd;

	(void)events;
	c->err = listener_accept(&c->listener, &fd, &peer);
	if (c->err == -EAGAIN)
		return;
	if (c->err == -EACCES) {
		log_warning("%s may not connect to %s", peer.name, c->text);
		return;
	}
	loop_unwatch(c->loop, &c->door);
	loop_timer_set(c->loop, &c->timer, clock_after(CLIENT_HELLO_MS));
	if (c->err == 0)
		c->err = client_watch_dial(c, fd);
	if (c->err < 0)
		client_handle(c, CLIENT_EV_LOST);
}

/* No time limit: a host comes when it comes. */
static void
client_await(struct client *c)
{
	c->err = loop_watch(c->loop, &c->door, c->listener.fd, EPOLLIN,
	    client_on_knock, c);
	if (c->err < 0)
		client_handle(c, CLIENT_EV_LOST);
}

static void
client_dial(struct client *c)
{
	bool ssh = c->endpoint->kind == ENDPOINT_SSH;
	bool done;
	int fd;

	if (client_is_listening(c)) {
		client_await(c);
		return;
	}
	loop_timer_set(c->loop, &c->timer,
	    clock_after(ssh ? SSH_HELLO_MS : CLIENT_HELLO_MS));
	c->err = ssh ? ssh_start(&c->ssh, &fd) :
	    dial_start(c->endpoint, &fd, &done);
	if (c->err == 0)
		c->err = client_watch_dial(c, fd);
	if (c->err < 0)
		client_handle(c, CLIENT_EV_LOST);
}

static void
client_hello(struct client *c)
{
	int fd = c->dial.fd;

	loop_unwatch(c->loop, &c->dial);
	c->accepted = false;
	c->bye = false;
	c->opened_at = CLOCK_NEVER;
	c->err = link_open(&c->link, fd, VSCARD_ROLE_CLIENT, c->limits);
	if (c->err < 0) {
		client_handle(c, CLIENT_EV_LOST);
		return;
	}
	c->linked = true;
	c->ops->on_link(c->arg);
}

static void
client_opened(struct client *c)
{
	loop_timer_cancel(c->loop, &c->timer);
	c->complained = false;
	c->opened_at = clock_now();
	client_say_open(c);
	ssh_worked(&c->ssh);
}

/* Its one connection is over, or could not be had. */
static void
client_give_up(struct client *c, const char *what)
{
	const char *why = link_why(&c->link, c->err);

	if (c->bye)
		c->result = CLIENT_RESULT_BYE;
	else if (c->opened_at != CLOCK_NEVER)
		c->result = CLIENT_RESULT_LOST;
	else
		c->result = CLIENT_RESULT_NO_HOST;
	ssh_stop(&c->ssh); /* it may have said why */
	if (c->result != CLIENT_RESULT_BYE)
		log_error("%s %s: %s", what, c->text, why);
	c->state = CLIENT_ENDED;
	client_drop(c);
	/* Not at once: this may be within a callback of a card process. */
	loop_defer(c->loop, &c->over_call);
}

static void
client_on_over(void *arg)
{
	struct client *c = arg;

	c->ops->on_ended(c->arg);
}

static void
client_again(struct client *c, const char *what)
{
	/* The next host is not to wait for what the last one did. */
	unsigned ms = client_is_listening(c) ? BACKOFF_FIRST_MS :
	    backoff_next(&c->backoff);

	ssh_stop(&c->ssh); /* it may have said why */
	client_complain(c, what, ms);
	client_drop(c);
	loop_timer_set(c->loop, &c->timer, clock_after((int64_t)ms));
}

static void
client_retry(struct client *c, const char *what)
{
	if (c->once)
		client_give_up(c, what);
	else
		client_again(c, what);
}

static void
client_unavailable(struct client *c)
{
	client_retry(c, client_is_listening(c) ? "no handshake with" :
	    "cannot connect to");
}

static void
client_slow(struct client *c)
{
	c->err = -ETIMEDOUT;
	client_unavailable(c);
}

/* A host that takes and drops us at once must not be called five times a s. */
static void
client_lost(struct client *c)
{
	if (c->accepted || (c->opened_at != CLOCK_NEVER &&
	    clock_now() - c->opened_at >= CLIENT_STEADY_MS))
		backoff_reset(&c->backoff);
	client_retry(c, "lost the connection to");
}

static void
client_end(struct client *c)
{
	client_drop(c);
	c->ops->on_ended(c->arg);
}

static void
client_say_bye(struct client *c)
{
	int rc;

	/* From here on the session takes no news of readers and cards. */
	if (c->linked) {
		c->linked = false;
		c->ops->on_unlink(c->arg);
	}
	loop_timer_set(c->loop, &c->timer, clock_after(CLIENT_FINISH_MS));
	rc = vscard_session_finish(link_session(&c->link), VSCARD_BYE_DONE);
	if (rc < 0)
		link_fail(&c->link, rc);
	link_kick(&c->link);
}

static void
client_said_bye(struct client *c)
{
	log_info("cards and readers removed from %s", c->text);
	client_end(c);
}

static void
client_not_answered(struct client *c)
{
	log_warning("%s did not acknowledge the removal within %d s",
	    c->text, CLIENT_FINISH_MS / 1000);
	client_end(c);
}

static void
client_lost_at_end(struct client *c)
{
	log_info("%s: %s before the removal was acknowledged", c->text,
	    link_why(&c->link, c->err));
	client_end(c);
}

/* --- the table -------------------------------------------------------- */

struct client_row {
	enum client_state state;
	enum client_event event;
	enum client_state next;
	void (*action)(struct client *);
};

/* What is not listed is ignored: it comes too late to matter. */
static const struct client_row client_table[] = {
    {CLIENT_IDLE, CLIENT_EV_START, CLIENT_DIALING, client_dial},
    {CLIENT_IDLE, CLIENT_EV_FINISH, CLIENT_ENDED, client_end},
    {CLIENT_DIALING, CLIENT_EV_CONNECTED, CLIENT_HELLO, client_hello},
    {CLIENT_DIALING, CLIENT_EV_LOST, CLIENT_WAITING, client_unavailable},
    {CLIENT_DIALING, CLIENT_EV_TIME, CLIENT_WAITING, client_slow},
    {CLIENT_DIALING, CLIENT_EV_FINISH, CLIENT_ENDED, client_end},
    {CLIENT_HELLO, CLIENT_EV_OPENED, CLIENT_OPEN, client_opened},
    {CLIENT_HELLO, CLIENT_EV_LOST, CLIENT_WAITING, client_unavailable},
    {CLIENT_HELLO, CLIENT_EV_TIME, CLIENT_WAITING, client_slow},
    {CLIENT_HELLO, CLIENT_EV_FINISH, CLIENT_ENDED, client_end},
    {CLIENT_OPEN, CLIENT_EV_LOST, CLIENT_WAITING, client_lost},
    {CLIENT_OPEN, CLIENT_EV_FINISH, CLIENT_CLOSING, client_say_bye},
    {CLIENT_WAITING, CLIENT_EV_TIME, CLIENT_DIALING, client_dial},
    {CLIENT_WAITING, CLIENT_EV_FINISH, CLIENT_ENDED, client_end},
    {CLIENT_CLOSING, CLIENT_EV_FINISHED, CLIENT_ENDED, client_said_bye},
    {CLIENT_CLOSING, CLIENT_EV_LOST, CLIENT_ENDED, client_lost_at_end},
    {CLIENT_CLOSING, CLIENT_EV_TIME, CLIENT_ENDED, client_not_answered},
};

static void
client_handle(struct client *c, enum client_event event)
{
	for (size_t i = 0; i < sizeof(client_table) / sizeof(client_table[0]);
	     i++) {
		const struct client_row *row = &client_table[i];

		if (row->state != c->state || row->event != event)
			continue;
		log_debug("client: %s to %s", client_state_name(c->state),
		    client_state_name(row->next));
		c->state = row->next;
		row->action(c);
		if (c->ops->on_change != NULL)
			c->ops->on_change(c->arg);
		return;
	}
}

static const char *const client_state_names[] = {
    [CLIENT_IDLE] = "idle",
    [CLIENT_DIALING] = "dialing",
    [CLIENT_HELLO] = "hello",
    [CLIENT_OPEN] = "open",
    [CLIENT_WAITING] = "waiting",
    [CLIENT_CLOSING] = "closing",
    [CLIENT_ENDED] = "ended",
};

const char *
client_state_name(enum client_state state)
{
	return (unsigned)state <= CLIENT_ENDED ? client_state_names[state] :
	    "?";
}

/* --- events ----------------------------------------------------------- */

static void
client_on_time(void *arg)
{
	client_handle(arg, CLIENT_EV_TIME);
}

/* Closing the link is not for within its own callback. */
static void
client_on_end(void *arg)
{
	client_handle(arg, CLIENT_EV_FINISHED);
}

static void
client_on_event(void *arg, const struct vscard_event *ev)
{
	struct client *c = arg;

	switch (ev->type) {
	case VSCARD_EVENT_OPEN:
		client_handle(c, CLIENT_EV_OPENED);
		return;
	case VSCARD_EVENT_FINISHED:
		loop_defer(c->loop, &c->end_call);
		return;
	case VSCARD_EVENT_BYE:
		c->bye = true;
		log_info("%s ends the session: %s", c->text,
		    vscard_bye_name((enum vscard_bye)ev->code));
		return;
	case VSCARD_EVENT_ODDITY:
		log_debug("%s: %s", c->text,
		    vscard_oddity_name((enum vscard_oddity)ev->code));
		return;
	case VSCARD_EVENT_READER_READY:
		c->accepted = true;
		break;
	default:
		break;
	}
	if (c->linked)
		c->ops->on_event(c->arg, ev);
}

static void
client_on_lost(void *arg, int err)
{
	struct client *c = arg;

	c->err = err;
	client_handle(c, CLIENT_EV_LOST);
}

static const struct link_ops client_link_ops = {
    .on_event = client_on_event,
    .on_lost = client_on_lost,
};

/* --- life ------------------------------------------------------------- */

int
client_new(struct loop *loop, const struct endpoint *endpoint,
    const struct vscard_limits *limits, const struct client_ops *ops,
    void *arg, struct client **out_client)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->endpoint = endpoint;
	c->limits = limits;
	c->ops = ops;
	c->arg = arg;
	c->state = CLIENT_IDLE;
	c->listener.fd = -1;
	c->door.fd = -1;
	c->dial.fd = -1;
	c->timer.deadline = CLOCK_NEVER;
	c->timer.on_time = client_on_time;
	c->timer.arg = c;
	c->end_call.on_call = client_on_end;
	c->end_call.arg = c;
	c->over_call.on_call = client_on_over;
	c->over_call.arg = c;
	c->opened_at = CLOCK_NEVER;
	endpoint_text(endpoint, c->text, sizeof(c->text));
	link_init(&c->link, loop, &client_link_ops, c);
	ssh_init(&c->ssh, loop);
	backoff_init_random(&c->backoff);
	*out_client = c;
	return 0;
}

void
client_free(struct client **client)
{
	struct client *c = *client;

	if (c == NULL)
		return;
	client_drop(c);
	ssh_clear(&c->ssh);
	listener_close(&c->listener);
	free(c);
	*client = NULL;
}

int
client_listen(struct client *c)
{
	return listener_open(c->endpoint, false, &c->listener);
}

void
client_set_starter(struct client *c, struct starter *starter, size_t index)
{
	ssh_set_starter(&c->ssh, starter, index);
}

void
client_set_once(struct client *c)
{
	c->once = true;
}

enum client_result
client_result(const struct client *c)
{
	return c->result;
}

void
client_start(struct client *c)
{
	if (client_is_listening(c))
		log_info("waiting for a host at %s", c->text);
	client_handle(c, CLIENT_EV_START);
}

void
client_finish(struct client *c)
{
	client_handle(c, CLIENT_EV_FINISH);
}

void
client_reap(struct client *c)
{
	ssh_reap(&c->ssh);
}
