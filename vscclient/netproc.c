/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "vscclient/netproc.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "trace/file.h"
#include "util/clock.h"
#include "util/log.h"
#include "vscclient/cardhost.h"
#include "vscclient/client.h"
#include "vscclient/commands.h"
#include "vscclient/programs.h"
#include "vscclient/prompt.h"
#include "vscclient/relay.h"
#include "vscclient/report.h"
#include "vscclient/sandbox.h"
#include "vscclient/signals.h"

/*
 * The host is called when all cards could be opened, so that a wrong SPEC is
 * the only thing that is said; but a slow card keeps the others waiting only
 * for so long.
 */
enum { NETPROC_CARDS_MS = 10000 };

/* It failed, and the log has it already. */
enum { NETPROC_SAID = -ECANCELED };

struct netproc {
	struct loop *loop;
	struct signals signals;
	struct loop_timer cards_timer;
	struct client *client;
	struct relay relay;
	struct trace_file *trace;
	struct report report;
	struct commands commands;
	struct prompt_setup prompt_setup;
	struct prompt prompt;
	bool prompt_waits; /* until no card process asks at the terminal */
	struct cardhost cards[OPTIONS_CARDS_MAX];
	struct cardhost_setup setups[OPTIONS_CARDS_MAX];
	size_t card_count;
	size_t running; /* card processes not yet over for good */
	struct vscard_limits limits;
	struct programs programs;
	struct starter starter;
	char program[PATH_MAX];
	enum status status;
	bool stopping;
};

/* --- the end ---------------------------------------------------------- */

/* First the host is told, then the card processes end. */
static void
netproc_stop(struct netproc *p, enum status status)
{
	if (p->stopping)
		return;
	p->stopping = true;
	p->status = status;
	report_stopping(&p->report);
	loop_timer_cancel(p->loop, &p->cards_timer);
	prompt_end(&p->prompt);
	client_finish(p->client);
}

static enum status
netproc_once_status(const struct netproc *p)
{
	static const enum status statuses[] = {
	    [CLIENT_RESULT_NONE] = STATUS_OK,
	    [CLIENT_RESULT_NO_HOST] = STATUS_NO_HOST,
	    [CLIENT_RESULT_LOST] = STATUS_LOST,
	    [CLIENT_RESULT_BYE] = STATUS_OK,
	};

	return statuses[client_result(p->client)];
}

static void
netproc_on_ended(void *arg)
{
	struct netproc *p = arg;

	netproc_stop(p, netproc_once_status(p));
	for (size_t i = 0; i < p->card_count; i++)
		cardhost_stop(&p->cards[i]);
}

static void
netproc_on_card_stopped(void *arg, struct cardhost *h)
{
	struct netproc *p = arg;

	(void)h;
	if (--p->running == 0)
		loop_stop(p->loop);
}

/* Nothing that has ended could be started again without the starter. */
static void
netproc_on_child(struct netproc *p)
{
	if (starter_reap(&p->starter)) {
		log_error("the process that starts others has ended");
		netproc_stop(p, STATUS_FAILED);
	}
	for (size_t i = 0; i < p->card_count; i++)
		cardhost_reap(&p->cards[i]);
	client_reap(p->client);
}

static void
netproc_on_signal(void *arg, int signo)
{
	struct netproc *p = arg;

	if (signo == SIGCHLD) {
		netproc_on_child(p);
		return;
	}
	if (!p->stopping) {
		log_debug("signal %d", signo);
		netproc_stop(p, STATUS_OK);
		return;
	}
	log_warning("a second signal; not waiting any longer");
	p->status = STATUS_FAILED;
	loop_stop(p->loop);
}

/* --- cards ------------------------------------------------------------ */

static void
netproc_call_host(void *arg)
{
	struct netproc *p = arg;

	loop_timer_cancel(p->loop, &p->cards_timer);
	if (!p->stopping)
		client_start(p->client);
}

static void
netproc_on_cards_late(void *arg)
{
	struct netproc *p = arg;

	for (size_t i = 0; i < p->card_count; i++)
		if (!cardhost_is_ready(&p->cards[i]))
			log_warning("card process of '%s' is not ready after"
			    " %d s; going on without it", p->cards[i].spec,
			    NETPROC_CARDS_MS / 1000);
	netproc_call_host(p);
}

/* Nobody else reads from the terminal now. */
static void
netproc_start_prompt(struct netproc *p)
{
	int rc;

	if (!p->prompt_waits)
		return;
	p->prompt_waits = false;
	rc = p->stopping ? 0 : prompt_start(&p->prompt);
	if (rc < 0)
		log_error("no prompt: %s", err_text(rc));
}

static void
netproc_on_card_ready(void *arg, struct cardhost *h)
{
	struct netproc *p = arg;

	(void)h;
	for (size_t i = 0; i < p->card_count; i++)
		if (!cardhost_is_ready(&p->cards[i]))
			return;
	netproc_start_prompt(p);
	netproc_call_host(p);
}

static void
netproc_on_card_event(void *arg, struct cardhost *h,
    const struct vscard_event *ev)
{
	struct netproc *p = arg;

	relay_card_event(&p->relay, &h->link, ev);
	p->report.apdus += ev->type == VSCARD_EVENT_APDU;
	report_touch(&p->report);
}

static void
netproc_on_card_lost(void *arg, struct cardhost *h)
{
	struct netproc *p = arg;

	relay_card_lost(&p->relay, &h->link);
	report_touch(&p->report);
}

static void
netproc_on_card_bad(void *arg, struct cardhost *h)
{
	struct netproc *p = arg;

	log_debug("'%s' cannot be opened", h->spec);
	netproc_stop(p, STATUS_CARD);
}

static const struct cardhost_ops netproc_card_ops = {
    .on_ready = netproc_on_card_ready,
    .on_event = netproc_on_card_event,
    .on_lost = netproc_on_card_lost,
    .on_bad = netproc_on_card_bad,
    .on_stopped = netproc_on_card_stopped,
};

/* --- the host --------------------------------------------------------- */

static void
netproc_on_link(void *arg)
{
	struct netproc *p = arg;

	relay_net_open(&p->relay, &p->client->link);
	for (size_t i = 0; i < p->card_count; i++)
		relay_net_show(&p->relay, &p->cards[i].link);
	link_kick(&p->client->link);
}

static void
netproc_on_event(void *arg, const struct vscard_event *ev)
{
	struct netproc *p = arg;

	relay_net_event(&p->relay, ev);
	report_touch(&p->report);
}

static void
netproc_on_unlink(void *arg)
{
	struct netproc *p = arg;

	relay_net_lost(&p->relay);
}

static void
netproc_on_change(void *arg)
{
	struct netproc *p = arg;

	report_touch(&p->report);
}

static const struct client_ops netproc_client_ops = {
    .on_link = netproc_on_link,
    .on_event = netproc_on_event,
    .on_unlink = netproc_on_unlink,
    .on_ended = netproc_on_ended,
    .on_change = netproc_on_change,
};

/* --- the user --------------------------------------------------------- */

static void
netproc_on_line(void *arg, char *line)
{
	struct netproc *p = arg;

	commands_run(&p->commands, line);
	report_touch(&p->report);
}

static void
netproc_on_exit(void *arg)
{
	netproc_stop(arg, STATUS_OK);
}

/* A key file may have a passphrase, which is asked for at the terminal. */
static bool
netproc_is_asked(const struct options *o)
{
	for (size_t i = 0; i < o->card_count; i++) {
		const struct cardspec *spec = &o->cards[i].spec;

		if (spec->kind == CARDSPEC_KEY && spec->key.file != NULL &&
		    spec->key.passphrase_file == NULL)
			return true;
	}
	return false;
}

static bool
netproc_has_prompt(const struct options *o)
{
	return o->prompt == OPTIONS_PROMPT_ON ||
	    (o->prompt == OPTIONS_PROMPT_AUTO && prompt_is_wanted());
}

static int
netproc_init_prompt(struct netproc *p, const struct options *o)
{
	if (!netproc_has_prompt(o))
		return 0;
	p->commands.relay = &p->relay;
	p->commands.out = stdout;
	p->commands.on_exit = netproc_on_exit;
	p->commands.arg = p;
	p->commands.debug = o->volume == OPTIONS_DEBUG;
	p->commands.quiet = LOG_LEVEL_INFO;
	p->prompt_setup.terminal = prompt_is_wanted();
	p->prompt_setup.words = commands_words();
	p->prompt_setup.on_line = netproc_on_line;
	p->prompt_setup.arg = p;
	p->prompt_waits = netproc_is_asked(o);
	return prompt_init(&p->prompt, p->loop, &p->prompt_setup);
}

/* --- life ------------------------------------------------------------- */

/* The card process is this very program, wherever it was started from. */
static void
netproc_find_program(struct netproc *p)
{
	static const char self[] = "/proc/self/exe";
	ssize_t n = readlink(self, p->program, sizeof(p->program) - 1);

	p->program[n > 0 ? n : 0] = '\0';
	if (n <= 0 || access(p->program, X_OK) < 0)
		strcpy(p->program, self); /* replaced since it started */
}

static int
netproc_set_limits(struct netproc *p)
{
	vscard_limits_init(&p->limits);
	p->limits.max_readers = RELAY_READERS_MAX;
	if (getrandom(p->limits.instance, sizeof(p->limits.instance), 0) !=
	    sizeof(p->limits.instance))
		return -EIO;
	return 0;
}

static void
netproc_add_card(struct netproc *p, const struct options *o)
{
	struct cardhost_setup *setup = &p->setups[p->card_count];

	setup->spec = o->cards[p->card_count].text;
	setup->starter = &p->starter;
	setup->index = p->card_count;
	setup->limits = &p->limits;
	cardhost_init(&p->cards[p->card_count], p->loop, setup,
	    &netproc_card_ops, p);
	p->card_count++;
}

/* Now, so that hosts find the door while cards are being opened. */
static int
netproc_listen(struct netproc *p)
{
	int rc;

	rc = client_listen(p->client);
	if (rc == 0)
		return 0;
	log_error("cannot listen at %s: %s", p->client->text, err_text(rc));
	return NETPROC_SAID;
}

/* Now, while files may be opened. */
static int
netproc_trace(struct netproc *p, const struct options *o)
{
	const struct trace_file_setup setup = {
	    .path = o->trace,
	    .program = "vscclient " PACKAGE_VERSION,
	    .source = &p->relay,
	    .secrets = o->trace_secrets,
	};
	const char *why;

	if (o->trace == NULL)
		return 0;
	if (trace_file_new(&setup, &p->trace, &why) < 0) {
		log_error("--trace %s: %s", o->trace, why);
		return NETPROC_SAID;
	}
	p->relay.trace = p->trace;
	return 0;
}

static int
netproc_init(struct netproc *p, const struct options *o)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0};
	int rc;

	netproc_find_program(p);
	rc = programs_init(&p->programs, p->program, o);
	if (rc == 0)
		rc = starter_init(&p->starter, p->programs.list, PROGRAMS_MAX);
	if (rc == 0)
		rc = loop_new(&p->loop);
	if (rc < 0)
		return rc;
	p->cards_timer.deadline = CLOCK_NEVER;
	p->cards_timer.on_time = netproc_on_cards_late;
	p->cards_timer.arg = p;
	rc = netproc_set_limits(p);
	if (rc < 0)
		return rc;
	relay_init(&p->relay, p->loop);
	rc = netproc_trace(p, o);
	if (rc < 0)
		return rc;
	rc = client_new(p->loop, &o->endpoint, &p->limits,
	    &netproc_client_ops, p, &p->client);
	if (rc < 0)
		return rc;
	client_set_starter(p->client, &p->starter, PROGRAMS_SSH);
	/* Where a line is being typed there is no place for another. */
	report_init(&p->report, p->loop, o->ready_fd,
	    o->volume >= OPTIONS_INFO && !netproc_has_prompt(o));
	report_watch(&p->report, p->client, &p->relay);
	p->relay.trace_place = p->client->text;
	if (o->once)
		client_set_once(p->client);
	rc = o->listen ? netproc_listen(p) : 0;
	if (rc < 0)
		return rc;
	while (p->card_count < o->card_count)
		netproc_add_card(p, o);
	rc = signals_init(&p->signals, p->loop, signals, netproc_on_signal, p);
	return rc < 0 ? rc : netproc_init_prompt(p, o);
}

/* Only now, because the door has to be there, and what starts cards. */
static int
netproc_enter_sandbox(const struct options *o)
{
	char dir[ENDPOINT_PATH_MAX + 1];
	bool file = o->listen && o->endpoint.kind == ENDPOINT_UNIX;
	char *slash;
	int rc;

	snprintf(dir, sizeof(dir), "%s", o->endpoint.path);
	slash = strrchr(dir, '/');
	if (slash != NULL)
		slash[slash == dir] = '\0'; /* "/" stays */
	rc = sandbox_enter(SANDBOX_NETWORK, file ? dir : NULL);
	if (rc == 0)
		return 0;
	log_error("rights cannot be given up: %s; see --no-sandbox",
	    err_text(rc));
	return NETPROC_SAID;
}

static int
netproc_start_cards(struct netproc *p)
{
	int rc;

	loop_timer_set(p->loop, &p->cards_timer,
	    clock_after(NETPROC_CARDS_MS));
	p->running = p->card_count;
	for (size_t i = 0; i < p->card_count; i++) {
		rc = cardhost_start(&p->cards[i]);
		if (rc < 0) {
			log_error("card process of '%s' cannot be started:"
			    " %s", p->cards[i].spec, err_text(rc));
			return NETPROC_SAID;
		}
	}
	return 0;
}

static void
netproc_clear(struct netproc *p)
{
	if (p->loop != NULL) {
		prompt_clear(&p->prompt);
		report_clear(&p->report);
		client_free(&p->client);
		for (size_t i = 0; i < p->card_count; i++)
			link_close(&p->cards[i].link);
		signals_clear(&p->signals);
		loop_free(&p->loop);
	}
	trace_file_free(&p->trace);
	starter_clear(&p->starter);
	programs_clear(&p->programs);
}

enum status
netproc_run(const struct options *o)
{
	struct netproc *p = calloc(1, sizeof(*p));
	enum status status;
	int rc;

	if (p == NULL) {
		log_error("no memory");
		return STATUS_FAILED;
	}
	p->signals.fd = p->starter.fd = -1;
	rc = netproc_init(p, o);
	if (rc == 0 && o->sandbox)
		rc = netproc_enter_sandbox(o);
	if (rc == 0)
		rc = netproc_start_cards(p);
	if (rc == 0 && !p->prompt_waits)
		rc = prompt_start(&p->prompt);
	if (rc == 0)
		rc = loop_run(p->loop);
	if (rc < 0 && rc != NETPROC_SAID)
		log_error("%s", err_text(rc));
	status = rc < 0 ? STATUS_FAILED : p->status;
	netproc_clear(p);
	free(p);
	return status;
}
