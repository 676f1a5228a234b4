/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/scratch.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
scratch_init(struct scratch *k)
{
	/* In memory, where syncing costs nothing, if there is such a place. */
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	memset(k, 0, sizeof(*k));
	snprintf(k->dir, sizeof(k->dir), "%s/vscard-key.XXXXXX", tmp);
	ck_assert_ptr_nonnull(mkdtemp(k->dir));
	ck_assert_int_lt(
	    snprintf(k->path, sizeof(k->path), "%.50s/key", k->dir),
	    (int)sizeof(k->path));
}

void
scratch_clear(struct scratch *k)
{
	char name[SCRATCH_PATH + 256];
	struct dirent *entry;
	DIR *dir;

	ck_assert_int_eq(chmod(k->dir, 0700), 0);
	dir = opendir(k->dir);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", k->dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(name);
	}
	closedir(dir);
	ck_assert_int_eq(rmdir(k->dir), 0);
}

int
scratch_names(const struct scratch *k)
{
	DIR *dir = opendir(k->dir);
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2;
}

static int
give(void *ctx, struct buf *out)
{
	const char *text = ctx;

	return buf_put(out, text, strlen(text));
}

struct store_options
scratch_options(const char *passphrase)
{
	struct store_options options = {.cost = 4};

	if (passphrase != NULL) {
		options.passphrase = give;
		memcpy(&options.ctx, &passphrase, sizeof(passphrase));
	}
	return options;
}

struct store *
scratch_create(struct scratch *k, const char *passphrase)
{
	struct store_options options = scratch_options(NULL);
	struct store *s = NULL;

	ck_assert_msg(
	    store_create(k->path, &options, passphrase, &s, &k->why) == 0, "%s",
	    k->why.text);
	return s;
}

void
scratch_make(struct scratch *k, const char *passphrase)
{
	store_free(scratch_create(k, passphrase));
}

struct store *
scratch_open(struct scratch *k, const char *passphrase)
{
	struct store_options options = scratch_options(passphrase);
	struct store *s = NULL;

	ck_assert_msg(
	    store_open(k->path, &options, &s, &k->why) == 0, "%s", k->why.text);
	return s;
}

int
scratch_try(struct scratch *k, const char *passphrase)
{
	struct store_options options = scratch_options(passphrase);
	struct store *s = NULL;
	int rc;

	k->why.text[0] = '\0';
	rc = store_open(k->path, &options, &s, &k->why);
	ck_assert_int_eq(rc == 0, s != NULL);
	/* Whatever is wrong, the line names the file, and is one. */
	if (rc < 0)
		ck_assert_msg(
		    strncmp(k->why.text, k->path, strlen(k->path)) == 0 &&
			strchr(k->why.text, '\n') == NULL,
		    "%s", k->why.text);
	store_free(s);
	return rc;
}

uint8_t *
scratch_read(const struct scratch *k, size_t *out_len)
{
	int fd = open(k->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;

	ck_assert(fd >= 0 && fstat(fd, &st) == 0);
	bytes = malloc((size_t)st.st_size + 1);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	*out_len = (size_t)st.st_size;
	return bytes;
}

void
scratch_write(const struct scratch *k, const void *bytes, size_t len)
{
	int fd = open(k->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

void
scratch_put(struct store *s, struct place place, const char *text)
{
	ck_assert_int_eq(store_put(s, place, text, strlen(text)), 0);
}

void
scratch_is(struct store *s, struct place place, const char *text)
{
	struct buf b;

	buf_init(&b, STORE_RECORD_MAX);
	ck_assert_int_eq(buf_put(&b, "left over", 9), 0);
	if (text == NULL) {
		ck_assert_int_eq(store_get(s, place, &b), -ENOENT);
		ck_assert_uint_eq(buf_len(&b), 9);
	} else {
		ck_assert_int_eq(store_get(s, place, &b), 0);
		ck_assert_uint_eq(buf_len(&b), strlen(text));
		ck_assert_mem_eq(buf_get(&b), text, strlen(text));
	}
	buf_clear(&b);
}
