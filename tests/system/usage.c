/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/usage.h"

#include <check.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

unsigned long
usage_ticks(int pid)
{
	unsigned long user = 0, kernel = 0;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d"
	    " %*u %*u %*u %*u %*u %lu %lu", &user, &kernel), 2);
	(void)fclose(file);
	return user + kernel;
}

static unsigned long
thread_switches(const char *path)
{
	unsigned long sum = 0, n;
	char line[256];
	FILE *file = fopen(path, "re");

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
			sum += n;
	(void)fclose(file);
	return sum;
}

unsigned long
usage_switches(int pid)
{
	unsigned long sum = 0;
	struct dirent *entry;
	char path[512];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/status",
		    pid, entry->d_name);
		sum += thread_switches(path);
	}
	(void)closedir(dir);
	return sum;
}

unsigned long
usage_field(int pid, const char *file, const char *word)
{
	unsigned long n = 0;
	char line[256];
	bool found = false;
	FILE *f;

	(void)snprintf(line, sizeof(line), "/proc/%d/%s", pid, file);
	f = fopen(line, "re");
	ck_assert_ptr_nonnull(f);
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strncmp(line, word, strlen(word)) == 0 &&
		    sscanf(line + strlen(word), "%lu", &n) == 1;
	(void)fclose(f);
	ck_assert(found);
	return n;
}

unsigned long
usage_memory(int pid)
{
	return usage_field(pid, "smaps_rollup", "Private_Dirty:");
}

unsigned long
usage_peak(int pid)
{
	return usage_field(pid, "status", "VmHWM:");
}

unsigned
usage_threads(int pid)
{
	return (unsigned)usage_field(pid, "status", "Threads:");
}
