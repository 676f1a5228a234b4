/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: vscard-key COMMAND [OPTION]... FILE...\n"
    "Makes and administers security keys that are files.\n"
    "\n"
    "  create FILE              make a key\n"
    "    --name NAME            and call it so\n"
    "    --passphrase           and ask for a passphrase, or take it from one\n"
    "                           of --passphrase-file and --passphrase-fd\n"
    "  info FILE                show what the key is and holds\n"
    "    --json                 for programs\n"
    "  reset FILE               destroy all that the key holds; it is as new\n"
    "  passphrase FILE          give the file a passphrase, or another one\n"
    "    --remove               or take it away\n"
    "    --new-passphrase-file PATH, --new-passphrase-fd N\n"
    "                           the first line is the new one\n"
    "  export-certs FILE [DIR]  write the key's certificates as DIR/SLOT.pem\n"
    "  backup FILE TO           copy the key, with its secrets, to a new file\n"
    "  restore FROM FILE        make FILE what the backup FROM is\n"
    "\n"
    "For each of them:\n"
    "  --passphrase-file PATH   the first line is the passphrase of the file;\n"
    "  --passphrase-fd N        or of a descriptor. It is asked at the "
    "terminal\n"
    "                           if it is needed and neither is given\n"
    "  --yes                    do not ask before something is destroyed\n"
    "  -h, --help               print this text\n"
    "  -V, --version            print the version\n"
    "\n"
    "See vscard-key(1).\n";

enum {
	OPT_FD = 0x100,
	OPT_FILE,
	OPT_JSON,
	OPT_NAME,
	OPT_NEW_FD,
	OPT_NEW_FILE,
	OPT_PASSPHRASE,
	OPT_REMOVE,
	OPT_YES
};

static const struct option words[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"name", required_argument, NULL, OPT_NAME},
    {"new-passphrase-fd", required_argument, NULL, OPT_NEW_FD},
    {"new-passphrase-file", required_argument, NULL, OPT_NEW_FILE},
    {"passphrase", no_argument, NULL, OPT_PASSPHRASE},
    {"passphrase-fd", required_argument, NULL, OPT_FD},
    {"passphrase-file", required_argument, NULL, OPT_FILE},
    {"remove", no_argument, NULL, OPT_REMOVE},
    {"yes", no_argument, NULL, OPT_YES},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* Bits: which options a command takes, beside those of all. */
enum {
	TAKES_JSON = 1,
	TAKES_NAME = 2,
	TAKES_NEW = 4,       /* --new-passphrase-*, --remove */
	TAKES_PASSPHRASE = 8 /* --passphrase */
};

static const struct command {
	const char *word;
	enum options_action action;
	int least, most; /* words behind it */
	const char *files;
	unsigned takes;
} commands[] = {
    {"create", OPTIONS_CREATE, 1, 1, "FILE", TAKES_NAME | TAKES_PASSPHRASE},
    {"info", OPTIONS_INFO, 1, 1, "FILE", TAKES_JSON},
    {"reset", OPTIONS_RESET, 1, 1, "FILE", 0},
    {"passphrase", OPTIONS_PASSPHRASE, 1, 1, "FILE", TAKES_NEW},
    {"export-certs", OPTIONS_EXPORT, 1, 2, "FILE [DIR]", 0},
    {"backup", OPTIONS_BACKUP, 2, 2, "FILE TO", 0},
    {"restore", OPTIONS_RESTORE, 2, 2, "FROM FILE", 0},
};

static const char letters[] = ":hV";

struct parse {
	struct options *options;
	unsigned given; /* bits as above */
	char *why;
};

const char *
options_help(void)
{
	return help;
}

static int
set_fd(struct parse *p, struct options_source *source, const char *text)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    fd > INT_MAX)
		return refuse(p->why, "'%s' is no descriptor's number", text);
	if (fcntl((int)fd, F_GETFD) < 0)
		return refuse(p->why, "descriptor %s is not open", text);
	source->fd = (int)fd;
	return 0;
}

static int
set_file(struct parse *p, struct options_source *source, const char *text)
{
	if (*text == '\0')
		return refuse(p->why, "the name of a passphrase file is empty");
	source->file = text;
	return 0;
}

static int
set_new(struct parse *p, int c)
{
	struct options_source *source = &p->options->new_passphrase;

	p->given |= TAKES_NEW;
	return c == OPT_NEW_FD ? set_fd(p, source, optarg)
			       : set_file(p, source, optarg);
}

static int
take_option(struct parse *p, int c, char *argv[])
{
	struct options *o = p->options;

	switch (c) {
	case OPT_JSON:
		o->json = true;
		p->given |= TAKES_JSON;
		return 0;
	case OPT_NAME:
		o->name = optarg;
		p->given |= TAKES_NAME;
		return 0;
	case OPT_PASSPHRASE:
		o->with_passphrase = true;
		p->given |= TAKES_PASSPHRASE;
		return 0;
	case OPT_REMOVE:
		o->without = true;
		p->given |= TAKES_NEW;
		return 0;
	case OPT_NEW_FD:
	case OPT_NEW_FILE:
		return set_new(p, c);
	case OPT_FD:
		return set_fd(p, &o->passphrase, optarg);
	case OPT_FILE:
		return set_file(p, &o->passphrase, optarg);
	case OPT_YES:
		o->yes = true;
		return 0;
	default:
		return refuse_option(p->why, c, letters, argv);
	}
}

static const struct command *
find_command(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

static int
check_takes(const struct parse *p, const struct command *command)
{
	static const char *const names[] = {"--json", "--name",
	    "--new-passphrase-file, --new-passphrase-fd and --remove",
	    "--passphrase"};
	unsigned wrong = p->given & ~command->takes;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((wrong & 1u << i) != 0)
			return refuse(
			    p->why, "%s: not with %s", names[i], command->word);
	return 0;
}

static int
check_sources(const struct parse *p)
{
	const struct options *o = p->options;
	bool old = o->passphrase.file != NULL && o->passphrase.fd >= 0;
	bool new = o->new_passphrase.file != NULL || o->new_passphrase.fd >= 0;

	if (old ||
	    (o->new_passphrase.file != NULL && o->new_passphrase.fd >= 0))
		return refuse(p->why, "a passphrase comes from a file or a"
				      " descriptor, not both");
	if (new && o->without)
		return refuse(p->why, "--remove excludes a new passphrase");
	return 0;
}

static int
take_words(struct parse *p, int count, char *argv[])
{
	struct options *o = p->options;
	const struct command *command;
	int rc;

	if (count == 0)
		return refuse(p->why, "no command");
	command = find_command(argv[0]);
	if (command == NULL)
		return refuse(p->why, "'%s' is no command", argv[0]);
	count--;
	if (count < command->least || count > command->most)
		return refuse(
		    p->why, "%s wants: %s", command->word, command->files);
	for (int i = 1; i <= count; i++)
		if (*argv[i] == '\0')
			return refuse(p->why, "the name of a file is empty");
	o->action = command->action;
	o->file = argv[1];
	o->other = count > 1 ? argv[2] : NULL;
	rc = check_takes(p, command);
	return rc < 0 ? rc : check_sources(p);
}

int
options_get(int argc, char *argv[], struct options *out, char *why)
{
	struct options o = {
	    .name = "", .passphrase = {.fd = -1}, .new_passphrase = {.fd = -1}};
	struct parse p = {.options = &o, .why = why};
	int rc = 0;
	int c;

	optind = 0; /* getopt starts anew */
	opterr = 0;
	while (rc == 0 &&
	       (c = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			o.action = c == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
			*out = o;
			return 0;
		}
		rc = take_option(&p, c, argv);
	}
	if (rc == 0)
		rc = take_words(&p, argc - optind, argv + optind);
	if (rc == 0)
		*out = o;
	return rc;
}
