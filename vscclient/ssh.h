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

/* Somebody may have to type a passphrase first. */
enum { SSH_HELLO_MS = 120000 };

enum { SSH_LINE_MAX = 400, SSH_SAID_MAX = 32 };

struct ssh {
	struct loop *loop;
	const struct endpoint *endpoint;
	pid_t pid; /* 0: none */
	int err;   /* its stderr; -1: none, or at its end */
	struct loop_watch watch;
	char line[SSH_LINE_MAX];
	size_t len;
	uint32_t said[SSH_SAID_MAX]; /* hashes of lines in the log */
	size_t said_count;
};

/* Borrows the endpoint. */
void ssh_init(struct ssh *, struct loop *, const struct endpoint *);
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
