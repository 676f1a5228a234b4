/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "vscclient/emul.h"

static const char help[] =
    "Usage: vscclient [OPTION]... HOST [PORT]\n"
    "       vscclient [OPTION]... --connect ENDPOINT\n"
    "       vscclient [OPTION]... --listen ENDPOINT\n"
    "Supplies smart cards to a VSCard host: a PC/SC driver, or QEMU.\n"
    "\n"
    "  HOST [PORT]             where the host listens; PORT is 2001 if not given\n"
    "  --connect ENDPOINT      the same, as tcp:HOST:PORT, tcp6:ADDR:PORT,\n"
    "                          unix:/PATH, fd:N or ssh:[USER@]HOST[:PORT]\n"
    "  --listen ENDPOINT       wait there until a host connects, one at a time\n"
    "  --card SPEC             a card to supply; may be given several times:\n"
    "                            pcsc            all real readers (default)\n"
    "                            pcsc:PATTERN    those whose names match\n"
    "                            nss:db=DIR,certs=A:B:C[,name=READER]\n"
    "                                            a CAC made of certificates\n"
    "                            nss:hw=yes      the same of tokens that NSS finds\n"
    "                            key:FILE        a security key, made on first use\n"
    "                            key             a throw-away one\n"
    "                            exec:PROGRAM    a program that speaks VSCard\n"
    "  -e ARGS, -c NAME        a card as libcacard's vscclient takes it: emulator\n"
    "                          arguments; a certificate, up to ten times\n"
    "  -d LEVEL                the same as -v, if LEVEL is not 0\n"
    "  --prompt, --no-prompt   read commands from standard input, or do not; it is\n"
    "                          done if that is a terminal\n"
    "  --exclusive             local programs cannot use a real card beside the host\n"
    "  --no-transaction        or they can, even in between its commands\n"
    "  --once                  end with the first connection\n"
    "  --ready-fd N            write a newline there when the host has the cards\n"
    "  --trace FILE            write every exchange there, as pcapng\n"
    "  --trace-secrets         with PINs and keys\n"
    "  --log-level LEVEL       say only this much: error, warning, info, debug\n"
    "  --no-sandbox            keep rights that are not needed\n"
    "  -v, --verbose           say more\n"
    "  -q, --quiet             say less; warnings and errors are left, given\n"
    "                          twice errors, three times nothing\n"
    "  -h, --help              print this text\n"
    "  -V, --version           print the version\n"
    "\n"
    "See vscclient(1).\n";

enum {
	OPT_CARD = 0x100,
	OPT_CONNECT,
	OPT_EXCLUSIVE,
	OPT_LISTEN,
	OPT_LOG_LEVEL,
	OPT_NO_PROMPT,
	OPT_NO_SANDBOX,
	OPT_NO_TRANSACTION,
	OPT_ONCE,
	OPT_PROMPT,
	OPT_READY_FD,
	OPT_TRACE,
	OPT_TRACE_SECRETS
};

static const struct option words[] = {
    {"card", required_argument, NULL, OPT_CARD},
    {"connect", required_argument, NULL, OPT_CONNECT},
    {"prompt", no_argument, NULL, OPT_PROMPT},
    {"no-prompt", no_argument, NULL, OPT_NO_PROMPT},
    {"exclusive", no_argument, NULL, OPT_EXCLUSIVE},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    {"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},
    {"once", no_argument, NULL, OPT_ONCE},
    {"ready-fd", required_argument, NULL, OPT_READY_FD},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"trace-secrets", no_argument, NULL, OPT_TRACE_SECRETS},
    {"no-transaction", no_argument, NULL, OPT_NO_TRANSACTION},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char letters[] = ":e:c:d:vqhV";

struct parse {
	struct options *options;
	const char *where; /* of --connect or --listen; NULL: not given */
	const char *emul;  /* of -e; the same */
	const char *certs[CARDSPEC_CERTS_MAX];
	size_t cert_count;
	bool exclusive;
	bool no_transaction;
	char *why;
};

const char *
options_help(void)
{
	return help;
}

static int
add_card(struct parse *p, const char *text)
{
	struct options *o = p->options;
	char why[REFUSE_MAX];
	int rc;

	if (o->card_count == OPTIONS_CARDS_MAX)
		return refuse(p->why, "more than %d cards", OPTIONS_CARDS_MAX);
	rc = cardspec_init(&o->cards[o->card_count].spec, text, why);
	if (rc == -EINVAL)
		return refuse(p->why, "--card %s: %s", text, why);
	if (rc < 0)
		return rc;
	o->cards[o->card_count].words[0] = "--card";
	o->cards[o->card_count].words[1] = text;
	o->cards[o->card_count++].text = text;
	return 0;
}

static int
add_cert(struct parse *p, const char *name)
{
	if (p->cert_count == CARDSPEC_CERTS_MAX)
		return refuse(p->why, "-c %s: a card has at most %d"
		    " certificates", name, CARDSPEC_CERTS_MAX);
	p->certs[p->cert_count++] = name;
	return 0;
}

/* -e and all the -c are one card together, wherever they stand. */
static int
add_emul(struct parse *p)
{
	struct options *o = p->options;
	struct options_card *card = &o->cards[o->card_count];
	char why[REFUSE_MAX];
	int n = 0;
	int rc;

	if (p->emul == NULL && p->cert_count == 0)
		return 0;
	if (o->card_count == OPTIONS_CARDS_MAX)
		return refuse(p->why, "more than %d cards", OPTIONS_CARDS_MAX);
	card->text = p->emul != NULL ? p->emul : p->certs[0];
	rc = emul_init(&card->spec, p->emul, p->certs, p->cert_count, why);
	if (rc == -EINVAL)
		return refuse(p->why, "-%c %s: %s", p->emul != NULL ? 'e' : 'c',
		    card->text, why);
	if (rc < 0)
		return rc;
	if (card->spec.kind == CARDSPEC_PCSC) { /* passthru */
		cardspec_clear(&card->spec);
		return add_card(p, "pcsc");
	}
	if (p->emul != NULL) {
		card->words[n++] = "-e";
		card->words[n++] = p->emul;
	}
	for (size_t i = 0; i < p->cert_count; i++) {
		card->words[n++] = "-c";
		card->words[n++] = p->certs[i];
	}
	o->card_count++;
	return 0;
}

/* The words of the SPEC are what the card process gets to know. */
static int
add_word(struct parse *p, struct options_card *card, const char *word)
{
	char why[REFUSE_MAX];
	struct cardspec spec;
	char *text;
	int rc;

	if (asprintf(&text, "%s,%s", card->text, word) < 0)
		return -ENOMEM;
	rc = cardspec_init(&spec, text, why);
	if (rc < 0) {
		if (rc == -EINVAL)
			rc = refuse(p->why, "--card %s: %s", text, why);
		free(text);
		return rc;
	}
	cardspec_clear(&card->spec);
	free(card->mem);
	card->spec = spec;
	card->text = card->words[1] = card->mem = text;
	return 0;
}

static int
add_words(struct parse *p)
{
	for (size_t i = 0; i < p->options->card_count; i++) {
		struct options_card *card = &p->options->cards[i];
		int rc = 0;

		if (card->spec.kind != CARDSPEC_PCSC)
			continue;
		if (p->exclusive && !card->spec.pcsc.exclusive)
			rc = add_word(p, card, "exclusive");
		if (rc == 0 && p->no_transaction &&
		    !card->spec.pcsc.no_transaction)
			rc = add_word(p, card, "no-transaction");
		if (rc < 0)
			return rc;
	}
	return 0;
}

static const char *
where_name(const struct parse *p)
{
	return p->options->listen ? "--listen" : "--connect";
}

static int
set_where(struct parse *p, bool listen, const char *text)
{
	if (p->where != NULL && p->options->listen == listen)
		return refuse(p->why, "%s is given twice", where_name(p));
	if (p->where != NULL)
		return refuse(p->why, "--connect and --listen exclude each"
		    " other");
	p->options->listen = listen;
	p->where = text;
	return 0;
}

static int
set_volume(struct parse *p, int step)
{
	int volume = (int)p->options->volume + step;

	if (volume >= OPTIONS_SILENT && volume <= OPTIONS_DEBUG)
		p->options->volume = (enum options_volume)volume;
	return 0;
}

static int
set_log_level(struct parse *p, const char *name)
{
	static const enum options_volume volumes[] = {
	    [LOG_LEVEL_ERROR] = OPTIONS_ERRORS,
	    [LOG_LEVEL_WARNING] = OPTIONS_WARNINGS,
	    [LOG_LEVEL_INFO] = OPTIONS_INFO,
	    [LOG_LEVEL_DEBUG] = OPTIONS_DEBUG,
	};
	int level = log_level_get(name);

	if (level < 0)
		return refuse(p->why, "--log-level %s: must be error, warning,"
		    " info or debug", name);
	p->options->volume = volumes[level];
	return 0;
}

/* Standard descriptors too: a pipe may well be one. */
static int
set_ready_fd(struct parse *p, const char *text)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    fd > INT_MAX)
		return refuse(p->why, "--ready-fd %s: must be a descriptor's"
		    " number", text);
	if (fcntl((int)fd, F_GETFD) < 0)
		return refuse(p->why, "--ready-fd %s: is not open", text);
	p->options->ready_fd = (int)fd;
	return 0;
}

/* What is not a number counts as 1, as it does there. */
static int
set_level(struct parse *p, const char *text)
{
	char *end;
	long level = strtol(text, &end, 10);

	if (end == text || level > 0)
		p->options->volume = OPTIONS_DEBUG;
	return 0;
}

static int
take_option(struct parse *p, int c, char *argv[])
{
	switch (c) {
	case OPT_CARD:
		return add_card(p, optarg);
	case OPT_CONNECT:
		return set_where(p, false, optarg);
	case OPT_PROMPT:
		p->options->prompt = OPTIONS_PROMPT_ON;
		return 0;
	case OPT_NO_PROMPT:
		p->options->prompt = OPTIONS_PROMPT_OFF;
		return 0;
	case 'e':
		p->emul = optarg; /* the last one counts, as it does there */
		return 0;
	case 'c':
		return add_cert(p, optarg);
	case 'd':
		return set_level(p, optarg);
	case OPT_EXCLUSIVE:
		p->exclusive = true;
		return 0;
	case OPT_LISTEN:
		return set_where(p, true, optarg);
	case OPT_LOG_LEVEL:
		return set_log_level(p, optarg);
	case OPT_NO_SANDBOX:
		p->options->sandbox = false;
		return 0;
	case OPT_ONCE:
		p->options->once = true;
		return 0;
	case OPT_READY_FD:
		return set_ready_fd(p, optarg);
	case OPT_NO_TRANSACTION:
		p->no_transaction = true;
		return 0;
	case OPT_TRACE:
		p->options->trace = optarg;
		return 0;
	case OPT_TRACE_SECRETS:
		p->options->trace_secrets = true;
		return 0;
	case 'v':
		return set_volume(p, 1);
	case 'q':
		return set_volume(p, -1);
	case 'h':
		p->options->action = OPTIONS_HELP;
		return 0;
	case 'V':
		p->options->action = OPTIONS_VERSION;
		return 0;
	default:
		return refuse_option(p->why, c, letters, argv);
	}
}

static int
take_where(struct parse *p, int count, char *argv[])
{
	struct endpoint *endpoint = &p->options->endpoint;
	const char *why = NULL;
	int rc;

	if (count > 0)
		return refuse(p->why, "'%s' is one too many beside %s",
		    argv[0], where_name(p));
	rc = endpoint_get(p->where, endpoint, &why);
	if (rc < 0)
		return refuse(p->why, "%s %s: %s", where_name(p), p->where,
		    why != NULL ? why : err_text(rc));
	if (p->options->listen && !endpoint_can_listen(endpoint))
		return refuse(p->why, "%s %s: nobody can be awaited there",
		    where_name(p), p->where);
	return 0;
}

/* HOST [PORT], or nothing beside --connect and --listen. */
static int
take_endpoint(struct parse *p, int count, char *argv[])
{
	struct endpoint *endpoint = &p->options->endpoint;
	const char *why = NULL;
	int rc;

	if (p->where != NULL)
		return take_where(p, count, argv);
	if (count == 0)
		return refuse(p->why, "no host to connect to");
	if (count > 2)
		return refuse(p->why, "'%s' is one too many", argv[2]);
	rc = endpoint_from_words(argv[0], argv[1], endpoint, &why);
	return rc < 0 ? refuse(p->why, "%s%s%s: %s", argv[0],
	    count > 1 ? " " : "", count > 1 ? argv[1] : "",
	    why != NULL ? why : err_text(rc)) : 0;
}

static int
take_words(struct parse *p, int argc, char *argv[])
{
	int rc;
	int c;

	optind = 0; /* getopt starts anew */
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		rc = take_option(p, c, argv);
		if (rc < 0 || p->options->action != OPTIONS_RUN)
			return rc;
	}
	rc = take_endpoint(p, argc - optind, argv + optind);
	if (rc == 0)
		rc = add_emul(p);
	if (rc == 0 && p->options->card_count == 0)
		rc = add_card(p, "pcsc");
	if (rc == 0)
		rc = add_words(p);
	if (rc == 0 && p->options->endpoint.kind == ENDPOINT_FD &&
	    p->options->card_count > 1)
		rc = refuse(p->why, "fd:N takes one --card, not %zu",
		    p->options->card_count);
	if (rc == 0 && p->options->trace != NULL &&
	    p->options->endpoint.kind == ENDPOINT_FD)
		rc = refuse(p->why, "fd:N is not traced; whoever is at the"
		    " other end can do it");
	if (rc == 0 && p->options->trace_secrets && p->options->trace == NULL)
		rc = refuse(p->why, "--trace-secrets needs --trace FILE");
	return rc;
}

int
options_init(struct options *out, int argc, char *argv[], char *why)
{
	struct parse p = {.options = out, .why = why};
	int rc;

	memset(out, 0, sizeof(*out));
	out->ready_fd = -1;
	out->sandbox = true;
	rc = take_words(&p, argc, argv);
	if (rc < 0)
		options_clear(out);
	return rc;
}

void
options_clear(struct options *o)
{
	for (size_t i = 0; i < o->card_count; i++) {
		cardspec_clear(&o->cards[i].spec);
		free(o->cards[i].mem);
	}
	memset(o, 0, sizeof(*o));
}
