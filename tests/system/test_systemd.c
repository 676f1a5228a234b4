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

/* The capabilities chown, kill, setgid and setuid; none, from pcscd 2.3 on. */
#define FEW_CAPABILITIES "00000000000000e1\n"
#define NO_CAPABILITIES "0000000000000000\n"

static void
all_is_up(struct qemu *qemu)
{
	guest_prints(qemu, "systemctl is-system-running --wait", "running\n");
	guest_prints(qemu, "systemctl is-active pcscd.service pcscd.socket",
	    "active\nactive\n");
	guest_tells(qemu, "tr '\\0' ' ' </proc/" PCSCD "/cmdline; echo",
	    "/usr/sbin/pcscd --foreground ");
	guest_fails(qemu, "grep auto-exit /proc/" PCSCD "/cmdline", "");
}

static void
it_listens(struct qemu *qemu)
{
	/* 127.0.0.1:2001, as installed, and 0.0.0.0:2002, as configured. */
	guest_tells(qemu, "cat /proc/net/tcp", " 0100007F:07D1 00000000:0000 0A");
	guest_tells(qemu, "cat /proc/net/tcp", " 00000000:07D2 00000000:0000 0A");
	guest_prints(qemu, "stat -c %A /run/vscard /run/vscard/vscard.sock",
	    "drwxr-xr-x\nsrw-rw-rw-\n");
}

/*
 * A number that systemd thinks of, 100 for a service that may do anything.
 * Whether pcscd's own unit leaves it fewer rights than ours.
 */
static bool
rights_are_few(struct qemu *qemu)
{
	const char *capabilities;

	guest_tells(qemu, "systemd-analyze security --threshold=35 pcscd.service",
	    "Overall exposure level");
	guest_tells(qemu, "systemd-analyze security --threshold=15"
	    " vscard-card@desk.service", "Overall exposure level");
	guest_prints(qemu, "grep -E '^(NoNewPrivs|Seccomp):' /proc/" PCSCD
	    "/status | tr '\\t' ' '", "NoNewPrivs: 1\nSeccomp: 2\n");
	capabilities = guest_run(qemu, "sed -n 's/^CapBnd:.//p' /proc/" PCSCD
	    "/status");
	if (strcmp(capabilities, NO_CAPABILITIES) == 0)
		return true;
	ck_assert_str_eq(capabilities, FEW_CAPABILITIES);
	return false;
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

/* It says that this cannot be, and the rest works. */
static void
no_card_of_the_driver(struct qemu *qemu)
{
	guest_tells(qemu, "journalctl --no-pager -o cat -u pcscd.service |"
	    " grep vscard:", "beside it, as vscard-card@");
}

static void
card_beside_it(struct qemu *qemu)
{
	guest_prints(qemu, "systemctl --no-ask-password start"
	    " vscard-card@desk.service", "");
	guest_prints(qemu, "systemctl is-active vscard-card@desk.service",
	    "active\n");
	guest_prints(qemu, "reader beside -a", EXAMPLE);
	guest_prints(qemu, "stat -c %U /proc/$(systemctl show -P MainPID"
	    " vscard-card@desk.service)", "vscard\n");
}

static void
all_comes_back(struct qemu *qemu, struct child *client, bool hardened)
{
	child_says(client, "is the host's reader 0");
	guest_prints(qemu, "reader net -a", CAC);
	if (!hardened)
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
	bool hardened;

	ck_assert_ptr_nonnull(qemu);
	qemu_start_systemd(qemu, endpoint);
	qemu_ready(qemu);
	guest_ready(qemu);
	all_is_up(qemu);
	it_listens(qemu);
	hardened = rights_are_few(qemu);
	card_from_outside(qemu, &client, endpoint);
	if (hardened)
		no_card_of_the_driver(qemu);
	else
		card_of_the_driver(qemu);
	card_beside_it(qemu);
	guest_prints(qemu, "systemctl --no-ask-password restart pcscd.service", "");
	all_comes_back(qemu, &client, hardened);
	guest_prints(qemu, "kill -9 " PCSCD, "");
	all_comes_back(qemu, &client, hardened);
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
	qemu_kill(qemu);
	free(qemu);
}
END_TEST

SYSTEM_SUITE("systemd", 0, NULL, true, machine_with_systemd)
