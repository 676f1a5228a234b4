/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket, and what its requests do to readers and cards. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ifd/control.h"
#include "net/control.h"
#include "net/stream.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "util/clock.h"

enum { ANSWER_MAX = 65536, WAIT_MS = 10000 };

/* A driver with a control socket, and a peer with a card in its slot 0. */
struct scene {
	unsigned slots;
	int port;
	char dir[32];
	char path[64];
	struct card_peer *peer;
	unsigned reader;
};

static void
scene_open(struct scene *s, unsigned slots, bool stock)
{
	s->slots = slots;
	strcpy(s->dir, "/tmp/vscard-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/control", s->dir);
	ck_assert_int_eq(setenv("VSCARD_CONTROL", s->path, 1), 0);
	s->port = host_port();
	host_open(s->port, slots, NULL);
	s->peer = card_peer_new(s->port, stock);
	ck_assert_ptr_nonnull(s->peer);
	ck_assert_int_eq(
	    card_peer_add(s->peer, stock ? NULL : "A reader", &s->reader), 0);
	card_peer_insert(s->peer, s->reader, 7);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
}

static void
scene_close(struct scene *s)
{
	card_peer_free(s->peer);
	host_close(s->slots);
	ck_assert_msg(access(s->path, F_OK) < 0, "the socket was left behind");
	ck_assert_int_eq(rmdir(s->dir), 0);
}

/* --- a client --------------------------------------------------------- */

static int
dial(const struct scene *s)
{
	int fd;

	ck_assert_int_eq(control_dial(s->path, &fd), 0);
	ck_assert_int_eq(stream_set_deadline(fd, WAIT_MS), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	ck_assert_int_eq(
	    stream_send(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Up to the line that begins so, or to the end. */
static const char *
hear(int fd, const char *last)
{
	static _Thread_local char answer[ANSWER_MAX];
	size_t len = 0;
	char *line;
	ssize_t n;

	for (;;) {
		answer[len] = '\0';
		line = last == NULL ? NULL : strstr(answer, last);
		if (line != NULL && strchr(line, '\n') != NULL)
			return answer;
		ck_assert_uint_lt(len, sizeof(answer) - 1);
		n = stream_recv(
		    fd, answer + len, sizeof(answer) - 1 - len, true);
		ck_assert_msg(n != -EAGAIN, "only heard '%s'", answer);
		if (n < 0)
			return answer;
		len += (size_t)n;
	}
}

static const char *
ask(const struct scene *s, const char *request)
{
	const char *answer;
	int fd = dial(s);

	say(fd, request);
	say(fd, "\n");
	answer = hear(fd, NULL);
	close(fd);
	return answer;
}

static void
expect(const char *answer, const char *want)
{
	ck_assert_msg(
	    strstr(answer, want) != NULL, "'%s' lacks '%s'", answer, want);
}

static void
expect_no(const char *answer, const char *unwanted)
{
	ck_assert_msg(strstr(answer, unwanted) == NULL, "'%s' has '%s'", answer,
	    unwanted);
}

/* --- list ------------------------------------------------------------- */

START_TEST(list_tells_all)
{
	const uint8_t command[] = {CARD_ECHO, 0xB0, 0, 0, 0};
	char want[64];
	struct scene s;
	uint8_t out[16];
	DWORD len = sizeof(out);
	const char *answer;

	scene_open(&s, 2, false);
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, command, sizeof(command), out, &len),
	    IFD_SUCCESS);
	answer = ask(&s, "list");
	expect(answer, "vscard protocol=1 version=");
	snprintf(
	    want, sizeof(want), "endpoint id=0 at=tcp:127.0.0.1:%d ", s.port);
	expect(answer, want);
	expect(answer, " slots=2 peers=1 accepted=1 refused=0\n");
	expect(answer, "peer endpoint=0 id=1 name=127.0.0.1:");
	expect(answer, " stock=no ");
	expect(answer,
	    "slot endpoint=0 slot=0 lun=65536 state=card peer=1 reader=0 "
	    "name=A%20reader atr=3B021407 commands=1 failures=0 sent=5 "
	    "received=7 cards=1 powers=0\n");
	expect(answer,
	    "slot endpoint=0 slot=1 lun=65537 state=detached commands=0 ");
	ck_assert_str_eq(answer + strlen(answer) - 5, "\nend\n");
	scene_close(&s);
}
END_TEST

/* --- eject and insert ------------------------------------------------- */

static void
eject_and_insert(bool stock)
{
	const uint8_t command[] = {CARD_STATUS, 0, 0, 0};
	uint8_t out[16], atr[MAX_ATR_SIZE];
	DWORD len = sizeof(out);
	struct scene s;

	scene_open(&s, 1, stock);
	expect(ask(&s, "eject lun=65536"), "\nend\n");
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	ck_assert_int_ne(
	    host_transmit(HOST_LUN, command, 4, out, &len), IFD_SUCCESS);
	ck_assert_int_ne(
	    host_power(HOST_LUN, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	expect(ask(&s, "list"), " state=empty ejected=yes ");
	expect(ask(&s, "list"), " atr=3B021407 ");
	expect(ask(&s, "eject lun=65536"), "error code=123 text=there%20is");

	expect(ask(&s, "insert lun=65536"), "\nend\n");
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	ck_assert_mem_eq(atr, "\x3b\x02\x14", 3);
	len = sizeof(out);
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, command, 4, out, &len), IFD_SUCCESS);
	expect_no(ask(&s, "list"), "ejected");
	expect(ask(&s, "list"), " cards=2 ");
	/* A card that is in is in. */
	expect(ask(&s, "insert lun=65536"), "\nend\n");
	scene_close(&s);
}

START_TEST(eject_and_insert_a_card)
{
	eject_and_insert(false);
}
END_TEST

START_TEST(eject_and_insert_a_stock_card)
{
	eject_and_insert(true);
}
END_TEST

/* Back at once, before the power-down is answered: seen as gone all the same. */
START_TEST(eject_and_insert_in_one_breath)
{
	struct scene s;

	scene_open(&s, 1, false);
	for (int i = 0; i < 20; i++) {
		expect(ask(&s, "eject lun=65536"), "\nend\n");
		expect(ask(&s, "insert lun=65536"), "\nend\n");
		ck_assert_int_eq(host_await(HOST_LUN, IFD_ICC_NOT_PRESENT),
		    IFD_ICC_NOT_PRESENT);
		ck_assert_int_eq(
		    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	}
	scene_close(&s);
}
END_TEST

/* What the peer does to its card comes first. */
START_TEST(the_peer_ends_an_ejection)
{
	uint8_t atr[MAX_ATR_SIZE];
	struct scene s;
	DWORD len;

	scene_open(&s, 1, false);
	expect(ask(&s, "eject lun=65536"), "\nend\n");
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	card_peer_insert(s.peer, s.reader, 9);
	expect(ask(&s, "list"), " atr=3B021409 ");
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_POWER_UP, atr, &len), IFD_SUCCESS);

	expect(ask(&s, "eject lun=65536"), "\nend\n");
	card_peer_eject(s.peer, s.reader);
	/* It is told nothing of its own removals. */
	while (strstr(ask(&s, "list"), "ejected") != NULL)
		;
	expect(ask(&s, "insert lun=65536"), "error code=123 ");
	card_peer_remove(s.peer, s.reader);
	while (strstr(ask(&s, "list"), "detached") == NULL)
		;
	expect(ask(&s, "eject lun=65536"), "error code=19 ");
	scene_close(&s);
}
END_TEST

/* --- a card that is busy ---------------------------------------------- */

struct app {
	pthread_t thread;
	uint8_t command[4];
	RESPONSECODE code;
};

static void *
app_main(void *arg)
{
	struct app *app = arg;
	uint8_t out[16];
	DWORD len = sizeof(out);

	app->code = host_transmit(
	    HOST_LUN, app->command, sizeof(app->command), out, &len);
	return NULL;
}

static void
app_start(struct app *app, const struct scene *s, uint8_t cla)
{
	app->command[0] = cla;
	app->command[1] = app->command[2] = app->command[3] = 0;
	ck_assert_int_eq(pthread_create(&app->thread, NULL, app_main, app), 0);
	/* It is seen as soon as it is in flight. */
	while (strstr(ask(s, "list"), " commands=1 ") == NULL)
		;
}

START_TEST(a_busy_card_is_not_torn_out)
{
	struct scene s;
	struct app app;

	scene_open(&s, 1, false);
	app_start(&app, &s, CARD_SILENT);
	expect(ask(&s, "eject lun=65536"), "\npending\n");
	expect(ask(&s, "list"), " state=card ejected=yes ");
	/* Changed one's mind. */
	expect(ask(&s, "insert lun=65536"), "\nend\n");
	expect_no(ask(&s, "list"), "ejected");
	expect(ask(&s, "eject lun=65536 force=yes"), "\nend\n");
	pthread_join(app.thread, NULL);
	ck_assert_int_ne(app.code, IFD_SUCCESS);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	scene_close(&s);
}
END_TEST

/* --- watch ------------------------------------------------------------ */

START_TEST(watch_tells_events)
{
	const uint8_t command[] = {CARD_ECHO, 0xA4, 4, 0};
	const uint8_t verify[] = {
	    CARD_ECHO, 0x20, 0, 0x80, 4, '1', '2', '3', '4'};
	uint8_t out[16];
	DWORD len = sizeof(out);
	const char *heard;
	struct scene s;
	int fd;

	scene_open(&s, 1, false);
	fd = dial(&s);
	say(fd, "watch\n");
	hear(fd, "watching");
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, command, 4, out, &len), IFD_SUCCESS);
	heard = hear(fd, "response ");
	expect(heard, "command time=");
	expect(heard, " slot=0 name=A%20reader peer=127.0.0.1:");
	expect(heard, " len=4 data=00A40400\n");
	expect(heard, " len=6 sw=9000 data=00A404009000\n");
	len = sizeof(out);
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, verify, sizeof(verify), out, &len),
	    IFD_SUCCESS);
	heard = hear(fd, "data=");
	expect(heard, " len=9 masked=yes data=00200080042A2A2A2A\n");
	ask(&s, "eject lun=65536");
	hear(fd, "eject ");
	ask(&s, "insert lun=65536");
	expect(hear(fd, "insert "), "data=3B021407\n");
	card_peer_free(s.peer);
	s.peer = NULL;
	hear(fd, "detach ");
	close(fd);
	scene_close(&s);
}
END_TEST

/* Who reads nothing hears how much he missed, and nobody waits for him. */
START_TEST(a_watcher_that_sleeps_loses)
{
	static uint8_t out[4096];
	const uint8_t command[] = {CARD_GROW, 0, 0, 15};
	struct scene s;
	DWORD len;
	int fd;

	scene_open(&s, 1, false);
	fd = dial(&s);
	say(fd, "watch\n");
	hear(fd, "watching");
	for (int i = 0; i < 200; i++) {
		len = sizeof(out);
		ck_assert_int_eq(host_transmit(HOST_LUN, command, 4, out, &len),
		    IFD_SUCCESS);
	}
	expect(ask(&s, "list"), " commands=200 ");
	for (const char *heard = ""; strstr(heard, "lost events=") == NULL;) {
		heard = hear(fd, "response ");
		/* One more event, for the count goes before one. */
		len = sizeof(out);
		host_transmit(HOST_LUN, command, 4, out, &len);
	}
	close(fd);
	scene_close(&s);
}
END_TEST

/* --- strangers -------------------------------------------------------- */

static const struct {
	const char *request, *answer;
} garbage[] = {
    {"\n", "error code=22 text=this%20is%20no%20request\n"},
    {"LIST\n", "error code=22 "},
    {"list x\n", "error code=22 "},
    {"erase\n", "error code=95 "},
    {"eject\n", "error code=2 "},
    {"eject lun=1\n", "error code=2 text=there%20is%20no%20such%20reader\n"},
    {"eject lun=99999999999999999999\n", "error code=2 "},
    {"eject lun=65536 lun=65536\n", "error code=22 "},
    {"\x16\x03\x01\x02\n", "error code=22 "},
    {"list\nlist\n", "\nend\n"},
};

START_TEST(garbage_is_answered)
{
	struct scene s;
	int fd;

	scene_open(&s, 1, false);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		fd = dial(&s);
		say(fd, garbage[i].request);
		expect(hear(fd, NULL), garbage[i].answer);
		close(fd);
	}
	expect(ask(&s, "list"), "\nend\n");
	scene_close(&s);
}
END_TEST

START_TEST(a_line_without_end_ends)
{
	char text[CONTROL_REQUEST_MAX + 1];
	struct scene s;
	int fd;

	scene_open(&s, 1, false);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	fd = dial(&s);
	hear(fd, "vscard ");
	say(fd, text);
	say(fd, "a");
	ck_assert_str_eq(hear(fd, NULL), "");
	close(fd);
	/* Half a request, and gone. */
	fd = dial(&s);
	say(fd, "eject lun=65536");
	close(fd);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
	scene_close(&s);
}
END_TEST

START_TEST(so_many_and_no_more)
{
	int fds[CONTROL_CLIENTS_MAX], fd;
	struct scene s;

	scene_open(&s, 1, false);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		fds[i] = dial(&s);
		hear(fds[i], "vscard ");
	}
	fd = dial(&s);
	ck_assert_str_eq(hear(fd, NULL), "");
	close(fd);
	say(fds[0], "list\n");
	expect(hear(fds[0], NULL), "\nend\n");
	expect(ask(&s, "list"), "\nend\n");
	/* Some are still there when the driver goes. */
	for (int i = 0; i < CONTROL_CLIENTS_MAX / 2; i++)
		close(fds[i]);
	scene_close(&s);
	for (int i = CONTROL_CLIENTS_MAX / 2; i < CONTROL_CLIENTS_MAX; i++)
		close(fds[i]);
}
END_TEST

/* Watchers come and go while cards are at work. */
static void *
watcher_main(void *arg)
{
	const struct scene *s = arg;

	for (int i = 0; i < 100; i++) {
		int fd = dial(s);

		say(fd, "watch\n");
		hear(fd, "response ");
		close(fd);
	}
	return NULL;
}

START_TEST(watchers_come_and_go)
{
	const uint8_t command[] = {CARD_ECHO, 0xB0, 0, 0};
	pthread_t threads[3];
	uint8_t out[16];
	struct scene s;
	DWORD len;

	scene_open(&s, 1, false);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, watcher_main, &s), 0);
	for (int i = 0; i < 3; i++)
		while (pthread_tryjoin_np(threads[i], NULL) != 0) {
			len = sizeof(out);
			ck_assert_int_eq(
			    host_transmit(HOST_LUN, command, 4, out, &len),
			    IFD_SUCCESS);
		}
	scene_close(&s);
}
END_TEST

/* No place for a socket: the driver works without. */
START_TEST(no_socket_no_harm)
{
	int port = host_port();

	ck_assert_int_eq(
	    setenv("VSCARD_CONTROL", "/nonexistent/control", 1), 0);
	host_open(port, 1, NULL);
	host_close(1);
	ck_assert_int_eq(setenv("VSCARD_CONTROL", "here", 1), 0);
	host_open(host_port(), 1, NULL);
	host_close(1);
}
END_TEST

UNIT_SUITE("control", list_tells_all, eject_and_insert_a_card,
    eject_and_insert_a_stock_card, eject_and_insert_in_one_breath,
    the_peer_ends_an_ejection, a_busy_card_is_not_torn_out, watch_tells_events,
    a_watcher_that_sleeps_loses, garbage_is_answered, a_line_without_end_ends,
    so_many_and_no_more, watchers_come_and_go, no_socket_no_harm)
