/* SPDX-License-Identifier: BSD-2-Clause */
/* Is there a pcscd, and may we talk to it? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/checks.h"

/* Where a daemon is looked for beside PATH, which users' often lacks. */
static const char daemon_dirs[] = "/usr/sbin:/sbin:/usr/local/sbin";

static bool
dirs_have(const char *dirs, const char *name)
{
	char path[PCSCD_PATH_MAX];
	size_t len;

	while (dirs != NULL && *dirs != '\0') {
		len = strcspn(dirs, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)len, dirs, name);
		if (access(path, X_OK) == 0)
			return true;
		dirs += len + (dirs[len] == ':');
	}
	return false;
}

void
check_pcscd_missing(struct doctor *d)
{
	if (doctor_has_pcscd(d) || d->pcscd.error == -EACCES ||
	    dirs_have(getenv("PATH"), "pcscd") ||
	    dirs_have(daemon_dirs, "pcscd"))
		return;
	doctor_find(d, "pcscd is not installed: without it there are no "
		       "readers at all");
	doctor_mend(d, "sudo apt install pcscd");
}

void
check_pcscd_not_running(struct doctor *d)
{
	if (d->pcscd.error != -ENOENT && d->pcscd.error != -ECONNREFUSED)
		return;
	doctor_find(
	    d, "pcscd does not run: nobody answers at %s", d->pcscd.socket);
	if (getenv("PCSCLITE_CSOCK_NAME") != NULL)
		doctor_mend(d, "unset PCSCLITE_CSOCK_NAME");
	doctor_mend_restart(d);
}

void
check_pcscd_no_access(struct doctor *d)
{
	if (d->pcscd.error != -EACCES && d->pcscd.error != -EPERM)
		return;
	doctor_find(d, "user %lu may not connect to pcscd's socket %s",
	    (unsigned long)geteuid(), d->pcscd.socket);
	doctor_mend(d, "sudo chmod 755 %.*s && sudo chmod 666 %s",
	    (int)(strrchr(d->pcscd.socket, '/') - d->pcscd.socket),
	    d->pcscd.socket, d->pcscd.socket);
}

static const char polkit_rule[] =
    "printf 'polkit.addRule(function(a, s) { if (a.id.indexOf("
    "\"org.debian.pcsc-lite.\") == 0 && s.isInGroup(\"vscard\")) return "
    "polkit.Result.YES; });\\n' | sudo tee "
    "/etc/polkit-1/rules.d/50-vscard.rules";

void
check_pcscd_denied(struct doctor *d)
{
	if (d->pcsc.answer != PCSC_DENIED)
		return;
	doctor_find(d,
	    "pcscd does not let user %lu in: polkit allows it to who sits at "
	    "this machine's own screen, and not over ssh",
	    (unsigned long)geteuid());
	doctor_mend(d, "%s", polkit_rule);
}

void
check_pcscd_silent(struct doctor *d)
{
	if (d->pcsc.answer == PCSC_SILENT)
		doctor_find(d, "pcscd does not answer within 5 s: a card or "
			       "a reader keeps it waiting");
	else if (d->pcsc.answer == PCSC_FAILED)
		doctor_find(d, "pcscd takes connections, but does not speak "
			       "PC/SC with this libpcsclite");
	else
		return;
	doctor_mend_restart(d);
}

void
check_pcscd_auto_exit(struct doctor *d)
{
	static const char drop_in[] = "/etc/systemd/system/pcscd.service.d";

	if (!d->pcscd.auto_exit)
		return;
	doctor_find(d,
	    "pcscd (process %ld) was started with --auto-exit: it leaves a "
	    "minute after the last application, and then nobody listens",
	    (long)d->pcscd.pid);
	if (access("/run/systemd/system", F_OK) != 0) {
		doctor_mend(d, "sudo kill %ld; sudo pcscd", (long)d->pcscd.pid);
		return;
	}
	doctor_mend(d, "sudo mkdir -p %s", drop_in);
	doctor_mend(d,
	    "printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/pcscd "
	    "--foreground\\n' | sudo tee %s/stay.conf",
	    drop_in);
	doctor_mend(d, "sudo systemctl daemon-reload");
	doctor_mend_restart(d);
}
