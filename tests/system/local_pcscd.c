/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/local_pcscd.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/system/system.h"

/* --- the daemon ------------------------------------------------------- */

void
local_pcscd_start(struct local_pcscd *l, unsigned slots)
{
	/* Its socket is in a namespace of its own; a link leads there. */
	static const char *const script =
	    "read self rest </proc/self/stat &&"
	    " ln -sfn /proc/$self/root/run/pcscd/pcscd.comm \"$0\" &&"
	    " echo inside && exec sleep infinity";
	char count[16];

	(void)snprintf(l->endpoint, sizeof(l->endpoint), "%s",
	    system_socket("local"));
	(void)snprintf(l->link, sizeof(l->link), "%s/comm", system_dir());
	(void)snprintf(l->env, sizeof(l->env), "PCSCLITE_CSOCK_NAME=%s",
	    l->link);
	(void)snprintf(count, sizeof(count), "%u", slots);
	child_start(&l->run, system_program("run/vscard-run"), "--driver",
	    system_program("ifd/.libs/libifdvscard.so"), "--slots", count,
	    "--listen", l->endpoint, "--", "sh", "-c", script, l->link);
	child_says(&l->run, "inside");
}

void
local_pcscd_kill(struct local_pcscd *l)
{
	child_kill(&l->run, SIGTERM);
	(void)child_wait(&l->run);
}

void
local_client_start(struct local_pcscd *l, struct child *client,
    const char *volume, const char *spec)
{
	child_start(client, "env", l->env,
	    system_program("vscclient/vscclient"), volume, "--connect",
	    system_endpoint(), "--card", spec);
}

int
local_card_process(const struct child *client)
{
	char path[64];
	int pid = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    client->pid, client->pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	/* The first one starts it. */
	ck_assert_int_eq(fscanf(file, "%*d %d", &pid), 1);
	(void)fclose(file);
	return pid;
}

/* --- a local program -------------------------------------------------- */

static struct local_answer
app_use_card(int disposition)
{
	static const unsigned char command[] = {0x80, 0x04, 0, 0};
	struct local_answer answer = {0};
	DWORD protocol, len = sizeof(answer.response);
	SCARDCONTEXT context;
	SCARDHANDLE card;

	answer.connect = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &context);
	if (answer.connect == SCARD_S_SUCCESS)
		answer.connect = SCardConnect(context, "vscard 00 00",
		    SCARD_SHARE_SHARED,
		    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
	if (answer.connect != SCARD_S_SUCCESS)
		return answer;
	answer.transmit = SCardTransmit(card, protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0, command, sizeof(command), NULL,
	    answer.response, &len);
	(void)SCardDisconnect(card, (DWORD)disposition);
	(void)SCardReleaseContext(context);
	return answer;
}

static void
app_run(int in, int out)
{
	struct local_answer answer;
	unsigned char disposition;

	while (read(in, &disposition, 1) == 1) {
		answer = app_use_card(disposition);
		if (write(out, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

void
local_app_init(struct local_app *app, struct local_pcscd *l)
{
	int in[2], out[2];

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	app->pid = fork();
	ck_assert_int_ge(app->pid, 0);
	if (app->pid == 0) {
		(void)close(in[1]);
		(void)close(out[0]);
		(void)putenv(l->env);
		app_run(in[0], out[1]);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	app->in = in[1];
	app->out = out[0];
}

void
local_app_begin(struct local_app *app, int disposition)
{
	unsigned char byte = (unsigned char)disposition;

	ck_assert_int_eq(write(app->in, &byte, 1), 1);
}

int
local_app_is_through(struct local_app *app)
{
	struct pollfd poller = {.fd = app->out, .events = POLLIN};

	return poll(&poller, 1, 0) == 1;
}

struct local_answer
local_app_end(struct local_app *app)
{
	struct pollfd poller = {.fd = app->out, .events = POLLIN};
	struct local_answer answer;

	ck_assert_int_eq(poll(&poller, 1, SCRIPT_DEADLINE), 1);
	ck_assert_int_eq(read(app->out, &answer, sizeof(answer)),
	    sizeof(answer));
	return answer;
}
