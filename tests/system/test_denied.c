/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What somebody could do who has taken over a process of vscclient: the
 * running process itself is made to try it, in each of its threads, once with
 * its sandbox and once without one. What nobody can do here would prove
 * nothing. Afterwards each card still answers.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_host.h"
#include "tests/system/attack.h"
#include "tests/system/captive.h"
#include "tests/system/memory.h"
#include "tests/system/pc.h"

#define ATR "3B02145A"
#define ECHO "8001000003010203"
#define ECHOED "80010000030102039000"

enum { CARDS = 4, CHILDREN_MAX = 8 };

struct scene {
	struct child client;
	pid_t children[CHILDREN_MAX]; /* what starts others, then the cards */
	size_t count;
	struct attack attack;
};

static size_t
children_of(pid_t pid, pid_t children[CHILDREN_MAX])
{
	FILE *f = fopen(
	    system_text("/proc/%d/task/%d/children", (int)pid, (int)pid), "re");
	size_t n = 0;
	int child;

	ck_assert_ptr_nonnull(f);
	while (n < CHILDREN_MAX && fscanf(f, "%d", &child) == 1)
		children[n++] = child;
	fclose(f);
	return n;
}

static void
scene_begin(struct scene *s, bool sandbox)
{
	memset(s, 0, sizeof(*s));
	memory_enter();
	attack_init(&s->attack, sandbox);
}

/* The same processes are there: none has died, and been started again. */
static void
check_alive(const struct scene *s)
{
	pid_t now[CHILDREN_MAX];
	size_t count = children_of(s->client.pid, now);

	ck_assert_uint_eq(count, s->count);
	ck_assert_mem_eq(now, s->children, count * sizeof(now[0]));
}

static void
scene_end(struct scene *s)
{
	attack_clear(&s->attack);
	/* The next one wants its slots. */
	child_kill(&s->client, SIGTERM);
	(void)child_wait(&s->client);
	ck_assert_msg(s->attack.wrong[0] == '\0', "%s", s->attack.wrong);
}

static void
await_card(struct pcsc_watch *watch, unsigned reader)
{
	struct pcsc_event ev;

	do
		ev = pcsc_watch_next(watch, reader);
	while (strncmp(ev.text, "card ", 5) != 0);
}

static void
check_answer(unsigned reader)
{
	static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x00, 0x00};
	uint8_t response[512];
	size_t len = sizeof(response);
	struct pc pc;

	pc_open(&pc, reader);
	ck_assert_int_eq(
	    pc_try_transmit(&pc, select, sizeof(select), response, &len),
	    SCARD_S_SUCCESS);
	ck_assert_uint_ge(len, 2);
	pc_close(&pc, SCARD_UNPOWER_CARD);
}

/* The database of system_nss_card. */
static const char *
database(const char *card)
{
	const char *path = strstr(card, "sql:") + strlen("sql:");

	return system_text("%.*s", (int)strcspn(path, ","), path);
}

static void
attack_cards(bool sandbox)
{
	const char *nss = system_nss_card(), *home, *db = database(nss);
	struct pcsc_watch *watch;
	struct scene s;

	scene_begin(&s, sandbox);
	home = system_text("%s/home", system_dir());
	ck_assert_int_eq(mkdir(home, 0700), 0);
	watch = system_watch();
	child_start(&s.client, system_program("vscclient/vscclient"),
	    sandbox ? "-v" : "--no-sandbox", "--connect", system_endpoint(),
	    "--card", system_text("key:%s/a.key", home), "--card", nss,
	    "--card",
	    system_text("exec:%s", system_program("docs/example-card")), "-e",
	    system_text("db=\"%s\",use_hw=no,soft=(NSS Certificate DB,Token,"
			"CAC,,id-cert)",
		db));
	for (unsigned i = 0; i < CARDS; i++)
		await_card(watch, i);
	s.count = children_of(s.client.pid, s.children);
	ck_assert_uint_eq(s.count, 1 + CARDS);
	attack_process(&s.attack, "network", ATTACK_NETWORK, s.client.pid);
	s.attack.own = system_text("%s/own", home);
	attack_process(&s.attack, "key", ATTACK_KEY, s.children[1]);
	s.attack.own = system_text("%s/cert9.db", db);
	attack_process(&s.attack, "certificates", ATTACK_CERTS, s.children[2]);
	s.attack.own = NULL;
	attack_from_outside(&s.attack, "starter", s.children[0]);
	attack_from_outside(&s.attack, "key", s.children[1]);
	attack_process(&s.attack, "exec", ATTACK_EXEC, s.children[3]);
	attack_process(&s.attack, "token", ATTACK_TOKEN, s.children[4]);
	for (unsigned i = 0; i < CARDS; i++)
		check_answer(i);
	check_alive(&s);
	scene_end(&s);
}

/* A reader of this pcscd; a host that is the same would refuse it. */
static void
attack_reader(bool sandbox)
{
	struct fake_card *card;
	struct scene s;
	int listener, fd;

	scene_begin(&s, sandbox);
	listener = script_listen(system_socket("host"));
	card = fake_card_start(system_endpoint(), ATR);
	child_start(&s.client, system_program("vscclient/vscclient"),
	    sandbox ? "-v" : "--no-sandbox", "--connect", system_socket("host"),
	    "--card", "pcsc:VSCARD*00");
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	s.count = children_of(s.client.pid, s.children);
	ck_assert_uint_eq(s.count, 2);
	attack_process(&s.attack, "pcsc", ATTACK_PCSC, s.children[1]);
	if (sandbox)
		attack_from_outside(&s.attack, "pcsc", s.children[1]);
	stock_host_ask(fd, 0, ECHO, ECHOED);
	check_alive(&s);
	scene_end(&s);
	close(fd);
	close(listener);
	fake_card_free(&card);
}

START_TEST(each_could_do_all_of_it)
{
	attack_cards(false);
}
END_TEST

START_TEST(each_is_denied_it)
{
	attack_cards(true);
}
END_TEST

START_TEST(reader_could_do_all_of_it)
{
	attack_reader(false);
}
END_TEST

START_TEST(reader_is_denied_it)
{
	attack_reader(true);
}
END_TEST

#if CAPTIVE_IS_POSSIBLE
#define NAME "denied"
#else
#define NAME "denied, not tried: no way on this processor"
#endif

SYSTEM_SUITE(NAME, CARDS, NULL, false, each_could_do_all_of_it,
    each_is_denied_it, reader_could_do_all_of_it, reader_is_denied_it)
