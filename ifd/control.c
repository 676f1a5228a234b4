/* SPDX-License-Identifier: BSD-2-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ifd/control_client.h"
#include "ifd/link_hold.h"
#include "ifd/luns.h"
#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/* --- one who has connected -------------------------------------------- */

static struct loop *
client_loop(const struct control_client *client)
{
	return hub_loop(client->control->hub);
}

static void
on_bury(void *arg)
{
	struct control_client *client = arg;

	buf_clear(&client->out);
	lock_clear(&client->lock);
	free(client);
}

static void
client_end(struct control_client *client)
{
	struct control_client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->clients_len--;
	control_unwatch(client);
	loop_unwatch(client_loop(client), &client->watch);
	loop_timer_cancel(client_loop(client), &client->timer);
	close(client->fd);
	client->fd = -1;
	/* Behind what an event's thread has deferred. */
	loop_defer(client_loop(client), &client->bury);
}

int
control_put(struct control_client *client, struct record_line *line)
{
	return record_end(line, &client->out);
}

static int
put_word(struct control_client *client, const char *word)
{
	struct record_line line;

	record_begin(&line, word);
	return control_put(client, &line);
}

void
control_error(struct control_client *client, int err, const char *text)
{
	struct record_line line;

	record_begin(&line, "error");
	record_number(&line, "code", (unsigned)abs(err));
	record_text(&line, "text", text);
	if (control_put(client, &line) < 0)
		log_debug("control: no room for an error");
}

/* -EAGAIN: the rest later. With the client locked. */
static int
client_flush(struct control_client *client)
{
	ssize_t n = 0;

	while (n >= 0 && buf_len(&client->out) > 0) {
		n = stream_send(
		    client->fd, buf_get(&client->out), buf_len(&client->out));
		if (n > 0)
			buf_drop(&client->out, (size_t)n);
	}
	return n < 0 ? (int)n : 0;
}

/* Sends; ends what has been answered in full, or has gone. */
static void
client_send(struct control_client *client)
{
	bool answered = client->answered;
	int rc;

	lock_take(&client->lock);
	rc = client_flush(client);
	lock_release(&client->lock);
	if (rc == -EAGAIN)
		rc = loop_rewatch(client_loop(client), &client->watch,
		    answered ? EPOLLOUT : EPOLLIN | EPOLLOUT);
	else if (rc == 0 && !answered)
		rc = loop_rewatch(
		    client_loop(client), &client->watch, EPOLLIN);
	else
		rc = -ECONNRESET;
	if (rc < 0)
		client_end(client);
}

static void
on_send(void *arg)
{
	struct control_client *client = arg;

	if (client->fd >= 0)
		client_send(client);
}

static void
on_time(void *arg)
{
	client_end(arg);
}

/* --- requests --------------------------------------------------------- */

static int
do_list(struct control_client *client, const struct record *request)
{
	(void)request;
	return control_list(client);
}

static int
hold_eject(struct slot *slot, const struct record *request)
{
	const char *force = record_get(request, "force");

	return link_eject(slot, force != NULL && strcmp(force, "yes") == 0);
}

static int
hold_insert(struct slot *slot, const struct record *request)
{
	(void)request;
	return link_insert(slot);
}

static const char *
hold_text(int rc)
{
	switch (rc) {
	case -ENODEV:
		return "the reader is detached";
	case -ENOMEDIUM:
		return "there is no card in the reader";
	default:
		return err_text(rc);
	}
}

static int
do_hold(struct control_client *client, const struct record *request,
    int (*hold)(struct slot *, const struct record *))
{
	uint64_t lun = record_get_number(request, "lun", UINT64_MAX);
	struct slot *slot = luns_take((unsigned long)lun);
	int rc;

	if (slot == NULL) {
		control_error(client, -ENOENT, "there is no such reader");
		return 0;
	}
	rc = hold(slot, request);
	luns_release(slot);
	if (rc == 0 || rc == -EBUSY)
		return put_word(client, rc == 0 ? "end" : "pending");
	control_error(client, rc, hold_text(rc));
	return 0;
}

static int
do_eject(struct control_client *client, const struct record *request)
{
	return do_hold(client, request, hold_eject);
}

static int
do_insert(struct control_client *client, const struct record *request)
{
	return do_hold(client, request, hold_insert);
}

static int
do_watch(struct control_client *client, const struct record *request)
{
	int rc = put_word(client, "watching");

	(void)request;
	return rc < 0 ? rc : control_watch(client);
}

/* Each puts its answer; an error: it has no room, and the client is ended. */
static const struct {
	const char *word;
	int (*act)(struct control_client *, const struct record *);
} requests[] = {
    {"list", do_list},
    {"eject", do_eject},
    {"insert", do_insert},
    {"watch", do_watch},
};

static int
request_act(struct control_client *client, char *text)
{
	struct record request;

	if (record_parse(text, &request) < 0) {
		control_error(client, -EINVAL, "this is no request");
		return 0;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (strcmp(request.word, requests[i].word) == 0)
			return requests[i].act(client, &request);
	control_error(client, -ENOTSUP, "this driver knows no such request");
	return 0;
}

/*
 * The client is not locked meanwhile: nobody else knows it before it watches,
 * and an ejection tells other watchers of itself.
 */
static void
client_answer(struct control_client *client, char *text)
{
	int rc = request_act(client, text);

	if (rc < 0) {
		log_warning("control: %s: no answer: %s", client->peer.name,
		    err_text(rc));
		client_end(client);
		return;
	}
	if (client->watch_state != NULL)
		loop_timer_cancel(client_loop(client), &client->timer);
	else
		client->answered = true;
	client_send(client);
}

/* A whole line, or nothing yet. */
static char *
request_line(struct control_client *client)
{
	char *end = memchr(client->request, '\n', client->request_len);

	if (end != NULL)
		*end = '\0';
	return end != NULL ? client->request : NULL;
}

static void
client_read(struct control_client *client)
{
	size_t room = sizeof(client->request) - client->request_len;
	char *text;
	ssize_t n;

	/* Whoever watches has nothing more to say, nor has a longer line. */
	if (client->watch_state != NULL || room == 0) {
		client_end(client);
		return;
	}
	n = stream_recv(
	    client->fd, client->request + client->request_len, room, false);
	if (n < 0 && n != -EAGAIN) {
		client_end(client);
		return;
	}
	client->request_len += n > 0 ? (size_t)n : 0;
	text = request_line(client);
	if (text != NULL)
		client_answer(client, text);
}

static void
on_ready(void *arg, uint32_t events)
{
	struct control_client *client = arg;

	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 &&
	    !client->answered)
		client_read(client);
	else
		client_send(client);
}

/* --- accepting -------------------------------------------------------- */

static int
put_hello(struct control_client *client)
{
	struct record_line line;

	record_begin(&line, "vscard");
	record_number(&line, "protocol", CONTROL_PROTOCOL);
	record_text(&line, "version", PACKAGE_VERSION);
	record_number(&line, "pid", (unsigned)getpid());
	return control_put(client, &line);
}

static void
put_refusal(struct control_client *client)
{
	char text[160];

	snprintf(text, sizeof(text),
	    "user %lu may not: root, the user of pcscd and members of the "
	    "group %s may",
	    (unsigned long)client->peer.uid, CONTROL_GROUP);
	control_error(client, -EACCES, text);
	client->answered = true;
	if (!client->control->told_refusal)
		log_warning("control: %s is not allowed (said once)",
		    client->peer.name);
	client->control->told_refusal = true;
}

static int
client_new(struct control *control, int fd, const struct peer *peer,
    struct control_client **out_client)
{
	struct control_client *client = calloc(1, sizeof(*client));
	int rc;

	if (client == NULL)
		return -ENOMEM;
	client->control = control;
	client->peer = *peer;
	client->fd = fd;
	client->watch.fd = -1;
	client->timer = (struct loop_timer){
	    .deadline = CLOCK_NEVER, .on_time = on_time, .arg = client};
	client->send = (struct loop_call){.on_call = on_send, .arg = client};
	client->bury = (struct loop_call){.on_call = on_bury, .arg = client};
	buf_init(&client->out, CONTROL_ANSWER_MAX);
	rc = lock_init(&client->lock, LOCK_CLIENT);
	if (rc == 0)
		rc = loop_watch(hub_loop(control->hub), &client->watch, fd,
		    EPOLLIN, on_ready, client);
	if (rc < 0) {
		free(client);
		return rc;
	}
	*out_client = client;
	return 0;
}

static void
control_admit(
    struct control *control, int fd, const struct peer *peer, bool allowed)
{
	struct control_client *client;
	int rc = -ENFILE;

	if (control->clients_len < CONTROL_CLIENTS_MAX)
		rc = client_new(control, fd, peer, &client);
	if (rc < 0) {
		close(fd);
		return;
	}
	client->next = control->clients;
	control->clients = client;
	control->clients_len++;
	loop_timer_set(client_loop(client), &client->timer,
	    clock_after(CONTROL_DEADLINE_MS));
	if (!allowed)
		put_refusal(client);
	else if (put_hello(client) < 0)
		client->answered = true;
	client_send(client);
}

static void
control_rest(struct control *control)
{
	/* If it is watched still, it just comes here again. */
	if (loop_rewatch(hub_loop(control->hub), &control->accepting, 0) < 0)
		log_debug("control: no rest");
	loop_timer_set(hub_loop(control->hub), &control->pause,
	    clock_after(DOOR_PAUSE_MS));
}

static void
on_pause(void *arg)
{
	struct control *control = arg;

	if (loop_rewatch(
		hub_loop(control->hub), &control->accepting, EPOLLIN) < 0)
		control_rest(control);
}

/* One a round, as for peers. */
static void
on_accept(void *arg, uint32_t events)
{
	struct control *control = arg;
	struct peer peer;
	bool allowed;
	int fd, rc;

	(void)events;
	rc = control_accept(
	    &control->listener, &control->allow, &fd, &peer, &allowed);
	if (rc == 0) {
		stream_set_aside(&fd);
		control_admit(control, fd, &peer, allowed);
	} else if (rc != -EAGAIN && rc != -ECONNABORTED) {
		control_rest(control);
	}
}

/* --- life ------------------------------------------------------------- */

static int
control_start(void *arg)
{
	struct control *control = arg;

	return loop_watch(hub_loop(control->hub), &control->accepting,
	    control->listener.fd, EPOLLIN, on_accept, control);
}

static int
control_stop(void *arg)
{
	struct control *control = arg;

	loop_unwatch(hub_loop(control->hub), &control->accepting);
	loop_timer_cancel(hub_loop(control->hub), &control->pause);
	while (control->clients != NULL)
		client_end(control->clients);
	return 0;
}

static int
control_settle(void *arg)
{
	(void)arg;
	return 0;
}

static int
control_open(struct control *control)
{
	const char *path = control_path();
	int rc = control_listen(path, &control->listener);

	if (rc < 0) {
		log_warning("control: cannot listen at %s: %s; vscard-ctl "
			    "will not find this driver",
		    path, err_text(rc));
		return rc;
	}
	rc = hub_call(control->hub, control_start, control);
	if (rc < 0)
		listener_close(&control->listener);
	return rc;
}

struct control *
control_new(struct hub *hub)
{
	struct control *control;

	if (control_path() == NULL)
		return NULL;
	control = calloc(1, sizeof(*control));
	if (control == NULL)
		return NULL;
	control->hub = hub;
	control_allow(&control->allow);
	control->accepting.fd = -1;
	control->pause = (struct loop_timer){
	    .deadline = CLOCK_NEVER, .on_time = on_pause, .arg = control};
	if (control_open(control) == 0)
		return control;
	free(control);
	return NULL;
}

void
control_free(struct control **control)
{
	if (*control == NULL)
		return;
	hub_call((*control)->hub, control_stop, *control);
	/* The burials that it deferred come before this. */
	hub_call((*control)->hub, control_settle, NULL);
	listener_close(&(*control)->listener);
	free(*control);
	*control = NULL;
}

/* --- readers ---------------------------------------------------------- */

struct enlisting {
	struct control *control;
	struct control_reader *entry;
	const struct reader *reader;
};

static int
do_enlist(void *arg)
{
	struct enlisting *e = arg;
	struct control_reader **at = &e->control->readers;

	while (*at != NULL)
		at = &(*at)->next;
	e->entry->id = e->control->readers_made++;
	*at = e->entry;
	return 0;
}

static int
do_delist(void *arg)
{
	struct enlisting *e = arg;
	struct control_reader **at = &e->control->readers;

	while (*at != NULL && (*at)->reader != e->reader)
		at = &(*at)->next;
	e->entry = *at;
	if (*at != NULL)
		*at = (*at)->next;
	return 0;
}

void
control_add(struct control *control, struct reader *reader)
{
	struct enlisting e = {.control = control};

	if (control == NULL)
		return;
	e.entry = calloc(1, sizeof(*e.entry));
	if (e.entry == NULL)
		return;
	e.entry->reader = reader;
	hub_call(control->hub, do_enlist, &e);
}

void
control_remove(struct control *control, struct reader *reader)
{
	struct enlisting e = {.control = control, .reader = reader};

	if (control == NULL)
		return;
	hub_call(control->hub, do_delist, &e);
	free(e.entry);
}
