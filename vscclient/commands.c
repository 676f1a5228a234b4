/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/commands.h"

#include <string.h>

/* argv is never written to, whatever the prototype of exec says. */
static void
add(char *words[], int *n, const char *word)
{
	words[(*n)++] = (char *)(uintptr_t)word;
	words[*n] = NULL;
}

/* --card SPEC --connect fd:3, and as loud as this process. */
static void
card_words(char *words[], const char *program, const struct options *o,
    const char *spec, int volume)
{
	int n = 0;

	_Static_assert(SPAWN_FD == 3, "as written below");
	add(words, &n, program);
	add(words, &n, "--card");
	add(words, &n, spec);
	add(words, &n, "--connect");
	add(words, &n, "fd:3");
	if (!o->sandbox)
		add(words, &n, "--no-sandbox");
	for (; volume < OPTIONS_INFO; volume++)
		add(words, &n, "-q");
	for (; volume > OPTIONS_INFO; volume--)
		add(words, &n, "-v");
}

size_t
commands_card(size_t card, bool silent)
{
	return 2 * card + silent;
}

int
commands_init(struct commands *c, const char *program, const struct options *o)
{
	int rc;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < o->card_count; i++) {
		card_words(c->words[commands_card(i, false)], program, o,
		    o->cards[i].text, (int)o->volume);
		card_words(c->words[commands_card(i, true)], program, o,
		    o->cards[i].text, OPTIONS_SILENT);
	}
	for (size_t i = 0; i < COMMANDS_SSH; i++)
		c->list[i].argv = c->words[i];
	if (o->endpoint.kind != ENDPOINT_SSH)
		return 0;
	rc = ssh_command_init(&c->ssh, &o->endpoint);
	c->list[COMMANDS_SSH].argv = c->ssh.argv;
	c->list[COMMANDS_SSH].filter = true;
	return rc;
}

void
commands_clear(struct commands *c)
{
	ssh_command_clear(&c->ssh);
}
