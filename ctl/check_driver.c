/* SPDX-License-Identifier: BSD-2-Clause */
/* Does pcscd know of the driver, and can it load it? */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/checks.h"
#include "ctl/trial.h"
#include "ifd/config.h"

enum { DLOPEN_MS = 10000, WHY_MAX = 512 };

static const char example[] =
    "printf 'FRIENDLYNAME \"vscard\"\\nDEVICENAME tcp:127.0.0.1:2001\\n"
    "LIBPATH " IFDDIR "/libifdvscard.so\\n' | sudo tee ";

static bool
is_dir(const char *path)
{
	return access(path, F_OK) == 0 && strstr(path, ".d") != NULL;
}

void
check_not_configured(struct doctor *d)
{
	const char *conf = d->pcscd.config;
	size_t i = 0;

	if (doctor_entry(d, &i) != NULL || doctor_has_driver(d))
		return;
	if (d->conf_error == -EACCES) {
		doctor_hint(d, "%s cannot be read: run this as root", conf);
		return;
	}
	doctor_find(d,
	    "no entry in %s names the driver: pcscd does not know that there "
	    "is one",
	    conf);
	doctor_mend(d, "%s%s%s", example, conf, is_dir(conf) ? "/vscard" : "");
	doctor_mend_restart(d);
}

void
check_driver_missing(struct doctor *d)
{
	const struct readerconf_entry *entry;
	size_t i = 0;

	while ((entry = doctor_entry(d, &i)) != NULL) {
		if (access(entry->path, F_OK) == 0)
			continue;
		doctor_find(d, "%s: LIBPATH %s: there is no such file",
		    entry->file, entry->path);
		doctor_mend(d,
		    "sudo sed -i 's|%s|" IFDDIR "/libifdvscard.so|' %s",
		    entry->path, entry->file);
		doctor_mend_restart(d);
	}
}

/* As pcscd does it; its own functions are weak in the driver. */
static void
load(int out, void *arg)
{
	const char *why;

	if (dlopen(arg, RTLD_NOW | RTLD_LOCAL) != NULL)
		return;
	why = dlerror();
	if (why == NULL)
		why = "?";
	if (write(out, why, strlen(why)) < 0)
		_exit(EXIT_FAILURE);
}

void
check_driver_unloadable(struct doctor *d)
{
	const struct readerconf_entry *entry;
	char why[WHY_MAX];
	ssize_t n;

	for (size_t i = 0; (entry = doctor_entry(d, &i)) != NULL;) {
		/* Which is another finding. */
		if (access(entry->path, F_OK) != 0)
			continue;
		n = trial_run(load, (void *)(uintptr_t)entry->path, why,
		    sizeof(why) - 1, DLOPEN_MS);
		if (n == 0)
			continue;
		if (n < 0)
			n = snprintf(why, sizeof(why), "%s", err_text((int)n));
		why[n] = '\0';
		doctor_find(d, "%s: the driver %s cannot be loaded: %s",
		    entry->file, entry->path, why);
		doctor_mend(d, "ldd %s", entry->path);
		doctor_mend(d, "sudo apt install --reinstall libifd-vscard");
		doctor_mend_restart(d);
	}
}

void
check_config_wrong(struct doctor *d)
{
	const struct readerconf_entry *entry;
	struct config_why why;
	struct config *config = malloc(sizeof(*config));
	size_t i = 0;
	int rc;

	while (config != NULL && (entry = doctor_entry(d, &i)) != NULL) {
		rc = config_get(entry->device, config, &why);
		if (rc == -EACCES)
			doctor_hint(
			    d, "%s: run this as root to check it", why.text);
		if (rc >= 0 || rc == -EACCES)
			continue;
		doctor_find(d, "%s", why.text);
		doctor_mend(d, "sudoedit %s",
		    entry->device[0] == '/' ? entry->device : entry->file);
		doctor_mend_restart(d);
	}
	free(config);
}

void
check_config_not_read(struct doctor *d)
{
	if (d->pcscd.started == 0 || d->conf.changed <= d->pcscd.started)
		return;
	doctor_find(d,
	    "%s has changed since pcscd was started, and pcscd reads it only "
	    "then",
	    d->pcscd.config);
	doctor_mend_restart(d);
}

void
check_driver_not_loaded(struct doctor *d)
{
	size_t i = 0;

	if (!doctor_has_pcscd(d) || doctor_has_driver(d) ||
	    doctor_entry(d, &i) == NULL)
		return;
	doctor_find(d,
	    "pcscd has not loaded the driver, or the driver has no reader: "
	    "%s",
	    d->ask.why);
	if (access("/run/systemd/system", F_OK) == 0)
		doctor_mend(d, "journalctl -b -u pcscd | grep vscard");
	doctor_mend_restart(d);
}

void
check_control_no_access(struct doctor *d)
{
	const char *user = getenv("USER");

	if (d->state_error != -EACCES)
		return;
	doctor_find(d, "the driver does not answer: %s", d->ask.why);
	doctor_mend(d, "sudo adduser %s vscard", user != NULL ? user : "$USER");
	doctor_mend(d, "newgrp vscard");
}

void
check_readers_missing(struct doctor *d)
{
	size_t closed = 0;

	for (size_t i = 0; i < d->state.readers_len; i++)
		closed += !d->state.readers[i].has_lun;
	if (closed == 0)
		return;
	doctor_find(d,
	    "pcscd has not opened %zu of %zu readers: before version 2.5 it "
	    "has room for 16 in all",
	    closed, d->state.readers_len);
	doctor_mend(d, "sudoedit %s", d->state.endpoints[0].device);
}
