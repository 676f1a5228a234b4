/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU with a USB reader whose card comes over a socket, with a guest in it
 * or without: the reader answers the protocol as soon as QEMU runs. Or one with
 * a guest that has vscard itself. What goes
 * wrong fails the running test as script.h says; Check kills what a test has
 * left running.
 */
#ifndef TESTS_SYSTEM_QEMU_H
#define TESTS_SYSTEM_QEMU_H

#include <stdbool.h>

#include "tests/fakes/child.h"

enum { QEMU_TEXT = 512, GUEST_ANSWER = 8192 };

struct qemu {
	struct child child;
	int listener;
	int control; /* to the guest's second serial port; -1 until ready */
};

/*
 * chardev: how the card's socket is made, as in "path=/P,server=on,wait=off".
 * boot: the guest is started as well; else no instruction is executed.
 */
void qemu_start_at(const char *here, struct qemu *, const char *chardev,
    bool boot);
/*
 * Boots the guest of guest/systemd.sh, with a network: who connects to the
 * endpoint (qemu_port) comes from 10.0.2.2 to its port 2002.
 */
void qemu_start_systemd_at(const char *here, struct qemu *,
    const char *endpoint);
/* Its sockets are there, and whoever it waits for has come. */
void qemu_ready_at(const char *here, struct qemu *);
/* Killed, as a machine that loses power. */
void qemu_kill_at(const char *here, struct qemu *);

/* "path=/P," or "host=H,port=N," and then mode. */
/* before, and the words that make a chardev call again after a second. */
const char *qemu_again(const char *before);
const char *qemu_chardev(const char *endpoint, const char *mode);
/* "tcp:127.0.0.1:N", where nobody listens now. */
const char *qemu_port(void);

/* --- the guest -------------------------------------------------------- */

/* Runs a line of shell in the guest and returns what it printed. */
const char *guest_run_at(const char *here, struct qemu *, const char *line);
/* The same, and this is what it prints. */
void guest_prints_at(const char *here, struct qemu *, const char *line,
    const char *text);
/* The same, and this is in it. */
void guest_tells_at(const char *here, struct qemu *, const char *line,
    const char *text);
/* It fails, and this is in what it prints. */
void guest_fails_at(const char *here, struct qemu *, const char *line,
    const char *text);
/* Waits until it is up. */
void guest_ready_at(const char *here, struct qemu *);

#define qemu_start(q, chardev, boot) qemu_start_at(HERE, q, chardev, boot)
#define qemu_start_systemd(q, endpoint)                                        \
	qemu_start_systemd_at(HERE, q, endpoint)
#define qemu_ready(q) qemu_ready_at(HERE, q)
#define qemu_kill(q) qemu_kill_at(HERE, q)
#define guest_run(q, line) guest_run_at(HERE, q, line)
#define guest_prints(q, line, text) guest_prints_at(HERE, q, line, text)
#define guest_tells(q, line, text) guest_tells_at(HERE, q, line, text)
#define guest_fails(q, line, text) guest_fails_at(HERE, q, line, text)
#define guest_ready(q) guest_ready_at(HERE, q)

#endif
