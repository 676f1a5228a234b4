/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call that a trace file makes fails. What the file holds then is as
 * far as it came, by whole blocks, and one line says that there is no more;
 * what it held before is not touched.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/blocks.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"
#include "trace/file.h"
#include "util/log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROOM = 1 << 16 };

struct content {
	uint8_t bytes[ROOM];
	size_t len;
};

static struct {
	char dir[32], path[64];
	struct content before, whole, now; /* whole: with nothing in its way */
	const char *why;
	unsigned complaints;
} scene;

static void
count_complaint(enum log_level level, const char *line)
{
	(void)line;
	scene.complaints += level == LOG_LEVEL_ERROR;
}

static void
file_load(struct content *out)
{
	int fd = open(scene.path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0)
		n = read(fd, out->bytes, sizeof(out->bytes));
	ck_assert_int_ge(n, 0);
	out->len = (size_t)n;
	if (fd >= 0)
		close(fd);
}

/* No content: no file. */
static void
file_put(const struct content *content)
{
	int fd;

	unlink(scene.path);
	if (content->len == 0)
		return;
	fd = open(scene.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(
	    write(fd, content->bytes, content->len), (ssize_t)content->len);
	close(fd);
}

static void
scene_setup(void)
{
	log_set_sink(count_complaint);
	net_dir_make(scene.dir);
	snprintf(scene.path, sizeof(scene.path), "%s/trace", scene.dir);
	scene.before.len = 0;
}

static void
scene_teardown(void)
{
	unlink(scene.path);
	net_dir_remove(scene.dir);
}

/* --- what is traced ------------------------------------------------------- */

static void
tell(struct trace_file *file, unsigned slot, enum trace_kind kind,
    const char *data, size_t len)
{
	const struct trace_event event = {
	    .kind = kind,
	    .time = 1,
	    .place = "unix:/somewhere",
	    .slot = slot,
	    .reader = slot == 0 ? "Reader" : "",
	    .peer = "a peer",
	    .data = len > 0 ? data : NULL,
	    .len = len,
	};

	trace_file_on_event(file, &event);
}

static void
tell_all(struct trace_file *file)
{
	tell(file, 0, TRACE_ATTACH, NULL, 0);
	tell(file, 0, TRACE_INSERT, "\x3b\x00", 2);
	tell(file, 1, TRACE_ATTACH, NULL, 0);
	tell(file, 1, TRACE_INSERT, "\x3b\x01", 2);
	tell(file, 0, TRACE_COMMAND, "\x00\x20\x00\x80\x02\x31\x32", 7);
	tell(file, 1, TRACE_COMMAND, "\x00\xb0\x00\x00\x00", 5);
	tell(file, 0, TRACE_RESPONSE, "\x90\x00", 2);
	tell(file, 1, TRACE_FAILURE, NULL, 0);
	tell(file, 0, TRACE_COMMAND, "\x00\xb0\x00\x00\x00", 5);
}

static int
trace(void)
{
	const struct trace_file_setup setup = {
	    .path = scene.path, .program = "test"};
	struct trace_file *file;
	int rc;

	scene.why = NULL;
	rc = trace_file_new(&setup, &file, &scene.why);
	if (rc < 0)
		return rc;
	tell_all(file);
	trace_file_free(&file);
	return 0;
}

/* --- what is in it then --------------------------------------------------- */

static void
check_blocks(void)
{
	const uint8_t *p = scene.now.bytes;
	size_t len = scene.now.len;
	struct block block;

	while (block_next(&p, &len, &block))
		;
	ck_assert_uint_eq(len, 0);
}

static void
scene_run(void *arg)
{
	int rc;

	(void)arg;
	file_put(&scene.before);
	scene.complaints = 0;
	rc = FAULT_IN(trace());
	file_load(&scene.now);
	ck_assert_uint_le(scene.now.len, scene.whole.len);
	ck_assert_uint_ge(scene.now.len, scene.before.len);
	ck_assert_mem_eq(scene.now.bytes, scene.whole.bytes, scene.now.len);
	check_blocks();
	if (rc < 0) {
		ck_assert_ptr_nonnull(scene.why);
		ck_assert_uint_eq(scene.now.len, scene.before.len);
	} else
		ck_assert_uint_eq(
		    scene.complaints, scene.now.len < scene.whole.len);
}

/* Somebody else's file stays as it is, whatever fails. */
static void
scene_foreign(void *arg)
{
	(void)arg;
	file_put(&scene.before);
	ck_assert_int_lt(FAULT_IN(trace()), 0);
	ck_assert_ptr_nonnull(scene.why);
	file_load(&scene.now);
	ck_assert_uint_eq(scene.now.len, scene.before.len);
	ck_assert_mem_eq(scene.now.bytes, scene.before.bytes, scene.now.len);
}

static const struct fault_way ways[] = {
    {"malloc", ENOMEM},
    {"open", EMFILE},
    {"fstat", EIO},
    {"flock", ENOLCK},
    {"pread", EIO},
    {"write", EINTR},
    {"write", FAULT_SHORT},
    {"write", ENOSPC},
};

static void
sweep(void (*run)(void *), unsigned least)
{
	ck_assert_uint_gt(fault_sweep(ways, COUNT(ways), 1, run, NULL), least);
}

START_TEST(a_new_file)
{
	ck_assert_int_eq(trace(), 0);
	file_load(&scene.whole);
	sweep(scene_run, 30);
}
END_TEST

START_TEST(one_more_section)
{
	ck_assert_int_eq(trace(), 0);
	file_load(&scene.before);
	ck_assert_int_eq(trace(), 0);
	file_load(&scene.whole);
	ck_assert_uint_eq(scene.whole.len, 2 * scene.before.len);
	sweep(scene_run, 30);
}
END_TEST

START_TEST(no_trace_file)
{
	scene.before.len = 15;
	memcpy(scene.before.bytes, "somebody else's", 15);
	sweep(scene_foreign, 4);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {
	    a_new_file, one_more_section, no_trace_file, NULL};
	Suite *suite = suite_create("trace faults");

	fault_case_add(
	    suite, "trace faults", scene_setup, scene_teardown, tests);
	return suite;
}
