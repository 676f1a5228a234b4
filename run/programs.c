/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"

/* Daemons are not in the PATH of ordinary users. */
#define DAEMON_PATH "/usr/sbin:/sbin:/usr/local/sbin"

static bool
is_file(const char *path, int mode)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, mode) == 0;
}

/* The first file of that name and access in the directories, or NULL. */
static char *
path_find(const char *dirs, const char *name, int mode)
{
	size_t len;
	char *path;

	for (; dirs != NULL && *dirs != '\0';
	     dirs += len + (dirs[len] == ':')) {
		len = strcspn(dirs, ":");
		if (asprintf(&path, "%.*s/%s", len > 0 ? (int)len : 1,
			len > 0 ? dirs : ".", name) < 0)
			return NULL;
		if (is_file(path, mode))
			return path;
		free(path);
	}
	return NULL;
}

/* A name as the user gave it: a path, or a program in PATH. */
static char *
named_find(const char *name)
{
	if (strchr(name, '/') == NULL)
		return path_find(getenv("PATH"), name, X_OK);
	return is_file(name, X_OK) ? strdup(name) : NULL;
}

static int
pcscd_find(const struct options *opt, char **out)
{
	char *path;

	if (opt->pcscd != NULL) {
		path = named_find(opt->pcscd);
	} else {
		path = path_find(getenv("PATH"), "pcscd", X_OK);
		if (path == NULL)
			path = path_find(DAEMON_PATH, "pcscd", X_OK);
	}
	if (path == NULL) {
		log_error("no program %s: install pcscd, or name it with "
			  "--pcscd",
		    opt->pcscd != NULL ? opt->pcscd : "pcscd");
		return -ENOENT;
	}
	*out = path;
	return 0;
}

static int
vscclient_find(const struct options *opt, char **out)
{
	char *path;

	if (opt->vscclient != NULL) {
		path = named_find(opt->vscclient);
	} else {
		path = path_find(BINDIR, "vscclient", X_OK);
		if (path == NULL)
			path = path_find(getenv("PATH"), "vscclient", X_OK);
	}
	if (path == NULL) {
		log_error("no program %s: install vscclient, or name it with "
			  "--vscclient",
		    opt->vscclient != NULL ? opt->vscclient : "vscclient");
		return -ENOENT;
	}
	*out = path;
	return 0;
}

static int
driver_find(const struct options *opt, char **out)
{
	const char *path = opt->driver;

	if (path == NULL)
		path = IFDDIR "/libifdvscard.so";
	if (!is_file(path, R_OK)) {
		log_error(
		    "no driver %s: install it, or name it with --driver", path);
		return -ENOENT;
	}
	if ((*out = strdup(path)) == NULL) {
		log_error("no memory");
		return -ENOMEM;
	}
	return 0;
}

int
programs_find(const struct options *opt, struct programs *out)
{
	struct programs found = {0};
	int r;

	if ((r = pcscd_find(opt, &found.pcscd)) < 0 ||
	    (r = driver_find(opt, &found.driver)) < 0)
		goto out;
	if (opt->n_cards > 0 || opt->vscclient != NULL)
		r = vscclient_find(opt, &found.vscclient);
out:
	if (r < 0)
		programs_clear(&found);
	else
		*out = found;
	return r;
}

void
programs_clear(struct programs *programs)
{
	free(programs->driver);
	free(programs->pcscd);
	free(programs->vscclient);
	*programs = (struct programs){0};
}

bool
programs_has(const char *name)
{
	char *path = path_find(getenv("PATH"), name, F_OK);

	free(path);
	return path != NULL;
}
