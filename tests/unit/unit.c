/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/fault.h"

static int fds_before;

int
unit_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/* Check's file has no name any more. */
void
unit_child(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	char path[64], name[256];
	ssize_t len;

	for (int fd = 0; fd < null; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, name, sizeof(name) - 1);
		name[len < 0 ? 0 : len] = '\0';
		if (strstr(name, "/check_") != NULL)
			(void)dup2(null, fd);
	}
	close(null);
}

static void
fds_note(void)
{
	fds_before = unit_fds();
}

static void
fds_check(void)
{
	ck_assert_int_eq(unit_fds(), fds_before);
}

Suite *
unit_suite_of(const char *name, const TTest *const tests[])
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, fds_note, fds_check);
	for (; *tests != NULL; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(unit_suite());
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed > 0)
		fault_tell();
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
