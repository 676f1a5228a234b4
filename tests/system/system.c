/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/system.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Seconds: for one test, and for the whole program. */
#define TEST_DEADLINE 90
#define PROGRAM_DEADLINE "240"

static const char *
env_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : otherwise;
}

/* Lives as long as the process, as a test does. */
static const char *__attribute__((format(printf, 1, 2)))
text(const char *fmt, ...)
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
	return text("%s/%s", env_or("top_builddir", "."), path);
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
	const char *dir = text("%s/%d", env_or("VSCARD_TEST_DIR", "/nowhere"),
	    (int)getpid());

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		script_fail(HERE, "%s: %m", dir);
	return dir;
}

const char *
system_socket(const char *name)
{
	return text("unix:%s/%s", system_dir(), name);
}

const char *
system_nss_card(void)
{
	const char *command = text("%s/tests/system/nssdb.sh",
	    env_or("top_srcdir", "."));
	char line[SYSTEM_PATH_MAX];
	FILE *pipe = popen(command, "re");

	if (pipe == NULL || fgets(line, sizeof(line), pipe) == NULL ||
	    pclose(pipe) != 0)
		script_fail(HERE, "%s failed", command);
	line[strcspn(line, "\n")] = '\0';
	return text("nss:db=sql:%s,certs=id-cert:signing-cert:encryption-cert",
	    line);
}

int
system_pcscd(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX,
	    .sun_path = "/run/pcscd/pcscd.comm"};
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		script_fail(HERE, "%s: %m", address.sun_path);
	(void)close(fd);
	return cred.pid;
}

unsigned
system_open_files(int pid)
{
	const char *path = text("/proc/%d/fd", pid);
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		script_fail(HERE, "%s: %m", path);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static Suite *
make_suite(void)
{
	Suite *suite = suite_create(system_plan.name);
	TCase *tcase = tcase_create(system_plan.name);

	tcase_set_timeout(tcase, TEST_DEADLINE);
	system_add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

static int
run_tests(void)
{
	char dir[] = "/tmp/vscard-test-XXXXXX";
	SRunner *runner;
	int failed;

	if (mkdtemp(dir) == NULL || setenv("VSCARD_TEST_DIR", dir, 1) != 0) {
		perror(dir);
		return EXIT_FAILURE;
	}
	runner = srunner_create(make_suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Starts this program again beside a private pcscd. */
static int
enter(const char *self)
{
	const char *argv[24];
	size_t n = 0;

	argv[n++] = "timeout";
	argv[n++] = "--kill-after=10";
	argv[n++] = PROGRAM_DEADLINE;
	argv[n++] = system_program("run/vscard-run");
	argv[n++] = "--driver";
	argv[n++] = system_program("ifd/.libs/libifdvscard.so");
	argv[n++] = "--vscclient";
	argv[n++] = system_program("vscclient/vscclient");
	argv[n++] = "--slots";
	argv[n++] = text("%u", system_plan.slots);
	if (system_plan.set != NULL) {
		argv[n++] = "--set";
		argv[n++] = system_plan.set;
	}
	argv[n++] = "--";
	argv[n++] = self;
	argv[n] = NULL;
	(void)setenv("VSCARD_TEST_INSIDE", "1", 1);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	perror(argv[0]);
	return EXIT_FAILURE;
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
		return enter(argv[0]);
	return run_tests();
}
