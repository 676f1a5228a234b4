/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/qemu.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/system.h"
#include "util/clock.h"

enum { ARGS_MAX = 48, BOOT_MS = 60000, ANSWER_MS = 15000 };

struct args {
	const char *argv[ARGS_MAX];
	size_t count;
};

/* --- QEMU ------------------------------------------------------------- */

static void
args_add(struct args *args, const char *option, const char *value)
{
	if (args->count + 3 > ARGS_MAX)
		abort();
	args->argv[args->count++] = option;
	if (value != NULL)
		args->argv[args->count++] = value;
}

static const char *
env(const char *here, const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		script_fail(here, "%s is not set; see test_guest.sh", name);
	return value;
}

static void
add_guest(const char *here, struct args *args, const char *memory,
    const char *words)
{
	args_add(args, "-cpu", "max");
	args_add(args, "-m", memory);
	args_add(args, "-no-reboot", NULL);
	args_add(args, "-kernel", env(here, "VSCARD_TEST_KERNEL"));
	args_add(args, "-initrd", env(here, "VSCARD_TEST_INITRD"));
	args_add(args, "-append",
	    system_text("console=ttyS0 quiet panic=-1%s", words));
	args_add(args, "-serial", system_text("file:%s/console", system_dir()));
}

static void
args_begin(struct args *args)
{
	args->count = 0;
	/* What a sanitizer has loaded for pcscd is nothing to QEMU. */
	args_add(args, "env", NULL);
	args_add(args, "-u", "LD_PRELOAD");
	args_add(args, "qemu-system-x86_64", NULL);
	args_add(args, "-machine", "q35,accel=tcg");
	args_add(args, "-nodefaults", NULL);
	args_add(args, "-no-user-config", NULL);
	args_add(args, "-display", "none");
}

/* Last: that its socket is connected tells that all the rest is made. */
static void
start(const char *here, struct qemu *q, struct args *args)
{
	const char *control = system_text("%s/control", system_dir());

	(void)unlink(control);
	q->listener = script_listen_at(here, system_text("unix:%s", control));
	q->control = -1;
	args_add(args, "-chardev", system_text("socket,id=control,path=%s",
	    control));
	args_add(args, "-serial", "chardev:control");
	args->argv[args->count] = NULL;
	child_start_at(here, &q->child, args->argv);
}

void
qemu_start_at(const char *here, struct qemu *q, const char *chardev, bool boot)
{
	struct args args;

	args_begin(&args);
	if (boot)
		add_guest(here, &args, "256", "");
	else
		args_add(&args, "-S", NULL);
	args_add(&args, "-usb", NULL);
	args_add(&args, "-device", "usb-ccid");
	args_add(&args, "-chardev", system_text("socket,id=card,%s", chardev));
	args_add(&args, "-device", "ccid-card-passthru,chardev=card");
	start(here, q, &args);
}

void
qemu_start_systemd_at(const char *here, struct qemu *q, const char *endpoint)
{
	struct args args;

	args_begin(&args);
	add_guest(here, &args, "512", " rdinit=/lib/systemd/systemd");
	args_add(&args, "-netdev", system_text("user,id=net,restrict=on,"
	    "hostfwd=%s-:2002", endpoint));
	args_add(&args, "-device", "e1000,netdev=net,romfile=");
	start(here, q, &args);
}

void
qemu_ready_at(const char *here, struct qemu *q)
{
	struct pollfd pollers[2] = {{.fd = q->listener, .events = POLLIN},
	    {.fd = q->child.pidfd, .events = POLLIN}};

	if (poll(pollers, 2, SCRIPT_DEADLINE) > 0 && pollers[1].revents != 0)
		(void)child_says_at(here, &q->child, "(QEMU has ended)");
	q->control = script_accept_at(here, q->listener);
	(void)close(q->listener);
}

void
qemu_kill_at(const char *here, struct qemu *q)
{
	child_kill_at(here, &q->child, SIGKILL);
	(void)child_wait_at(here, &q->child);
	(void)close(q->control);
}

const char *
qemu_chardev(const char *endpoint, const char *mode)
{
	const char *colon = strrchr(endpoint, ':');

	if (strncmp(endpoint, "unix:", 5) == 0)
		return system_text("path=%s,%s", endpoint + 5, mode);
	return system_text("host=%.*s,port=%s,%s", (int)(colon - endpoint - 4),
	    endpoint + 4, colon + 1, mode);
}

/* "reconnect" is gone in QEMU 11, and what took its place came in 9.2. */
static bool
knows_milliseconds(void)
{
	FILE *help = popen("qemu-system-x86_64 --version", "r");
	unsigned major = 0;

	ck_assert_ptr_nonnull(help);
	ck_assert_int_eq(fscanf(help, "QEMU emulator version %u", &major), 1);
	(void)pclose(help);
	return major >= 10;
}

const char *
qemu_again(const char *before)
{
	return system_text("%s%s", before, knows_milliseconds() ?
	    "reconnect-ms=1000" : "reconnect=1");
}

const char *
qemu_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&in, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0)
		script_fail(HERE, "no port: %m");
	(void)close(fd);
	return system_text("tcp:127.0.0.1:%u", (unsigned)ntohs(in.sin_port));
}

/* --- the guest -------------------------------------------------------- */

/* The end of its console, which tells why it does not speak. */
static const char *
console(void)
{
	static char tail[1024];
	FILE *file = fopen(system_text("%s/console", system_dir()), "re");
	size_t len = 0;

	if (file != NULL) {
		if (fseek(file, -(long)sizeof(tail) + 1, SEEK_END) != 0)
			rewind(file);
		len = fread(tail, 1, sizeof(tail) - 1, file);
		(void)fclose(file);
	}
	tail[len] = '\0';
	return tail;
}

/* The last line, if it is complete and "= STATUS". */
static const char *
status_get(const char *answer, size_t len)
{
	const char *line = answer + len;

	if (len == 0 || line[-1] != '\n')
		return NULL;
	for (line--; line > answer && line[-1] != '\n'; line--)
		;
	return strncmp(line, "= ", 2) == 0 ? line : NULL;
}

/* Reads to the next status, which is cut off and returned. */
static const char *
answer_take(const char *here, struct qemu *q, int ms, char *answer)
{
	struct pollfd poller = {.fd = q->control, .events = POLLIN};
	int64_t deadline = clock_after(ms);
	const char *status;
	size_t len = 0;
	ssize_t n;

	while ((status = status_get(answer, len)) == NULL) {
		if (poll(&poller, 1, clock_left(deadline)) != 1)
			script_fail(here, "the guest says \"%s\", then"
			    " nothing; its console: %s", answer, console());
		n = recv(q->control, answer + len, GUEST_ANSWER - 1 - len, 0);
		if (n <= 0)
			script_fail(here, "the guest has ended, saying \"%s\";"
			    " its console: %s", answer, console());
		len += (size_t)n;
		answer[len] = '\0';
	}
	status += 2;
	status = system_text("%.*s", (int)strcspn(status, "\n"), status);
	answer[len - strlen(status) - 3] = '\0';
	return status;
}

void
guest_ready_at(const char *here, struct qemu *q)
{
	char answer[GUEST_ANSWER] = "";
	const char *status = answer_take(here, q, BOOT_MS, answer);

	if (strcmp(status, "ready") != 0)
		script_fail(here, "the guest is not ready: %s", status);
}

static const char *
ask(const char *here, struct qemu *q, const char *line, bool well)
{
	static char answer[GUEST_ANSWER];
	const char *status;

	memset(answer, 0, sizeof(answer));
	script_send_bytes_at(here, q->control, line, strlen(line));
	script_send_bytes_at(here, q->control, "\n", 1);
	status = answer_take(here, q, ANSWER_MS, answer);
	if ((strcmp(status, "0") == 0) != well)
		script_fail(here, "%s: status %s, it said: %s", line, status,
		    answer);
	return answer;
}

const char *
guest_run_at(const char *here, struct qemu *q, const char *line)
{
	return ask(here, q, line, true);
}

void
guest_prints_at(const char *here, struct qemu *q, const char *line,
    const char *want)
{
	const char *answer = ask(here, q, line, true);

	if (strcmp(answer, want) != 0)
		script_fail(here, "%s: expected \"%s\", it said \"%s\"", line,
		    want, answer);
}

static void
tells(const char *here, struct qemu *q, const char *line, const char *want,
    bool well)
{
	const char *answer = ask(here, q, line, well);

	if (strstr(answer, want) == NULL)
		script_fail(here, "%s: expected \"%s\", it said \"%s\"", line,
		    want, answer);
}

void
guest_tells_at(const char *here, struct qemu *q, const char *line,
    const char *want)
{
	tells(here, q, line, want, true);
}

void
guest_fails_at(const char *here, struct qemu *q, const char *line,
    const char *want)
{
	tells(here, q, line, want, false);
}
