/* SPDX-License-Identifier: BSD-2-Clause */
/* The key file as a file: who may open it, what lies beside it, what it says. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 3, 0x9A};

static void
name_beside(const struct scratch *k, const char *suffix, char *out)
{
	snprintf(out, 2 * SCRATCH_PATH, "%s%s", k->path, suffix);
}

static void
says(const struct scratch *k, const char *text)
{
	ck_assert_msg(strstr(k->why.text, text) != NULL, "%s", k->why.text);
}

START_TEST(a_file_keeps_its_records)
{
	struct scratch k;
	struct store *s;

	scratch_init(&k);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "one");
	store_free(s);
	s = scratch_open(&k, NULL);
	scratch_is(s, here, "one");
	scratch_put(s, here, "two");
	ck_assert_int_eq(store_begin(s), 0);
	scratch_put(s, here, "three");
	store_free(s);
	s = scratch_open(&k, NULL);
	scratch_is(s, here, "two");
	store_free(s);
	scratch_clear(&k);
}
END_TEST

START_TEST(one_file_at_rest_and_it_is_private)
{
	struct scratch k;
	struct store *s;
	struct stat st;

	umask(0);
	scratch_init(&k);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "one");
	ck_assert_int_gt(scratch_names(&k), 1);
	store_free(s);
	ck_assert_int_eq(scratch_names(&k), 1);
	ck_assert_int_eq(stat(k.path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	scratch_clear(&k);
}
END_TEST

START_TEST(opening_changes_nothing)
{
	size_t before_len, after_len;
	uint8_t *before, *after;
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	before = scratch_read(&k, &before_len);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	after = scratch_read(&k, &after_len);
	ck_assert_uint_eq(before_len, after_len);
	ck_assert_mem_eq(before, after, before_len);
	free(before);
	free(after);
	scratch_clear(&k);
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	struct scratch k;
	struct store *s = NULL;

	scratch_init(&k);
	scratch_write(&k, "mine", 4);
	ck_assert_int_eq(store_create(k.path, NULL, NULL, &s, &k.why), -EEXIST);
	says(&k, k.path);
	s = NULL;
	ck_assert_int_eq(store_new_memory(&s), 0);
	ck_assert_int_eq(store_backup(s, k.path, &k.why), -EEXIST);
	store_free(s);
	ck_assert_int_eq(scratch_names(&k), 1);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_backup_is_a_key_file)
{
	struct scratch k, copy;
	struct store *s;

	scratch_init(&k);
	scratch_init(&copy);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "old");
	ck_assert_int_eq(store_begin(s), 0);
	ck_assert_int_eq(store_backup(s, copy.path, &copy.why), -EINVAL);
	store_rollback(s);
	ck_assert_int_eq(store_backup(s, copy.path, &copy.why), 0);
	scratch_put(s, here, "new");
	store_free(s);
	s = scratch_open(&copy, NULL);
	scratch_is(s, here, "old");
	store_free(s);
	s = scratch_open(&k, NULL);
	scratch_is(s, here, "new");
	store_free(s);
	scratch_clear(&copy);
	scratch_clear(&k);
}
END_TEST

/* --- one owner -------------------------------------------------------------- */

START_TEST(the_second_opener_is_told_who_has_it)
{
	char link_name[2 * SCRATCH_PATH], owner[32];
	struct scratch k, other;
	struct store *s;

	scratch_init(&k);
	s = scratch_create(&k, NULL);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBUSY);
	snprintf(owner, sizeof(owner), "process %ld (", (long)getpid());
	says(&k, owner);
	says(&k, "test_store_file");
	/* By another name too. */
	other = k;
	name_beside(&k, ".link", link_name);
	ck_assert_int_eq(symlink("key", link_name), 0);
	ck_assert_int_eq(store_open(link_name, NULL, &s, &other.why), -EBUSY);
	store_free(s);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	scratch_clear(&k);
}
END_TEST

START_TEST(another_process_cannot_open_it_either)
{
	struct scratch k;
	struct store *s;
	int status;
	pid_t pid;

	scratch_init(&k);
	s = scratch_create(&k, NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct store *mine = NULL;

		_exit(store_open(k.path, NULL, &mine, NULL) == -EBUSY ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	scratch_put(s, here, "one");
	store_free(s);
	scratch_clear(&k);
}
END_TEST

/* The lock file says what it likes; only the lock counts. */
START_TEST(a_lock_file_that_nobody_holds_is_no_lock)
{
	char name[2 * SCRATCH_PATH];
	struct scratch k;
	int fd;

	scratch_init(&k);
	scratch_make(&k, NULL);
	name_beside(&k, ".lock", name);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "1 elsewhere init\n", 17), 17);
	close(fd);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	ck_assert_int_eq(scratch_names(&k), 1);
	scratch_clear(&k);
}
END_TEST

START_TEST(an_owner_cannot_write_on_our_terminal)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[2 * SCRATCH_PATH];
	struct scratch k;
	int fd;

	scratch_init(&k);
	scratch_make(&k, NULL);
	name_beside(&k, ".lock", name);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &fl), 0);
	ck_assert_int_eq(write(fd, "7 h\033[2Jost na\r\nme\n", 18), 18);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBUSY);
	ck_assert_ptr_null(strpbrk(k.why.text, "\033\r\n"));
	says(&k, "process 7 ");
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBUSY);
	says(&k, "another process");
	close(fd);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_lock_file_is_no_way_elsewhere)
{
	char name[2 * SCRATCH_PATH], target[2 * SCRATCH_PATH];
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	name_beside(&k, ".lock", name);
	name_beside(&k, ".target", target);
	ck_assert_int_eq(symlink(target, name), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -ELOOP);
	ck_assert_int_eq(access(target, F_OK), -1);
	scratch_clear(&k);
}
END_TEST

/* --- permissions ---------------------------------------------------------------- */

START_TEST(a_file_for_others_is_refused_with_the_remedy)
{
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	for (unsigned bit = 0; bit < 6; bit++) {
		ck_assert_int_eq(chmod(k.path, 0600U | 1U << bit), 0);
		ck_assert_int_eq(scratch_try(&k, NULL), -EACCES);
		says(&k, "chmod 600 '");
	}
	ck_assert_int_eq(chmod(k.path, 0600), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_journal_for_others_is_refused_too)
{
	char name[2 * SCRATCH_PATH];
	struct scratch k;
	int fd;

	scratch_init(&k);
	scratch_make(&k, NULL);
	name_beside(&k, "-journal", name);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, 0622), 0);
	close(fd);
	ck_assert_int_eq(scratch_try(&k, NULL), -EACCES);
	says(&k, "-journal");
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(symlink("/dev/null", name), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	scratch_clear(&k);
}
END_TEST

START_TEST(what_is_no_key_file_is_refused)
{
	static const char *const texts[] = {"", "x", "SQLite format 3"};
	char name[2 * SCRATCH_PATH];
	struct store *s = NULL;
	struct scratch k;

	scratch_init(&k);
	ck_assert_int_eq(scratch_try(&k, NULL), -ENOENT);
	ck_assert_int_eq(scratch_names(&k), 0);
	for (unsigned i = 0; i < 3; i++) {
		scratch_write(&k, texts[i], strlen(texts[i]));
		ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
		says(&k, "not a key file");
	}
	ck_assert_int_eq(unlink(k.path), 0);
	ck_assert_int_eq(mkdir(k.path, 0700), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	ck_assert_int_eq(rmdir(k.path), 0);
	ck_assert_int_eq(mkfifo(k.path, 0600), 0);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	name_beside(&k, "/none/key", name);
	ck_assert_int_lt(store_create(name, NULL, NULL, &s, &k.why), 0);
	ck_assert_int_eq(store_create("", NULL, NULL, &s, &k.why), -EISDIR);
	scratch_clear(&k);
}
END_TEST

/* Another program's database, however good. */
START_TEST(a_foreign_database_is_refused)
{
	size_t len;
	struct scratch k;
	uint8_t *bytes;

	scratch_init(&k);
	scratch_make(&k, NULL);
	bytes = scratch_read(&k, &len);
	bytes[68]++;
	scratch_write(&k, bytes, len);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	says(&k, "not a key file");
	free(bytes);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_newer_version_is_refused_and_named)
{
	size_t len;
	struct scratch k;
	uint8_t *bytes;

	scratch_init(&k);
	scratch_make(&k, NULL);
	bytes = scratch_read(&k, &len);
	bytes[63] = 7;
	scratch_write(&k, bytes, len);
	ck_assert_int_eq(scratch_try(&k, NULL), -ENOTSUP);
	says(&k, "newer vscard (format 7, this one knows 1)");
	bytes[63] = 0;
	scratch_write(&k, bytes, len);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	free(bytes);
	scratch_clear(&k);
}
END_TEST

/* --- journals ------------------------------------------------------------------- */

enum { PAGE = 4096, SECTOR = 512, HEADER_MODES = 18 };

static void
put_be32(uint8_t *at, size_t n)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void
write_beside(
    const struct scratch *k, const char *suffix, const void *bytes, size_t len)
{
	char name[2 * SCRATCH_PATH];
	int fd;

	name_beside(k, suffix, name);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

/* SQLite's file format, §3: it brings back the first page of len bytes. */
static size_t
make_journal(uint8_t *out, const uint8_t *page, size_t len)
{
	static const uint8_t magic[] = {
	    0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
	uint8_t *record = out + SECTOR;
	size_t sum = 0;

	memset(out, 0, SECTOR);
	memcpy(out, magic, sizeof(magic));
	put_be32(out + 8, 1);
	put_be32(out + 16, len / PAGE);
	put_be32(out + 20, SECTOR);
	put_be32(out + 24, PAGE);
	put_be32(record, 1);
	memcpy(record + 4, page, PAGE);
	for (size_t i = PAGE - 200; i > 0 && i < PAGE; i -= 200)
		sum += page[i];
	put_be32(record + 4 + PAGE, sum);
	return SECTOR + PAGE + 8;
}

/* Of the file as it is, but for one byte of its first page. */
static void
leave_journal(const struct scratch *k, size_t at, uint8_t byte)
{
	uint8_t journal[SECTOR + PAGE + 8], *bytes;
	size_t len;

	bytes = scratch_read(k, &len);
	bytes[at] = byte;
	write_beside(k, "-journal", journal, make_journal(journal, bytes, len));
	free(bytes);
}

/* The same, and at its end the file that SQLite is to remove. */
static void
leave_super_journal(const struct scratch *k, const char *victim)
{
	uint8_t journal[SECTOR + PAGE + 8 + 4 + 2 * SCRATCH_PATH + 16], *bytes;
	size_t len, n, name_len = strlen(victim), sum = 0;

	bytes = scratch_read(k, &len);
	n = make_journal(journal, bytes, len);
	free(bytes);
	put_be32(journal + n, 0x40000000 / PAGE + 1);
	memcpy(journal + n + 4, victim, name_len);
	for (size_t i = 0; i < name_len; i++)
		sum += (uint8_t)victim[i];
	n += 4 + name_len;
	put_be32(journal + n, name_len);
	put_be32(journal + n + 4, sum);
	memcpy(journal + n + 8, journal, 8);
	write_beside(k, "-journal", journal, n + 16);
}

START_TEST(a_journal_removes_no_other_file)
{
	char victim[2 * SCRATCH_PATH];
	struct store *s = NULL;
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	write_beside(&k, ".mine", "mine", 4);
	name_beside(&k, ".mine", victim);
	leave_super_journal(&k, victim);
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	says(&k, "key-journal: names another file");
	ck_assert_int_eq(access(victim, F_OK), 0);
	ck_assert_int_eq(store_new_memory(&s), 0);
	ck_assert_int_eq(store_replace(s, k.path, &k.why), -EBADMSG);
	says(&k, "key-journal: names another file");
	ck_assert_int_eq(access(victim, F_OK), 0);
	store_free(s);
	scratch_clear(&k);
}
END_TEST

/* A crash leaves one like these. */
START_TEST(a_journal_that_names_nothing_is_played)
{
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	for (unsigned len = 0; len < 8; len++) {
		write_beside(&k, "-journal", "\0\0\0\0\0\0\0", len);
		ck_assert_int_eq(scratch_try(&k, NULL), 0);
	}
	leave_journal(&k, 0, 'S');
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	leave_journal(&k, 0, 'X');
	ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_journal_without_its_file_is_not_for_the_next)
{
	struct scratch k;
	struct store *s;

	scratch_init(&k);
	scratch_make(&k, NULL);
	leave_journal(&k, 0, 'X');
	ck_assert_int_eq(unlink(k.path), 0);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "one");
	store_free(s);
	leave_journal(&k, 0, 'X');
	ck_assert_int_eq(unlink(k.path), 0);
	ck_assert_int_eq(store_new_memory(&s), 0);
	ck_assert_int_eq(store_backup(s, k.path, &k.why), 0);
	ck_assert_int_eq(scratch_names(&k), 1);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	/* That of a file that is there is its own. */
	leave_journal(&k, 0, 'S');
	ck_assert_int_eq(store_backup(s, k.path, &k.why), -EEXIST);
	ck_assert_int_eq(scratch_names(&k), 2);
	store_free(s);
	scratch_clear(&k);
}
END_TEST

START_TEST(a_journal_makes_no_write_ahead_log)
{
	struct scratch k;

	scratch_init(&k);
	for (unsigned i = 0; i < 2; i++) {
		scratch_make(&k, NULL);
		leave_journal(&k, HEADER_MODES + i, 2);
		ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
		says(&k, "not a key file");
		ck_assert_int_eq(scratch_names(&k), 1);
		ck_assert_int_eq(unlink(k.path), 0);
	}
	scratch_make(&k, NULL);
	leave_journal(&k, 63, 7);
	ck_assert_int_eq(scratch_try(&k, NULL), -ENOTSUP);
	says(&k, "newer vscard (format 7, this one knows 1)");
	scratch_clear(&k);
}
END_TEST

/* A program that does not know our lock, but has SQLite's. */
START_TEST(what_is_in_use_is_not_replaced)
{
	size_t before_len, after_len;
	uint8_t *before, *after;
	struct store *s = NULL;
	sqlite3 *other = NULL;
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, NULL);
	before = scratch_read(&k, &before_len);
	ck_assert_int_eq(store_new_memory(&s), 0);
	ck_assert_int_eq(sqlite3_open(k.path, &other), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(store_replace(s, k.path, &k.why), -EBUSY);
	says(&k, k.path);
	says(&k, "open in another program");
	sqlite3_close(other);
	after = scratch_read(&k, &after_len);
	ck_assert_uint_eq(before_len, after_len);
	ck_assert_mem_eq(before, after, before_len);
	ck_assert_int_eq(store_replace(s, k.path, &k.why), 0);
	store_free(s);
	free(before);
	free(after);
	scratch_clear(&k);
}
END_TEST

UNIT_SUITE("store file", a_file_keeps_its_records,
    one_file_at_rest_and_it_is_private, opening_changes_nothing,
    nothing_is_overwritten, a_backup_is_a_key_file,
    the_second_opener_is_told_who_has_it, another_process_cannot_open_it_either,
    a_lock_file_that_nobody_holds_is_no_lock,
    an_owner_cannot_write_on_our_terminal, a_lock_file_is_no_way_elsewhere,
    a_file_for_others_is_refused_with_the_remedy,
    a_journal_for_others_is_refused_too, what_is_no_key_file_is_refused,
    a_foreign_database_is_refused, a_newer_version_is_refused_and_named,
    a_journal_removes_no_other_file, a_journal_that_names_nothing_is_played,
    a_journal_without_its_file_is_not_for_the_next,
    a_journal_makes_no_write_ahead_log, what_is_in_use_is_not_replaced)
