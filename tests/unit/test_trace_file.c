/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/blocks.h"
#include "trace/file.h"
#include "util/hex.h"
#include "util/log.h"

enum { ROOM = 1 << 20, TEXT = 256 };

/* What this file's events are of. */
static const char here[] = "here";

struct fixture {
	char dir[64];
	char path[96];
	struct trace_file *file;
	const char *why;
	uint64_t time;
	uint8_t *bytes; /* of the file */
	size_t len;
};

static int
file_open(struct fixture *f, bool secrets)
{
	const struct trace_file_setup setup = {
	    .path = f->path,
	    .program = "test",
	    .source = here,
	    .secrets = secrets,
	};

	return trace_file_new(&setup, &f->file, &f->why);
}

static void
setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->dir, "/tmp/vscard-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/trace", f->dir);
	f->bytes = malloc(ROOM);
}

static void
teardown(struct fixture *f)
{
	trace_file_free(&f->file);
	unlink(f->path);
	ck_assert_int_eq(rmdir(f->dir), 0);
	free(f->bytes);
}

static void
put(const struct fixture *f, const void *data, size_t len)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, data, len), (int)len);
	close(fd);
}

static void
load(struct fixture *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, f->bytes, ROOM);

	ck_assert_int_ge(n, 0);
	f->len = (size_t)n;
	close(fd);
}

static void
tell_slot(
    struct fixture *f, unsigned slot, enum trace_kind kind, const char *hex)
{
	uint8_t data[512];
	struct trace_event event = {
	    .kind = kind,
	    .time = ++f->time,
	    .source = here,
	    .place = "unix:/somewhere",
	    .slot = slot,
	    .reader = slot == 0 ? "Reader" : "",
	    .peer = "a peer",
	    .what = kind == TRACE_CONTROL ? "reset" : NULL,
	    .result = kind == TRACE_FAILURE ? -ENOMEDIUM : 0,
	};
	int len = hex_get(hex, data, sizeof(data));

	ck_assert_int_ge(len, 0);
	event.len = (size_t)len;
	event.data = len > 0 ? data : NULL;
	trace_file_on_event(f->file, &event);
}

static void
tell(struct fixture *f, enum trace_kind kind, const char *hex)
{
	tell_slot(f, 0, kind, hex);
}

/* A line a block: its type, and what matters of it. */
static void
show_block(const struct block *block, char *out, size_t cap)
{
	char text[TEXT], hex[2 * TEXT];
	struct block_packet packet;
	char *newline;

	if (block->type == BLOCK_SECTION) {
		snprintf(out, cap, "section %s",
		    block_option(block, 4, text, sizeof(text)));
		return;
	}
	if (block->type == BLOCK_INTERFACE) {
		snprintf(out, cap, "interface %s",
		    block_option(block, 2, text, sizeof(text)));
		return;
	}
	block_packet(block, &packet);
	block_option(block, 1, text, sizeof(text));
	newline = strchr(text, '\n');
	if (newline != NULL)
		*newline = '\0';
	if (packet.direction < 0)
		snprintf(out, cap, "%u at %u: %.*s", packet.interface,
		    (unsigned)packet.time, (int)packet.len,
		    (const char *)packet.data);
	else
		snprintf(out, cap, "%u at %u: %s %s (%s)", packet.interface,
		    (unsigned)packet.time, packet.direction == 0 ? ">" : "<",
		    hex_put(hex, sizeof(hex), packet.data, packet.len), text);
}

/* The file has just these blocks; NULL at the end. */
static void
check_file(struct fixture *f, const char *const *lines)
{
	const uint8_t *p;
	struct block block;
	char line[1024];
	size_t len;

	load(f);
	p = f->bytes;
	len = f->len;
	for (; *lines != NULL; lines++) {
		ck_assert_msg(
		    block_next(&p, &len, &block), "missing: %s", *lines);
		show_block(&block, line, sizeof(line));
		ck_assert_str_eq(line, *lines);
	}
	ck_assert_uint_eq(len, 0);
}

static const char *const session[] = {
    "section test",
    "interface Reader",
    "0 at 1: reader attached",
    "0 at 2: < 3B00 (card inserted: its ATR)",
    "0 at 3: > 00A4040005A000000308 (SELECT PIV (A000000308))",
    "0 at 4: < 9000 (9000 OK)",
    "0 at 5: > 00200080042A2A2A2A (VERIFY PIN (80), 4 bytes)",
    "0 at 6: < 63C2 (63C2 not verified, 2 tries left)",
    "0 at 7: reset: done",
    "0 at 7: < 3B01 (the card's ATR)",
    "0 at 8: > 00B0000000 (READ BINARY at 0)",
    "0 at 9: no response: No medium found",
    "0 at 10: card removed",
    "0 at 11: reader detached",
    NULL,
};

static void
tell_session(struct fixture *f)
{
	tell(f, TRACE_ATTACH, "");
	tell(f, TRACE_INSERT, "3B00");
	tell(f, TRACE_COMMAND, "00A4040005A000000308");
	tell(f, TRACE_RESPONSE, "9000");
	tell(f, TRACE_COMMAND, "002000800431323334");
	tell(f, TRACE_RESPONSE, "63C2");
	tell(f, TRACE_CONTROL, "3B01");
	tell(f, TRACE_COMMAND, "00B0000000");
	tell(f, TRACE_FAILURE, "");
	tell(f, TRACE_EJECT, "");
	tell(f, TRACE_DETACH, "");
}

START_TEST(a_session_is_written)
{
	struct fixture f;
	struct stat st;

	setup(&f);
	ck_assert_int_eq(file_open(&f, false), 0);
	tell_session(&f);
	check_file(&f, session);
	ck_assert_int_eq(stat(f.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	teardown(&f);
}
END_TEST

START_TEST(secrets_are_written_if_asked_for)
{
	static const char *const lines[] = {
	    "section test",
	    "interface Reader",
	    "0 at 1: > 002000800431323334 (VERIFY 80, 4 bytes)",
	    "0 at 2: < 9000 (9000 OK)",
	    NULL,
	};
	struct fixture f;

	setup(&f);
	ck_assert_int_eq(file_open(&f, true), 0);
	tell(&f, TRACE_COMMAND, "002000800431323334");
	tell(&f, TRACE_RESPONSE, "9000");
	check_file(&f, lines);
	teardown(&f);
}
END_TEST

/* Whatever else happens in between. */
START_TEST(a_response_is_behind_its_command)
{
	static const char *const lines[] = {
	    "section test",
	    "interface Reader",
	    "interface slot 5",
	    "1 at 2: > 00B0000002 (READ BINARY at 0)",
	    "1 at 3: < 6A82 (6A82 not found)",
	    "1 at 4: card removed",
	    "0 at 1: > 00B0000001 (READ BINARY at 0)",
	    "0 at 5: < 9000 (9000 OK)",
	    "1 at 6: > 00B0000003 (READ BINARY at 0)",
	    NULL,
	};
	struct fixture f;

	setup(&f);
	ck_assert_int_eq(file_open(&f, false), 0);
	tell(&f, TRACE_COMMAND, "00B0000001");
	tell_slot(&f, 5, TRACE_COMMAND, "00B0000002");
	tell_slot(&f, 5, TRACE_RESPONSE, "6A82");
	tell_slot(&f, 5, TRACE_EJECT, "");
	tell(&f, TRACE_RESPONSE, "9000");
	tell_slot(&f, 5, TRACE_COMMAND, "00B0000003");
	trace_file_free(&f.file); /* writes what waits */
	check_file(&f, lines);
	teardown(&f);
}
END_TEST

START_TEST(other_sources_are_not_written)
{
	static const char *const lines[] = {"section test", NULL};
	struct trace_event event = {.source = "there", .place = "", .slot = 0};
	struct fixture f;

	setup(&f);
	ck_assert_int_eq(file_open(&f, false), 0);
	trace_file_on_event(f.file, &event);
	event.source = here;
	event.slot = TRACE_FILE_SLOTS;
	trace_file_on_event(f.file, &event);
	check_file(&f, lines);
	teardown(&f);
}
END_TEST

START_TEST(a_file_of_ours_goes_on)
{
	const char *twice[2 * sizeof(session) / sizeof(*session)];
	size_t n = sizeof(session) / sizeof(*session) - 1;
	struct fixture f;

	memcpy(twice, session, n * sizeof(*session));
	memcpy(twice + n, session, (n + 1) * sizeof(*session));
	setup(&f);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(file_open(&f, false), 0);
		f.time = 0;
		tell_session(&f);
		trace_file_free(&f.file);
	}
	check_file(&f, twice);
	teardown(&f);
}
END_TEST

static void
check_refused(struct fixture *f, const char *why)
{
	uint8_t before[TEXT];
	size_t len;

	load(f);
	len = f->len;
	ck_assert_uint_le(len, sizeof(before));
	memcpy(before, f->bytes, len);
	ck_assert_int_lt(file_open(f, false), 0);
	ck_assert_str_eq(f->why, why);
	load(f);
	ck_assert_uint_eq(f->len, len);
	ck_assert_mem_eq(f->bytes, before, len);
}

START_TEST(what_is_there_is_not_spoilt)
{
	static const uint8_t half[] = {
	    0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 32, 0x1a, 0x2b, 0x3c, 0x4d};
	struct fixture f;

	setup(&f);
	put(&f, "my letters", 10);
	check_refused(&f, "it exists and is no pcapng file");
	put(&f, "x", 1);
	check_refused(&f, "it exists and is no pcapng file");
	put(&f, half, sizeof(half));
	check_refused(&f, "it exists and does not end with a whole block");
	put(&f, "", 0);
	ck_assert_int_eq(chmod(f.path, 0640), 0);
	check_refused(&f, "others may read it; chmod 600 mends that");
	ck_assert_int_eq(chmod(f.path, 0600), 0); /* as mktemp(1) makes them */
	ck_assert_int_eq(file_open(&f, false), 0);
	teardown(&f);
}
END_TEST

START_TEST(only_files_are_written)
{
	struct fixture f, other;

	setup(&f);
	ck_assert_int_eq(mkdir(f.path, 0700), 0);
	ck_assert_int_lt(file_open(&f, false), 0);
	ck_assert_str_eq(f.why, "Is a directory");
	ck_assert_int_eq(rmdir(f.path), 0);
	ck_assert_int_eq(mkfifo(f.path, 0600), 0);
	ck_assert_int_lt(file_open(&f, false), 0);
	ck_assert_str_eq(f.why, "it is not a regular file");
	ck_assert_int_eq(unlink(f.path), 0);
	ck_assert_int_eq(symlink("/tmp/nowhere", f.path), 0);
	ck_assert_int_lt(file_open(&f, false), 0);
	ck_assert_str_eq(f.why, "it is a symbolic link");
	ck_assert_int_eq(unlink(f.path), 0);
	ck_assert_int_eq(file_open(&f, false), 0);
	other = f;
	ck_assert_int_lt(file_open(&other, false), 0);
	ck_assert_str_eq(other.why, "somebody else writes to it");
	teardown(&f);
}
END_TEST

/* One byte for each line: the log is the child's, and so is its limit. */
static void
count_line(enum log_level level, const char *line)
{
	bool right = level == LOG_LEVEL_ERROR &&
		     strstr(line, "no more is written to it") != NULL;

	(void)!write(STDOUT_FILENO, right ? "!" : "?", 1);
}

/* In a process of its own: the first blocks fit, and then none does. */
static void
fill_disk(struct fixture *f, int out)
{
	const struct rlimit limit = {700, 700};
	struct trace_event event = {
	    .source = here,
	    .place = "",
	    .reader = "",
	    .peer = "",
	    .data = "\x90",
	    .len = 2,
	};

	dup2(out, STDOUT_FILENO);
	log_set_sink(count_line);
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0 || file_open(f, false) < 0)
		_exit(1);
	/* Check keeps a file of its own: no assertion here. */
	for (int i = 0; i < 40; i++) {
		event.kind = i % 2 == 0 ? TRACE_COMMAND : TRACE_RESPONSE;
		trace_file_on_event(f->file, &event);
	}
	trace_file_free(&f->file);
	_exit(0);
}

START_TEST(a_full_disk_ends_it)
{
	const uint8_t *p;
	struct block block;
	struct fixture f;
	char said[8];
	int ends[2], status;
	size_t len;
	pid_t pid;

	setup(&f);
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		fill_disk(&f, ends[1]);
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], said, sizeof(said)), 1);
	ck_assert_int_eq(said[0], '!');
	ck_assert_int_eq(read(ends[0], said, sizeof(said)), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	load(&f);
	ck_assert_uint_gt(f.len, 300);
	p = f.bytes;
	len = f.len;
	while (block_next(&p, &len, &block)) /* whole ones only */
		;
	teardown(&f);
}
END_TEST

UNIT_SUITE("trace_file", a_session_is_written, secrets_are_written_if_asked_for,
    a_response_is_behind_its_command, other_sources_are_not_written,
    a_file_of_ours_goes_on, what_is_there_is_not_spoilt, only_files_are_written,
    a_full_disk_ends_it)
