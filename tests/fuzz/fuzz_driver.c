/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole driver, as pcscd calls it, with a peer and a client of its control
 * socket who say what the input says. The input is a program: a step, and for
 * most a length and bytes. Every call ends, with a code that pcscd knows and no
 * more bytes than there is room for; when the peer has gone so has its card.
 */
#include <ifdhandler.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/control.h"
#include "net/stream.h"
#include "tests/fuzz/fuzz.h"
#include "util/clock.h"
#include "util/log.h"
#include "vscard/wire.h"

enum step {
	STEP_SAY,     /* a message: type, then the payload */
	STEP_RAW,     /* bytes */
	STEP_CONTROL, /* to the control socket */
	STEP_APDU,    /* here and below the bytes are the peer's answer */
	STEP_UP,
	STEP_DOWN,
	STEP_RESET,
	STEP_PROTOCOL,
	STEP_PRESENCE,
	STEP_CLOSE, /* the peer goes, and another one comes */
	STEPS
};

enum {
	LUN = 0x10000,
	STEPS_MAX = 40,
	ANSWER_MAX = 300,  /* room of pcscd's, here */
	PATIENCE_MS = 10,  /* of a peer, for a command and for its effect */
	SETTLE_MS = 10000, /* what must happen, happens before */
	CONTROL_MS = 5000
};

struct scene {
	char at[48], control[64];
	int fd; /* the peer's */
	int done;
	const uint8_t *answer; /* of the peer, to the command in hand */
	size_t len;
	uint8_t type;
};

static void
silence(enum log_level level, const char *line)
{
	(void)level;
	MUST(line[0] != '\0');
}

/* --- the peer ---------------------------------------------------------- */

static int
dial(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	MUST(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	return fd;
}

static void
peer_send(const struct scene *s, const void *data, size_t len)
{
	char dropped[4096];

	while (recv(s->fd, dropped, sizeof(dropped), MSG_DONTWAIT) > 0)
		;
	if (len > 0)
		(void)!send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
peer_say(const struct scene *s, uint8_t type, const uint8_t *data, size_t len)
{
	uint8_t room[WIRE_HEADER_LEN + 256];
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wire_put(&wr, (enum wire_type)(type & 0x7f),
	    type & 0x80 ? WIRE_NO_READER : 0, data, len);
	MUST(wr_end(&wr) > 0);
	peer_send(s, room, wr.len);
}

/* Until the driver has read it, or does not want to. */
static void
peer_settle(const struct scene *s)
{
	int left;

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (ioctl(s->fd, SIOCOUTQ, &left) < 0 || left == 0)
			return;
		(void)!poll(NULL, 0, 1);
	}
}

/* Answers the command when it comes; then it is over, or the peer goes. */
static void *
peer_run(void *arg)
{
	const struct scene *s = arg;
	struct pollfd come = {.fd = s->fd, .events = POLLIN};
	struct pollfd done = {.fd = s->done, .events = POLLIN};

	(void)!poll(&come, 1, PATIENCE_MS);
	if (s->type == 0)
		peer_send(s, s->answer, s->len);
	else
		peer_say(s, s->type, s->answer, s->len);
	if (poll(&done, 1, PATIENCE_MS) != 1)
		shutdown(s->fd, SHUT_RDWR);
	return NULL;
}

/* --- pcscd ------------------------------------------------------------- */

static void
check_code(RESPONSECODE code)
{
	switch (code) {
	case IFD_SUCCESS:
	case IFD_COMMUNICATION_ERROR:
	case IFD_RESPONSE_TIMEOUT:
	case IFD_ERROR_POWER_ACTION:
	case IFD_ERROR_PTS_FAILURE:
	case IFD_NOT_SUPPORTED:
	case IFD_ERROR_NOT_SUPPORTED:
	case IFD_PROTOCOL_NOT_SUPPORTED:
	case IFD_ERROR_INSUFFICIENT_BUFFER:
		return;
	default:
		fprintf(stderr, "code %ld\n", (long)code);
		abort();
	}
}

static RESPONSECODE
ask_apdu(void)
{
	SCARD_IO_HEADER send = {.Protocol = 1}, recv = {.Protocol = 0};
	uint8_t command[] = {0x00, 0xA4, 0x04, 0x00};
	uint8_t *room = malloc(ANSWER_MAX);
	DWORD len = ANSWER_MAX;
	RESPONSECODE code;

	MUST(room != NULL);
	(void)IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0);
	code = IFDHTransmitToICC(
	    LUN, send, command, sizeof(command), room, &len, &recv);
	MUST(len <= ANSWER_MAX && (code == IFD_SUCCESS) == (len >= 2));
	free(room);
	return code;
}

static RESPONSECODE
ask_power(DWORD action)
{
	uint8_t *atr = malloc(MAX_ATR_SIZE);
	DWORD len = MAX_ATR_SIZE;
	RESPONSECODE code;

	MUST(atr != NULL);
	code = IFDHPowerICC(LUN, action, atr, &len);
	MUST(len <= MAX_ATR_SIZE && (code == IFD_SUCCESS || len == 0));
	free(atr);
	return code;
}

static RESPONSECODE
ask(enum step step)
{
	switch (step) {
	case STEP_APDU:
		return ask_apdu();
	case STEP_UP:
		return ask_power(IFD_POWER_UP);
	case STEP_DOWN:
		return ask_power(IFD_POWER_DOWN);
	case STEP_RESET:
		return ask_power(IFD_RESET);
	default:
		return IFDHSetProtocolParameters(
		    LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0);
	}
}

/* With the peer on a thread of its own. */
static void
exchange(struct scene *s, enum step step)
{
	pthread_t thread;
	uint64_t n;

	MUST(pthread_create(&thread, NULL, peer_run, s) == 0);
	check_code(ask(step));
	MUST(eventfd_write(s->done, 1) == 0);
	MUST(pthread_join(thread, NULL) == 0);
	MUST(eventfd_read(s->done, &n) == 0);
}

static RESPONSECODE
presence(void)
{
	RESPONSECODE code = IFDHICCPresence(LUN);

	MUST(code == IFD_ICC_PRESENT || code == IFD_ICC_NOT_PRESENT);
	return code;
}

static void
await_absence(void)
{
	int64_t deadline = clock_after(SETTLE_MS);

	while (presence() != IFD_ICC_NOT_PRESENT) {
		MUST(clock_left(deadline) > 0);
		(void)!poll(NULL, 0, 1);
	}
}

/* --- the control socket ------------------------------------------------ */

/* Whoever asks gets whole lines and then the end; a watcher goes himself. */
static void
control(const struct scene *s, const uint8_t *data, size_t len)
{
	int fd = dial(s->control);
	char answer[4096];
	size_t n = 0;
	ssize_t got;

	MUST(stream_set_deadline(fd, CONTROL_MS) == 0);
	(void)!send(fd, data, len, MSG_NOSIGNAL);
	(void)!send(fd, "\n", 1, MSG_NOSIGNAL);
	do {
		got = recv(fd, answer + n, sizeof(answer) - 1 - n, 0);
		MUST(got >= 0 || errno == ECONNRESET);
		n += got > 0 ? (size_t)got : 0;
		answer[n] = '\0';
	} while (got > 0 && n < sizeof(answer) - 1 &&
		 strstr(answer, "\nwatching\n") == NULL);
	MUST(n == 0 || strncmp(answer, "vscard protocol=", 16) == 0);
	close(fd);
}

/* --- the scene --------------------------------------------------------- */

static void
scene_init(struct scene *s)
{
	char device[100];

	memset(s, 0, sizeof(*s));
	snprintf(s->at, sizeof(s->at), "/tmp/fuzz-driver.%ld", (long)getpid());
	snprintf(s->control, sizeof(s->control), "%s.control", s->at);
	snprintf(device, sizeof(device), "unix:%s", s->at);
	MUST(setenv(CONTROL_VARIABLE, s->control, 1) == 0);
	MUST(IFDHCreateChannelByName(LUN, device) == IFD_SUCCESS);
	s->done = eventfd(0, EFD_CLOEXEC);
	MUST(s->done >= 0);
	s->fd = dial(s->at);
}

static void
scene_clear(struct scene *s)
{
	close(s->fd);
	close(s->done);
	await_absence();
	MUST(IFDHCloseChannel(LUN) == IFD_SUCCESS);
	MUST(IFDHCloseChannel(LUN) != IFD_SUCCESS);
	MUST(access(s->at, F_OK) < 0 && access(s->control, F_OK) < 0);
}

static void
take(struct scene *s, enum step step, const uint8_t *data, size_t len)
{
	if (step == STEP_PRESENCE)
		(void)presence();
	else if (step == STEP_CLOSE) {
		close(s->fd);
		s->fd = dial(s->at);
	} else if (step == STEP_CONTROL)
		control(s, data, len);
	else if (step == STEP_RAW)
		peer_send(s, data, len);
	else if (len == 0)
		return;
	else if (step == STEP_SAY)
		peer_say(s, data[0], data + 1, len - 1);
	else {
		s->type = data[0];
		s->answer = data + 1;
		s->len = len - 1;
		exchange(s, step);
	}
	peer_settle(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene s;
	struct rd rd;

	log_set_sink(silence);
	scene_init(&s);
	rd_init(&rd, data, size);
	for (int i = 0; i < STEPS_MAX && rd.len > 0; i++) {
		enum step step = (enum step)(rd_u8(&rd) % STEPS);
		size_t len = 0;

		if (step < STEP_PRESENCE && rd.len > 0)
			len = rd_u8(&rd);
		len = len < rd.len ? len : rd.len;
		take(&s, step, rd_bytes(&rd, len), len);
	}
	scene_clear(&s);
	return 0;
}
