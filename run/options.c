/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/endpoint.h"
#include "run/place.h"
#include "util/refuse.h"

enum { TIMEOUT_DEFAULT_MS = 30000, TIMEOUT_MAX_S = 86400 };

enum {
	OPT_CARD = 256,
	OPT_SLOTS,
	OPT_LISTEN,
	OPT_SET,
	OPT_TRACE,
	OPT_TRACE_SECRETS,
	OPT_DRIVER,
	OPT_VSCCLIENT,
	OPT_PCSCD,
	OPT_TIMEOUT
};

static const struct option long_options[] = {
    {"card", required_argument, NULL, OPT_CARD},
    {"slots", required_argument, NULL, OPT_SLOTS},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"set", required_argument, NULL, OPT_SET},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"trace-secrets", no_argument, NULL, OPT_TRACE_SECRETS},
    {"driver", required_argument, NULL, OPT_DRIVER},
    {"vscclient", required_argument, NULL, OPT_VSCCLIENT},
    {"pcscd", required_argument, NULL, OPT_PCSCD},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char letters[] = "+:hVv";

static const char *const action_names[] = {
    [OPTIONS_RUN] = "run",
    [OPTIONS_HELP] = "help",
    [OPTIONS_VERSION] = "version",
};

static const char usage[] =
    "usage: vscard-run [OPTION]... [--] COMMAND [ARG]...\n"
    "Runs COMMAND beside a private pcscd with virtual readers and cards.\n"
    "\n"
    "  --card SPEC        a card, as vscclient takes it; may be repeated\n"
    "  --slots N          readers (default: as many as cards, at least 1)\n"
    "  --listen ENDPOINT  where the driver listens for more clients\n"
    "  --set KEY=VALUE    a line for the driver's file; may be repeated\n"
    "  --trace FILE       write every exchange there, as pcapng\n"
    "  --trace-secrets    with PINs and keys\n"
    "  --driver FILE      the driver, not the installed one\n"
    "  --vscclient FILE   the client, not the installed one\n"
    "  --pcscd FILE       the daemon, not the one in PATH\n"
    "  --timeout SECONDS  until the cards must be there (default: 30)\n"
    "  -v, --verbose      show what pcscd and vscclient say\n"
    "  -h, --help         show this text\n"
    "  -V, --version      show the version\n"
    "\n"
    "Exit status: COMMAND's own; 128+N if signal N ended it; 125 if\n"
    "vscard-run failed; 126 if COMMAND cannot be run; 127 if there is none.\n";

const char *
options_usage(void)
{
	return usage;
}

const char *
options_action_name(enum options_action action)
{
	return (unsigned)action <= OPTIONS_VERSION ? action_names[action] : "?";
}

/* A decimal number from 1 to max and nothing else. */
static int
number_get(const char *text, unsigned max, unsigned *out)
{
	unsigned value = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (!isdigit((unsigned char)*p))
			return -EINVAL;
		value = value * 10 + (unsigned)(*p - '0');
		if (value > max)
			return -EINVAL;
	}
	if (value == 0)
		return -EINVAL;
	*out = value;
	return 0;
}

static int
slots_set(struct options *opt, const char *text, char *why)
{
	if (number_get(text, OPTIONS_SLOTS_MAX, &opt->slots) == 0)
		return 0;
	return refuse(why, "--slots %s: must be a number from 1 to %d", text,
	    OPTIONS_SLOTS_MAX);
}

static int
timeout_set(struct options *opt, const char *text, char *why)
{
	unsigned seconds;

	if (number_get(text, TIMEOUT_MAX_S, &seconds) < 0)
		return refuse(why, "--timeout %s: must be seconds from 1 to %d",
		    text, TIMEOUT_MAX_S);
	opt->timeout_ms = (int)seconds * 1000;
	return 0;
}

static int
listen_set(struct options *opt, const char *text, char *why)
{
	struct endpoint endpoint;
	const char *reason;

	if (endpoint_get(text, &endpoint, &reason) < 0)
		return refuse(why, "--listen %s: %s", text, reason);
	if (!endpoint_can_listen(&endpoint))
		return refuse(why,
		    "--listen %s: must be tcp:HOST:PORT, tcp6:ADDR:PORT "
		    "or unix:/PATH",
		    text);
	opt->listen = text;
	return 0;
}

/* The length of the key before "=", or 0. */
static size_t
key_len(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return text[len] == '=' ? len : 0;
}

static bool
is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static bool
is_key(const char *text, size_t len, const char *key)
{
	return strlen(key) == len && memcmp(text, key, len) == 0;
}

static int
sets_add(struct options *opt, const char *text, char *why)
{
	size_t len = key_len(text);

	if (len == 0 || !is_one_line(text))
		return refuse(why,
		    "--set %s: must be KEY=VALUE on one line, KEY as "
		    "in vscard.conf(5)",
		    text);
	if (is_key(text, len, "listen") || is_key(text, len, "slots"))
		return refuse(
		    why, "--set %s: use --%.*s", text, (int)len, text);
	if (is_key(text, len, "connect"))
		opt->connects = true;
	opt->sets[opt->n_sets++] = text;
	return 0;
}

static int
cards_add(struct options *opt, const char *text, char *why)
{
	if (*text == '\0' || !is_one_line(text))
		return refuse(why, "--card: needs a card, such as key");
	opt->cards[opt->n_cards++] = text;
	return 0;
}

static int
file_set(const char *name, const char *text, const char **out, char *why)
{
	if (*text == '\0')
		return refuse(why, "--%s: needs the name of a file", name);
	*out = text;
	return 0;
}

/* The driver's file takes an absolute path, and begins a comment so. */
static int
trace_set(struct options *opt, const char *text, char *why)
{
	char *cwd = NULL;

	if (*text == '\0' || !is_one_line(text) || strstr(text, " ;") != NULL)
		return refuse(why, "--trace: needs the name of a file");
	if (*text != '/' && (cwd = getcwd(NULL, 0)) == NULL)
		return -errno;
	free(opt->trace);
	if (asprintf(&opt->trace, "%s%s%s", cwd != NULL ? cwd : "",
		cwd != NULL ? "/" : "", text) < 0)
		opt->trace = NULL;
	free(cwd);
	return opt->trace != NULL ? 0 : -ENOMEM;
}

static int
option_take(struct options *opt, int c, char *argv[], char *why)
{
	switch (c) {
	case OPT_CARD:
		return cards_add(opt, optarg, why);
	case OPT_SLOTS:
		return slots_set(opt, optarg, why);
	case OPT_LISTEN:
		return listen_set(opt, optarg, why);
	case OPT_SET:
		return sets_add(opt, optarg, why);
	case OPT_TRACE:
		return trace_set(opt, optarg, why);
	case OPT_TRACE_SECRETS:
		opt->trace_secrets = true;
		return 0;
	case OPT_DRIVER:
		return file_set("driver", optarg, &opt->driver, why);
	case OPT_VSCCLIENT:
		return file_set("vscclient", optarg, &opt->vscclient, why);
	case OPT_PCSCD:
		return file_set("pcscd", optarg, &opt->pcscd, why);
	case OPT_TIMEOUT:
		return timeout_set(opt, optarg, why);
	case 'v':
		opt->verbose = true;
		return 0;
	case 'h':
		opt->action = OPTIONS_HELP;
		return 0;
	case 'V':
		opt->action = OPTIONS_VERSION;
		return 0;
	default:
		return refuse_option(why, c, letters, argv);
	}
}

/* What one option alone cannot tell. */
static int
options_finish(struct options *opt, char *why)
{
	if (opt->action != OPTIONS_RUN)
		return 0;
	if (opt->command[0] == NULL)
		return refuse(why, "no COMMAND to run");
	if (opt->trace_secrets && opt->trace == NULL)
		return refuse(why, "--trace-secrets needs --trace FILE");
	if (opt->n_cards > OPTIONS_SLOTS_MAX)
		return refuse(why, "%zu cards are more than %d readers hold",
		    opt->n_cards, OPTIONS_SLOTS_MAX);
	if (opt->connects && opt->n_cards > 0)
		return refuse(why,
		    "--set connect=...: goes with no --card, whose "
		    "vscclient would connect here");
	if (opt->slots == 0)
		opt->slots = opt->n_cards > 0 ? (unsigned)opt->n_cards : 1;
	if (opt->slots < opt->n_cards)
		return refuse(why, "--slots %u: too few for %zu cards",
		    opt->slots, opt->n_cards);
	return 0;
}

/* An empty variable is no variable. */
static const char *
env_get(const char *name)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? text : NULL;
}

static int
options_init(struct options *opt, int argc)
{
	*opt = (struct options){
	    .cards = calloc((size_t)argc + 1, sizeof(char *)),
	    .sets = calloc((size_t)argc + 1, sizeof(char *)),
	    .listen = PLACE_ENDPOINT,
	    .driver = env_get("VSCARD_DRIVER"),
	    .vscclient = env_get("VSCARD_VSCCLIENT"),
	    .pcscd = env_get("VSCARD_PCSCD"),
	    .timeout_ms = TIMEOUT_DEFAULT_MS,
	};
	return opt->cards != NULL && opt->sets != NULL ? 0 : -ENOMEM;
}

int
options_get(int argc, char *argv[], struct options *out, char *why)
{
	struct options opt;
	int c, r;

	if ((r = options_init(&opt, argc)) < 0)
		goto out;
	optind = 0; /* from the start, whoever parsed before */
	while ((c = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
		if ((r = option_take(&opt, c, argv, why)) < 0)
			goto out;
	opt.command = argv + optind;
	r = options_finish(&opt, why);
out:
	if (r < 0)
		options_clear(&opt);
	else
		*out = opt;
	return r;
}

void
options_clear(struct options *opt)
{
	free(opt->cards);
	free(opt->sets);
	free(opt->trace);
	*opt = (struct options){0};
}
