/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/readerconf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRIVER_NAME "libifdvscard"

void
readerconf_clear(struct readerconf *conf)
{
	free(conf->entries);
	*conf = (struct readerconf){.entries = NULL};
}

static int
entry_add(struct readerconf *conf, const char *file)
{
	size_t n = conf->entries_len;
	struct readerconf_entry *more;

	if (n == READERCONF_ENTRIES_MAX)
		return -ENOMEM;
	more = realloc(conf->entries, (n + 1) * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	conf->entries = more;
	memset(&more[n], 0, sizeof(*more));
	snprintf(more[n].file, sizeof(more[n].file), "%s", file);
	conf->entries_len++;
	return 0;
}

static const struct {
	const char *key;
	size_t at;
} keys[] = {
    {"FRIENDLYNAME", offsetof(struct readerconf_entry, name)},
    {"DEVICENAME", offsetof(struct readerconf_entry, device)},
    {"LIBPATH", offsetof(struct readerconf_entry, path)},
};

/* "VALUE", or VALUE up to a blank; cuts the text. */
static char *
value_get(char *text)
{
	text += strspn(text, " \t");
	if (*text == '"') {
		text++;
		text[strcspn(text, "\"")] = '\0';
	} else {
		text[strcspn(text, " \t\r#")] = '\0';
	}
	return text;
}

static int
line_parse(struct readerconf *conf, const char *file, char *line)
{
	size_t i = 0, n = sizeof(keys) / sizeof(*keys), len;
	struct readerconf_entry *entry;
	int rc;

	line += strspn(line, " \t");
	len = strcspn(line, " \t\r");
	while (i < n && (strlen(keys[i].key) != len ||
			    memcmp(keys[i].key, line, len) != 0))
		i++;
	if (i == n)
		return 0;
	if (i == 0) {
		rc = entry_add(conf, file);
		if (rc < 0)
			return rc;
	}
	if (conf->entries_len == 0)
		return 0;
	entry = &conf->entries[conf->entries_len - 1];
	snprintf((char *)entry + keys[i].at, READERCONF_VALUE_MAX, "%s",
	    value_get(line + len));
	return 0;
}

int
readerconf_parse(struct readerconf *conf, const char *file, char *text)
{
	char *line;
	int rc = 0;

	while (rc == 0 && (line = strsep(&text, "\n")) != NULL)
		rc = line_parse(conf, file, line);
	return rc;
}

static int
file_read(int fd, const char *path, struct readerconf *conf)
{
	char *text = malloc(READERCONF_FILE_MAX);
	ssize_t n;
	int rc;

	if (text == NULL)
		return -ENOMEM;
	n = read(fd, text, READERCONF_FILE_MAX - 1);
	rc = n < 0 ? -errno : 0;
	if (rc == 0) {
		text[n] = '\0';
		rc = readerconf_parse(conf, path, text);
	}
	free(text);
	return rc;
}

static int load(struct readerconf *, const char *path, bool deeper);

/* As pcscd: neither backups nor hidden files. */
static int
dir_load(struct readerconf *conf, int fd, const char *path)
{
	DIR *dir = fdopendir(fd);
	char name[READERCONF_VALUE_MAX];
	struct dirent *d;
	int rc = 0;

	if (dir == NULL) {
		close(fd);
		return -errno;
	}
	while (rc == 0 && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' || strchr(d->d_name, '~') != NULL)
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, d->d_name) <
		    (int)sizeof(name))
			rc = load(conf, name, false);
	}
	closedir(dir);
	return rc;
}

static int
load(struct readerconf *conf, const char *path, bool deeper)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return deeper ? dir_load(conf, fd, path)
				      : (close(fd), 0);
		if (st.st_mtime > conf->changed)
			conf->changed = st.st_mtime;
		if (S_ISREG(st.st_mode))
			rc = file_read(fd, path, conf);
	}
	close(fd);
	return rc;
}

int
readerconf_load(struct readerconf *conf, const char *path)
{
	return load(conf, path, true);
}

bool
readerconf_is_ours(const struct readerconf_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');
	const char *base = slash != NULL ? slash + 1 : entry->path;

	return strncmp(base, DRIVER_NAME, strlen(DRIVER_NAME)) == 0;
}
