/* SPDX-License-Identifier: BSD-2-Clause */
/* vscclient with a libcacard card, against a host that speaks from a script. */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"

#define ATR STOCK_ATR
#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"
#define VERIFY "00200000083132333435363738"
#define IS_VERIFIED "00200000"

static int
host_begin(int listener)
{
	int fd = stock_host_open(listener);

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	return fd;
}

static void
client_start(struct child *client, const char *card)
{
	child_start(client, system_program("vscclient/vscclient"), "-v",
	    "--connect", system_socket("host"), "--card", card);
}

static int
exit_status(struct child *client)
{
	int status = child_wait(client);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/*
 * The card process of that one, or 0. It is the second child: the first one
 * is what starts it.
 */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	if (fscanf(f, "%*d %d", &child) != 1)
		child = 0;
	fclose(f);
	return child;
}

START_TEST(pin_does_not_outlive_the_connection)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	client_start(&client, system_nss_card());
	fd = host_begin(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	stock_host_ask(fd, 0, IS_VERIFIED, "6A88");
	stock_host_ask(fd, 0, VERIFY, "9000");
	stock_host_ask(fd, 0, IS_VERIFIED, "9000");
	(void)close(fd);
	fd = host_begin(listener);
	stock_host_ask(fd, 0, IS_VERIFIED, "6A88");
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	script_end(fd);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

START_TEST(dead_card_process_is_replaced)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	pid_t pid;
	int fd;

	client_start(&client, system_nss_card());
	fd = host_begin(listener);
	pid = child_of(client.pid);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	stock_host_leave(fd, 0);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	stock_host_ask(fd, 0, SELECT, FCI);
	ck_assert_int_ne(child_of(client.pid), pid);
	child_kill(&client, SIGINT);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&client), 0);
	ck_assert_ptr_nonnull(strstr(client.text, "killed by signal 9"));
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* Without acknowledgement it goes all the same, after two seconds. */
START_TEST(mute_host_does_not_keep_it)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int64_t start;
	int fd;

	client_start(&client, system_nss_card());
	fd = host_begin(listener);
	start = script_ns();
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(exit_status(&client), 0);
	ck_assert_int_ge(script_ns() - start, 1900000000);
	ck_assert_ptr_nonnull(strstr(client.text, "did not acknowledge"));
	(void)close(fd);
	(void)close(listener);
}
END_TEST

START_TEST(second_signal_ends_it_at_once)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int64_t start;
	int fd;

	client_start(&client, system_nss_card());
	fd = host_begin(listener);
	start = script_ns();
	child_kill(&client, SIGINT);
	script_hear(fd, SAY_CARD_REMOVE, 0, "");
	child_kill(&client, SIGINT);
	ck_assert_int_eq(exit_status(&client), 1);
	ck_assert_int_lt(script_ns() - start, 1500000000);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

START_TEST(refused_reader_is_a_line_and_no_end)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	client_start(&client, system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	script_hear(fd, SAY_READER_ADD, 0, "");
	script_say(fd, SAY_ERROR, SCRIPT_NOBODY, SCRIPT_FULL);
	child_says(&client, "has no place for reader");
	child_kill(&client, SIGTERM);
	script_end(fd);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* What is wrong with a card is said by name, and is the only thing said. */
static void
refused(const char *card, int status, const char *words)
{
	struct child client;

	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("nobody"), "--card", card);
	ck_assert_int_eq(exit_status(&client), status);
	ck_assert_msg(strstr(client.text, words) != NULL, "%s: %s", card,
	    client.text);
	ck_assert_ptr_null(strstr(client.text, "cannot connect"));
}

START_TEST(bad_cards_are_refused)
{
	char card[SYSTEM_PATH_MAX];
	const char *good = system_nss_card();

	refused("nss:db=/nowhere,certs=a", 3, "no database /nowhere");
	snprintf(card, sizeof(card), "nss:db=%s,certs=a", system_dir());
	refused(card, 3, "cert9.db");
	snprintf(card, sizeof(card), "%s:nobody", good);
	refused(card, 3, "no certificate 'nobody'");
	refused(card, 3, "id-cert");
	refused("smart:x", 2, "allowed: pcsc");
	refused("nss:db=x", 2, "certs=");
}
END_TEST

START_TEST(one_line_for_a_host_that_is_away)
{
	struct child client;

	client_start(&client, system_nss_card());
	child_says(&client, "cannot connect to");
	/* What it said up to there is forgotten. */
	child_says(&client, "waiting to dialing");
	ck_assert_ptr_null(strstr(client.text, "cannot connect to"));
	child_says(&client, "dialing to waiting");
	child_kill(&client, SIGHUP);
	ck_assert_int_eq(exit_status(&client), 0);
	ck_assert_ptr_null(strstr(client.text, "cannot connect to"));
}
END_TEST

SYSTEM_SUITE("vscclient", 1, NULL, false, pin_does_not_outlive_the_connection,
    dead_card_process_is_replaced, mute_host_does_not_keep_it,
    second_signal_ends_it_at_once, refused_reader_is_a_line_and_no_end,
    bad_cards_are_refused, one_line_for_a_host_that_is_away)
