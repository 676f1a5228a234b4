/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/config.h"

#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ifd/config_keys.h"

static int
why_set(struct config_why *why, int rc, const char *name, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%.150s: %.350s", name, text);
	return rc;
}

/* inih's callback: 0 marks the line as wrong, and the first one counts. */
static int
on_key(void *arg, const char *section, const char *key, const char *value)
{
	struct config_keys *keys = arg;

	if (keys->why[0] != '\0')
		return 0;
	if (*section != '\0') {
		snprintf(keys->why, sizeof(keys->why),
		    "[%.60s]: sections are not known here", section);
		return 0;
	}
	return config_keys_set(keys, key, value) == 0;
}

/* The number of the first line that inih would cut in two, or 0. */
static int
line_too_long(const char *text)
{
	size_t len;

	for (int line = 1; *text != '\0'; line++) {
		len = strcspn(text, "\n");
		if (len > CONFIG_LINE_MAX)
			return line;
		text += len;
		if (*text == '\n')
			text++;
	}
	return 0;
}

/* 0, or the wrong line's number, and keys->why says more if it can. */
static int
lines_read(const char *text, struct config_keys *keys)
{
	int at = line_too_long(text);

	if (at == 0)
		return ini_parse_string(text, on_key, keys);
	snprintf(keys->why, sizeof(keys->why),
	    "a line may have at most %d characters", CONFIG_LINE_MAX);
	return at;
}

int
config_parse(const char *name, const char *text, struct config *out,
    struct config_why *out_why)
{
	struct config_keys keys;
	char line[CONFIG_WHY_MAX - 32];
	int at;

	config_keys_init(&keys);
	at = lines_read(text, &keys);
	if (at < 0)
		return why_set(out_why, -ENOMEM, name, "out of memory");
	if (at > 0) {
		snprintf(line, sizeof(line), "line %d: %s", at,
		    keys.why[0] != '\0' ? keys.why : "must read 'key = value'");
		return why_set(out_why, -EINVAL, name, line);
	}
	if (config_keys_finish(&keys) < 0)
		return why_set(out_why, -EINVAL, name, keys.why);
	snprintf(keys.config.name, sizeof(keys.config.name), "%s", name);
	*out = keys.config;
	return 0;
}

/* At most CONFIG_FILE_MAX bytes and a NUL; the count or a negative errno. */
static int
file_read(const char *path, char *room)
{
	ssize_t n = 0;
	size_t len = 0;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_size > CONFIG_FILE_MAX)
		rc = -EMSGSIZE;
	while (rc == 0 && len < CONFIG_FILE_MAX &&
	       (n = read(fd, room + len, CONFIG_FILE_MAX - len)) > 0)
		len += (size_t)n;
	if (rc == 0 && n < 0)
		rc = -errno;
	close(fd);
	room[len] = '\0';
	return rc < 0 ? rc : (int)len;
}

static const char *
file_why(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "not a regular file";
	case -EMSGSIZE:
		return "larger than 64 KiB";
	default:
		return err_text(rc);
	}
}

int
config_load(const char *path, struct config *out, struct config_why *out_why)
{
	char *text = malloc(CONFIG_FILE_MAX + 1);
	int rc;

	if (text == NULL)
		return why_set(out_why, -ENOMEM, path, "out of memory");
	rc = file_read(path, text);
	if (rc < 0)
		rc = why_set(out_why, rc, path, file_why(rc));
	else if (strlen(text) != (size_t)rc)
		rc = why_set(out_why, -EINVAL, path, "not a text file");
	else
		rc = config_parse(path, text, out, out_why);
	free(text);
	return rc;
}

/* An endpoint alone is a file of one line. */
static int
endpoint_load(
    const char *endpoint, struct config *out, struct config_why *out_why)
{
	struct config_keys keys;

	config_keys_init(&keys);
	if (config_keys_set(&keys, "listen", endpoint) < 0 ||
	    config_keys_finish(&keys) < 0)
		return why_set(out_why, -EINVAL, "DEVICENAME", keys.why);
	snprintf(keys.config.name, sizeof(keys.config.name), "%s", endpoint);
	*out = keys.config;
	return 0;
}

int
config_get(
    const char *devicename, struct config *out, struct config_why *out_why)
{
	if (*devicename == '/')
		return config_load(devicename, out, out_why);
	return endpoint_load(devicename, out, out_why);
}
