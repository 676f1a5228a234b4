/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/config_keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key;

/*
 * Reads a value into *config. On a negative result *out_why says what is
 * allowed, or is NULL if the key itself tells.
 */
typedef int read_fn(const struct key *, const char *value,
    struct config *config, const char **out_why);

struct key {
	const char *name;
	read_fn *read;
	size_t field;             /* number, word, text */
	unsigned max;             /* number */
	const char *const *words; /* word: in the order of the values */
	const char *normal;       /* the default, as in a file */
	bool repeats;
};

/* --- readers ---------------------------------------------------------- */

static void *
field_of(const struct key *key, struct config *config)
{
	return (char *)config + key->field;
}

static int
read_number(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	unsigned long n;
	char *end;

	*out_why = NULL;
	if (*value < '0' || *value > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno != 0 || *end != '\0' || n < 1 || n > key->max)
		return -EINVAL;
	*(unsigned *)field_of(key, config) = (unsigned)n;
	return 0;
}

static int
read_word(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	*out_why = NULL;
	for (unsigned i = 0; key->words[i] != NULL; i++)
		if (strcmp(value, key->words[i]) == 0) {
			*(unsigned *)field_of(key, config) = i;
			return 0;
		}
	return -EINVAL;
}

static int
text_set(char *field, const char *value, const char **out_why)
{
	*out_why = "must not be empty";
	if (*value == '\0')
		return -EINVAL;
	*out_why = "too long";
	if (strlen(value) >= CONFIG_TEXT_MAX)
		return -EINVAL;
	strcpy(field, value);
	return 0;
}

static int
read_text(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	return text_set(field_of(key, config), value, out_why);
}

static int
read_path(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	*out_why = "must be an absolute path";
	return *value == '/' ? read_text(key, value, config, out_why) : -EINVAL;
}

static int
read_card(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	*out_why = "at most 8 cards are allowed";
	if (config->cards_len >= CONFIG_CARDS_MAX)
		return -EINVAL;
	if (text_set(config->cards[config->cards_len], value, out_why) < 0)
		return -EINVAL;
	config->cards_len++;
	return 0;
}

static int
read_log_level(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	config->has_log_level = true;
	return read_word(key, value, config, out_why);
}

static int
read_endpoint(const char *value, enum config_way way, struct config *config,
    const char **out_why)
{
	struct endpoint endpoint;

	*out_why = "listen or connect is allowed once in a file";
	if (config->way != CONFIG_NOWHERE)
		return -EINVAL;
	if (endpoint_get(value, &endpoint, out_why) < 0)
		return -EINVAL;
	*out_why = way == CONFIG_LISTEN
		       ? "a driver listens at tcp:, tcp6: or unix:"
		       : "a driver connects to tcp:, tcp6: or unix:";
	if (!endpoint_can_listen(&endpoint))
		return -EINVAL;
	config->endpoint = endpoint;
	config->way = way;
	return 0;
}

static int
read_listen(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	return read_endpoint(value, CONFIG_LISTEN, config, out_why);
}

static int
read_connect(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	return read_endpoint(value, CONFIG_CONNECT, config, out_why);
}

/* --- lists of allowed peers ------------------------------------------- */

typedef int add_fn(struct allow *, const char *word, const char **out_why);

/* Words with commas between, and blanks around them. */
static int
read_list(
    const char *value, struct allow *allow, add_fn *add, const char **out_why)
{
	char text[CONFIG_TEXT_MAX], *next = text, *word;

	if (text_set(text, value, out_why) < 0)
		return -EINVAL;
	while ((word = strsep(&next, ",")) != NULL) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (add(allow, word, out_why) < 0)
			return -EINVAL;
	}
	return 0;
}

static int
read_addresses(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	return read_list(value, &config->allow, allow_add_address, out_why);
}

static int
read_users(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	return read_list(value, &config->allow, allow_add_user, out_why);
}

static int
read_groups(const struct key *key, const char *value, struct config *config,
    const char **out_why)
{
	(void)key;
	return read_list(value, &config->allow, allow_add_group, out_why);
}

/* --- the table -------------------------------------------------------- */

static const char *const words_detached[] = {
    [CONFIG_UNAVAILABLE] = "unavailable", [CONFIG_EMPTY] = "empty", NULL};
static const char *const words_reset[] = {
    [CONFIG_LOCAL] = "local", [CONFIG_REINSERT] = "reinsert", NULL};
static const char *const words_no_yes[] = {"no", "yes", NULL};
/* In the order of enum log_level. */
static const char *const words_level[] = {
    "error", "warning", "info", "debug", NULL};

#define FIELD(name) .field = offsetof(struct config, name)

static const struct key keys_table[] = {
    {.name = "listen", .read = read_listen},
    {.name = "connect", .read = read_connect},
    {.name = "slots",
	.read = read_number,
	FIELD(slots),
	.max = CONFIG_SLOTS_MAX,
	.normal = "4"},
    {.name = "detached",
	.read = read_word,
	FIELD(detached),
	.words = words_detached,
	.normal = "unavailable"},
    {.name = "legacy_reset",
	.read = read_word,
	FIELD(legacy_reset),
	.words = words_reset,
	.normal = "local"},
    {.name = "apdu_timeout",
	.read = read_number,
	FIELD(apdu_timeout),
	.max = CONFIG_SECONDS_MAX,
	.normal = "600"},
    {.name = "reset_timeout",
	.read = read_number,
	FIELD(reset_timeout),
	.max = CONFIG_SECONDS_MAX,
	.normal = "10"},
    {.name = "handshake_timeout",
	.read = read_number,
	FIELD(handshake_timeout),
	.max = CONFIG_SECONDS_MAX,
	.normal = "10"},
    {.name = "write_timeout",
	.read = read_number,
	FIELD(write_timeout),
	.max = CONFIG_SECONDS_MAX,
	.normal = "10"},
    {.name = "allow_addresses", .read = read_addresses, .repeats = true},
    {.name = "allow_users", .read = read_users, .repeats = true},
    {.name = "allow_groups", .read = read_groups, .repeats = true},
    {.name = "log_level",
	.read = read_log_level,
	FIELD(log_level),
	.words = words_level},
    {.name = "card", .read = read_card, .repeats = true},
    {.name = "user", .read = read_text, FIELD(user)},
    {.name = "trace", .read = read_path, FIELD(trace)},
    {.name = "trace_secrets",
	.read = read_word,
	FIELD(trace_secrets),
	.words = words_no_yes,
	.normal = "no"},
};

enum { KEYS = sizeof(keys_table) / sizeof(keys_table[0]) };

/* The group whose members may connect if a file does not say who. */
static const char allow_default_group[] = "vscard";

/* --- what users are told ---------------------------------------------- */

static PRINTF_LIKE(2, 3) int keys_refuse(
    struct config_keys *keys, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(keys->why, sizeof(keys->why), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* "unavailable or empty", "a, b or c". */
static void
words_list(const char *const *words, char *out, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; words[i] != NULL && at < cap; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s%s",
		    i == 0                 ? ""
		    : words[i + 1] == NULL ? " or "
					   : ", ",
		    words[i]);
}

static int
keys_refuse_value(struct config_keys *keys, const struct key *key,
    const char *value, const char *why)
{
	char words[128] = "";

	if (why != NULL)
		return keys_refuse(
		    keys, "%s = %.60s: %s", key->name, value, why);
	if (key->words == NULL)
		return keys_refuse(keys,
		    "%s = %.60s: must be a number from 1 to %u", key->name,
		    value, key->max);
	words_list(key->words, words, sizeof(words));
	return keys_refuse(
	    keys, "%s = %.60s: must be %s", key->name, value, words);
}

static int
keys_refuse_key(struct config_keys *keys, const char *name)
{
	const char *names[KEYS + 1] = {NULL};
	char list[CONFIG_KEYS_WHY_MAX] = "";

	for (size_t i = 0; i < KEYS; i++)
		names[i] = keys_table[i].name;
	words_list(names, list, sizeof(list));
	return keys_refuse(
	    keys, "%.40s: no such key; must be %.320s", name, list);
}

/* --- all together ----------------------------------------------------- */

static int
key_read(struct config_keys *keys, const struct key *key, const char *value)
{
	const char *why = NULL;

	if (key->read(key, value, &keys->config, &why) < 0)
		return keys_refuse_value(keys, key, value, why);
	return 0;
}

void
config_keys_init(struct config_keys *keys)
{
	memset(keys, 0, sizeof(*keys));
	for (size_t i = 0; i < KEYS; i++)
		if (keys_table[i].normal != NULL &&
		    key_read(keys, &keys_table[i], keys_table[i].normal) < 0)
			return; /* the table is wrong: every file is refused */
}

int
config_keys_set(struct config_keys *keys, const char *name, const char *value)
{
	const struct key *key = keys_table;
	unsigned bit = 1;

	for (; strcmp(key->name, name) != 0; key++, bit <<= 1)
		if (key == &keys_table[KEYS - 1])
			return keys_refuse_key(keys, name);
	if ((keys->given & bit) != 0 && !key->repeats)
		return keys_refuse_value(
		    keys, key, value, "is given for the second time");
	keys->given |= bit;
	return key_read(keys, key, value);
}

/* Without the group there are just no members. */
static void
allow_default(struct allow *allow)
{
	const char *why;

	if (allow->everybody || allow->users_len > 0 || allow->groups_len > 0)
		return;
	(void)!allow_add_group(allow, allow_default_group, &why);
}

int
config_keys_finish(struct config_keys *keys)
{
	struct config *config = &keys->config;

	if (config->way == CONFIG_NOWHERE && config->cards_len == 0)
		return keys_refuse(keys,
		    "one of the keys listen, connect and card must be given, "
		    "e.g. listen = tcp:127.0.0.1:2001");
	if (config->slots < config->cards_len)
		return keys_refuse(keys, "slots = %u: too few for %zu cards",
		    config->slots, config->cards_len);
	allow_default(&config->allow);
	return 0;
}
