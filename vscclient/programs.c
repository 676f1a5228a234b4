/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/programs.h"

#include <string.h>

/* argv is never written to, whatever the prototype of exec says. */
static void
add(char *words[], int *n, const char *word)
{
	words[(*n)++] = (char *)(uintptr_t)word;
	words[*n] = NULL;
}

/* The card's options, --connect fd:3, and as loud as this process. */
static void
card_words(char *words[], const char *program, const struct options *o,
    const struct options_card *card, int volume)
{
	int n = 0;

	_Static_assert(SPAWN_FD == 3, "as written below");
	add(words, &n, program);
	for (int i = 0; card->words[i] != NULL; i++)
		add(words, &n, card->words[i]);
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
programs_card(size_t card, bool silent)
{
	return 2 * card + silent;
}

int
programs_init(struct programs *c, const char *program, const struct options *o)
{
	int rc;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < o->card_count; i++) {
		card_words(c->words[programs_card(i, false)], program, o,
		    &o->cards[i], (int)o->volume);
		card_words(c->words[programs_card(i, true)], program, o,
		    &o->cards[i], OPTIONS_SILENT);
	}
	for (size_t i = 0; i < PROGRAMS_SSH; i++)
		c->list[i].argv = c->words[i];
	if (o->endpoint.kind != ENDPOINT_SSH)
		return 0;
	rc = ssh_command_init(&c->ssh, &o->endpoint);
	c->list[PROGRAMS_SSH].argv = c->ssh.argv;
	c->list[PROGRAMS_SSH].filter = true;
	return rc;
}

void
programs_clear(struct programs *c)
{
	ssh_command_clear(&c->ssh);
}
