/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "ctl/commands.h"
#include "net/control.h"
#include "util/refuse.h"

static const char usage[] =
    "Usage: vscard-ctl [OPTION]... COMMAND [READER]\n"
    "Shows and steers the virtual smart card readers of a running pcscd.\n"
    "\n"
    "  list             endpoints, peers, readers and cards (default)\n"
    "  eject READER     take the card out, as applications see it\n"
    "  insert READER    put it back\n"
    "  watch            show events and exchanges as they happen\n"
    "  doctor           find out why something does not work\n"
    "\n"
    "READER is a name from list, the name that its owner gave it, or a part\n"
    "that only one has.\n"
    "\n"
    "  --json           for programs\n"
    "  --force          eject: do not wait for a command in flight\n"
    "  --data           watch: the bytes too\n"
    "  --socket PATH    the driver's control socket, if not the usual one\n"
    "  -h, --help       print this text\n"
    "  -V, --version    print the version\n"
    "\n"
    "See vscard-ctl(1).\n";

static const struct {
	const char *word;
	command_fn *command;
	bool takes_reader;
} commands[] = {
    {"list", command_list, false},
    {"eject", command_eject, true},
    {"insert", command_insert, true},
    {"watch", command_watch, false},
    {"doctor", command_doctor, false},
};

enum { OPT_JSON = 0x100, OPT_FORCE, OPT_DATA, OPT_SOCKET };

static const struct option words[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"force", no_argument, NULL, OPT_FORCE},
    {"data", no_argument, NULL, OPT_DATA},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char letters[] = ":hV";

const char *
options_usage(void)
{
	return usage;
}

static int
option_take(struct options *opt, int c, char *argv[], char *why)
{
	switch (c) {
	case OPT_JSON:
		opt->json = true;
		return 0;
	case OPT_FORCE:
		opt->force = true;
		return 0;
	case OPT_DATA:
		opt->data = true;
		return 0;
	case OPT_SOCKET:
		opt->socket = optarg;
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

/* COMMAND and READER. */
static int
words_take(struct options *opt, int argc, char *argv[], char *why)
{
	const char *word = argc > 0 ? argv[0] : "list";
	size_t i = 0, n = sizeof(commands) / sizeof(*commands);

	while (i < n && strcmp(word, commands[i].word) != 0)
		i++;
	if (i == n)
		return refuse(why, "there is no command %s", word);
	opt->command = commands[i].command;
	if (commands[i].takes_reader && argc < 2)
		return refuse(why, "which reader? Needed by %s", word);
	if (commands[i].takes_reader)
		opt->reader = argv[1];
	if (argc > (commands[i].takes_reader ? 2 : 1))
		return refuse(why, "one word too many: %s",
		    argv[commands[i].takes_reader ? 2 : 1]);
	if (opt->force && opt->command != command_eject)
		return refuse(why, "--force is for eject");
	if (opt->data && opt->command != command_watch)
		return refuse(why, "--data is for watch");
	return 0;
}

int
options_get(int argc, char *argv[], struct options *out, char *why)
{
	struct options opt = {.socket = control_path()};
	int c, rc;

	optind = 0; /* getopt starts anew */
	while ((c = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		rc = option_take(&opt, c, argv, why);
		if (rc < 0)
			return rc;
	}
	if (opt.action == OPTIONS_RUN) {
		rc = words_take(&opt, argc - optind, argv + optind, why);
		if (rc < 0)
			return rc;
	}
	*out = opt;
	return 0;
}
