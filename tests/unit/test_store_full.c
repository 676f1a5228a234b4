/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real file system that is full, read-only, or not ours to write: a small one
 * in memory, mounted where nobody else sees it.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 1, 1};

static void
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Each test is a process of its own, and this ends with it. */
static void
mount_small(struct scratch *k)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	scratch_init(k);
	ck_assert_int_eq(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
	ck_assert_int_eq(
	    mount("none", k->dir, "tmpfs", 0, "size=256k,mode=700"), 0);
}

static void
unmount_small(struct scratch *k)
{
	ck_assert_int_eq(umount(k->dir), 0);
	ck_assert_int_eq(rmdir(k->dir), 0);
}

/* To the last byte. */
static void
fill_up(const struct scratch *k, char *path)
{
	static const uint8_t zero[4096];
	int fd;

	snprintf(path, SCRATCH_PATH + 8, "%s.filler", k->path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	while (write(fd, zero, sizeof(zero)) > 0)
		;
	close(fd);
}

START_TEST(a_full_disk_takes_nothing_away)
{
	struct place place = {STORE_OATH, 1, 0};
	struct store *s, *other = NULL;
	char path[SCRATCH_PATH + 8], filler[SCRATCH_PATH + 8];
	static uint8_t bytes[8000];
	struct scratch k;
	int rc;

	mount_small(&k);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "precious");
	while ((rc = store_put(s, place, bytes, sizeof(bytes))) == 0)
		place.id++;
	ck_assert_int_eq(rc, -ENOSPC);
	ck_assert_uint_gt(place.id, 5);
	scratch_is(s, here, "precious");
	scratch_is(s, place, NULL);
	ck_assert_int_eq(store_put(s, place, bytes, sizeof(bytes)), -ENOSPC);
	fill_up(&k, filler);
	snprintf(path, sizeof(path), "%s.copy", k.path);
	ck_assert_int_eq(store_backup(s, path, &k.why), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(k.why.text, "No space left"));
	ck_assert_int_eq(
	    store_create(path, NULL, NULL, &other, &k.why), -ENOSPC);
	ck_assert_int_eq(access(path, F_OK), -1);
	store_free(s);
	ck_assert_int_eq(unlink(filler), 0);
	ck_assert_int_eq(scratch_names(&k), 1);

	/* Room is made by what is deleted. */
	s = scratch_open(&k, NULL);
	scratch_is(s, here, "precious");
	for (uint32_t id = 0; id < place.id; id++)
		ck_assert_int_le(
		    store_delete(s, (struct place){STORE_OATH, 1, id}), 0);
	ck_assert_int_eq(store_put(s, place, "small", 5), 0);
	store_free(s);
	s = scratch_open(&k, NULL);
	scratch_is(s, here, "precious");
	scratch_is(s, place, "small");
	store_free(s);
	unmount_small(&k);
}
END_TEST

START_TEST(a_read_only_disk_is_named)
{
	struct store *s = NULL;
	struct scratch k;

	mount_small(&k);
	scratch_make(&k, NULL);
	ck_assert_int_eq(
	    mount("none", k.dir, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -EROFS);
	ck_assert_ptr_nonnull(strstr(k.why.text, "needs a lock and a journal"));
	ck_assert_int_eq(remove(k.path), -1);
	ck_assert_int_eq(store_create(k.path, NULL, NULL, &s, &k.why), -EROFS);
	unmount_small(&k);
}
END_TEST

START_TEST(a_directory_that_is_not_ours_is_named)
{
	struct store *s = NULL;
	char path[SCRATCH_PATH + 8];
	struct scratch k;
	bool is_root = geteuid() == 0;

	scratch_init(&k);
	scratch_make(&k, NULL);
	ck_assert_int_eq(chmod(k.dir, is_root ? 0755 : 0500), 0);
	if (is_root) {
		ck_assert_int_eq(chown(k.path, 65534, 65534), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	ck_assert_int_eq(scratch_try(&k, NULL), -EACCES);
	ck_assert_ptr_nonnull(strstr(k.why.text, "needs a lock and a journal"));
	snprintf(path, sizeof(path), "%s.new", k.path);
	ck_assert_int_eq(store_create(path, NULL, NULL, &s, &k.why), -EACCES);
	ck_assert_int_eq(seteuid(is_root ? 0 : geteuid()), 0);
	scratch_clear(&k);
}
END_TEST

UNIT_SUITE("store full", a_full_disk_takes_nothing_away,
    a_read_only_disk_is_named, a_directory_that_is_not_ours_is_named)
