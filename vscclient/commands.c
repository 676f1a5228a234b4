/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/commands.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- words ------------------------------------------------------------ */

/* A decimal id; RELAY_READERS_MAX, which no reader has, for what is none. */
static unsigned
id_get(const char *word)
{
	char *end;
	unsigned long id = strtoul(word, &end, 10);

	return isdigit((unsigned char)*word) && *end == '\0' &&
	    id < RELAY_READERS_MAX ? (unsigned)id : RELAY_READERS_MAX;
}

/* The reader that is meant, or NULL; that has been said then. */
static const struct relay_reader *
reader_get(struct commands *c, const char *word, unsigned *out_id)
{
	const struct relay_reader *reader;
	unsigned id = word != NULL ? id_get(word) : c->selected;

	reader = relay_reader_get(c->relay, id);
	*out_id = id;
	if (reader == NULL && word != NULL)
		fprintf(c->out, "no reader by id %s found\n", word);
	else if (reader == NULL)
		fprintf(c->out, "no reader by id %u found\n", id);
	return reader;
}

/* --- commands --------------------------------------------------------- */

static void
do_insert(struct commands *c, const char *word)
{
	const struct relay_reader *reader;
	unsigned id;

	reader = reader_get(c, word, &id);
	if (reader != NULL)
		fprintf(c->out, "insert %s, returned %d\n", reader->name,
		    relay_insert(c->relay, id) < 0);
}

static void
do_remove(struct commands *c, const char *word)
{
	const struct relay_reader *reader;
	unsigned id;

	reader = reader_get(c, word, &id);
	if (reader != NULL)
		fprintf(c->out, "remove %s, returned %d\n", reader->name,
		    relay_remove(c->relay, id) < 0);
}

static void
do_select(struct commands *c, const char *word)
{
	const struct relay_reader *reader;
	unsigned id = word != NULL ? id_get(word) : c->selected;

	reader = relay_reader_get(c->relay, id);
	if (reader == NULL) {
		fprintf(c->out, "Reader with id %s not found\n",
		    word != NULL ? word : "0");
		return;
	}
	c->selected = id;
	fprintf(c->out, "Selecting reader %s, id %u\n", reader->name, id);
}

static void
list(struct commands *c, bool active)
{
	const struct relay_reader *r;

	fprintf(c->out, "%s Readers:\n", active ? "Active" : "Inactive");
	for (unsigned id = 0; id < RELAY_READERS_MAX; id++) {
		r = relay_reader_get(c->relay, id);
		if (r == NULL || relay_reader_is_active(r) != active)
			continue;
		fprintf(c->out, "%3u %-16s %s\n", id, !r->has_card ? "" :
		    r->withheld ? "CARD_REMOVED" : "CARD_PRESENT", r->name);
	}
}

static void
do_list(struct commands *c, const char *word)
{
	(void)word;
	list(c, true);
	list(c, false);
}

/* What is not a number is 0 here, as it was there. */
static void
do_debug(struct commands *c, const char *word)
{
	if (word != NULL) {
		c->debug = (unsigned)strtoul(word, NULL, 10);
		log_set_level(c->debug > 0 ? LOG_LEVEL_DEBUG : c->quiet);
	}
	fprintf(c->out, "debug level = %u\n", c->debug);
}

static void
do_exit(struct commands *c, const char *word)
{
	(void)word;
	c->on_exit(c->arg);
}

static void do_help(struct commands *, const char *word);

static const struct command {
	const char *word;
	const char *help;
	void (*run)(struct commands *, const char *word);
} commands[] = {
    {"insert", "[ID]     put a card that was removed back in", do_insert},
    {"remove", "[ID]     take the card out of the host's reader", do_remove},
    {"select", "ID       the reader that is meant without an ID", do_select},
    {"list", "           all readers, with their IDs", do_list},
    {"debug", "[LEVEL]   say more, or, if 0, no more than usual", do_debug},
    {"exit", "           remove all cards and readers and end", do_exit},
    {"help", "           this", do_help},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
do_help(struct commands *c, const char *word)
{
	(void)word;
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(c->out, "%s %s\n", commands[i].word,
		    commands[i].help);
}

const char *const *
commands_words(void)
{
	static const char *const words[] = {"insert", "remove", "select",
	    "list", "debug", "exit", "help", NULL};

	return words;
}

/* By as much as both have: "i", and "insertXYZ", which scripts may have. */
static const struct command *
find(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < COMMANDS; i++) {
		size_t whole = strlen(commands[i].word);

		if (strncmp(word, commands[i].word, len < whole ? len :
		    whole) == 0)
			return &commands[i];
	}
	return NULL;
}

void
commands_run(struct commands *c, char *line)
{
	static const char blanks[] = " \t\r\n";
	const struct command *command;
	char *rest = NULL;
	const char *word = strtok_r(line, blanks, &rest);

	if (word == NULL)
		return;
	command = find(word);
	if (command != NULL) {
		command->run(c, strtok_r(NULL, blanks, &rest));
		return;
	}
	fprintf(c->out, "'%s' is no command\n", word);
	do_help(c, NULL);
}
