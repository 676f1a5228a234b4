/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ssh that carries one connection: ssh -W to the far machine's own loopback.
 * The stream is a socket like any other; that it works is known only when the
 * host at its far end answers. What ssh has to say goes to the log, and is said
 * once, however often ssh is started.
 */
#ifndef VSCCLIENT_SSH_H
#define VSCCLIENT_SSH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/endpoint.h"
#include "net/loop.h"
#include "net/starter.h"

/* Somebody may have to type a passphrase first. */
enum { SSH_HELLO_MS = 120000 };

enum { SSH_LINE_MAX = 400, SSH_SAID_MAX = 32 };

enum { SSH_ARGS_MAX = 64 };

/* What to run: $VSCCLIENT_SSH, or "ssh", and words of ours. */
struct ssh_command {
	char *words; /* what the first of argv point into */
	char forward[32];
	char *argv[SSH_ARGS_MAX + 1];
	int argc;
};

/* Borrows the endpoint. Clear it in any case. */
int ssh_command_init(struct ssh_command *, const struct endpoint *) MUST_CHECK;
void ssh_command_clear(struct ssh_command *);

struct ssh {
	struct loop *loop;
	struct starter *starter;
	size_t index; /* of the starter's command */
	pid_t pid; /* 0: none */
	int err;   /* its stderr; -1: none, or at its end */
	struct loop_watch watch;
	char line[SSH_LINE_MAX];
	size_t len;
	uint32_t said[SSH_SAID_MAX]; /* hashes of lines in the log */
	size_t said_count;
};

void ssh_init(struct ssh *, struct loop *);
/* Before ssh_start; borrows the starter. */
void ssh_set_starter(struct ssh *, struct starter *, size_t index);
/* Ends it, and waits for that. */
void ssh_clear(struct ssh *);

/* Starts one in place of the last; the stream is the caller's. */
int ssh_start(struct ssh *, int *out_fd) MUST_CHECK;
/* Tells it to end; the log has its last words. */
void ssh_stop(struct ssh *);
/* Call it at each SIGCHLD. */
void ssh_reap(struct ssh *);
/* It works: what it says from now on is news again. */
void ssh_worked(struct ssh *);

#endif
