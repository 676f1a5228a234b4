/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replays files, or all files of directories, through a fuzz target, and
 * prints a TAP line for each. A broken promise aborts, which is a failure.
 * Without arguments: the target's own corpus.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static int count;

static int
replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, len);
	printf("ok %d - %s\n", ++count, strrchr(path, '/') + 1);
	fflush(stdout);
	return 0;
}

static int
replay(const char *path)
{
	struct dirent **names;
	struct stat st;
	char full[4096];
	int n, rc = 0;

	if (stat(path, &st) < 0) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && replay_file(full) < 0)
			rc = -1;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n < 0 ? -1 : rc;
}

/* tests/fuzz/fuzz_NAME replays tests/fuzz/corpus/NAME. */
static int
replay_own(const char *program)
{
	const char *top = getenv("top_srcdir"), *name = strstr(program, "fuzz_");
	char path[4096];

	while (name != NULL && strstr(name + 1, "fuzz_") != NULL)
		name = strstr(name + 1, "fuzz_");
	if (name == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", name + strlen("fuzz_"));
	return replay(path);
}

int
main(int argc, char **argv)
{
	int rc = 0;

	if (argc < 2)
		rc = replay_own(argv[0]);
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) < 0)
			rc = -1;
	printf("1..%d\n", count);
	return rc == 0 && count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
