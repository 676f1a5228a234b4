/* SPDX-License-Identifier: BSD-2-Clause */
/* Does the driver listen where it was told to? */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/checks.h"
#include "ctl/procs.h"
#include "ifd/config.h"
#include "net/control.h"

/* Of the driver in pcscd, whichever entry made it. */
static bool
is_listening(const struct doctor *d, const char *device)
{
	for (size_t i = 0; i < d->state.endpoints_len; i++)
		if (strcmp(d->state.endpoints[i].device, device) == 0)
			return true;
	return false;
}

/* False: nobody. *out_pid is 0 if it cannot be told who. */
static bool
listener_get(const struct endpoint *ep, pid_t *out_pid)
{
	struct peer peer;
	bool found;
	int fd, rc;

	*out_pid = 0;
	if (ep->kind != ENDPOINT_UNIX)
		return procs_listener(ep->port, out_pid);
	rc = control_dial(ep->path, &fd);
	if (rc < 0)
		return rc == -EACCES;
	found = control_owner(fd, &peer) == 0;
	*out_pid = found ? peer.pid : 0;
	close(fd);
	return found;
}

typedef void
entry_fn(struct doctor *, const struct endpoint *, bool taken, pid_t who);

/* Each entry that should listen and does not. */
static void
entries_each(struct doctor *d, entry_fn *look)
{
	struct config *config = malloc(sizeof(*config));
	const struct readerconf_entry *entry;
	struct config_why why;
	size_t i = 0;
	pid_t who;
	bool taken;

	/* The driver is there, but does not tell us where. */
	if (d->state_error == -EACCES) {
		free(config);
		return;
	}
	while (config != NULL && (entry = doctor_entry(d, &i)) != NULL) {
		if (config_get(entry->device, config, &why) < 0 ||
		    config->way != CONFIG_LISTEN ||
		    is_listening(d, entry->device))
			continue;
		taken = listener_get(&config->endpoint, &who);
		look(d, &config->endpoint, taken, who);
	}
	free(config);
}

static void
look_in_use(struct doctor *d, const struct endpoint *ep, bool taken, pid_t who)
{
	char name[PROCS_NAME_MAX], text[ENDPOINT_TEXT_MAX];

	if (!taken || (who != 0 && who == d->pcscd.pid))
		return;
	endpoint_text(ep, text, sizeof(text));
	if (who == 0) {
		doctor_find(d, "%s is in use by another program", text);
		doctor_mend(d, "sudo ss -lptn sport = :%u", ep->port);
	} else {
		doctor_find(d, "%s is in use by %s (process %ld)", text,
		    procs_name(who, name), (long)who);
		doctor_mend(d, "sudo kill %ld", (long)who);
	}
	doctor_mend_restart(d);
}

void
check_port_in_use(struct doctor *d)
{
	entries_each(d, look_in_use);
}

static void
look_not_listening(
    struct doctor *d, const struct endpoint *ep, bool taken, pid_t who)
{
	char text[ENDPOINT_TEXT_MAX];

	(void)who;
	if (taken)
		return;
	doctor_find(d, "nobody listens at %s, so nobody can bring a card",
	    endpoint_text(ep, text, sizeof(text)));
	doctor_mend_restart(d);
}

void
check_not_listening(struct doctor *d)
{
	entries_each(d, look_not_listening);
}

void
check_no_peer(struct doctor *d)
{
	const struct state_endpoint *e;

	for (size_t i = 0; i < d->state.endpoints_len; i++) {
		e = &d->state.endpoints[i];
		if (e->peers > 0)
			continue;
		doctor_hint(d,
		    "nobody is connected to %s: its readers are unavailable "
		    "until somebody is",
		    e->at);
		doctor_mend(d, "vscclient --connect %s", e->at);
	}
}
