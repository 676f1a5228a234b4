/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "vscclient/options.h"

enum { WORDS_MAX = 160 };

/* Splits at blanks into an argv of its own, and reads it. */
struct line {
	char text[4096];
	char *argv[WORDS_MAX + 1];
	int argc;
	struct options options;
	char why[REFUSE_MAX];
};

static int
line_get(struct line *l, const char *words)
{
	char *save = NULL;
	char *word;

	memset(l, 0, sizeof(*l));
	snprintf(l->text, sizeof(l->text), "vscclient %s", words);
	for (word = strtok_r(l->text, " ", &save);
	     word != NULL && l->argc < WORDS_MAX;
	     word = strtok_r(NULL, " ", &save))
		l->argv[l->argc++] = word;
	return options_init(&l->options, l->argc, l->argv, l->why);
}

static const struct {
	const char *words;
	const char *endpoint;
	size_t cards;
	int volume;
} good[] = {
    {"host", "tcp:host:2001", 1, OPTIONS_INFO},
    {"host 2002", "tcp:host:2002", 1, OPTIONS_INFO},
    {"--connect tcp:host:2002", "tcp:host:2002", 1, OPTIONS_INFO},
    {"--connect=unix:/run/x", "unix:/run/x", 1, OPTIONS_INFO},
    {"--card pcsc:a --card pcsc:b h", "tcp:h:2001", 2, OPTIONS_INFO},
    {"h --card pcsc:a 5", "tcp:h:5", 1, OPTIONS_INFO},
    {"-- h 5", "tcp:h:5", 1, OPTIONS_INFO},
    {"-v h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"-vvv h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"-q h", "tcp:h:2001", 1, OPTIONS_WARNINGS},
    {"-qq h", "tcp:h:2001", 1, OPTIONS_ERRORS},
    {"-qqqqq h", "tcp:h:2001", 1, OPTIONS_SILENT},
    {"--log-level error h", "tcp:h:2001", 1, OPTIONS_ERRORS},
    {"--log-level=warning h", "tcp:h:2001", 1, OPTIONS_WARNINGS},
    {"-v --log-level info h", "tcp:h:2001", 1, OPTIONS_INFO},
    {"--log-level debug h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"--log-level warning -v h", "tcp:h:2001", 1, OPTIONS_INFO},
    {"--quiet --verbose h", "tcp:h:2001", 1, OPTIONS_INFO},
    {"--connect ssh:me@host:5", "ssh:me@host:5", 1, OPTIONS_INFO},
    {"--card pcsc --connect fd:3", "fd:3", 1, OPTIONS_INFO},
    {"-e use_hw=yes h 5", "tcp:h:5", 1, OPTIONS_INFO},
    {"-e nonsense -e passthru h", "tcp:h:2001", 1, OPTIONS_INFO},
    {"-c a -c b h 5 -e use_hw=no", "tcp:h:5", 1, OPTIONS_INFO},
    {"-c a --card pcsc h", "tcp:h:2001", 2, OPTIONS_INFO},
    {"-c a --connect fd:3", "fd:3", 1, OPTIONS_INFO},
    {"-d 0 h", "tcp:h:2001", 1, OPTIONS_INFO},
    {"-d 1 h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"-d11 h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"-d all h", "tcp:h:2001", 1, OPTIONS_DEBUG},
    {"--listen unix:/run/x", "unix:/run/x", 1, OPTIONS_INFO},
    {"--listen=tcp:127.0.0.1:5 -v", "tcp:127.0.0.1:5", 1, OPTIONS_DEBUG},
};

START_TEST(good_lines)
{
	char text[ENDPOINT_TEXT_MAX];
	struct line l;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(line_get(&l, good[i].words) == 0, "%s: %s",
		    good[i].words, l.why);
		ck_assert_int_eq(l.options.action, OPTIONS_RUN);
		ck_assert_str_eq(endpoint_text(&l.options.endpoint, text,
		    sizeof(text)), good[i].endpoint);
		ck_assert_uint_eq(l.options.card_count, good[i].cards);
		ck_assert_int_eq((int)l.options.volume, good[i].volume);
		ck_assert_int_eq(l.options.listen,
		    strncmp(good[i].words, "--listen", 8) == 0);
		options_clear(&l.options);
	}
}
END_TEST

static const struct {
	const char *words;
	const char *why;
} bad[] = {
    {"", "no host"},
    {"-v", "no host"},
    {"a 1 b", "'b' is one too many"},
    {"--trace", "'--trace' needs a value"},
    {"--trace-secrets a", "--trace-secrets needs --trace FILE"},
    {"--trace x --connect fd:3", "fd:N is not traced"},
    {"a 0", "a 0: "},
    {"a 65536", "a 65536: "},
    {"a 1x", "a 1x: "},
    {"--connect", "'--connect' needs a value"},
    {"--connect tcp:a:1 b", "'b' is one too many"},
    {"--connect tcp:a:1 --connect tcp:b:1", "twice"},
    {"--connect sctp:a:1", "--connect sctp:a:1: "},
    {"--listen", "'--listen' needs a value"},
    {"--listen tcp:a:1 b", "'b' is one too many beside --listen"},
    {"--listen tcp:a:1 --listen tcp:b:1", "--listen is given twice"},
    {"--listen tcp:a:1 --connect tcp:b:1", "exclude each other"},
    {"--connect tcp:a:1 --listen tcp:b:1", "exclude each other"},
    {"--listen sctp:a:1", "--listen sctp:a:1: "},
    {"--listen fd:3", "--listen fd:3: nobody can be awaited"},
    {"--listen ssh:a", "--listen ssh:a: nobody can be awaited"},
    {"--card", "'--card' needs a value"},
    {"--card foo h", "--card foo: 'foo' is no kind of card"},
    {"--card pcsc:a --card nss:db=/d h", "certs="},
    {"--card pcsc --card pcsc --connect fd:3", "one --card"},
    {"-e", "'-e' needs a value"},
    {"-e use_hw=no h", "-e use_hw=no: use_hw=no and no soft="},
    {"-e db=/d h", "-e db=/d: the path must be quoted"},
    {"-c a -c b -e passthru h", "do not go together"},
    {"-c 1 -c 2 -c 3 -c 4 -c 5 -c 6 -c 7 -c 8 -c 9 -c 10 -c 11 h",
        "-c 11: a card has at most 10"},
    {"-c a --card pcsc --connect fd:3", "one --card"},
    {"-p h", "'-p'"},
    {"-x h", "'-x'"},
    {"--log-level loud h", "--log-level loud: must be error, warning,"},
    {"--log-level", "'--log-level' needs a value"},
    {"--ready-fd x h", "--ready-fd x: must be a descriptor"},
    {"--ready-fd -1 h", "--ready-fd -1: must be a descriptor"},
    {"--ready-fd 1x h", "--ready-fd 1x: must be a descriptor"},
    {"--ready-fd 4294967296 h", "must be a descriptor"},
    {"--ready-fd 1000 h", "--ready-fd 1000: is not open"},
    {"--once=1 h", "--once=1"},
    {"-vx h", "'-x'"},
    {"--frob h", "'--frob'"},
    {"--verbose=1 h", "--verbose=1"},
};

START_TEST(bad_lines)
{
	struct line l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(line_get(&l, bad[i].words) == -EINVAL,
		    "%s was taken", bad[i].words);
		ck_assert_msg(strstr(l.why, bad[i].why) != NULL, "%s: %s",
		    bad[i].words, l.why);
		ck_assert_ptr_null(strchr(l.why, '\n'));
	}
}
END_TEST

START_TEST(help_and_version_need_no_host)
{
	struct line l;

	ck_assert_int_eq(line_get(&l, "-h"), 0);
	ck_assert_int_eq(l.options.action, OPTIONS_HELP);
	ck_assert_int_eq(line_get(&l, "--card pcsc:a --version --frob"), 0);
	ck_assert_int_eq(l.options.action, OPTIONS_VERSION);
	options_clear(&l.options);
	ck_assert_ptr_nonnull(strstr(options_help(), "--card SPEC"));
}
END_TEST

/* What the card process is given says the same again. */
START_TEST(cards_are_said_in_words)
{
	const char *const *words;
	struct line l;

	ck_assert_int_eq(line_get(&l, "--card pcsc -c a -e use_hw=no -c b h"),
	    0);
	words = l.options.cards[0].words;
	ck_assert_str_eq(words[0], "--card");
	ck_assert_str_eq(words[1], "pcsc");
	ck_assert_ptr_null(words[2]);
	words = l.options.cards[1].words;
	ck_assert_str_eq(words[0], "-e");
	ck_assert_str_eq(words[1], "use_hw=no");
	ck_assert_str_eq(words[3], "a");
	ck_assert_str_eq(words[4], "-c");
	ck_assert_str_eq(words[5], "b");
	ck_assert_ptr_null(words[6]);
	ck_assert_uint_eq(l.options.cards[1].spec.nss.soft[0].cert_count, 2);
	options_clear(&l.options);
}
END_TEST

START_TEST(cards_have_a_limit)
{
	char words[4096] = "h";
	struct line l;

	for (int i = 0; i < OPTIONS_CARDS_MAX; i++)
		strcat(words, " --card=pcsc");
	ck_assert_int_eq(line_get(&l, words), 0);
	ck_assert_uint_eq(l.options.card_count, OPTIONS_CARDS_MAX);
	options_clear(&l.options);
	strcat(words, " --card=pcsc");
	ck_assert_int_eq(line_get(&l, words), -EINVAL);
	ck_assert_ptr_nonnull(strstr(l.why, "more than 64"));
	strcpy(strstr(words, " --card"), "");
	for (int i = 0; i < OPTIONS_CARDS_MAX; i++)
		strcat(words, " --card=pcsc");
	strcat(words, " -c a");
	ck_assert_int_eq(line_get(&l, words), -EINVAL);
	ck_assert_ptr_nonnull(strstr(l.why, "more than 64"));
}
END_TEST

/* For all pcsc cards, and as words of their SPEC. */
START_TEST(sharing_is_said_to_the_card_process)
{
	struct line l;

	ck_assert_int_eq(line_get(&l, "--exclusive --card pcsc:a --card"
	    " pcsc,exclusive --card nss:db=d,certs=x h --no-transaction"), 0);
	ck_assert_str_eq(l.options.cards[0].text,
	    "pcsc:a,exclusive,no-transaction");
	ck_assert_str_eq(l.options.cards[1].text,
	    "pcsc,exclusive,no-transaction");
	ck_assert_str_eq(l.options.cards[2].text, "nss:db=d,certs=x");
	ck_assert(l.options.cards[0].spec.pcsc.exclusive);
	ck_assert(l.options.cards[1].spec.pcsc.no_transaction);
	options_clear(&l.options);
	ck_assert_int_eq(line_get(&l, "--exclusive h"), 0);
	ck_assert_str_eq(l.options.cards[0].text, "pcsc,exclusive");
	options_clear(&l.options);
}
END_TEST

UNIT_SUITE("options", good_lines, bad_lines, help_and_version_need_no_host,
    cards_are_said_in_words, cards_have_a_limit,
    sharing_is_said_to_the_card_process)
