/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl watch */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/ask.h"
#include "ctl/commands.h"
#include "ctl/json.h"
#include "ctl/state.h"
#include "ctl/status.h"
#include "ctl/text.h"
#include "trace/describe.h"
#include "trace/dialog.h"
#include "util/hex.h"
#include "util/log.h"

enum { WORDS_MAX = 512, APDU_MAX = 66000, ATR_MAX = 33 };

/* A card that was heard of, and what has to be known of it. */
struct heard {
	char *at;
	char *name; /* for people */
	unsigned slot;
	struct dialog dialog;
	uint64_t command_time; /* of the command in flight, 0: none */
	struct heard *next;
};

struct watch {
	bool coloured;
	bool data;
	struct heard *cards;
	struct state state; /* for the names of readers */
};

/* One event, taken apart. */
struct seen {
	const struct record *record;
	struct heard *card;
	uint64_t time;          /* nanoseconds since 1970 */
	uint8_t data[APDU_MAX]; /* zeros for what was not told */
	size_t len;
	size_t told;
};

/* pcscd's name of the reader, or else its place. */
static char *
name_get(const struct state *state, const char *at, unsigned slot)
{
	const struct state_reader *r;
	char text[WORDS_MAX], clean[WORDS_MAX];

	for (size_t i = 0; i < state->readers_len; i++) {
		r = &state->readers[i];
		if (r->name != NULL && r->slot == slot &&
		    strcmp(r->endpoint->at, at) == 0)
			return strdup(r->name);
	}
	snprintf(text, sizeof(text), "%s/%u",
	    text_clean(clean, sizeof(clean) - 16, at), slot);
	return strdup(text);
}

static struct heard *
heard_get(struct watch *watch, const char *at, unsigned slot)
{
	struct heard *card = watch->cards;

	while (card != NULL && (card->slot != slot || strcmp(card->at, at)))
		card = card->next;
	if (card != NULL)
		return card;
	card = calloc(1, sizeof(*card));
	if (card == NULL)
		return NULL;
	card->next = watch->cards;
	watch->cards = card;
	card->at = strdup(at);
	card->name = name_get(&watch->state, at, slot);
	card->slot = slot;
	dialog_init(&card->dialog);
	return card->at != NULL && card->name != NULL ? card : NULL;
}

static void
heard_clear(struct watch *watch)
{
	struct heard *card;

	while ((card = watch->cards) != NULL) {
		watch->cards = card->next;
		free(card->at);
		free(card->name);
		free(card);
	}
}

/* --- what to say of each ---------------------------------------------- */

struct phrase {
	enum text_colour colour;
	const char *sign;
	char words[WORDS_MAX];
};

/* What does not fit is cut. */
static void phrase_add(struct phrase *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
phrase_add(struct phrase *p, const char *fmt, ...)
{
	size_t len = strlen(p->words);
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->words + len, sizeof(p->words) - len, fmt, args);
	va_end(args);
}

/* The text of a field, clean; `other` if there is none. Returns out. */
static const char *
text_get(const struct record *record, const char *key, const char *other,
    char out[WORDS_MAX])
{
	const char *text = record_get(record, key);

	return text_clean(out, WORDS_MAX, text != NULL ? text : other);
}

static void
say_reader(struct phrase *p, const struct seen *seen, const char *what)
{
	char name[WORDS_MAX];

	phrase_add(p, "reader %s", what);
	if (*text_get(seen->record, "name", "", name) != '\0')
		phrase_add(p, " '%s'", name);
}

static void
on_attach(struct phrase *p, struct seen *seen)
{
	char who[WORDS_MAX];

	say_reader(p, seen, "attached");
	phrase_add(p, " by %s", text_get(seen->record, "peer", "?", who));
	dialog_init(&seen->card->dialog);
}

static void
on_name(struct phrase *p, struct seen *seen)
{
	say_reader(p, seen, "named");
}

static void
on_detach(struct phrase *p, struct seen *seen)
{
	say_reader(p, seen, "detached");
}

static void
on_insert(struct phrase *p, struct seen *seen)
{
	char atr[2 * ATR_MAX + 1];

	phrase_add(p, "card inserted, ATR %s",
	    hex_put(atr, sizeof(atr), seen->data, seen->len));
	dialog_init(&seen->card->dialog);
}

static void
on_eject(struct phrase *p, struct seen *seen)
{
	(void)seen;
	phrase_add(p, "card removed");
}

static void
on_control(struct phrase *p, struct seen *seen)
{
	char what[WORDS_MAX], error[WORDS_MAX];

	phrase_add(p, "%s", text_get(seen->record, "what", "request", what));
	if (*text_get(seen->record, "error", "", error) != '\0') {
		phrase_add(p, ": %s", error);
		p->colour = TEXT_RED;
	}
	dialog_init(&seen->card->dialog);
}

static void
on_command(struct phrase *p, struct seen *seen)
{
	struct dialog *dialog = &seen->card->dialog;

	dialog_command(dialog, seen->data, seen->len);
	describe_command(
	    dialog->applet, seen->data, seen->len, p->words, sizeof(p->words));
	seen->card->command_time = seen->time;
}

/* "9000 OK, 23 bytes   1.2 ms" */
static void
time_add(struct phrase *p, struct seen *seen)
{
	uint64_t since = seen->card->command_time;

	if (since == 0 || since > seen->time)
		return;
	phrase_add(p, "  (%.1f ms)", (double)(seen->time - since) / 1e6);
	seen->card->command_time = 0;
}

static bool
is_good(const struct seen *seen)
{
	uint8_t sw1;

	if (seen->len < 2)
		return false;
	sw1 = seen->data[seen->len - 2];
	return sw1 == 0x90 || sw1 == 0x61 || sw1 == 0x91;
}

static void
on_response(struct phrase *p, struct seen *seen)
{
	dialog_response(&seen->card->dialog, seen->data, seen->len);
	describe_response(seen->data, seen->len, p->words, sizeof(p->words));
	p->colour = is_good(seen) ? TEXT_GREEN : TEXT_YELLOW;
	time_add(p, seen);
}

static void
on_failure(struct phrase *p, struct seen *seen)
{
	char error[WORDS_MAX];

	phrase_add(p, "no response: %s",
	    text_get(seen->record, "error", "?", error));
	time_add(p, seen);
}

static const struct {
	const char *word;
	enum text_colour colour;
	const char *sign;
	void (*say)(struct phrase *, struct seen *);
} events[] = {
    {"attach", TEXT_CYAN, "+", on_attach},
    {"name", TEXT_CYAN, "+", on_name},
    {"detach", TEXT_CYAN, "-", on_detach},
    {"insert", TEXT_CYAN, "*", on_insert},
    {"eject", TEXT_CYAN, "*", on_eject},
    {"control", TEXT_CYAN, "!", on_control},
    {"command", TEXT_BOLD, ">", on_command},
    {"response", TEXT_GREEN, "<", on_response},
    {"failure", TEXT_RED, "<", on_failure},
};

/* --- printing --------------------------------------------------------- */

static void
time_print(const struct watch *watch, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[16];
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%H:%M:%S", &tm) == 0)
		snprintf(text, sizeof(text), "?");
	printf("%s%s.%03u%s ", text_colour(TEXT_DIM, watch->coloured), text,
	    (unsigned)(ns / 1000000 % 1000),
	    text_colour(TEXT_PLAIN, watch->coloured));
}

static void
data_print(const struct watch *watch, const struct seen *seen)
{
	char text[2 * APDU_MAX + 1];
	bool masked = record_get(seen->record, "masked") != NULL;

	if (!watch->data || seen->told == 0)
		return;
	printf("%15s%s%s%s%s%s\n", "", text_colour(TEXT_DIM, watch->coloured),
	    hex_put(text, sizeof(text), seen->data, seen->told),
	    seen->told < seen->len ? "..." : "",
	    masked ? "  (2A: not shown)" : "",
	    text_colour(TEXT_PLAIN, watch->coloured));
}

static void
seen_print(struct watch *watch, struct seen *seen)
{
	struct phrase p = {.sign = " "};
	size_t i = 0, n = sizeof(events) / sizeof(*events);

	while (i < n && strcmp(events[i].word, seen->record->word) != 0)
		i++;
	if (i == n)
		return; /* of a newer driver */
	p.colour = events[i].colour;
	events[i].say(&p, seen);
	time_print(watch, seen->time);
	printf("%s %s %s%s%s\n", seen->card->name, events[i].sign,
	    text_colour(p.colour, watch->coloured), p.words,
	    text_colour(TEXT_PLAIN, watch->coloured));
	data_print(watch, seen);
}

/* A long one is not told in full; the status word is. */
static void
data_get(struct seen *seen)
{
	const char *data = record_get(seen->record, "data");
	const char *sw = record_get(seen->record, "sw");
	size_t len = record_get_number(seen->record, "len", 0);
	int rc = 0;

	if (data != NULL && len <= sizeof(seen->data))
		rc = hex_get(data, seen->data, len);
	seen->told = rc > 0 ? (size_t)rc : 0;
	seen->len = rc > 0 ? len : 0;
	if (seen->told < seen->len && seen->len >= 2 && sw != NULL &&
	    hex_get(sw, seen->data + seen->len - 2, 2) < 0)
		seen->len = 0;
}

static int
record_print(struct watch *watch, const struct record *record)
{
	const char *at = record_get(record, "at");
	struct seen seen = {.record = record};

	if (strcmp(record->word, "watching") == 0) {
		printf("watching %zu reader(s)\n", watch->state.readers_len);
		return 0;
	}
	if (strcmp(record->word, "lost") == 0) {
		printf("%s%llu events were lost%s\n",
		    text_colour(TEXT_RED, watch->coloured),
		    (unsigned long long)record_get_number(record, "events", 0),
		    text_colour(TEXT_PLAIN, watch->coloured));
		return 0;
	}
	if (at == NULL)
		return 0;
	seen.card = heard_get(
	    watch, at, (unsigned)record_get_number(record, "slot", 0));
	if (seen.card == NULL)
		return -ENOMEM;
	seen.time = record_get_number(record, "time", 0);
	data_get(&seen);
	seen_print(watch, &seen);
	return 0;
}

/* --- for programs ----------------------------------------------------- */

static const char *const numbers[] = {"time", "slot", "len", "events"};

static json_t *
value_json(const char *key, const char *value)
{
	char clean[RECORD_MAX];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcmp(key, numbers[i]) == 0)
			return json_integer(strtoll(value, NULL, 10));
	if (strcmp(key, "masked") == 0)
		return json_true();
	return json_string(text_clean(clean, sizeof(clean), value));
}

/* One object a line; its fields are the record's. */
static int
record_json(const struct record *record)
{
	json_t *object = json_pack("{s:s}", "event", record->word);

	for (size_t i = 0; i < record->fields_len; i++)
		json_object_set_new(object, record->fields[i].key,
		    value_json(record->fields[i].key, record->fields[i].value));
	return json_print(object, JSON_COMPACT);
}

/* --- the command ------------------------------------------------------ */

static int
watch_run(struct watch *watch, const struct options *opt, struct ask *ask)
{
	struct record record;
	int rc;

	while ((rc = ask_next(ask, &record)) > 0) {
		rc = opt->json ? record_json(&record)
			       : record_print(watch, &record);
		if (rc < 0 || fflush(stdout) != 0)
			return rc < 0 ? rc : -EIO;
	}
	return rc;
}

int
command_watch(const struct options *opt)
{
	struct watch watch = {
	    .coloured = text_is_coloured(), .data = opt->data};
	struct ask ask;
	int rc = state_get(&watch.state, opt->socket, &ask);
	bool open = false;

	if (rc == 0) {
		rc = ask_open_word(&ask, opt->socket, "watch");
		open = rc == 0;
	}
	if (open) {
		ask_be_patient(&ask);
		rc = watch_run(&watch, opt, &ask);
	}
	if (ask.why[0] != '\0')
		log_error("%s", ask.why);
	else if (rc < 0)
		log_error("%s", err_text(rc));
	ask_close(&ask);
	heard_clear(&watch);
	state_clear(&watch.state);
	return open ? STATUS_FAILED : STATUS_NO_DRIVER;
}
