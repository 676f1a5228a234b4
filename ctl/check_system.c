/* SPDX-License-Identifier: BSD-2-Clause */
/* What else on a machine gets in the way. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/checks.h"
#include "ctl/procs.h"

enum { LOG_TAIL = 1 << 20, LOG_LINE_MAX = 400 };

/* GnuPG's daemon takes a card for itself, and does not give it back. */
void
check_card_held(struct doctor *d)
{
	pid_t scdaemon;

	if (d->pcsc.held[0] == '\0')
		return;
	scdaemon = procs_find("scdaemon");
	if (scdaemon == 0) {
		doctor_find(d,
		    "a program uses '%s' exclusively: all others are shut out",
		    d->pcsc.held);
		doctor_mend(d,
		    "vscard-ctl eject '%s' && vscard-ctl insert "
		    "'%s'",
		    d->pcsc.held, d->pcsc.held);
		return;
	}
	doctor_find(d,
	    "'%s' is used exclusively, most likely by GnuPG's scdaemon "
	    "(process %ld): all others are shut out",
	    d->pcsc.held, (long)scdaemon);
	doctor_mend(d, "gpgconf --kill scdaemon");
	doctor_mend(d, "echo pcsc-shared >>~/.gnupg/scdaemon.conf");
}

void
check_readers_hidden(struct doctor *d)
{
	const char *hidden = getenv("PCSCLITE_FILTER_IGNORE_READER_NAMES");
	char parts[256], *next = parts, *part;

	if (hidden == NULL)
		return;
	snprintf(parts, sizeof(parts), "%s", hidden);
	while ((part = strsep(&next, ":")) != NULL)
		for (size_t i = 0; i < d->state.readers_len; i++) {
			if (*part == '\0' || d->state.readers[i].name == NULL ||
			    strstr(d->state.readers[i].name, part) == NULL)
				continue;
			doctor_find(d,
			    "PCSCLITE_FILTER_IGNORE_READER_NAMES hides '%s'",
			    d->state.readers[i].name);
			doctor_mend(
			    d, "unset PCSCLITE_FILTER_IGNORE_READER_NAMES");
			return;
		}
}

/* --- real readers ----------------------------------------------------- */

/* USB's class of smart card readers, of any interface. */
static bool
has_usb_reader(void)
{
	static const char root[] = "/sys/bus/usb/devices";
	DIR *dir = opendir(root);
	char path[512], text[4];
	bool found = false;
	struct dirent *d;
	FILE *file;

	while (dir != NULL && !found && (d = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%.255s/bInterfaceClass", root,
		    d->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		found = fgets(text, sizeof(text), file) != NULL &&
			strncmp(text, "0b", 2) == 0;
		fclose(file);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

void
check_libccid_missing(struct doctor *d)
{
	if (access(USBDROPDIR "/ifd-ccid.bundle", F_OK) == 0)
		return;
	if (has_usb_reader())
		doctor_find(d, "a card reader is plugged in, but pcscd has no "
			       "driver for it: libccid is missing");
	else
		doctor_hint(d, "libccid is missing: real readers on USB would "
			       "not work here; virtual ones do");
	doctor_mend(d, "sudo apt install libccid");
}

/* --- denials ---------------------------------------------------------- */

static const char *const logs[] = {"/var/log/audit/audit.log",
    "/var/log/kern.log", "/var/log/syslog", "/var/log/messages"};

/* The last line of the text with all of the words; "" if there is none. */
static void
line_find(char *text, const char *word, const char *about, char *out)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		if (strstr(line, word) != NULL && strstr(line, about) != NULL)
			snprintf(out, LOG_LINE_MAX, "%s", line);
}

/* Of a log that may be large only the end. */
static void
log_find(const char *path, const char *word, const char *about, char *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = malloc(LOG_TAIL + 1);
	ssize_t n = -1;
	off_t size;

	if (fd >= 0 && text != NULL) {
		size = lseek(fd, 0, SEEK_END);
		n = pread(
		    fd, text, LOG_TAIL, size > LOG_TAIL ? size - LOG_TAIL : 0);
	}
	if (n > 0) {
		text[n] = '\0';
		line_find(text, word, about, out);
	}
	free(text);
	if (fd >= 0)
		close(fd);
}

static bool
logs_find(const char *word, const char *about, char *out)
{
	out[0] = '\0';
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++)
		if (out[0] == '\0')
			log_find(logs[i], word, about, out);
	return out[0] != '\0';
}

void
check_selinux_denied(struct doctor *d)
{
	char line[LOG_LINE_MAX];

	if (!logs_find("avc:  denied", "comm=\"pcscd\"", line))
		return;
	doctor_find(d, "SELinux has forbidden pcscd something: %s", line);
	doctor_mend(d, "sudo ausearch -m avc -c pcscd | audit2allow -M "
		       "vscard && sudo semodule -i vscard.pp");
}

void
check_apparmor_denied(struct doctor *d)
{
	char line[LOG_LINE_MAX];

	if (!logs_find("apparmor=\"DENIED\"", "pcscd", line))
		return;
	doctor_find(d, "AppArmor has forbidden pcscd something: %s", line);
	doctor_mend(d, "sudo aa-complain /usr/sbin/pcscd");
	doctor_mend_restart(d);
}
