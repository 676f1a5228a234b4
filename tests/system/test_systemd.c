/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscard as it is installed, in a machine that systemd has booted: pcscd is
 * there from the start and has few rights, cards come from the network, from
 * the driver's own process and from a service beside it, and all of it comes
 * back. One boot for all of it.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/child.h"
#include "tests/system/qemu.h"

#define EXAMPLE "3b:04:63:61:72:64\n"
#define CAC "3b:7a:18:00:00:73:66:74:65:20:63:64:31:34:34\n"
#define PCSCD "$(pidof pcscd)"

/* What the capabilities chown, kill, setgid and setuid are together. */
#define FEW_CAPABILITIES "00000000000000e1"

static void
all_is_up(struct qemu *qemu)
{
	guest_prints(qemu, "systemctl is-system-running --wait", "running\n");
	guest_prints(qemu, "systemctl is-active pcscd.service pcscd.socket",
	    "active\nactive\n");
	guest_prints(qemu, "tr '\\0' ' ' </proc/" PCSCD "/cmdline; echo",
	    "/usr/sbin/pcscd --foreground \n");
}

static void
it_listens(struct qemu *qemu)
{
	/* 127.0.0.1:2001, as installed, and 0.0.0.0:2002, as configured. */
	guest_tells(qemu, "cat /proc/net/tcp", " 0100007F:07D1 00000000:0000 0A");
	guest_tells(qemu, "cat /proc/net/tcp", " 00000000:07D2 00000000:0000 0A");
	guest_prints(qemu, "stat -c '%A %U' /run/vscard /run/vscard/vscard.sock",
	    "drwxr-xr-x root\nsrw-rw-rw- root\n");
}

/* A number that systemd thinks of, 100 for a service that may do anything. */
static void
rights_are_few(struct qemu *qemu)
{
	guest_tells(qemu, "systemd-analyze security --threshold=35 pcscd.service",
	    "Overall exposure level");
	guest_tells(qemu, "systemd-analyze security --threshold=15"
	    " vscard-card@desk.service", "Overall exposure level");
	guest_prints(qemu, "sed -n 's/^CapBnd:.//p' /proc/" PCSCD "/status",
	    FEW_CAPABILITIES "\n");
	guest_prints(qemu, "grep -E '^(NoNewPrivs|Seccomp):' /proc/" PCSCD
	    "/status | tr '\\t' ' '", "NoNewPrivs: 1\nSeccomp: 2\n");
}

/* Over QEMU's network, which the configuration allows. */
static void
card_from_outside(struct qemu *qemu, struct child *client,
    const char *endpoint)
{
	child_start(client, system_program("vscclient/vscclient"), "--connect",
	    endpoint, "--card", system_nss_card());
	child_says(client, "is the host's reader 0");
	guest_prints(qemu, "reader net -a", CAC);
	guest_tells(qemu, "reader net -n", "Common Access Card (CAC)");
}

/* Its process is a child of pcscd's, and its file its user's. */
static void
card_of_the_driver(struct qemu *qemu)
{
	guest_tells(qemu, "reader own -a", "3b:");
	guest_prints(qemu, "stat -c %U /var/lib/vscard/own.key", "vscard\n");
	guest_prints(qemu, "stat -c %U /proc/$(cat /proc/" PCSCD
	    "/task/*/children)", "vscard\n");
	guest_prints(qemu, "stat -c '%A %U' /var/log/vscard/own.pcapng",
	    "-rw------- root\n");
}

static void
card_beside_it(struct qemu *qemu)
{
	guest_prints(qemu, "systemctl start vscard-card@desk.service", "");
	guest_prints(qemu, "systemctl is-active vscard-card@desk.service",
	    "active\n");
	guest_prints(qemu, "reader beside -a", EXAMPLE);
	guest_prints(qemu, "stat -c %U /proc/$(systemctl show -P MainPID"
	    " vscard-card@desk.service)", "vscard\n");
}

static void
all_comes_back(struct qemu *qemu, struct child *client)
{
	child_says(client, "is the host's reader 0");
	guest_prints(qemu, "reader net -a", CAC);
	guest_tells(qemu, "reader own -a", "3b:");
	guest_prints(qemu, "reader beside -a", EXAMPLE);
	guest_prints(qemu, "systemctl is-active vscard-card@desk.service",
	    "active\n");
}

START_TEST(machine_with_systemd)
{
	const char *endpoint = qemu_port();
	struct qemu *qemu = calloc(1, sizeof(*qemu));
	struct child client;

	ck_assert_ptr_nonnull(qemu);
	qemu_start_systemd(qemu, endpoint);
	qemu_ready(qemu);
	guest_ready(qemu);
	all_is_up(qemu);
	it_listens(qemu);
	rights_are_few(qemu);
	card_from_outside(qemu, &client, endpoint);
	card_of_the_driver(qemu);
	card_beside_it(qemu);
	guest_prints(qemu, "systemctl restart pcscd.service", "");
	all_comes_back(qemu, &client);
	guest_prints(qemu, "kill -9 " PCSCD, "");
	all_comes_back(qemu, &client);
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
	qemu_kill(qemu);
	free(qemu);
}
END_TEST

SYSTEM_SUITE("systemd", 0, NULL, true, machine_with_systemd)
