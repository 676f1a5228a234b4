/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient's command line, a word a line: it is taken with all that its cards
 * need, or refused with one line.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vscclient/emul.h"
#include "vscclient/options.h"

enum { WORDS_MAX = 160 };

/* What the card process is told means the same card. */
static void
check_card(struct options_card *card)
{
	char why[REFUSE_MAX] = "";
	struct cardspec again;

	MUST(card->text != NULL && card->words[0] != NULL);
	if (strcmp(card->words[0], "--card") != 0)
		return;
	MUST(card->words[1] == card->text && card->words[2] == NULL);
	MUST(cardspec_init(&again, card->text, why) == 0);
	MUST(again.kind == card->spec.kind);
	MUST(again.kind != CARDSPEC_PCSC ||
	     (again.pcsc.exclusive == card->spec.pcsc.exclusive &&
		 again.pcsc.no_transaction == card->spec.pcsc.no_transaction));
	cardspec_clear(&again);
}

static void
check_options(struct options *o)
{
	MUST(o->volume >= OPTIONS_SILENT && o->volume <= OPTIONS_DEBUG);
	MUST(o->action == OPTIONS_RUN || o->card_count <= OPTIONS_CARDS_MAX);
	if (o->action != OPTIONS_RUN)
		return;
	MUST(o->card_count >= 1 && o->card_count <= OPTIONS_CARDS_MAX);
	MUST(!o->listen || endpoint_can_listen(&o->endpoint));
	MUST(!o->trace_secrets || o->trace != NULL);
	for (size_t i = 0; i < o->card_count; i++)
		check_card(&o->cards[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text;
	char program[] = "vscclient", why[REFUSE_MAX] = "";
	char *argv[WORDS_MAX + 2] = {program};
	struct options *options = malloc(sizeof(*options));
	int argc = 1;

	MUST(text != NULL && options != NULL);
	while (argc <= WORDS_MAX && rest != NULL && *rest != '\0')
		argv[argc++] = strsep(&rest, "\n");
	if (options_init(options, argc, argv, why) == 0) {
		check_options(options);
		options_clear(options);
	} else
		MUST(why[0] != '\0');
	free(options);
	free(text);
	return 0;
}
