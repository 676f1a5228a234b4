/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/spawn.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(socketpair, (int domain, int type, int protocol, int fd[2]),
    (domain, type, protocol, fd))
FAULT_CALL(getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
FAULT_CALL(pipe2, (int fd[2], int flags), (fd, flags))
FAULT_CALL(fork, (void), ())
FAULT_CALL(getppid, (void), ())
FAULT_CALL(prctl, (int option, unsigned long arg), (option, arg))
FAULT_CALL(fcntl, (int fd, int command, long arg), (fd, command, arg))
FAULT_CALL(open, (const char *path, int flags), (path, flags))
FAULT_CALL(dup2, (int from, int to), (from, to))
FAULT_CALL(close_range, (unsigned first, unsigned last, int flags),
    (first, last, flags))
FAULT_CALL(execve, (const char *path, char *const argv[], char *const envp[]),
    (path, argv, envp))

static struct spawn
start(const char *program, const char *arg1, const char *arg2)
{
	char *argv[] = {strdup(program), strdup(arg1), strdup(arg2), NULL};
	struct spawn s;

	ck_assert_int_eq(spawn_start(argv, &s), 0);
	ck_assert(net_is_cloexec(s.fd));
	ck_assert(net_is_blocking(s.fd));
	for (int i = 0; i < 3; i++)
		free(argv[i]);
	return s;
}

/* Runs a shell script and gives what it writes to SPAWN_FD. */
static void
run_script(const char *script, char *out, size_t cap)
{
	struct spawn s = start("/bin/sh", "-c", script);
	int status;

	net_read_all(s.fd, out, cap);
	ck_assert_int_eq(waitpid(s.pid, &status, 0), s.pid);
	ck_assert_int_eq(status, 0);
}

static void
check_script(const char *script, const char *expected)
{
	char text[1024];

	run_script(script, text, sizeof(text));
	ck_assert_str_eq(text, expected);
}

static int
start_fails(const char *program)
{
	char *argv[] = {strdup(program), NULL};
	struct spawn s, before;
	int rc;

	memset(&s, 0x5a, sizeof(s));
	before = s;
	rc = spawn_start(argv, &s);
	ck_assert_mem_eq(&s, &before, sizeof(s));
	/* Nothing is left running, not even as a zombie. */
	unit_no_child();
	free(argv[0]);
	return rc;
}

START_TEST(spawn_talks_both_ways)
{
	struct spawn s = start("/bin/sh", "-c", "read x <&3; echo got $x >&3");
	char text[64];
	int status;

	ck_assert_int_eq(write(s.fd, "card\n", 5), 5);
	net_read_all(s.fd, text, sizeof(text));
	ck_assert_str_eq(text, "got card\n");
	ck_assert_int_eq(waitpid(s.pid, &status, 0), s.pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(spawn_gives_few_descriptors)
{
	int extra[2], high;

	net_unix_pair(extra); /* inheritable */
	high = fcntl(extra[0], F_DUPFD, 200);
	/* The shell's own: it lists them by names, without opening any. */
	check_script("for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 200; do "
		     "test -e /proc/$$/fd/$i && echo $i >&3; done; :",
	    "0\n1\n2\n3\n");
	check_script("x=$(readlink /proc/$$/fd/0); echo $x >&3", "/dev/null\n");
	close(high);
	close(extra[0]);
	close(extra[1]);
}
END_TEST

START_TEST(filter_has_it_as_stdin_and_stdout)
{
	char script[] = "read x; echo got $x; echo oops >&2";
	char *argv[] = {strdup("sh"), strdup("-c"), script, NULL};
	struct spawn s;
	char text[64];
	int err, status;

	ck_assert_int_eq(spawn_filter(argv, &s, &err), 0);
	ck_assert(net_is_cloexec(err));
	ck_assert_int_eq(write(s.fd, "card\n", 5), 5);
	net_read_all(s.fd, text, sizeof(text));
	ck_assert_str_eq(text, "got card\n");
	net_read_all(err, text, sizeof(text));
	ck_assert_str_eq(text, "oops\n");
	ck_assert_int_eq(waitpid(s.pid, &status, 0), s.pid);
	ck_assert_int_eq(status, 0);
	free(argv[0]);
	free(argv[1]);
}
END_TEST

/* As ssh does on Ctrl-C at the terminal: it stays. */
START_TEST(filter_is_not_interrupted)
{
	char script[] = "kill -INT $$; kill -HUP $$; echo still here; "
			"for i in 0 1 2 3 4 5 200; do "
			"test -e /proc/$$/fd/$i && echo $i; done; :";
	char *argv[] = {strdup("sh"), strdup("-c"), script, NULL};
	struct spawn s;
	char text[64];
	int err, status;

	ck_assert_int_eq(spawn_filter(argv, &s, &err), 0);
	net_read_all(s.fd, text, sizeof(text));
	ck_assert_str_eq(text, "still here\n0\n1\n2\n");
	close(err);
	ck_assert_int_eq(waitpid(s.pid, &status, 0), s.pid);
	ck_assert_int_eq(status, 0);
	free(argv[0]);
	free(argv[1]);
}
END_TEST

START_TEST(filter_can_fail)
{
	char *argv[] = {strdup("/no/such/program"), NULL};
	struct spawn s;
	int err = -7;

	ck_assert_int_eq(spawn_filter(argv, &s, &err), -ENOENT);
	fault_set("pipe2", 1, EMFILE);
	ck_assert_int_eq(spawn_filter(argv, &s, &err), -EMFILE);
	ck_assert_int_eq(err, -7);
	ck_assert(fault_take());
	free(argv[0]);
}
END_TEST

static void
on_signal(int sig)
{
	(void)sig;
}

START_TEST(spawn_resets_signals)
{
	struct sigaction handle = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	unsigned long long blocked, ignored;
	char text[256];
	sigset_t some, now;

	sigaction(SIGUSR1, &handle, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGRTMIN + 3, &ignore, NULL);
	sigemptyset(&some);
	sigaddset(&some, SIGINT);
	sigaddset(&some, SIGRTMAX);
	pthread_sigmask(SIG_SETMASK, &some, NULL);
	run_script("grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2 >&3",
	    text, sizeof(text));
	ck_assert_int_eq(sscanf(text, "%llx %llx", &blocked, &ignored), 2);
	ck_assert_uint_eq(blocked, 0);
	/* Signals 32 and 33 are the C library's; it lets nobody at them. */
	ck_assert_uint_eq(ignored & ~(3ULL << 31), 0);
	/* Ours are as they were. */
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		ck_assert_int_eq(
		    sigismember(&now, sig), sigismember(&some, sig));
}
END_TEST

/* --- finding the program -------------------------------------------------- */

static void
make_file(const char *dir, const char *name, mode_t mode, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
remove_file(const char *dir, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_int_eq(unlink(path), 0);
}

START_TEST(spawn_searches_path)
{
	char dir[32], other[32], path[128];
	struct spawn s;

	net_dir_make(dir);
	net_dir_make(other);
	make_file(dir, "tool", 0600, "#!/bin/sh\n");
	snprintf(path, sizeof(path), "%s", dir);
	setenv("PATH", path, 1);
	ck_assert_int_eq(start_fails("tool"), -EACCES);
	ck_assert_int_eq(start_fails("other-tool"), -ENOENT);
	ck_assert_int_eq(start_fails(""), -ENOENT);

	make_file(other, "tool", 0700, "#!/bin/sh\necho $1 $2 >&3\n");
	snprintf(path, sizeof(path), "/nonexistent::%s:%s", dir, other);
	setenv("PATH", path, 1);
	s = start("tool", "one", "two");
	net_read_all(s.fd, path, sizeof(path));
	ck_assert_str_eq(path, "one two\n");
	ck_assert_int_eq(waitpid(s.pid, NULL, 0), s.pid);

	/* An empty entry is not the working directory. */
	ck_assert_int_eq(chdir(other), 0);
	setenv("PATH", ":", 1);
	ck_assert_int_eq(start_fails("tool"), -ENOENT);
	unsetenv("PATH");
	s = start("sh", "-c", ":");
	close(s.fd);
	ck_assert_int_eq(waitpid(s.pid, NULL, 0), s.pid);
	ck_assert_int_eq(chdir("/"), 0);
	remove_file(dir, "tool");
	remove_file(other, "tool");
	net_dir_remove(dir);
	net_dir_remove(other);
}
END_TEST

START_TEST(spawn_tells_why_not)
{
	char dir[32], path[64];
	char longest[8192];

	net_dir_make(dir);
	make_file(dir, "plain", 0600, "text\n");
	make_file(dir, "odd", 0700, "no program\n");
	ck_assert_int_eq(start_fails("/nonexistent/program"), -ENOENT);
	snprintf(path, sizeof(path), "%s/plain", dir);
	ck_assert_int_eq(start_fails(path), -EACCES);
	snprintf(path, sizeof(path), "%s/odd", dir);
	ck_assert_int_eq(start_fails(path), -ENOEXEC);
	ck_assert_int_eq(start_fails("/"), -EACCES);
	memset(longest, '/', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(start_fails(longest), -ENAMETOOLONG);
	memset(longest, 'a', sizeof(longest) - 1);
	ck_assert_int_eq(start_fails(longest), -ENOENT);
	remove_file(dir, "plain");
	remove_file(dir, "odd");
	net_dir_remove(dir);
}
END_TEST

/* The first four fail in this process, the others in the child. */
static const struct {
	const char *call;
	int count; /* of calls, each of which fails once */
} steps[] = {
    {"socketpair", 1},
    {"getsockopt", 2},
    {"pipe2", 1},
    {"fork", 1},
    {"prctl", 1},
    {"open", 1},
    {"dup2", 2},
    {"close_range", 1},
    {"execve", 1},
};

START_TEST(spawn_can_fail)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (int nth = 1; nth <= steps[i].count; nth++) {
			fault_set(steps[i].call, nth, ENOBUFS);
			ck_assert_int_eq(start_fails("/bin/true"), -ENOBUFS);
		}
	/* 1 to 4 are stream_setup's; then the child's three. */
	for (int nth = 1; nth <= 7; nth++) {
		fault_set("fcntl", nth, ENOBUFS);
		ck_assert_int_eq(start_fails("/bin/true"), -ENOBUFS);
	}
	/* The parent died before the child could follow it. */
	fault_set("getppid", 1, 0);
	ck_assert_int_eq(start_fails("/bin/true"), -ESRCH);
}
END_TEST

START_TEST(spawn_reads_the_status_though_children_are_ignored)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGCHLD, &ignore, NULL);
	ck_assert_int_eq(start_fails("/nonexistent/program"), -ENOENT);
}
END_TEST

/* --- odd parents ---------------------------------------------------------- */

/* Forks a process that runs fn(arg) and is waited for. */
static void
in_process(void (*fn)(int), int arg)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* No assertions here: stderr and Check's own files may be closed. */
static void
spawn_without_descriptors(int report)
{
	char sh[] = "/bin/sh", c[] = "-c";
	char list[] = "for i in 0 1 2 3; do x=$(readlink /proc/$$/fd/$i); "
	              "echo ${x%%[*} >&3; done";
	char *argv[] = {sh, c, list, NULL};
	char text[256];
	struct spawn s;
	ssize_t n;

	if (dup2(report, 9) < 0 || close_range(0, 8, 0) < 0 ||
	    spawn_start(argv, &s) < 0)
		_exit(1);
	while ((n = read(s.fd, text, sizeof(text))) > 0)
		if (write(9, text, (size_t)n) != n)
			_exit(2);
	if (waitpid(s.pid, NULL, 0) != s.pid)
		_exit(3);
}

START_TEST(spawn_from_a_process_without_descriptors)
{
	char text[256];
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	in_process(spawn_without_descriptors, fd[1]);
	close(fd[1]);
	net_read_all(fd[0], text, sizeof(text));
	ck_assert_str_eq(text, "/dev/null\n/dev/null\n/dev/null\nsocket:\n");
}
END_TEST

/*
 * The child holds `report` as its stdout. It would sleep longer than the test
 * waits; not for ever, so that nothing stays if the test fails.
 */
static void
spawn_and_die(int report)
{
	char program[] = "/bin/sleep", seconds[] = "30";
	char *argv[] = {program, seconds, NULL};
	struct spawn s;

	if (dup2(report, STDOUT_FILENO) < 0 || spawn_start(argv, &s) < 0)
		_exit(1);
	if (write(STDOUT_FILENO, "started\n", 8) != 8)
		_exit(1);
}

START_TEST(spawn_dies_with_its_parent)
{
	char text[8];
	int fd[2];

	ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
	in_process(spawn_and_die, fd[1]);
	close(fd[1]);
	ck_assert_int_eq(read(fd[0], text, sizeof(text)), 8);
	ck_assert_mem_eq(text, "started\n", 8);
	/* The end comes only when the child is gone. */
	ck_assert(net_wait(fd[0], POLLIN));
	ck_assert_int_eq(read(fd[0], text, sizeof(text)), 0);
	close(fd[0]);
}
END_TEST

/* --- replacing oneself ---------------------------------------------------- */

static const char replaced[] =
    "test -z \"$(grep -i '^flags:.*[4567]...$' /proc/$$/fdinfo/3)\" &&"
    " ! test -e /proc/$$/fd/9 && echo ran >&3";

/* The descriptor is non-blocking and closes on exec. */
static void
replace_from(int fd, int place)
{
	char sh[] = "/bin/sh", c[] = "-c", script[sizeof(replaced)];
	char *argv[] = {sh, c, script, NULL};

	memcpy(script, replaced, sizeof(script));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    (fd != place && dup3(fd, place, O_CLOEXEC) < 0))
		_exit(2);
	(void)!spawn_replace(argv, place);
	_exit(1);
}

static void
replace_from_9(int fd)
{
	replace_from(fd, 9);
}

static void
replace_from_3(int fd)
{
	replace_from(fd, SPAWN_FD);
}

static void
check_replaced(void (*replace)(int))
{
	char text[64];
	int fd[2];

	net_unix_pair(fd);
	in_process(replace, fd[1]);
	close(fd[1]);
	net_read_all(fd[0], text, sizeof(text));
	ck_assert_str_eq(text, "ran\n");
}

START_TEST(replaced_process_has_the_connection)
{
	check_replaced(replace_from_3);
	check_replaced(replace_from_9);
}
END_TEST

static int
replace_fails(const char *program, int fd)
{
	char *argv[] = {strdup(program), NULL};
	int rc = spawn_replace(argv, fd);

	free(argv[0]);
	return rc;
}

static void
replace_in_vain(int fd)
{
	if (replace_fails("/nonexistent/program", fd) != -ENOENT)
		_exit(1);
	if (replace_fails("no-such-program", fd) != -ENOENT)
		_exit(2);
	if (replace_fails("/bin/true", 9999) != -EBADF)
		_exit(3);
	fault_set("dup2", 1, EMFILE);
	if (fd != SPAWN_FD && replace_fails("/bin/true", fd) != -EMFILE)
		_exit(4);
}

START_TEST(process_that_cannot_be_replaced_goes_on)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 20);

	in_process(replace_in_vain, fd);
	close(fd);
}
END_TEST

/* --- threads -------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 10 };

/*
 * Each ends its own child by closing its end; that hangs if another child has
 * a copy of it.
 */
static void *
spawn_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		struct spawn s = start("/bin/sh", "-c", "cat <&3 >&3");
		char text[8];

		ck_assert_int_eq(write(s.fd, "card", 4), 4);
		ck_assert_int_eq(read(s.fd, text, 4), 4);
		close(s.fd);
		ck_assert_int_eq(waitpid(s.pid, NULL, 0), s.pid);
	}
	return NULL;
}

START_TEST(spawn_from_many_threads)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, spawn_many, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}
END_TEST

UNIT_SUITE("spawn", spawn_talks_both_ways, spawn_gives_few_descriptors,
    spawn_resets_signals, spawn_searches_path, spawn_tells_why_not,
    spawn_can_fail, spawn_reads_the_status_though_children_are_ignored,
    spawn_from_a_process_without_descriptors, spawn_dies_with_its_parent,
    replaced_process_has_the_connection,
    process_that_cannot_be_replaced_goes_on,
    spawn_from_many_threads, filter_has_it_as_stdin_and_stdout,
    filter_is_not_interrupted, filter_can_fail)
