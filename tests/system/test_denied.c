/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What somebody could do who has taken over a process of vscclient: the
 * running process itself is made to try it, in each of its threads, once with
 * its sandbox and once without one. What nobody can do here would prove
 * nothing. Afterwards each card still answers.
 */
#include "tests/system/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_host.h"
#include "tests/system/captive.h"
#include "tests/system/memory.h"
#include "tests/system/pc.h"

#define ATR "3B02145A"
#define ECHO "8001000003010203"
#define ECHOED "80010000030102039000"

enum { CARDS = 4, CHILDREN_MAX = 8, WRONG_MAX = 8192 };

/* Who has been taken over. */
enum who {
	NETWORK = 1,
	PCSC = 2,
	CERTS = 4, /* nss, with a database */
	KEY = 8,
	TOKEN = 16, /* nss, with a token of whatever module */
	EXEC = 32
};

#define OURS (NETWORK | PCSC | CERTS | KEY) /* no helpers */
#define CARDS_ALL (PCSC | CERTS | KEY | TOKEN | EXEC)
#define ALL (NETWORK | CARDS_ALL)

/* Arguments that are not known before. */
enum {
	NOBODY = INT_MAX, /* no process has this number */
	VICTIM = 0x51000000,
	GROUP, /* no process group, but one that might be */
	SECRET,
	SPARE,
	NEW,
	OWN,
	LOOSE, /* where everybody may read */
	MEMORY,
	SYSTEM,
	NOTHING,
	ROOM,  /* for a byte */
	THEIRS /* of the victim's */
};

struct row {
	const char *name;
	unsigned denied; /* to these */
	long number;
	int64_t args[5];
	int landlock; /* the version that is in the way; 0: it is seccomp */
};

/*
 * Most ask for what cannot be had, and what the kernel has to say about that
 * shows that the call came through.
 */
/* clang-format off */
static const struct row rows[] = {
    {"IPv4", CARDS_ALL & ~EXEC, SYS_socket, {AF_INET, SOCK_STREAM}, 0},
    {"Unix", KEY, SYS_socket, {AF_UNIX, SOCK_STREAM}, 0},
    {"connect", KEY, SYS_connect, {-1}, 0},
    {"read a secret", OURS, SYS_openat, {AT_FDCWD, SECRET, O_RDONLY}, 1},
    {"write a secret", OURS, SYS_openat, {AT_FDCWD, SECRET, O_WRONLY}, 1},
    {"make a file", OURS, SYS_openat,
        {AT_FDCWD, NEW, O_WRONLY | O_CREAT | O_EXCL, 0600}, 1},
    {"remove a file", OURS, SYS_unlinkat, {AT_FDCWD, SPARE}, 1},
    {"read another's memory", OURS, SYS_openat,
        {AT_FDCWD, MEMORY, O_RDONLY}, 1},
    {"write its own", NETWORK | PCSC, SYS_openat,
        {AT_FDCWD, OWN, O_RDWR | O_CREAT, 0600}, 1},
    {"read the system's", 0, SYS_openat, {AT_FDCWD, SYSTEM, O_RDONLY}, 0},
    {"nameless file", NETWORK | KEY, SYS_memfd_create, {NOTHING}, 0},
    {"empty a file", OURS, SYS_truncate, {SECRET, 0}, 0},
    {"empty another as it is opened", OURS, SYS_openat,
        {AT_FDCWD, LOOSE, O_RDONLY | O_TRUNC}, 3},
    {"change rights", OURS, SYS_fchmodat, {AT_FDCWD, SECRET, 0600}, 0},
    {"change rights anew", OURS, 452, {AT_FDCWD, SECRET, 0600}, 0},
    {"change attributes", OURS, SYS_setxattr,
        {SECRET, NOTHING, 0, 0, 99}, 0},
    {"clone", OURS, SYS_clone, {CLONE_SIGHAND}, 0},
    {"clone3", ALL, SYS_clone3, {0, 0}, 0},
    {"clone with a namespace", ALL, SYS_clone,
        {CLONE_SIGHAND | CLONE_NEWUSER}, 0},
    {"exec", OURS, SYS_execve, {NOTHING}, 0},
    {"ptrace", ALL, SYS_ptrace, {PTRACE_PEEKDATA, NOBODY}, 0},
    {"look", ALL, SYS_process_vm_readv,
        {VICTIM, ROOM, 1, THEIRS, 1}, 0},
    {"take a descriptor", ALL, SYS_pidfd_getfd, {-1, -1}, 0},
    {"signal a group", OURS, SYS_kill, {GROUP, SIGTERM}, 0},
    {"signal a thread", OURS, SYS_tgkill,
        {VICTIM, VICTIM, SIGURG}, 0},
    {"signal by descriptor", OURS, SYS_pidfd_send_signal,
        {-1, SIGTERM}, 0},
    {"signal with a word", OURS, SYS_rt_sigqueueinfo,
        {NOBODY, SIGTERM, 0}, 0},
    {"signal when there is input", OURS, SYS_fcntl,
        {-1, F_SETOWN, VICTIM}, 0},
    {"limit another", OURS, SYS_prlimit64,
        {VICTIM, RLIMIT_CORE, 0, 0}, 0},
    {"signal", OURS, SYS_kill, {VICTIM, SIGTERM}, 0},
    {"type", ALL, SYS_ioctl, {-1, TIOCSTI}, 0},
    {"mount", ALL, SYS_mount, {1, 1, 1}, 0},
    {"unmount", ALL, SYS_umount2, {NOTHING, -1}, 0},
    {"unshare", ALL, SYS_unshare, {1}, 0},
    {"another namespace", ALL, SYS_setns, {-1}, 0},
    {"bpf", ALL, SYS_bpf, {9999, 0, INT_MAX}, 0},
    {"io_uring", ALL, SYS_io_uring_enter, {-1}, 0},
    {"keys of the kernel", ALL, SYS_keyctl, {-1}, 0},
    {"personality", ALL, SYS_personality, {0xffffffff}, 0},
    {"prctl", NETWORK, SYS_prctl, {PR_GET_DUMPABLE}, 0},
};
/* clang-format on */

struct scene {
	struct child client;
	pid_t children[CHILDREN_MAX]; /* what starts others, then the cards */
	size_t count;
	pid_t victim;
	bool sandbox;
	const char *own; /* a file that the card may write, or NULL */
	char wrong[WRONG_MAX];
};

static void complain(struct scene *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
complain(struct scene *s, const char *fmt, ...)
{
	size_t len = strlen(s->wrong);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(s->wrong + len, sizeof(s->wrong) - len, fmt, args);
	va_end(args);
}

static int
landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

/* --- one process ---------------------------------------------------------- */

/* A number of a thread's status. */
static int
status_number(pid_t pid, pid_t thread, const char *name)
{
	const char *path =
	    system_text("/proc/%d/task/%d/status", (int)pid, (int)thread);
	FILE *f = fopen(path, "re");
	char line[256];
	int number = -1;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			number = atoi(line + strlen(name));
	fclose(f);
	return number;
}

static void
check_status(struct scene *s, const char *name, pid_t pid, pid_t thread)
{
	if (status_number(pid, thread, "Seccomp:") != (s->sandbox ? 2 : 0) ||
	    status_number(pid, thread, "NoNewPrivs:") != s->sandbox)
		complain(s, "%s: thread %d: not as it should be\n", name,
		    (int)thread);
}

#if CAPTIVE_IS_POSSIBLE

static const char *
secret_path(const char *name)
{
	return system_text("%s/elsewhere/%s", system_dir(), name);
}

/* What a text among the arguments stands for, or NULL. */
static const char *
text_of(const struct scene *s, int64_t arg)
{
	switch (arg) {
	case SECRET:
		return secret_path("secret");
	case SPARE:
		return secret_path("spare");
	case NEW:
		return secret_path("new");
	case LOOSE:
		return "/run/pcscd/loose"; /* a file system of this test's */
	case OWN:
		return s->own != NULL ? s->own : secret_path("secret");
	case MEMORY:
		return system_text("/proc/%d/mem", (int)s->victim);
	case SYSTEM:
		return "/etc/passwd";
	case NOTHING:
		return "/nothing";
	default:
		return NULL;
	}
}

static uint64_t
value_of(const struct scene *s, struct captive *c, int64_t arg)
{
	const char *text = text_of(s, arg);
	struct iovec room = {(void *)(uintptr_t)c->room, 1};
	/* The victim is a copy of this process. */
	struct iovec byte = {(void *)(uintptr_t)s, 1};

	if (text != NULL)
		return captive_put(c, text, strlen(text) + 1);
	if (arg == VICTIM)
		return (uint64_t)s->victim;
	if (arg == GROUP)
		return (uint64_t)-s->victim;
	if (arg == ROOM)
		return captive_put(c, &room, sizeof(room));
	if (arg == THEIRS)
		return captive_put(c, &byte, sizeof(byte));
	return (uint64_t)arg;
}

static long
try(const struct scene *s, struct captive *c, const struct row *r)
{
	uint64_t args[CAPTIVE_ARGS] = {0};
	long rc;

	captive_forget(c);
	for (size_t i = 0; i < 5; i++)
		args[i] = value_of(s, c, r->args[i]);
	rc = captive_call(c, r->number, args);
	if (rc >= 0 && (r->number == SYS_socket || r->number == SYS_openat ||
			   r->number == SYS_memfd_create))
		(void)captive_call(
		    c, SYS_close, (const uint64_t[CAPTIVE_ARGS]){(uint64_t)rc});
	return rc;
}

static bool
is_denied(const struct row *r, long rc)
{
	return rc == -EPERM || rc == -EACCES || rc == -EAFNOSUPPORT ||
	       (rc == -ENOSYS && r->number == SYS_clone3);
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
attack_thread(
    struct scene *s, const char *name, enum who who, pid_t pid, pid_t thread)
{
	struct captive c;

	make_file(secret_path("secret"));
	make_file(secret_path("spare"));
	make_file("/run/pcscd/loose");
	(void)unlink(secret_path("new"));
	captive_take(&c, pid, thread);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool denied =
		    s->sandbox && (r->denied & who) != 0 &&
		    (r->landlock == 0 || landlock_version() >= r->landlock);
		long rc = try(s, &c, r);

		if (is_denied(r, rc) != denied)
			complain(s, "%s: %s: %s\n", name, r->name,
			    rc < 0 ? strerror((int)-rc) : "it can");
	}
	captive_release(&c);
}

/* Neither is it traced by who has not the rights of root, nor leaves a core. */
static void
check_closed(struct scene *s, const char *name, pid_t pid)
{
	const uint64_t args[CAPTIVE_ARGS] = {PR_GET_DUMPABLE};
	struct captive c;

	captive_take(&c, pid, pid);
	if (captive_call(&c, SYS_prctl, args) != 0)
		complain(s, "%s: lets itself be traced\n", name);
	captive_release(&c);
}

#else

static void
check_closed(struct scene *s, const char *name, pid_t pid)
{
	(void)s;
	(void)name;
	(void)pid;
}

static void
attack_thread(
    struct scene *s, const char *name, enum who who, pid_t pid, pid_t thread)
{
	(void)s;
	(void)name;
	(void)who;
	(void)pid;
	(void)thread;
}

#endif

static void
attack(struct scene *s, const char *name, enum who who, pid_t pid)
{
	DIR *dir = opendir(system_text("/proc/%d/task", (int)pid));
	const struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		pid_t thread = (pid_t)atoi(entry->d_name);

		if (thread <= 0)
			continue;
		check_status(s, name, pid, thread);
		attack_thread(s, name, who, pid, thread);
	}
	closedir(dir);
}

/* --- all ------------------------------------------------------------------ */

static size_t
children_of(pid_t pid, pid_t children[CHILDREN_MAX])
{
	FILE *f = fopen(
	    system_text("/proc/%d/task/%d/children", (int)pid, (int)pid), "re");
	size_t n = 0;
	int child;

	ck_assert_ptr_nonnull(f);
	while (n < CHILDREN_MAX && fscanf(f, "%d", &child) == 1)
		children[n++] = child;
	fclose(f);
	return n;
}

static pid_t
start_victim(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)pause();
}

static void
scene_begin(struct scene *s, bool sandbox)
{
	memset(s, 0, sizeof(*s));
	s->sandbox = sandbox;
	memory_enter();
	ck_assert_int_eq(
	    mkdir(system_text("%s/elsewhere", system_dir()), 0700), 0);
	s->victim = start_victim();
	ck_assert_int_gt(s->victim, 0);
}

/* The same processes are there: none has died, and been started again. */
static void
check_alive(const struct scene *s)
{
	pid_t now[CHILDREN_MAX];
	size_t count = children_of(s->client.pid, now);

	ck_assert_uint_eq(count, s->count);
	ck_assert_mem_eq(now, s->children, count * sizeof(now[0]));
}

static void
scene_end(struct scene *s)
{
	ck_assert_int_eq(kill(s->victim, SIGKILL), 0);
	child_kill(&s->client, SIGTERM);
	ck_assert_msg(s->wrong[0] == '\0', "%s", s->wrong);
}

static void
await_card(struct pcsc_watch *watch, unsigned reader)
{
	struct pcsc_event ev;

	do
		ev = pcsc_watch_next(watch, reader);
	while (strncmp(ev.text, "card ", 5) != 0);
}

static void
check_answer(unsigned reader)
{
	static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x00, 0x00};
	uint8_t response[512];
	size_t len = sizeof(response);
	struct pc pc;

	pc_open(&pc, reader);
	ck_assert_int_eq(
	    pc_try_transmit(&pc, select, sizeof(select), response, &len),
	    SCARD_S_SUCCESS);
	ck_assert_uint_ge(len, 2);
	pc_close(&pc, SCARD_UNPOWER_CARD);
}

/* The database of system_nss_card. */
static const char *
database(const char *card)
{
	const char *path = strstr(card, "sql:") + strlen("sql:");

	return system_text("%.*s", (int)strcspn(path, ","), path);
}

static void
attack_cards(bool sandbox)
{
	const char *nss = system_nss_card(), *home, *db = database(nss);
	struct pcsc_watch *watch;
	struct scene s;

	scene_begin(&s, sandbox);
	home = system_text("%s/home", system_dir());
	ck_assert_int_eq(mkdir(home, 0700), 0);
	watch = system_watch();
	child_start(&s.client, system_program("vscclient/vscclient"),
	    sandbox ? "-v" : "--no-sandbox", "--connect", system_endpoint(),
	    "--card", system_text("key:%s/a.key", home), "--card", nss,
	    "--card",
	    system_text("exec:%s", system_program("docs/example-card")), "-e",
	    system_text("db=\"%s\",use_hw=no,soft=(NSS Certificate DB,Token,"
			"CAC,,id-cert)",
		db));
	for (unsigned i = 0; i < CARDS; i++)
		await_card(watch, i);
	s.count = children_of(s.client.pid, s.children);
	ck_assert_uint_eq(s.count, 1 + CARDS);
	attack(&s, "network", NETWORK, s.client.pid);
	s.own = system_text("%s/own", home);
	attack(&s, "key", KEY, s.children[1]);
	s.own = system_text("%s/cert9.db", db);
	attack(&s, "certificates", CERTS, s.children[2]);
	s.own = NULL;
	check_closed(&s, "starter", s.children[0]);
	check_closed(&s, "key", s.children[1]);
	attack(&s, "exec", EXEC, s.children[3]);
	attack(&s, "token", TOKEN, s.children[4]);
	for (unsigned i = 0; i < CARDS; i++)
		check_answer(i);
	check_alive(&s);
	scene_end(&s);
}

/* A reader of this pcscd; a host that is the same would refuse it. */
static void
attack_reader(bool sandbox)
{
	struct fake_card *card;
	struct scene s;
	int listener, fd;

	scene_begin(&s, sandbox);
	listener = script_listen(system_socket("host"));
	card = fake_card_start(system_endpoint(), ATR);
	child_start(&s.client, system_program("vscclient/vscclient"),
	    sandbox ? "-v" : "--no-sandbox", "--connect", system_socket("host"),
	    "--card", "pcsc:VSCARD*00");
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	s.count = children_of(s.client.pid, s.children);
	ck_assert_uint_eq(s.count, 2);
	attack(&s, "pcsc", PCSC, s.children[1]);
	if (sandbox)
		check_closed(&s, "pcsc", s.children[1]);
	stock_host_ask(fd, 0, ECHO, ECHOED);
	check_alive(&s);
	scene_end(&s);
	close(fd);
	close(listener);
	fake_card_free(&card);
}

START_TEST(each_could_do_all_of_it)
{
	attack_cards(false);
}
END_TEST

START_TEST(each_is_denied_it)
{
	attack_cards(true);
}
END_TEST

START_TEST(reader_could_do_all_of_it)
{
	attack_reader(false);
}
END_TEST

START_TEST(reader_is_denied_it)
{
	attack_reader(true);
}
END_TEST

#if CAPTIVE_IS_POSSIBLE
#define NAME "denied"
#else
#define NAME "denied, not tried: no way on this processor"
#endif

SYSTEM_SUITE(NAME, CARDS, NULL, false, each_could_do_all_of_it,
    each_is_denied_it, reader_could_do_all_of_it, reader_is_denied_it)
