/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient's prompt, typed at on a terminal, as its host sees it; and what
 * happens where there is none.
 */
#include "tests/system/system.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"

#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"
#define VERIFY "00200000083132333435363738"
#define IS_VERIFIED "00200000"

/* vscclient, its host, and what it reads: a terminal's other side or a pipe. */
struct desk {
	struct child client;
	int in;
	int listener;
	int host;
	const char *argv[16];
};

/* Before the fork: the directory is named after the test's process. */
static void
desk_init(struct desk *d, const char *option)
{
	const char *const argv[] = {system_program("vscclient/vscclient"), "-q",
	    "--connect", system_socket("host"), "--card", system_nss_card(),
	    option, NULL};

	memset(d, 0, sizeof(*d));
	memcpy(d->argv, argv, sizeof(argv));
	d->listener = script_listen(system_socket("host"));
}

static void
exec_client(const struct desk *d)
{
	setenv("TERM", "dumb", 1);
	execv(d->argv[0], (char *const *)(uintptr_t)d->argv);
	_exit(127);
}

static void
desk_watch(struct desk *d)
{
	d->client.pidfd = (int)syscall(SYS_pidfd_open, d->client.pid, 0);
	ck_assert_int_ge(d->client.pidfd, 0);
	d->host = stock_host_open(d->listener);
	stock_host_clear(d->host);
	stock_host_add(d->host, 0);
	stock_host_atr(d->host, 0, STOCK_ATR);
}

static void
desk_fork(struct desk *d)
{
	d->client.pid = forkpty(&d->in, NULL, NULL, NULL);
	ck_assert_int_ge(d->client.pid, 0);
	if (d->client.pid == 0)
		exec_client(d);
	d->client.out = d->in;
	desk_watch(d);
}

static void
desk_open(struct desk *d, const char *option)
{
	desk_init(d, option);
	desk_fork(d);
}

/* A shell that looks at the terminal afterwards, as the user's own would. */
static void
desk_open_shell(struct desk *d)
{
	static const char *const shell[] = {"/bin/sh", "-c",
	    "trap : INT; \"$@\"; stty -a | grep -owE -e '-?(icanon|echo)'",
	    "sh"};
	enum { WORDS = sizeof(shell) / sizeof(shell[0]) };

	desk_init(d, NULL);
	memmove(d->argv + WORDS, d->argv, sizeof(d->argv) - sizeof(shell));
	memcpy(d->argv, shell, sizeof(shell));
	desk_fork(d);
}

static void
desk_open_pipe(struct desk *d, const char *option)
{
	int in[2], out[2];

	desk_init(d, option);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	d->client.pid = fork();
	ck_assert_int_ge(d->client.pid, 0);
	if (d->client.pid == 0) {
		(void)!dup2(in[0], STDIN_FILENO);
		(void)!dup2(out[1], STDOUT_FILENO);
		(void)!dup2(out[1], STDERR_FILENO);
		exec_client(d);
	}
	close(in[0]);
	close(out[1]);
	d->in = in[1];
	d->client.out = out[0];
	desk_watch(d);
}

static void
type(struct desk *d, const char *keys)
{
	ck_assert_int_eq(write(d->in, keys, strlen(keys)),
	    (ssize_t)strlen(keys));
}

static void
hear_removal(struct desk *d)
{
	script_hear(d->host, SAY_CARD_REMOVE, 0, "");
	script_say(d->host, SAY_ERROR, 0, SCRIPT_OK);
}

static void
desk_close(struct desk *d)
{
	int status;

	stock_host_leave(d->host, 0);
	script_end(d->host);
	status = child_wait(&d->client);
	ck_assert_msg(WIFEXITED(status), "%s", d->client.text);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	close(d->host);
	close(d->listener);
}

START_TEST(card_is_removed_and_inserted)
{
	struct desk d;

	desk_open(&d, NULL);
	child_says(&d.client, "> ");
	stock_host_ask(d.host, 0, SELECT, FCI);
	stock_host_ask(d.host, 0, VERIFY, "9000");
	type(&d, "insert\n");
	child_says(&d.client, "insert CAC, returned 1");
	type(&d, "remove\n");
	hear_removal(&d);
	child_says(&d.client, "remove CAC, returned 0");
	type(&d, "remove 0\n");
	child_says(&d.client, "remove CAC, returned 1");
	type(&d, "list\n");
	child_says(&d.client, "Active Readers:");
	child_says(&d.client, "CARD_REMOVED");
	type(&d, "insertXYZ 0\n");
	stock_host_atr(d.host, 0, STOCK_ATR);
	child_says(&d.client, "insert CAC, returned 0");
	/* It was pulled: its PIN is forgotten. */
	stock_host_ask(d.host, 0, IS_VERIFIED, "6A88");
	type(&d, "list\n");
	child_says(&d.client, "CARD_PRESENT");
	child_says(&d.client, "Inactive Readers:");
	type(&d, "remove 7\n");
	child_says(&d.client, "no reader by id 7 found");
	type(&d, "select 0\n");
	child_says(&d.client, "Selecting reader CAC");
	type(&d, "select x\n");
	child_says(&d.client, "Reader with id x not found");
	type(&d, "exit\n");
	desk_close(&d);
}
END_TEST

START_TEST(keys_are_edited)
{
	struct desk d;

	desk_open(&d, NULL);
	child_says(&d.client, "> ");
	type(&d, "lx\177\t\n"); /* l, x, rubbed out, completed */
	child_says(&d.client, "Inactive Readers:");
	child_says(&d.client, "> ");
	type(&d, "\020\n"); /* the one before */
	child_says(&d.client, "Inactive Readers:");
	child_says(&d.client, "> ");
	type(&d, "\t");
	child_says(&d.client, "insert remove select list debug exit help");
	type(&d, "\022li"); /* a search: the loop must not wait for its end */
	stock_host_ask(d.host, 0, SELECT, FCI);
	type(&d, "\n");
	child_says(&d.client, "Inactive Readers:");
	child_says(&d.client, "> ");
	type(&d, "\n");
	child_says(&d.client, "> ");
	type(&d, "frobnicate\n");
	child_says(&d.client, "'frobnicate' is no command");
	child_says(&d.client, "help");
	type(&d, "debug 2\n");
	child_says(&d.client, "debug level = 2");
	type(&d, "debug none\n");
	child_says(&d.client, "debug level = 0");
	type(&d, "e\t\n");
	desk_close(&d);
}
END_TEST

static tcflag_t
local_modes(struct desk *d)
{
	struct termios modes;

	ck_assert_int_eq(tcgetattr(d->in, &modes), 0);
	return modes.c_lflag;
}

/* Ctrl-C ends it as anywhere; and the terminal is as it was. */
START_TEST(terminal_is_left_as_it_was)
{
	struct desk d;

	desk_open_shell(&d);
	child_says(&d.client, "> ");
	ck_assert_uint_eq(local_modes(&d) & (ICANON | ECHO), 0);
	type(&d, "\003");
	desk_close(&d);
	ck_assert_msg(strstr(d.client.text, "icanon\r\necho\r\n") != NULL &&
	    strchr(d.client.text, '-') == NULL, "%s", d.client.text);
}
END_TEST

/* Ctrl-D is the end of the prompt and of nothing else. */
START_TEST(end_of_input_is_not_the_end)
{
	struct desk d;

	desk_open(&d, NULL);
	child_says(&d.client, "> ");
	type(&d, "\004");
	stock_host_ask(d.host, 0, SELECT, FCI);
	child_kill(&d.client, SIGTERM);
	desk_close(&d);
}
END_TEST

START_TEST(no_prompt_reads_nothing)
{
	struct desk d;

	desk_open(&d, "--no-prompt");
	type(&d, "exit\n");
	stock_host_ask(d.host, 0, SELECT, FCI);
	child_kill(&d.client, SIGTERM);
	desk_close(&d);
	ck_assert_ptr_null(strstr(d.client.text, "> "));
}
END_TEST

START_TEST(script_is_read_on_request)
{
	struct desk d;

	desk_open_pipe(&d, "--prompt");
	type(&d, "remove\ninsert");
	hear_removal(&d);
	child_says(&d.client, "remove CAC, returned 0");
	type(&d, "\n");
	stock_host_atr(d.host, 0, STOCK_ATR);
	ck_assert_ptr_null(strstr(d.client.text, "> "));
	close(d.in); /* a daemon from now on */
	stock_host_ask(d.host, 0, SELECT, FCI);
	child_kill(&d.client, SIGTERM);
	desk_close(&d);
}
END_TEST

START_TEST(script_is_not_read_unasked)
{
	struct desk d;

	desk_open_pipe(&d, NULL);
	type(&d, "exit\n");
	stock_host_ask(d.host, 0, SELECT, FCI);
	child_kill(&d.client, SIGTERM);
	desk_close(&d);
}
END_TEST

SYSTEM_SUITE("prompt", 0, NULL, false, card_is_removed_and_inserted,
    keys_are_edited, terminal_is_left_as_it_was, end_of_input_is_not_the_end,
    no_prompt_reads_nothing, script_is_read_on_request,
    script_is_not_read_unasked)
