/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/log.h"
#include "tests/system/qemu.h"

/*
 * Seconds: for one test, and for the whole program; VSCARD_TEST_DEADLINE is
 * another one for both, for tests that can be told to take long.
 */
#define DEADLINE "VSCARD_TEST_DEADLINE"
#define TEST_DEADLINE "90"
#define PROGRAM_DEADLINE "240"

static const char *
env_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : otherwise;
}

/*
 * The tests' own memory lives as long as the process; and what pcscd and the
 * tools leak, which inherit this, is their own affair.
 */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

const char *
system_text(const char *fmt, ...)
{
	va_list args;
	char *out;

	va_start(args, fmt);
	if (vasprintf(&out, fmt, args) < 0)
		abort();
	va_end(args);
	return out;
}

const char *
system_program(const char *path)
{
	return system_text("%s/%s", env_or("top_builddir", "."), path);
}

const char *
system_endpoint(void)
{
	return env_or("VSCARD_ENDPOINT", "no endpoint");
}

struct pcsc_watch *
system_watch(void)
{
	unsigned i, slots = system_plan.slots;
	struct pcsc_watch *watch = pcsc_watch_new(slots);

	for (i = 0; i < slots; i++)
		(void)pcsc_watch_until(watch, i, "detached");
	return watch;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

const char *
system_dir(void)
{
	const char *dir = system_text("%s/%d",
	    env_or("VSCARD_TEST_DIR", "/nowhere"), (int)getpid());

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		script_fail(HERE, "%s: %m", dir);
	return dir;
}

const char *
system_socket(const char *name)
{
	return system_text("unix:%s/%s", system_dir(), name);
}

const char *
system_nss_card(void)
{
	const char *command = system_text("%s/tests/system/nssdb.sh",
	    env_or("top_srcdir", "."));
	char line[SYSTEM_PATH_MAX];
	FILE *pipe = popen(command, "re");

	if (pipe == NULL || fgets(line, sizeof(line), pipe) == NULL ||
	    pclose(pipe) != 0)
		script_fail(HERE, "%s failed", command);
	line[strcspn(line, "\n")] = '\0';
	return system_text("nss:db=sql:%s,"
	    "certs=id-cert:signing-cert:encryption-cert", line);
}

int
system_pcscd(void)
{
	return system_listener("/run/pcscd/pcscd.comm");
}

int
system_listener(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char unused;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		script_fail(HERE, "%s: %m", address.sun_path);
	/* It has closed its end: no descriptor of this call will be counted. */
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, &unused, 1, 0) > 0)
		;
	(void)close(fd);
	return cred.pid;
}

unsigned
system_open_files(int pid)
{
	const char *path = system_text("/proc/%d/fd", pid);
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		script_fail(HERE, "%s: %m", path);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

/*
 * pcscd is no sanitized program, so what its driver needs must be loaded
 * first; this program has loaded the same.
 */
static void
sanitizer_first(void)
{
	char line[SYSTEM_PATH_MAX], path[SYSTEM_PATH_MAX];
	FILE *maps;

	/* A pcscd that was named sees to it itself. */
	if (getenv("VSCARD_PCSCD") != NULL)
		return;
	maps = fopen("/proc/self/maps", "re");
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %*s %4095s", path) == 1 &&
		    strstr(path, "/libasan.so") != NULL)
			(void)setenv("LD_PRELOAD", path, 1);
	if (maps != NULL)
		(void)fclose(maps);
	(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create(system_plan.name);
	TCase *tcase = tcase_create(system_plan.name);

	tcase_set_timeout(tcase, atoi(env_or(DEADLINE, TEST_DEADLINE)));
	system_add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

static int
run_tests(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The words of vscard-run with this program in it, or of the program alone. */
static void
command_line(const char *self, const char **argv)
{
	/* It makes a process group, which Check kills as a whole if need be. */
	*argv++ = "timeout";
	*argv++ = "--kill-after=10";
	*argv++ = env_or(DEADLINE, PROGRAM_DEADLINE);
	if (system_plan.slots > 0) {
		*argv++ = system_program("run/vscard-run");
		*argv++ = "--verbose";
		*argv++ = "--driver";
		*argv++ = system_program("ifd/.libs/libifdvscard.so");
		*argv++ = "--vscclient";
		*argv++ = system_program("vscclient/vscclient");
		*argv++ = "--slots";
		*argv++ = system_text("%u", system_plan.slots);
	}
	if (system_plan.slots > 0 && system_plan.set != NULL) {
		*argv++ = "--set";
		*argv++ = system_plan.set;
	}
	if (system_plan.tcp) {
		*argv++ = "--listen";
		*argv++ = qemu_port();
	}
	if (system_plan.slots > 0)
		*argv++ = "--";
	*argv++ = self;
	*argv = NULL;
}

/* The child: ends with its parent. */
static void
enter(const char *self, int log, const sigset_t *mask)
{
	const char *argv[24];

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	(void)dup2(log, STDERR_FILENO);
	command_line(self, argv);
	sanitizer_first();
	(void)setenv("VSCARD_TEST_INSIDE", "1", 1);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	perror(argv[0]);
	_exit(EXIT_FAILURE);
}

/* Waits for the child; a signal that would end this process ends it first. */
static int
await(pid_t pid, const sigset_t *signals)
{
	int sig, status = -1;

	while (waitpid(pid, &status, WNOHANG) == 0)
		if (sigwait(signals, &sig) == 0 && sig != SIGCHLD)
			(void)kill(pid, SIGTERM);
	return status;
}

static int
run_beside_pcscd(const char *self)
{
	int log = open(system_log_path(), O_WRONLY | O_CREAT | O_APPEND, 0600);
	sigset_t signals, mask;
	pid_t pid;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &signals, &mask);
	pid = log < 0 ? -1 : fork();
	if (pid == 0)
		enter(self, log, &mask);
	if (pid < 0)
		perror(self);
	(void)close(log);
	return pid < 0 ? -1 : await(pid, &signals);
}

/* Everything around the tests: a directory, a log, a pcscd. */
static int
run_outside(const char *self)
{
	char dir[] = "/tmp/vscard-test-XXXXXX";
	int status;

	if (mkdtemp(dir) == NULL || setenv("VSCARD_TEST_DIR", dir, 1) != 0) {
		perror(dir);
		return EXIT_FAILURE;
	}
	status = run_beside_pcscd(self);
	if (status != 0)
		system_log_show();
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	(void)argc;
	if (system_plan.slow && getenv("VSCARD_TEST_QUICK") != NULL) {
		(void)puts("1..0 # SKIP slow, and this is a quick run");
		return EXIT_SUCCESS;
	}
	if (getenv("VSCARD_TEST_INSIDE") == NULL)
		return run_outside(argv[0]);
	return run_tests();
}
