/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader forwarded from one pcscd to another: this program plays the card
 * in the first one, vscclient takes it from there, and pcsc_scan tells what
 * the second one shows.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"

#define ATR_B "3B0411223344"

struct scene {
	struct pcsc_watch *watch;
	struct child second; /* the other pcscd, with a program in it */
	struct child client; /* between them */
};

static void
begin(struct scene *scene, const char *program)
{
	scene->watch = system_watch();
	child_start(&scene->second, system_program("run/vscard-run"),
	    "--driver", system_program("ifd/.libs/libifdvscard.so"),
	    "--listen", system_socket("second"), "--", "sh", "-c", program);
	child_start(&scene->client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("second"), "--card", "pcsc:vscard");
}

static void
end(struct scene *scene)
{
	child_kill(&scene->client, SIGTERM);
	ck_assert_int_eq(child_wait(&scene->client), 0);
	child_says(&scene->second, "Status unavailable");
	child_kill(&scene->second, SIGTERM);
	(void)child_wait(&scene->second);
}

START_TEST(insertion_and_removal)
{
	struct scene scene;
	int fd;

	begin(&scene, "exec stdbuf -oL pcsc_scan -n");
	fd = stock_peer_open(system_endpoint());
	stock_peer_add(fd);
	child_says(&scene.second, "Card removed");
	stock_peer_insert(fd, 0, STOCK_ATR);
	child_says(&scene.second, "Card inserted");
	child_says(&scene.second, "3B 7A 18 00 00 73 66 74 65 20 63 64");
	script_say(fd, SAY_CARD_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	child_says(&scene.second, "Card removed");
	stock_peer_insert(fd, 0, ATR_B);
	child_says(&scene.second, "3B 04 11 22 33 44");
	end(&scene);
}
END_TEST

SYSTEM_SUITE("forward", 1, NULL, false, insertion_and_removal)
