/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/notify.h"

/* A manager at that address, which begins with '@' if it is abstract. */
static int
manager(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, len);
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	ck_assert_int_eq(
	    bind(fd, (const struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	    0);
	return fd;
}

static void
check_told(const char *path)
{
	int ours, theirs = manager(path);
	char text[64] = "";

	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	ck_assert_int_eq(notify_open(&ours), 0);
	notify_send(ours, "READY=1\nSTATUS=here\n");
	ck_assert_int_eq(recv(theirs, text, sizeof(text) - 1, 0), 20);
	ck_assert_str_eq(text, "READY=1\nSTATUS=here\n");
	close(theirs);
	/* It has gone; that is no trouble of ours. */
	notify_send(ours, "STOPPING=1\n");
	close(ours);
}

START_TEST(manager_is_told)
{
	char dir[] = "/tmp/vscard-test-XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/notify", dir);
	check_told(path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	snprintf(path, sizeof(path), "@vscard-test-%ld", (long)getpid());
	check_told(path);
}
END_TEST

START_TEST(nobody_wants_to_know)
{
	int fd = 0;

	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	ck_assert_int_eq(notify_open(&fd), 0);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "", 1), 0);
	ck_assert_int_eq(notify_open(&fd), 0);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(wrong_addresses)
{
	char path[200];
	int fd;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	ck_assert_int_eq(notify_open(&fd), -ENAMETOOLONG);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	ck_assert_int_eq(notify_open(&fd), -EINVAL);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/nonexistent/vscard", 1), 0);
	ck_assert_int_eq(notify_open(&fd), -ENOENT);
}
END_TEST

UNIT_SUITE("notify", manager_is_told, nobody_wants_to_know, wrong_addresses)
