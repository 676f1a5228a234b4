/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "ifd/config.h"
#include "util/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_deadline(unsigned seconds)
{
	return seconds >= 1 && seconds <= CONFIG_SECONDS_MAX;
}

static bool
is_text(const char *text)
{
	return memchr(text, '\0', CONFIG_TEXT_MAX) != NULL;
}

static bool
is_allow(const struct allow *allow)
{
	for (size_t i = 0; i < allow->prefixes_len; i++)
		if (allow->prefixes[i].bits > 128)
			return false;
	return allow->users_len <= ALLOW_MAX &&
	       allow->groups_len <= ALLOW_MAX &&
	       allow->prefixes_len <= ALLOW_MAX;
}

static bool
is_config(const struct config *c)
{
	for (size_t i = 0; i < c->cards_len; i++)
		if (!is_text(c->cards[i]) || c->cards[i][0] == '\0')
			return false;
	return c->cards_len <= c->slots && c->slots <= CONFIG_SLOTS_MAX &&
	       c->slots >= 1 && c->detached <= CONFIG_EMPTY &&
	       c->legacy_reset <= CONFIG_REINSERT &&
	       is_deadline(c->apdu_timeout) && is_deadline(c->reset_timeout) &&
	       is_deadline(c->handshake_timeout) &&
	       is_deadline(c->write_timeout) &&
	       c->log_level <= LOG_LEVEL_DEBUG &&
	       (c->way != CONFIG_NOWHERE || c->cards_len > 0) &&
	       is_text(c->user) && is_text(c->trace) && c->trace_secrets <= 1 &&
	       is_allow(&c->allow);
}

/* A file is accepted with all its values in range, or refused with words. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config nothing;
	struct config config = nothing;
	struct config_why why = {""};
	char *text = malloc(size + 1);
	int rc;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rc = config_parse("fuzz", text, &config, &why);
	if (rc == 0 && !is_config(&config))
		abort();
	if (rc < 0 && (why.text[0] == '\0' ||
			  memcmp(&config, &nothing, sizeof(config)) != 0))
		abort();
	free(text);
	return 0;
}
