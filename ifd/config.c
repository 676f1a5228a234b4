/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/config.h"

#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one file has said so far. */
struct parse {
	struct config config;
	bool has_listen;
	char why[CONFIG_WHY_MAX - 128]; /* of the first wrong line */
};

static void
config_defaults(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->slots = CONFIG_SLOTS_DEFAULT;
	config->apdu_timeout = CONFIG_APDU_TIMEOUT_DEFAULT;
}

static int
why_set(struct config_why *why, int rc, const char *name, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%.200s: %.300s", name, text);
	return rc;
}

static int
endpoint_to_listen(const char *text, struct endpoint *out, const char **out_why)
{
	struct endpoint endpoint;
	int rc = endpoint_get(text, &endpoint, out_why);

	if (rc < 0)
		return rc;
	if (!endpoint_can_listen(&endpoint)) {
		*out_why = "a driver listens at tcp:, tcp6: or unix:";
		return -EINVAL;
	}
	*out = endpoint;
	return 0;
}

static bool
number_get(const char *text, unsigned max, unsigned *out)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || n < 1 || n > max)
		return false;
	*out = (unsigned)n;
	return true;
}

/* Each key's reader returns false and says what is allowed. */

static bool
key_listen(struct parse *parse, const char *value)
{
	const char *why;

	if (endpoint_to_listen(value, &parse->config.listen, &why) < 0) {
		snprintf(parse->why, sizeof(parse->why), "listen = %.60s: %s",
		    value, why);
		return false;
	}
	parse->has_listen = true;
	return true;
}

static bool
key_number(struct parse *parse, const char *key, const char *value,
    unsigned max, unsigned *out)
{
	if (number_get(value, max, out))
		return true;
	snprintf(parse->why, sizeof(parse->why),
	    "%s = %.60s: must be a number from 1 to %u", key, value, max);
	return false;
}

static bool
key_slots(struct parse *parse, const char *value)
{
	return key_number(
	    parse, "slots", value, CONFIG_SLOTS_MAX, &parse->config.slots);
}

static bool
key_apdu_timeout(struct parse *parse, const char *value)
{
	return key_number(parse, "apdu_timeout", value, CONFIG_APDU_TIMEOUT_MAX,
	    &parse->config.apdu_timeout);
}

static const struct {
	const char *name;
	bool (*read)(struct parse *, const char *value);
} config_keys[] = {
    {"listen", key_listen},
    {"slots", key_slots},
    {"apdu_timeout", key_apdu_timeout},
};

/* inih's callback: 0 marks the line as wrong, and the first one counts. */
static int
on_key(void *arg, const char *section, const char *key, const char *value)
{
	struct parse *parse = arg;

	if (parse->why[0] != '\0')
		return 0;
	if (*section != '\0') {
		snprintf(parse->why, sizeof(parse->why),
		    "[%.60s]: sections are not known here", section);
		return 0;
	}
	for (size_t i = 0; i < sizeof(config_keys) / sizeof(*config_keys); i++)
		if (strcmp(key, config_keys[i].name) == 0)
			return config_keys[i].read(parse, value);
	snprintf(parse->why, sizeof(parse->why),
	    "%.60s: no such key; listen, slots and apdu_timeout are known",
	    key);
	return 0;
}

int
config_parse(const char *name, const char *text, struct config *out,
    struct config_why *out_why)
{
	struct parse parse = {.why = ""};
	char line[CONFIG_WHY_MAX - 32];
	int at;

	config_defaults(&parse.config);
	at = ini_parse_string(text, on_key, &parse);
	if (at < 0)
		return why_set(out_why, -ENOMEM, name, "out of memory");
	if (at > 0) {
		snprintf(line, sizeof(line), "line %d: %s", at,
		    parse.why[0] != '\0' ? parse.why
		                         : "must read 'key = value'");
		return why_set(out_why, -EINVAL, name, line);
	}
	if (!parse.has_listen)
		return why_set(out_why, -EINVAL, name,
		    "the key listen is missing, e.g. listen = "
		    "tcp:127.0.0.1:2001");
	*out = parse.config;
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

int
config_get(const char *devicename, struct config *out,
    struct config_why *out_why)
{
	struct config config;
	const char *why;
	int rc;

	if (*devicename == '/')
		return config_load(devicename, out, out_why);
	config_defaults(&config);
	rc = endpoint_to_listen(devicename, &config.listen, &why);
	if (rc < 0)
		return why_set(out_why, rc, devicename, why);
	*out = config;
	return 0;
}
