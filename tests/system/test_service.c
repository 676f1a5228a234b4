/* SPDX-License-Identifier: BSD-2-Clause */
/* vscclient as a service, and at a terminal. */
#include "tests/system/system.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/usage.h"

#define ATR STOCK_ATR
#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"

static int
exit_status(struct child *client)
{
	int status = child_wait(client);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- the service manager ------------------------------------------------ */

static int
manager_open(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct timeval deadline = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", system_socket("m") + 5);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline,
	    sizeof(deadline)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

/* The next datagram that begins so; others are dropped. */
static void
manager_hears(int fd, const char *start, char *out, size_t cap)
{
	ssize_t n;

	do {
		n = recv(fd, out, cap - 1, 0);
		if (n < 0)
			script_fail(HERE, "no %s: %m", start);
		out[n] = '\0';
	} while (strncmp(out, start, strlen(start)) != 0);
}

static bool
manager_heard_nothing_of(int fd, const char *start)
{
	char text[1024];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) >= 0) {
		text[n] = '\0';
		if (strncmp(text, start, strlen(start)) == 0)
			return false;
	}
	return true;
}

START_TEST(manager_is_told)
{
	int listener = script_listen(system_socket("host"));
	int manager = manager_open();
	struct child client;
	char text[1024];
	int fd;

	child_start(&client, system_program("vscclient/vscclient"), "-v",
	    "--connect", system_socket("host"), "--card", system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	script_hear(fd, SAY_ATR, 0, ATR);
	child_says(&client, "is the host's reader 0");
	ck_assert(manager_heard_nothing_of(manager, "READY"));
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
	manager_hears(manager, "READY=1", text, sizeof(text));
	manager_hears(manager, "STATUS=connected to unix:", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "/host; CAC: card"));
	child_kill(&client, SIGTERM);
	manager_hears(manager, "STOPPING=1", text, sizeof(text));
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(fd);
	(void)close(manager);
	(void)close(listener);
}
END_TEST

START_TEST(unreachable_manager_is_one_line)
{
	struct child client;

	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/no/such/socket", 1), 0);
	child_start(&client, system_program("vscclient/vscclient"), "--once",
	    "--connect", system_socket("nobody"), "--card", system_nss_card());
	ck_assert_int_eq(exit_status(&client), 4);
	ck_assert_ptr_nonnull(strstr(client.text, "NOTIFY_SOCKET: "));
}
END_TEST

START_TEST(ready_descriptor_gets_a_newline)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	char number[16], text[8];
	int ready[2], fd;

	ck_assert_int_eq(pipe(ready), 0);
	(void)fcntl(ready[0], F_SETFD, FD_CLOEXEC);
	snprintf(number, sizeof(number), "%d", ready[1]);
	child_start(&client, system_program("vscclient/vscclient"),
	    "--ready-fd", number, "--connect", system_socket("host"), "--card",
	    system_nss_card());
	(void)close(ready[1]);
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	ck_assert_int_eq(read(ready[0], text, sizeof(text)), 1);
	ck_assert_int_eq(text[0], '\n');
	/* Nobody holds it any more, no card process either. */
	ck_assert_int_eq(read(ready[0], text, sizeof(text)), 0);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(ready[0]);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* --- once --------------------------------------------------------------- */

START_TEST(once_is_once)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	child_start(&client, system_program("vscclient/vscclient"), "--once",
	    "--connect", system_socket("host"), "--card", system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	(void)close(fd);
	ck_assert_int_eq(exit_status(&client), 5);
	ck_assert_ptr_nonnull(strstr(client.text, "error: lost the connection"));
	(void)close(listener);
}
END_TEST

START_TEST(once_without_a_host)
{
	struct child client;

	child_start(&client, system_program("vscclient/vscclient"), "--once",
	    "--connect", system_socket("nobody"), "--card", system_nss_card());
	ck_assert_int_eq(exit_status(&client), 4);
	ck_assert_ptr_nonnull(strstr(client.text, "error: cannot connect to"));
	ck_assert_ptr_null(strstr(client.text, "trying again"));
}
END_TEST

START_TEST(once_can_be_told_to_end)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	child_start(&client, system_program("vscclient/vscclient"), "--once",
	    "--connect", system_socket("host"), "--card", system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* --- stderr ------------------------------------------------------------- */

START_TEST(journal_gets_priorities)
{
	struct child client;

	child_start(&client, "sh", "-c",
	    "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2); "
	    "export JOURNAL_STREAM; exec \"$@\"", "sh",
	    system_program("vscclient/vscclient"), "--once", "-v", "--connect",
	    system_socket("nobody"), "--card", system_nss_card());
	ck_assert_int_eq(exit_status(&client), 4);
	ck_assert_ptr_nonnull(strstr(client.text, "<7>client: idle to"));
	ck_assert_ptr_nonnull(strstr(client.text, "<3>cannot connect to"));
	ck_assert_ptr_null(strstr(client.text, "vscclient:"));
}
END_TEST

START_TEST(journal_of_others_is_not_taken_for_stderr)
{
	struct child client;

	ck_assert_int_eq(setenv("JOURNAL_STREAM", "1:1", 1), 0);
	child_start(&client, system_program("vscclient/vscclient"), "--once",
	    "--connect", system_socket("nobody"), "--card", system_nss_card());
	ck_assert_int_eq(exit_status(&client), 4);
	ck_assert_ptr_nonnull(strstr(client.text, "vscclient: error: cannot"));
}
END_TEST

/* As a user's shell has it: the program is the terminal's foreground. */
static pid_t
start_at_terminal(const char *where, const char *card, int *out_terminal)
{
	const struct winsize size = {.ws_row = 24, .ws_col = 200};
	pid_t pid = forkpty(out_terminal, NULL, NULL, &size);

	if (pid != 0)
		return pid;
	(void)setenv("TERM", "xterm", 1);
	(void)execl(system_program("vscclient/vscclient"), "vscclient",
	    "--no-prompt", "--connect", where, "--card", card, NULL);
	_exit(127);
}

static void
terminal_shows(int terminal, const char *text)
{
	struct pollfd poller = {.fd = terminal, .events = POLLIN};
	char seen[65536] = "";
	size_t len = 0;
	ssize_t n;

	while (strstr(seen, text) == NULL) {
		n = -1;
		if (poll(&poller, 1, SCRIPT_DEADLINE) == 1)
			n = read(terminal, seen + len, sizeof(seen) - 1 - len);
		if (n <= 0)
			script_fail(HERE, "no \"%s\" in \"%s\"", text, seen);
		len += (size_t)n;
		seen[len] = '\0';
	}
}

START_TEST(terminal_has_a_status_line)
{
	int listener = script_listen(system_socket("host"));
	const char *card = system_nss_card();
	const char *where = system_socket("host");
	int terminal, fd, status;
	pid_t pid = start_at_terminal(where, card, &terminal);

	ck_assert_int_gt(pid, 0);
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	terminal_shows(terminal, "; CAC: card; 0 APDUs\r");
	stock_host_ask(fd, 0, SELECT, FCI);
	stock_host_ask(fd, 0, SELECT, FCI);
	terminal_shows(terminal, "; CAC: card; 2 APDUs\r");
	ck_assert_int_eq(write(terminal, "\003", 1), 1); /* Ctrl-C */
	stock_host_leave(fd, 0);
	terminal_shows(terminal, "\r\033[Kvscclient: cards and readers removed");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	(void)close(terminal);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* --- rights --------------------------------------------------------------- */

static void
check_process(int pid, unsigned seccomp)
{
	ck_assert_uint_eq(usage_field(pid, "status", "Seccomp:"), seccomp);
	ck_assert_uint_eq(
	    usage_field(pid, "status", "NoNewPrivs:"), seccomp / 2);
}

static void
check_rights(const char *option, unsigned seccomp)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	char path[64];
	int fd, card = 0;
	FILE *f;

	child_start(&client, system_program("vscclient/vscclient"), option,
	    "--connect", system_socket("host"), "--card", system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)client.pid, (int)client.pid);
	f = fopen(path, "re");
	ck_assert(f != NULL && fscanf(f, "%*d %d", &card) == 1);
	fclose(f);
	check_process(client.pid, seccomp);
	check_process(card, seccomp);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&client), 0);
	(void)close(fd);
	(void)close(listener);
	(void)unlink(system_socket("host") + 5);
}

START_TEST(rights_are_given_up)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	check_rights("-v", 0); /* a sanitizer needs them */
#else
	check_rights("-v", 2);
#endif
	check_rights("--no-sandbox", 0);
}
END_TEST

/* --- the unit ----------------------------------------------------------- */

/* With the program just built in the place of the one to be installed. */
START_TEST(unit_is_what_systemd_expects)
{
	char script[2 * SYSTEM_PATH_MAX];
	struct child child;

	snprintf(script, sizeof(script),
	    "mkdir -p '%s' && cd '%s' && "
	    "sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "
	    "<'%s' >'vscclient@.service' && "
	    "env HOME=$PWD XDG_RUNTIME_DIR=$PWD "
	    "systemd-analyze --user --man=no verify ./vscclient@work.service",
	    system_dir(), system_dir(), system_program("etc/vscclient@.service"));
	child_start(&child, "sh", "-c", script);
	ck_assert_msg(exit_status(&child) == 0 && child.len == 0, "%s",
	    child.text);
}
END_TEST

SYSTEM_SUITE("service", 0, NULL, false, manager_is_told,
    unreachable_manager_is_one_line, ready_descriptor_gets_a_newline,
    once_is_once, once_without_a_host, once_can_be_told_to_end,
    journal_gets_priorities, journal_of_others_is_not_taken_for_stderr,
    terminal_has_a_status_line, rights_are_given_up, unit_is_what_systemd_expects)
