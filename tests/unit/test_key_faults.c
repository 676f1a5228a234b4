/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of vscard-key fails, in each command that writes a file: what
 * it says it did it has done, what it says it could not do has changed
 * nothing, there is never a part of a file, and the next try goes well.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card/core/identity.h"
#include "card/keyfile.h"
#include "key/commands.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

enum { PEM_MAX = 4096 };

static struct {
	char dir[32], key[64], other[64], pem[64];
	char text[PEM_MAX]; /* of the certificate */
} place;

static const struct keyfile_setup nobody = {.passphrase = NULL};

/* --- files ---------------------------------------------------------------- */

static void
key_make(const char *path)
{
	struct store_why why;
	struct keyfile *key;

	ck_assert_int_eq(
	    keyfile_create(path, &nobody, NULL, "", &key, &why), 0);
	keyfile_free(key);
}

/* 0: there is none. It is whole. */
static unsigned
key_serial(const char *path)
{
	struct store_why why = {""};
	struct keyfile *key;
	struct identity id;

	if (access(path, F_OK) < 0)
		return 0;
	ck_assert_msg(
	    keyfile_open(path, &nobody, &key, &why) == 0, "%s", why.text);
	ck_assert_int_eq(identity_get(&key->env, &id), 0);
	keyfile_free(key);
	return (unsigned)id.serial;
}

/* A lock's file may stay, should there be somebody who waits for it. */
static unsigned
names(void)
{
	DIR *dir = opendir(place.dir);
	struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.' &&
			 strstr(entry->d_name, ".lock") == NULL;
	closedir(dir);
	return count;
}

/* --- the commands ----------------------------------------------------------- */

struct action {
	enum status (*run)(const struct options *);
	const char *file;
	const char *other;
	const char *result;
	bool there; /* an older result is */
};

static const struct action actions[] = {
    {command_create, place.other, NULL, place.other, false},
    {command_backup, place.key, place.other, place.other, false},
    {command_backup, place.key, place.other, place.other, true},
    {command_restore, place.key, place.other, place.other, true},
};

static bool
is_done(const struct action *a)
{
	const struct options options = {.file = a->file,
	    .other = a->other,
	    .name = "",
	    .passphrase = {.fd = -1},
	    .new_passphrase = {.fd = -1},
	    .yes = true};

	return FAULT_IN(a->run(&options)) == STATUS_OK;
}

/* What a fault leaves there is what was there, or all of the new one. */
static void
key_scene(void *arg)
{
	const struct action *a = arg;
	unsigned old, now, failures = 0;

	if (a->there)
		key_make(a->result);
	old = key_serial(a->result);
	while (!is_done(a)) {
		ck_assert_uint_eq(failures++, 0);
		now = key_serial(a->result);
		ck_assert(
		    now == old || (a->there && now == key_serial(place.key)));
		ck_assert_uint_eq(names(), 1U + (now != 0));
	}
	now = key_serial(a->result);
	ck_assert_uint_ne(now, old);
	ck_assert_uint_ne(now, 0);
	ck_assert_uint_eq(names(), 2);
	unlink(a->result);
}

/* --- certificates ------------------------------------------------------------ */

static const struct action export_there = {
    command_export, place.key, place.dir, place.pem, true};
static const struct action export_new = {
    command_export, place.key, place.dir, place.pem, false};

/* "" if there is none. */
static void
pem_read(char out[PEM_MAX])
{
	FILE *file = fopen(place.pem, "re");
	size_t len = 0;

	if (file != NULL) {
		len = fread(out, 1, PEM_MAX - 1, file);
		fclose(file);
	}
	out[len] = '\0';
}

static void
pem_write(const char *text)
{
	FILE *file = fopen(place.pem, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
pem_scene(void *arg)
{
	const struct action *a = arg;
	const char *old = a->there ? "old" : "";
	char now[PEM_MAX];
	unsigned failures = 0;
	struct stat st;

	if (a->there)
		pem_write(old);
	while (!is_done(a)) {
		ck_assert_uint_eq(failures++, 0);
		pem_read(now);
		ck_assert(strcmp(now, old) == 0 ||
			  (a->there && strcmp(now, place.text) == 0));
		ck_assert_uint_eq(names(), 1U + (now[0] != '\0'));
	}
	pem_read(now);
	ck_assert_str_eq(now, place.text);
	ck_assert_int_eq(stat(place.pem, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0644);
	ck_assert_uint_eq(names(), 2);
	unlink(place.pem);
}

static void
pem_init(void)
{
	umask(022);
	ck_assert(is_done(&export_new));
	pem_read(place.text);
	ck_assert_uint_gt(strlen(place.text), 100);
	unlink(place.pem);
}

static void
place_init(void)
{
	unit_hush();
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
	net_dir_make(place.dir);
	snprintf(place.key, sizeof(place.key), "%s/a.key", place.dir);
	snprintf(place.other, sizeof(place.other), "%s/b.key", place.dir);
	snprintf(place.pem, sizeof(place.pem), "%s/f9.pem", place.dir);
	key_make(place.key);
}

static void
place_clear(void)
{
	unlink(place.key);
	unlink(place.pem);
	net_dir_remove(place.dir);
}

static const struct fault_way ways[] = {
    {"malloc", ENOMEM},
    {"open", EMFILE},
    {"fcntl", ENOLCK},
    {"fstat", EIO},
    {"lstat", EIO},
    {"write", ENOSPC},
    {"write", EINTR},
    {"write", FAULT_SHORT},
    {"fchmod", EPERM},
    {"fsync", EIO},
    {"mkostemp", EMFILE},
    {"rename", EIO},
    {"renameat2", EINVAL},
    {"renameat2", EIO},
    {"link", EIO},
    {"getrandom", EINTR},
};

enum {
	WAYS = sizeof(ways) / sizeof(ways[0]),
	ACTIONS = sizeof(actions) / sizeof(actions[0])
};

START_TEST(a_certificate_is_whole)
{
	struct action fresh = export_new, again = export_there;

	pem_init();
	ck_assert_uint_gt(fault_sweep(ways, WAYS, 1, pem_scene, &fresh), 10);
	ck_assert_uint_gt(fault_sweep(ways, WAYS, 1, pem_scene, &again), 10);
}
END_TEST

START_TEST(a_key_is_whole)
{
	struct action action = actions[_i];

	ck_assert_uint_gt(fault_sweep(ways, WAYS, 1, key_scene, &action), 10);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("key faults");
	TCase *each = tcase_create("key faults");

	tcase_set_timeout(each, 120);
	tcase_add_checked_fixture(each, place_init, place_clear);
	tcase_add_test(each, a_certificate_is_whole);
	tcase_add_loop_test(each, a_key_is_whole, 0, ACTIONS);
	suite_add_tcase(suite, each);
	return suite;
}
