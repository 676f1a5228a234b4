/* SPDX-License-Identifier: BSD-2-Clause */
/* The cards of the soak, and all that befalls them, in one process. */
#include "tests/system/soak.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/script.h"
#include "util/clock.h"
#include "vscard/vscard.h"

enum {
	PEERS = 5,
	TICK_MS = 200,
	REDIAL_MS = 20,
	AWAY_MS = 100, /* the longest that a card or a peer stays away */
	SEEN = 256,    /* numbers of an application, the last ones */
	ATR_LEN = 8
};

enum whim { WHIM_NONE, WHIM_LEAVE, WHIM_HALF };

/* A card and its reader. */
struct seat {
	struct peer *peer;
	unsigned card;
	bool has_reader;
	unsigned reader; /* the session's number of it */
	bool is_taken;   /* the host has acknowledged the card */
	enum whim whim;  /* instead of the next answer */
	int64_t back;    /* when what is missing comes, or CLOCK_NEVER */
	unsigned count;  /* of commands since the card was put in */
	/* A command whose answer is due later, or CLOCK_NEVER. */
	int64_t late;
	unsigned app, number;
};

struct peer {
	struct table *table;
	unsigned seats; /* how many, from the first on */
	struct seat *first;
	bool is_stock;
	int fd; /* -1: not connected */
	struct vscard_session *session;
	unsigned host; /* soak->host when it connected */
	int64_t back;  /* when it connects again */
};

struct table {
	struct soak *soak;
	struct soak_dice dice;
	struct peer peers[PEERS];
	struct seat seats[SOAK_READERS];
	int64_t trouble; /* when the next incident is due */
	unsigned seen[SOAK_READERS][SEEN];
	unsigned last[SOAK_READERS];
	uint8_t room[SOAK_ROOM];
};

static const struct {
	unsigned seats;
	bool is_stock;
} plan[PEERS] = {{3, false}, {2, true}, {1, false}, {1, true}, {1, false}};

static int64_t
soon(struct table *table)
{
	return clock_after(soak_draw(&table->dice, AWAY_MS));
}

/* --- a card comes and goes -------------------------------------------- */

static unsigned
generation(const struct seat *seat)
{
	return atomic_load(&seat->peer->table->soak->cards[seat->card]) >> 1;
}

/* Said before it happens, so that nobody's failure is without its cause. */
static void
seat_set(struct seat *seat, bool is_in)
{
	unsigned now = generation(seat) + is_in;
	struct soak *soak = seat->peer->table->soak;

	atomic_store(&soak->cards[seat->card], now << 1 | is_in);
	if (seat->is_taken)
		atomic_fetch_sub(&soak->ready, 1);
	seat->is_taken = false;
	seat->whim = WHIM_NONE;
	seat->count = 0;
	seat->late = CLOCK_NEVER;
}

static void
must(struct seat *seat, const char *what, int rc)
{
	if (rc < 0)
		soak_fail(seat->peer->table->soak, "card %u: %s: %s",
		    seat->card, what, strerror(-rc));
}

static void
card_atr(const struct seat *seat, uint8_t atr[ATR_LEN])
{
	unsigned n = generation(seat);

	atr[0] = 0x3b;
	atr[1] = ATR_LEN - 2;
	atr[2] = 's';
	atr[3] = (uint8_t)seat->card;
	for (int i = 0; i < 4; i++)
		atr[4 + i] = (uint8_t)(n >> (24 - 8 * i));
}

static void
card_insert(struct seat *seat)
{
	uint8_t atr[ATR_LEN];

	seat_set(seat, true);
	seat->back = CLOCK_NEVER;
	card_atr(seat, atr);
	must(seat, "insert_card",
	    vscard_session_insert_card(
		seat->peer->session, seat->reader, atr, sizeof(atr)));
}

static void
card_remove(struct seat *seat)
{
	seat_set(seat, false);
	must(seat, "remove_card",
	    vscard_session_remove_card(seat->peer->session, seat->reader));
}

static void
reader_add(struct seat *seat)
{
	seat->back = CLOCK_NEVER;
	must(seat, "add_reader",
	    vscard_session_add_reader(
		seat->peer->session, "soak", &seat->reader));
	seat->has_reader = true;
}

static void
reader_remove(struct seat *seat)
{
	seat_set(seat, false);
	must(seat, "remove_reader",
	    vscard_session_remove_reader(seat->peer->session, seat->reader));
	seat->has_reader = false;
	seat->back = soon(seat->peer->table);
}

/* --- a peer comes and goes -------------------------------------------- */

static void
peer_hang_up(struct peer *peer)
{
	for (unsigned i = 0; i < peer->seats; i++) {
		seat_set(&peer->first[i], false);
		peer->first[i].has_reader = false;
		peer->first[i].back = CLOCK_NEVER;
	}
	(void)close(peer->fd);
	peer->fd = -1;
	vscard_session_free(&peer->session);
	peer->back = soon(peer->table);
}

static void
peer_dial(struct peer *peer)
{
	struct soak *soak = peer->table->soak;
	struct vscard_limits limits;

	peer->back = clock_after(REDIAL_MS);
	peer->host = atomic_load(&soak->host);
	peer->fd = peer->host % 2 != 0 ? -1 : script_try_dial(soak->endpoint);
	if (peer->fd < 0)
		return;
	vscard_limits_init(&limits);
	memset(limits.instance, 1 + (int)(peer - peer->table->peers),
	    sizeof(limits.instance));
	if (peer->is_stock)
		limits.capabilities = 0;
	if (vscard_session_new(VSCARD_ROLE_CLIENT, &limits, &peer->session) !=
	    0)
		abort();
	for (unsigned i = 0; i < peer->seats; i++)
		reader_add(&peer->first[i]);
}

/* The host has ended it, which it has no reason to. */
static void
peer_lost(struct peer *peer, const char *why)
{
	struct soak *soak = peer->table->soak;

	/* Read last: it is raised before pcscd is killed. */
	if (peer->host == atomic_load(&soak->host))
		soak_fail(
		    soak, "peer %d: %s", (int)(peer - peer->table->peers), why);
	peer_hang_up(peer);
}

/* --- commands --------------------------------------------------------- */

/* Each command is done once, and none comes back from the past. */
static void
judge_number(struct table *table, unsigned app, unsigned number)
{
	unsigned *seen = &table->seen[app][number % SEEN];

	if (*seen == number)
		soak_fail(
		    table->soak, "command %u of %u came twice", number, app);
	else if (number + SEEN / 2 < table->last[app])
		soak_fail(table->soak, "command %u of %u came after %u", number,
		    app, table->last[app]);
	*seen = number;
	table->last[app] = number;
}

static void
send_half(struct peer *peer)
{
	const void *data;
	size_t len;

	data = vscard_session_pending(peer->session, &len);
	if (data != NULL)
		(void)!send(
		    peer->fd, data, len / 2, MSG_NOSIGNAL | MSG_DONTWAIT);
	peer_hang_up(peer);
}

/* It will be gone before its answer is whole: then it must not be there. */
static void
give_way(struct seat *seat)
{
	if (seat->whim == WHIM_HALF)
		for (unsigned i = 0; i < seat->peer->seats; i++)
			seat_set(&seat->peer->first[i], false);
}

static void
answer(struct seat *seat, unsigned app, unsigned number)
{
	struct peer *peer = seat->peer;
	struct table *table = peer->table;
	enum whim whim = seat->whim;
	struct soak_card card = {.card = seat->card,
	    .generation = generation(seat),
	    .count = ++seat->count,
	    .big = !peer->is_stock};
	size_t len;

	give_way(seat);
	len = soak_response(table->soak, app, number, &card, table->room);
	must(seat, "send_apdu",
	    vscard_session_send_apdu(
		peer->session, seat->reader, table->room, len));
	if (whim == WHIM_HALF)
		send_half(peer);
}

static void
on_command(struct seat *seat, const struct vscard_event *event)
{
	struct table *table = seat->peer->table;
	unsigned app, number;

	if (!soak_is_command(
		table->soak, event->data, event->len, &app, &number)) {
		soak_fail(table->soak, "card %u: %zu bytes are no command",
		    seat->card, event->len);
		return;
	}
	judge_number(table, app, number);
	if (seat->whim == WHIM_LEAVE) {
		card_remove(seat);
		seat->back = soon(table);
	} else if (soak_draw(&table->dice, 100) < table->soak->slow) {
		seat->app = app;
		seat->number = number;
		seat->late =
		    clock_after(soak_draw(&table->dice, table->soak->slow_ms));
	} else {
		answer(seat, app, number);
	}
}

static void
on_power(struct seat *seat, const struct vscard_event *event)
{
	bool up = event->code != VSCARD_POWER_DOWN;
	uint8_t atr[ATR_LEN];

	card_atr(seat, atr);
	must(seat, "answer_power",
	    vscard_session_answer_power(seat->peer->session, seat->reader,
		VSCARD_STATUS_OK, up ? atr : NULL, up ? sizeof(atr) : 0));
}

static void
on_card_ready(struct seat *seat)
{
	struct soak *soak = seat->peer->table->soak;

	/* Of a card that is there no more, perhaps. */
	if (seat->is_taken || atomic_load(&soak->cards[seat->card]) % 2 == 0)
		return;
	seat->is_taken = true;
	atomic_fetch_add(&soak->ready, 1);
}

static struct seat *
seat_of(struct peer *peer, unsigned reader)
{
	for (unsigned i = 0; i < peer->seats; i++)
		if (peer->first[i].has_reader &&
		    peer->first[i].reader == reader)
			return &peer->first[i];
	return NULL;
}

static void
on_event(struct peer *peer, const struct vscard_event *event)
{
	struct seat *seat = seat_of(peer, event->reader);

	if (seat == NULL)
		return;
	switch (event->type) {
	case VSCARD_EVENT_READER_READY:
		seat->back = soon(peer->table);
		break;
	case VSCARD_EVENT_READER_REFUSED:
		atomic_fetch_add(&peer->table->soak->refusals, 1);
		seat->has_reader = false;
		seat->back = soon(peer->table);
		break;
	case VSCARD_EVENT_CARD_READY:
		on_card_ready(seat);
		break;
	case VSCARD_EVENT_APDU:
		on_command(seat, event);
		break;
	case VSCARD_EVENT_POWER:
		on_power(seat, event);
		break;
	case VSCARD_EVENT_PROTOCOL:
		must(seat, "answer_protocol",
		    vscard_session_answer_protocol(
			peer->session, seat->reader, VSCARD_STATUS_OK));
		break;
	default:
		break;
	}
}

/* --- bytes ------------------------------------------------------------ */

static void
peer_read(struct peer *peer)
{
	struct vscard_event event;
	void *room;
	size_t len;
	ssize_t n;
	int rc;

	if (vscard_session_space(peer->session, &room, &len) != 0)
		abort();
	n = recv(peer->fd, room, len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer_lost(peer, "the driver has closed the connection");
		return;
	}
	vscard_session_fed(peer->session, (size_t)n);
	while (peer->fd >= 0 &&
	       (rc = vscard_session_next(peer->session, &event)) != 0) {
		if (rc < 0) {
			peer_lost(peer, "the driver broke the protocol");
			return;
		}
		on_event(peer, &event);
	}
}

static void
peer_write(struct peer *peer)
{
	const void *data;
	size_t len;
	ssize_t n;

	while ((data = vscard_session_pending(peer->session, &len)) != NULL) {
		n = send(peer->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			/* What is wrong, the next recv will tell. */
			return;
		vscard_session_sent(peer->session, (size_t)n);
	}
}

/* --- incidents -------------------------------------------------------- */

static void
incident(struct table *table)
{
	struct seat *seat =
	    &table->seats[soak_draw(&table->dice, SOAK_READERS)];

	/* It is on its way already. */
	if (seat->peer->fd < 0 || !seat->is_taken)
		return;
	atomic_fetch_add(&table->soak->incidents, 1);
	switch (soak_draw(&table->dice, 6)) {
	case 0:
		card_remove(seat);
		card_insert(seat);
		break;
	case 1:
		card_remove(seat);
		seat->back = soon(table);
		break;
	case 2:
		reader_remove(seat);
		break;
	case 3:
		peer_hang_up(seat->peer);
		break;
	default:
		seat->whim =
		    soak_draw(&table->dice, 2) ? WHIM_LEAVE : WHIM_HALF;
	}
}

static void
trouble(struct table *table)
{
	unsigned spread = 2 * (unsigned)table->soak->trouble_ms;

	if (atomic_load(&table->soak->calm)) {
		for (unsigned i = 0; i < SOAK_READERS; i++)
			table->seats[i].whim = WHIM_NONE;
	} else if (clock_left(table->trouble) == 0) {
		incident(table);
		table->trouble = clock_after(soak_draw(&table->dice, spread));
	}
}

static void
seat_answer(struct seat *seat)
{
	if (clock_left(seat->late) != 0)
		return;
	seat->late = CLOCK_NEVER;
	answer(seat, seat->app, seat->number);
}

static void
seat_return(struct seat *seat)
{
	if (seat->peer->fd < 0 || seat->back == CLOCK_NEVER ||
	    clock_left(seat->back) != 0)
		return;
	if (seat->has_reader)
		card_insert(seat);
	else
		reader_add(seat);
}

static void
table_turn(struct table *table)
{
	trouble(table);
	for (unsigned i = 0; i < PEERS; i++)
		if (table->peers[i].fd < 0 &&
		    clock_left(table->peers[i].back) == 0)
			peer_dial(&table->peers[i]);
	for (unsigned i = 0; i < SOAK_READERS; i++) {
		seat_answer(&table->seats[i]);
		seat_return(&table->seats[i]);
	}
}

static int64_t
next_turn(const struct table *table)
{
	int64_t at = clock_after(TICK_MS);
	unsigned i;

	if (table->trouble < at && !atomic_load(&table->soak->calm))
		at = table->trouble;
	for (i = 0; i < PEERS; i++)
		if (table->peers[i].fd < 0 && table->peers[i].back < at)
			at = table->peers[i].back;
	for (i = 0; i < SOAK_READERS; i++) {
		if (table->seats[i].peer->fd >= 0 && table->seats[i].back < at)
			at = table->seats[i].back;
		if (table->seats[i].late < at)
			at = table->seats[i].late;
	}
	return at;
}

static void
table_poll(struct table *table)
{
	struct pollfd fds[PEERS];
	size_t len;

	for (unsigned i = 0; i < PEERS; i++) {
		struct peer *peer = &table->peers[i];

		if (peer->fd >= 0)
			peer_write(peer);
		fds[i] = (struct pollfd){.fd = peer->fd, .events = POLLIN};
		if (peer->fd >= 0 &&
		    vscard_session_pending(peer->session, &len) != NULL)
			fds[i].events |= POLLOUT;
	}
	(void)poll(fds, PEERS, clock_left(next_turn(table)));
	for (unsigned i = 0; i < PEERS; i++)
		if (table->peers[i].fd >= 0 && (fds[i].revents & ~POLLOUT) != 0)
			peer_read(&table->peers[i]);
}

static void
table_lay(struct table *table, struct soak *soak)
{
	unsigned card = 0;

	table->soak = soak;
	table->dice.state = soak->seed | 1;
	table->trouble = clock_after(soak->trouble_ms);
	for (unsigned i = 0; i < PEERS; i++) {
		table->peers[i] = (struct peer){.table = table,
		    .seats = plan[i].seats,
		    .first = &table->seats[card],
		    .is_stock = plan[i].is_stock,
		    .fd = -1};
		for (unsigned k = 0; k < plan[i].seats; k++, card++)
			table->seats[card] =
			    (struct seat){.peer = &table->peers[i],
				.card = card,
				.late = CLOCK_NEVER,
				.back = CLOCK_NEVER};
	}
}

void
soak_cards_main(struct soak *soak)
{
	struct table *table = calloc(1, sizeof(*table));

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (table == NULL)
		abort();
	table_lay(table, soak);
	while (!atomic_load(&soak->broken)) {
		table_turn(table);
		table_poll(table);
	}
	_exit(EXIT_SUCCESS);
}
