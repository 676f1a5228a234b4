/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vscard-ctl doctor reads in /proc: a process chooses its name and its
 * words, and so where the kernel's own begin. Whatever they are, its start and
 * its configuration are told right, and so is who listens at a port.
 *
 * Linked with --wrap for the files and for connecting to pcscd.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ctl/pcscd.h"
#include "ctl/procs.h"
#include "net/control.h"
#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"

enum { COMM_MAX = 15, WORDS_MAX = 4000, PORT = 2001, OTHER = 1 };

#define LISTENS                                                   \
	"   0: 0100007F:07D1 00000000:0000 0A 00000000:00000000 " \
	"00:00000000 00000000  1000        0 %lu 1 0 100 0 0 10 0\n"

struct text {
	const char *p;
	size_t len;
};

/* What the wrapped functions have to know. */
static struct {
	bool on;
	struct text own_name, other_name, words, stat, raw_stat, tcp, tcp6,
	    pid_file;
} proc;

int __real_open(const char *, int, mode_t);
int __wrap_open(const char *, int, mode_t);
FILE *__real_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *, const char *);
DIR *__real_opendir(const char *);
DIR *__wrap_opendir(const char *);
int __wrap_control_dial(const char *, int *);

/* NULL: none of those that are asked for here. */
static const struct text *
text_of(const char *path)
{
	long pid = 0;
	char name[32];

	if (!proc.on)
		return NULL;
	if (strcmp(path, "/proc/net/tcp") == 0)
		return &proc.tcp;
	if (strcmp(path, "/proc/net/tcp6") == 0)
		return &proc.tcp6;
	if (strcmp(path, "/run/pcscd/pcscd.pid") == 0)
		return &proc.pid_file;
	if (sscanf(path, "/proc/%ld/%31s", &pid, name) != 2)
		return NULL;
	if (strcmp(name, "comm") == 0)
		return pid == getpid() ? &proc.own_name : &proc.other_name;
	if (strcmp(name, "cmdline") == 0)
		return &proc.words;
	MUST(strcmp(name, "stat") == 0);
	return pid == OTHER ? &proc.raw_stat : &proc.stat;
}

static int
text_open(const struct text *text)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0);
	MUST(write(fd, text->p, text->len) == (ssize_t)text->len);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

int
__wrap_open(const char *path, int flags, mode_t mode)
{
	const struct text *text = text_of(path);

	return text != NULL ? text_open(text) : __real_open(path, flags, mode);
}

FILE *
__wrap_fopen(const char *path, const char *mode)
{
	const struct text *text = text_of(path);

	return text != NULL ? fdopen(text_open(text), mode)
			    : __real_fopen(path, mode);
}

/* Our threads pass for processes, each with all that is open here. */
DIR *
__wrap_opendir(const char *path)
{
	if (!proc.on)
		return __real_opendir(path);
	return __real_opendir(
	    strcmp(path, "/proc") == 0 ? "/proc/self/task" : "/proc/self/fd");
}

/* pcscd is this process. */
int
__wrap_control_dial(const char *path, int *out_fd)
{
	int fd[2];

	MUST(path != NULL);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	close(fd[0]);
	*out_fd = fd[1];
	return 0;
}

/* --- what is told of it ------------------------------------------------ */

static bool
is_pcscd(const struct text *name)
{
	return name->len == 6 && memcmp(name->p, "pcscd\n", 6) == 0;
}

static void
check_name(void)
{
	size_t len = (size_t)((const char *)memchr(
				  proc.own_name.p, '\n', proc.own_name.len) -
			      proc.own_name.p);
	char name[PROCS_NAME_MAX];

	MUST(procs_name(getpid(), name) == name);
	MUST(strlen(name) == len && memcmp(name, proc.own_name.p, len) == 0);
}

/* A word that it was started with, or what it is without one. */
static void
check_config(const struct pcscd *p, const char *usual)
{
	size_t len = strlen(p->config);

	MUST(len < sizeof(p->config));
	MUST(strcmp(p->config, usual) == 0 || len == 0 ||
	     memmem(proc.words.p, proc.words.len, p->config, len) != NULL);
}

/* To the seconds that pass meanwhile; 0 for what is still to come. */
static void
check_started(time_t is, time_t started)
{
	if (is == 0)
		MUST(started >= time(NULL) - 2);
	else
		MUST(is >= started - 2 && is <= started + 2 &&
		     is <= time(NULL) + 2);
}

static void
check_process(time_t started)
{
	const struct text words = proc.words;
	struct pcscd p, other;

	pcscd_get_process(getpid(), &p);
	MUST(p.pid == getpid());
	check_started(p.started, started);
	proc.words.len = 0;
	pcscd_get_process(OTHER, &other);
	MUST(!other.auto_exit);
	proc.words = words;
	check_config(&p, other.config);
}

static void
check_pcscd(void)
{
	struct pcscd p;

	pcscd_get(&p);
	MUST(p.error == 0);
	MUST(p.started_by_system == !is_pcscd(&proc.own_name));
	MUST(p.started_by_system || p.pid == getpid());
	MUST(p.pid == getpid() || p.pid == 0 || is_pcscd(&proc.other_name));
	MUST(p.pid >= 0);
}

/* The last line of the table says so; those before it may say otherwise. */
static void
check_listener(bool alone)
{
	pid_t pid = -1;

	MUST(procs_listener(PORT, &pid));
	MUST(pid >= 0 && (pid > 0 || !alone));
	(void)procs_listener(PORT + 1, &pid);
	(void)procs_find("pcscd");
}

/* --- what it is -------------------------------------------------------- */

/* Of an input that is too short, nothing. */
static struct text
take(struct rd *rd, size_t len)
{
	const uint8_t *p;

	len = len < rd->len ? len : rd->len;
	p = rd_bytes(rd, len);
	return p != NULL ? (struct text){(const char *)p, len}
			 : (struct text){"", 0};
}

/* With a line's end, as the kernel has it; no NUL is in a name. */
static struct text
name_new(char *room, struct text chosen, bool is_usual)
{
	struct text name = {room, 6};

	if (is_usual) {
		memcpy(room, "pcscd\n", 6);
		return name;
	}
	name.len = strnlen(chosen.p, chosen.len);
	memcpy(room, chosen.p, name.len);
	room[name.len++] = '\n';
	return name;
}

/* Returns when it was started, as the clock has it now. */
static time_t
stat_new(char *room, size_t cap, uint32_t ticks)
{
	struct timespec up;
	int len;

	len = snprintf(room, cap,
	    "%d (%.*s) S 1 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 %u 9 9\n",
	    (int)getpid(), (int)proc.own_name.len - 1, proc.own_name.p, ticks);
	proc.stat = (struct text){room, (size_t)len};
	MUST(clock_gettime(CLOCK_BOOTTIME, &up) == 0);
	return time(NULL) - up.tv_sec +
	       (time_t)(ticks / (unsigned long)sysconf(_SC_CLK_TCK));
}

/* The line of a socket that is here, behind what the input says. */
static char *
table_new(struct text *table, struct text chosen, int sock)
{
	struct stat st;
	char *room = malloc(chosen.len + sizeof(LISTENS) + 32);
	int len;

	MUST(room != NULL && fstat(sock, &st) == 0);
	memcpy(room, chosen.p, chosen.len);
	len =
	    sprintf(room + chosen.len, "\n" LISTENS, (unsigned long)st.st_ino);
	*table = (struct text){room, chosen.len + (size_t)len};
	return room;
}

/*
 * A byte of flags, the name behind its length, when it was started, its words
 * and pcscd's file behind their lengths, and a table of sockets, which is what
 * another process has for its numbers too.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char own[COMM_MAX + 1], other[COMM_MAX + 1], stat[200], *table;
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct text name, chosen;
	uint8_t flags;
	time_t started;
	struct rd rd;

	MUST(sock >= 0);
	rd_init(&rd, data, size);
	flags = rd_u8(&rd);
	name = take(&rd, rd_u8(&rd) % (COMM_MAX + 1));
	proc.own_name = name_new(own, name, flags & 1);
	proc.other_name = name_new(other, name, flags & 2);
	started = stat_new(stat, sizeof(stat), rd_be32(&rd));
	proc.words = take(&rd, rd_be16(&rd) % (WORDS_MAX + 1));
	proc.pid_file = take(&rd, rd_u8(&rd));
	proc.raw_stat = chosen = take(&rd, rd.len);
	proc.tcp = proc.tcp6 = (struct text){"", 0};
	table = table_new(flags & 4 ? &proc.tcp6 : &proc.tcp, chosen, sock);
	proc.on = true;
	check_name();
	check_process(started);
	check_pcscd();
	check_listener(chosen.len == 0);
	proc.on = false;
	free(table);
	close(sock);
	return 0;
}
