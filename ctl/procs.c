/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/procs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Calls it for each process until it says true; that one, or 0. */
static pid_t
procs_each(bool (*fits)(pid_t, const void *), const void *arg)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	pid_t pid, found = 0;

	if (dir == NULL)
		return 0;
	while (found == 0 && (d = readdir(dir)) != NULL) {
		pid = (pid_t)strtol(d->d_name, NULL, 10);
		if (pid > 0 && fits(pid, arg))
			found = pid;
	}
	closedir(dir);
	return found;
}

char *
procs_name(pid_t pid, char *out)
{
	char path[64];
	FILE *file;

	strcpy(out, "?");
	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return out;
	if (fgets(out, PROCS_NAME_MAX, file) == NULL)
		strcpy(out, "?");
	out[strcspn(out, "\n")] = '\0';
	fclose(file);
	return out;
}

static bool
has_name(pid_t pid, const void *arg)
{
	char name[PROCS_NAME_MAX];

	return strcmp(procs_name(pid, name), arg) == 0;
}

pid_t
procs_find(const char *name)
{
	return procs_each(has_name, name);
}

/* --- sockets ---------------------------------------------------------- */

static bool
has_socket(pid_t pid, const void *arg)
{
	char path[300], link[64];
	struct dirent *d;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	if (dir == NULL)
		return false;
	while (!found && (d = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		found = strcmp(link, arg) == 0;
	}
	closedir(dir);
	return found;
}

/* The inode of the socket in a line of /proc/net/tcp that listens there. */
static unsigned long
line_inode(const char *line, uint16_t port)
{
	unsigned at, state;
	unsigned long inode;

	if (sscanf(line,
		" %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*u %*u "
		"%lu",
		&at, &state, &inode) != 3)
		return 0;
	return at == port && state == 0x0a ? inode : 0;
}

static unsigned long
table_inode(const char *path, uint16_t port)
{
	FILE *file = fopen(path, "re");
	unsigned long inode = 0;
	char line[512];

	if (file == NULL)
		return 0;
	while (inode == 0 && fgets(line, sizeof(line), file) != NULL)
		inode = line_inode(line, port);
	fclose(file);
	return inode;
}

bool
procs_listener(uint16_t port, pid_t *out)
{
	unsigned long inode = table_inode("/proc/net/tcp", port);
	char text[64];

	if (inode == 0)
		inode = table_inode("/proc/net/tcp6", port);
	if (inode == 0)
		return false;
	snprintf(text, sizeof(text), "socket:[%lu]", inode);
	*out = procs_each(has_socket, text);
	return true;
}
