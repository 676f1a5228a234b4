/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/ifd/card_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/ifd/host.h"
#include "tests/unit/fault.h"
#include "util/clock.h"
#include "vscard/vscard.h"

enum { PEER_READERS = 16, PEER_ROOM = VSCARD_RESPONSE_MAX, AWAIT_MS = 8000 };

struct peer_reader {
	bool ready, refused, has_card, card_ready;
	unsigned resets;
	unsigned protocols;
};

struct card_peer {
	pthread_t thread;
	pthread_mutex_t lock; /* the rest */
	pthread_cond_t cond;
	struct vscard_session *session;
	struct peer_reader readers[PEER_READERS];
	int fd, wake;
	bool stop, dead;
	uint8_t room[PEER_ROOM];
};

size_t
card_peer_atr(uint8_t flavour, uint8_t out[4])
{
	const uint8_t atr[4] = {0x3b, 0x02, 0x14, flavour};

	memcpy(out, atr, sizeof(atr));
	return sizeof(atr);
}

static size_t
grow(struct card_peer *p, const uint8_t *cmd)
{
	size_t len = ((size_t)cmd[2] << 8 | cmd[3]) * 256;

	if (len > PEER_ROOM - 2)
		len = PEER_ROOM - 2;
	for (size_t i = 0; i < len; i++)
		p->room[i] = (uint8_t)(i * 7 + i / 256);
	return len;
}

static void
peer_answer(struct card_peer *p, const struct vscard_event *ev)
{
	struct peer_reader *r = &p->readers[ev->reader];
	size_t len = 0;

	switch (ev->len > 0 ? ev->data[0] : CARD_ECHO) {
	case CARD_SILENT:
		return;
	case CARD_LEAVE:
		r->has_card = r->card_ready = false;
		vscard_session_remove_card(p->session, ev->reader);
		return;
	case CARD_HANG_UP:
		p->stop = true;
		return;
	case CARD_STATUS:
		p->room[0] = (uint8_t)r->resets;
		p->room[1] = (uint8_t)r->protocols;
		len = 2;
		break;
	case CARD_GROW:
		len = ev->len >= 4 ? grow(p, ev->data) : 0;
		break;
	default:
		len = ev->len < PEER_ROOM - 2 ? ev->len : PEER_ROOM - 2;
		memcpy(p->room, ev->data, len);
		break;
	}
	p->room[len] = 0x90;
	p->room[len + 1] = 0x00;
	if (vscard_session_send_apdu(p->session, ev->reader, p->room, len + 2) <
	    0)
		p->stop = true;
}

static void
peer_power(struct card_peer *p, const struct vscard_event *ev)
{
	uint8_t atr[4] = {0x3b, 0x02, 0x14, 0xff};
	bool up = ev->code != VSCARD_POWER_DOWN;

	p->readers[ev->reader].resets++;
	if (vscard_session_answer_power(p->session, ev->reader,
		VSCARD_STATUS_OK, up ? atr : NULL, up ? sizeof(atr) : 0) < 0)
		p->stop = true;
}

static void
peer_event(struct card_peer *p, const struct vscard_event *ev)
{
	switch (ev->type) {
	case VSCARD_EVENT_READER_READY:
		p->readers[ev->reader].ready = true;
		break;
	case VSCARD_EVENT_READER_REFUSED:
		p->readers[ev->reader].refused = true;
		break;
	case VSCARD_EVENT_CARD_READY:
		p->readers[ev->reader].card_ready = true;
		break;
	case VSCARD_EVENT_APDU:
		peer_answer(p, ev);
		break;
	case VSCARD_EVENT_POWER:
		peer_power(p, ev);
		break;
	case VSCARD_EVENT_PROTOCOL:
		p->readers[ev->reader].protocols++;
		if (vscard_session_answer_protocol(p->session, ev->reader,
			ev->code == 0 ? VSCARD_STATUS_OK
				      : VSCARD_STATUS_UNSUPPORTED) < 0)
			p->stop = true;
		break;
	default:
		break;
	}
}

static void
peer_read(struct card_peer *p)
{
	struct vscard_event ev;
	void *room;
	size_t len;
	ssize_t n;

	if (vscard_session_space(p->session, &room, &len) < 0) {
		p->stop = true;
		return;
	}
	n = recv(p->fd, room, len, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		p->stop = true;
	if (n <= 0)
		return;
	vscard_session_fed(p->session, (size_t)n);
	while (vscard_session_next(p->session, &ev) > 0)
		peer_event(p, &ev);
}

static bool
peer_write(struct card_peer *p)
{
	const void *data;
	size_t len;
	ssize_t n;

	while ((data = vscard_session_pending(p->session, &len)) != NULL) {
		n = send(p->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0) {
			p->stop = true;
			return false;
		}
		vscard_session_sent(p->session, (size_t)n);
	}
	return false;
}

static void *
peer_main(void *arg)
{
	struct card_peer *p = arg;
	uint64_t count;

	fault_spare(true);
	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		bool full = peer_write(p);
		struct pollfd fds[2] = {
		    {.fd = p->fd,
			.events = (short)(POLLIN | (full ? POLLOUT : 0))},
		    {.fd = p->wake, .events = POLLIN},
		};

		if (p->stop)
			break;
		pthread_cond_broadcast(&p->cond);
		pthread_mutex_unlock(&p->lock);
		poll(fds, 2, -1);
		if (fds[1].revents != 0 &&
		    read(p->wake, &count, sizeof(count)) < 0)
			abort();
		pthread_mutex_lock(&p->lock);
		peer_read(p);
	}
	p->dead = true;
	close(p->fd);
	pthread_cond_broadcast(&p->cond);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int
card_peer_dial(int port)
{
	struct sockaddr_in addr = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		abort();
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct card_peer *
card_peer_new(int port, bool stock)
{
	int fd = card_peer_dial(port);

	return fd < 0 ? NULL : card_peer_adopt(fd, stock);
}

struct card_peer *
card_peer_adopt(int fd, bool stock)
{
	struct card_peer *p = calloc(1, sizeof(*p));
	struct vscard_limits limits;

	vscard_limits_init(&limits);
	if (stock)
		limits.capabilities = 0;
	if (p == NULL ||
	    vscard_session_new(VSCARD_ROLE_CLIENT, &limits, &p->session) < 0)
		abort();
	p->fd = fd;
	p->wake = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->cond, NULL);
	if (p->wake < 0 || pthread_create(&p->thread, NULL, peer_main, p) != 0)
		abort();
	return p;
}

static void
peer_kick(struct card_peer *p)
{
	uint64_t one = 1;

	if (write(p->wake, &one, sizeof(one)) < 0)
		abort();
}

void
card_peer_free(struct card_peer *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_mutex_unlock(&p->lock);
	peer_kick(p);
	pthread_join(p->thread, NULL);
	vscard_session_free(&p->session);
	close(p->wake);
	pthread_cond_destroy(&p->cond);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

bool
card_peer_is_dead(struct card_peer *p)
{
	bool dead;

	pthread_mutex_lock(&p->lock);
	dead = p->dead;
	pthread_mutex_unlock(&p->lock);
	return dead;
}

/* --- what the test says, with acknowledgement ------------------------- */

int
card_peer_add(struct card_peer *p, const char *name, unsigned *out_reader)
{
	struct peer_reader *r;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = vscard_session_add_reader(p->session, name, out_reader);
	if (rc == 0) {
		r = &p->readers[*out_reader];
		*r = (struct peer_reader){0};
		peer_kick(p);
		while (!r->ready && !r->refused && !p->dead)
			pthread_cond_wait(&p->cond, &p->lock);
		rc = r->ready ? 0 : r->refused ? -EBUSY : -ECONNRESET;
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

void
card_peer_remove(struct card_peer *p, unsigned reader)
{
	pthread_mutex_lock(&p->lock);
	p->readers[reader] = (struct peer_reader){0};
	vscard_session_remove_reader(p->session, reader);
	pthread_mutex_unlock(&p->lock);
	peer_kick(p);
}

static void
peer_insert(struct card_peer *p, unsigned reader, uint8_t flavour)
{
	struct peer_reader *r = &p->readers[reader];
	uint8_t atr[4];
	size_t len = card_peer_atr(flavour, atr);

	r->card_ready = false;
	r->has_card = true;
	if (vscard_session_insert_card(p->session, reader, atr, len) < 0)
		return;
	peer_kick(p);
	/* A command may have made the card leave at once. */
	while (!r->card_ready && r->has_card && !p->dead)
		pthread_cond_wait(&p->cond, &p->lock);
}

void
card_peer_insert(struct card_peer *p, unsigned reader, uint8_t flavour)
{
	pthread_mutex_lock(&p->lock);
	peer_insert(p, reader, flavour);
	pthread_mutex_unlock(&p->lock);
}

void
card_peer_eject(struct card_peer *p, unsigned reader)
{
	pthread_mutex_lock(&p->lock);
	p->readers[reader].has_card = p->readers[reader].card_ready = false;
	vscard_session_remove_card(p->session, reader);
	pthread_mutex_unlock(&p->lock);
	peer_kick(p);
}

void
card_peer_swap(struct card_peer *p, unsigned reader, uint8_t flavour)
{
	pthread_mutex_lock(&p->lock);
	vscard_session_remove_card(p->session, reader);
	peer_insert(p, reader, flavour);
	pthread_mutex_unlock(&p->lock);
}

/* --- until the driver has its card ------------------------------------ */

static void
peer_replace(struct card_peer **peer, struct card_peer *(*come)(void),
    unsigned *out_reader)
{
	card_peer_free(*peer);
	*peer = come();
	if (*peer != NULL && card_peer_add(*peer, "peer", out_reader) == 0)
		card_peer_insert(*peer, *out_reader, 1);
}

void
card_peer_await(struct card_peer **peer, struct card_peer *(*come)(void),
    unsigned *out_reader)
{
	int64_t deadline = clock_after(AWAIT_MS);

	/* What has changed is only seen after the polling function. */
	while (host_poll(HOST_LUN, 0),
	    IFDHICCPresence(HOST_LUN) != IFD_ICC_PRESENT) {
		ck_assert_int_gt(clock_left(deadline), 0);
		if (*peer == NULL || card_peer_is_dead(*peer))
			peer_replace(peer, come, out_reader);
		else
			host_poll(HOST_LUN, 100);
	}
}
