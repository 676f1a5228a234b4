/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscard-ctl, and whoever answers at the driver's socket. The first byte
 * chooses the command, two tell how much is said on the first connection; the
 * rest is for the second. It ends, says nothing that a terminal obeys, and its
 * JSON is JSON.
 *
 * Linked with --wrap for connecting, and for the look at another process.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl/commands.h"
#include "ctl/pcscd.h"
#include "ctl/text.h"
#include "net/control.h"
#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"
#include "util/log.h"

/* A socket takes so much at once; what is printed of it is not much more. */
enum { SAID_MAX = 64 * 1024, PRINTED_MAX = 1 << 20 };

static const char conf[] = "FRIENDLYNAME \"Desk\"\n"
			   "LIBPATH /usr/lib/libifdvscard.so\n"
			   "DEVICENAME /etc/vscard.conf\n";

/* What the wrapped functions have to know. */
static struct {
	struct rd said[2];
	int ends[2]; /* the driver's */
	int count;
	int conf_fd;
} driver;

int __wrap_control_dial(const char *path, int *out_fd);
void __wrap_pcscd_get_process(pid_t pid, struct pcscd *out);

int
__wrap_control_dial(const char *path, int *out_fd)
{
	const struct rd *said = &driver.said[driver.count];
	int fd[2];

	MUST(path != NULL);
	if (driver.count == 2)
		return -ECONNREFUSED;
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	MUST(send(fd[0], said->p, said->len, 0) == (ssize_t)said->len);
	MUST(shutdown(fd[0], SHUT_WR) == 0);
	driver.ends[driver.count++] = fd[0];
	*out_fd = fd[1];
	return 0;
}

void
__wrap_pcscd_get_process(pid_t pid, struct pcscd *out)
{
	memset(out, 0, sizeof(*out));
	out->pid = pid;
	snprintf(
	    out->config, sizeof(out->config), "/dev/fd/%d", driver.conf_fd);
}

static int
file_new(const char *text)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0);
	MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static void
check_line(const char *line)
{
	size_t len = strlen(line);
	char *clean = malloc(len + 1);

	MUST(clean != NULL);
	text_clean(clean, len + 1, line);
	MUST(strcmp(clean, line) == 0);
	free(clean);
}

/* Lines of clean text, and objects. */
static void
check_printed(char *text, bool json)
{
	json_t *value;
	size_t used;

	for (; json && *text != '\0'; text += used) {
		json_error_t why;

		value = json_loads(text, JSON_DISABLE_EOF_CHECK, &why);
		MUST(value != NULL);
		used = (size_t)why.position;
		used += strspn(text + used, "\n");
		json_decref(value);
	}
	for (char *line; !json && (line = strsep(&text, "\n")) != NULL;)
		check_line(line);
}

static void
on_log(enum log_level level, const char *line)
{
	(void)level;
	MUST(line[0] != '\0');
}

/* stdout is a file meanwhile. */
static int
run(const struct options *opt, char **out_printed)
{
	int out = dup(STDOUT_FILENO), fd = file_new(""), status;
	ssize_t n;

	MUST(out >= 0 && fflush(stdout) == 0);
	MUST(dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	status = opt->command(opt);
	MUST(fflush(stdout) == 0);
	MUST(dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	*out_printed = calloc(1, PRINTED_MAX + 1);
	MUST(*out_printed != NULL);
	n = pread(fd, *out_printed, PRINTED_MAX, 0);
	MUST(n >= 0 && n < PRINTED_MAX);
	close(fd);
	close(out);
	return status;
}

static struct options
choose(uint8_t code)
{
	static command_fn *const commands[] = {
	    command_list, command_eject, command_insert, command_watch};

	return (struct options){.command = commands[code % 4],
	    .reader = code & 4 ? "Desk 00 00" : "D",
	    .socket = "fuzz",
	    .json = (code & 8) != 0,
	    .force = (code & 16) != 0,
	    .data = (code & 32) != 0};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opt;
	char *printed;
	struct rd rd;
	size_t first;
	int status;

	if (size < 3 || size > SAID_MAX)
		return 0;
	log_set_sink(on_log);
	rd_init(&rd, data, size);
	opt = choose(rd_u8(&rd));
	first = rd_be16(&rd);
	first = first < rd.len ? first : rd.len;
	rd_init(&driver.said[0], rd_bytes(&rd, first), first);
	driver.said[1] = rd;
	driver.count = 0;
	driver.conf_fd = file_new(conf);
	status = run(&opt, &printed);
	MUST(status >= 0 && status <= 3);
	check_printed(printed, opt.json && opt.command != command_eject &&
				   opt.command != command_insert);
	free(printed);
	close(driver.conf_fd);
	while (driver.count > 0)
		close(driver.ends[--driver.count]);
	return 0;
}
