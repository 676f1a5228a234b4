/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a session. session.c has what both roles share, session_out.c
 * how they send, session_host.c and session_client.c what each does, session_sync.c how a client brings its
 * host up to date, session_table.c which message does what in which state.
 */
#ifndef VSCARD_SESSION_H
#define VSCARD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "vscard/framer.h"
#include "vscard/vscard.h"
#include "vscard/wire.h"

/* A reader as the wire knows it; the columns of the tables. */
enum reader_state {
	READER_NONE,   /* unknown */
	READER_EMPTY,  /* no card */
	READER_CARD,   /* a card at rest */
	READER_APDU,   /* a command is in flight */
	READER_ASKED,  /* Power or Protocol is in flight */
	READER_PASSING /* host: a late answer is owed, before all others;
	                * client: the card's removal is not acknowledged */
};
#define READER_STATES (READER_PASSING + 1)

/* What a reader in READER_ASKED was asked; power first, as on the wire. */
enum ask {
	ASK_DOWN = VSCARD_POWER_DOWN,
	ASK_UP = VSCARD_POWER_UP,
	ASK_RESET = VSCARD_POWER_RESET,
	ASK_PROTOCOL
};

struct host_reader {
	enum reader_state state;
	enum ask ask;
	uint32_t late; /* answers to failed commands that are still to come */
};

struct host {
	struct host_reader *readers; /* by id */
	uint32_t count;
	bool deciding; /* READER_ADD was told, the answer is open */
	bool implied;  /* by an ATR, which is kept here */
	uint32_t newcomer;
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
};

/* Messages that the host acknowledges; one at a time. */
enum control {
	CONTROL_NONE,
	CONTROL_FIRST, /* the ReaderRemove(0) that begins a session */
	CONTROL_ADD,
	CONTROL_REMOVE,
	CONTROL_ATR,
	CONTROL_CARD_REMOVE
};
#define CONTROLS (CONTROL_CARD_REMOVE + 1)

struct client_reader {
	/* What the program wants. */
	bool used;
	bool gone;
	bool card;
	uint32_t generation; /* of the card, counts insertions */
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
	char name[VSCARD_NAME_MAX + 1];
	uint8_t origin[VSCARD_ORIGIN_MAX];
	size_t origin_len;
	/* What the host knows. */
	enum reader_state state;
	enum ask ask;
	uint32_t id;
	uint32_t shown;  /* generation of the card announced */
	bool cancelled;  /* VSCARD_EVENT_CANCEL is due */
	uint8_t surplus; /* commands that came while one was in flight */
};

struct client {
	struct client_reader *readers; /* by the program's number */
	unsigned count;
	bool dirty;            /* host and program may differ */
	enum control awaiting; /* an acknowledgement */
	unsigned about;        /* its reader */
	unsigned turn;         /* the reader to look at next */
	unsigned busy;         /* readers with a request in flight */
	unsigned cancels;      /* readers that are cancelled */
	uint8_t flushes;       /* FlushComplete owed */
	bool finishing;
	bool finished;
	enum vscard_bye why;
};

/* One message gives three events at most. */
enum { SESSION_EVENTS = 4 };

struct vscard_session {
	enum vscard_role role;
	enum vscard_fault fault;
	struct vscard_limits limits;
	bool heard;    /* a message has come */
	bool open;     /* and an Init */
	bool told_bye; /* by us */
	bool got_size, got_instance, got_bye;
	uint32_t caps;     /* agreed */
	uint32_t peer_apdu; /* the largest it takes */
	struct framer in;
	struct buf out;
	const uint8_t *lent; /* behind out: the rest of an APDU */
	size_t lent_len;
	struct vscard_event events[SESSION_EVENTS];
	unsigned first_event, event_count;
	struct host host;
	struct client client;
};

/* What a message does. */
typedef void session_action(struct vscard_session *,
    const struct wire_message *);

extern session_action *const session_host_table[WIRE_ROWS][READER_STATES];
extern session_action *const session_client_table[WIRE_ROWS][READER_STATES];

/* What an acknowledgement does to the reader that it is about. */
typedef void session_ack(struct vscard_session *, struct client_reader *,
    const struct wire_message *);

struct session_ack_row {
	session_ack *taken;
	session_ack *refused;
};
extern const struct session_ack_row session_ack_table[CONTROLS];

/* An APDU to be sent. */
struct session_apdu {
	const void *data;
	size_t len;
	bool lent; /* need not be copied; see lend.h */
};

/* --- session.c -------------------------------------------------------- */

/* The first fault stays. */
void session_fail(struct vscard_session *, enum vscard_fault);
void session_emit(struct vscard_session *, enum vscard_event_type,
    uint32_t reader, uint32_t code, const void *data, size_t len);
void session_odd(struct vscard_session *, enum vscard_oddity, uint32_t reader);
/* What is not decided by a message; not before its events are taken. */
void session_settle(struct vscard_session *);
/* After the Inits: what is agreed, and what it makes us say. */
void session_agree(struct vscard_session *, uint32_t capabilities);

session_action session_malformed;
session_action session_size;
session_action session_instance;
session_action session_bye;

/* --- session_out.c ---------------------------------------------------- */

/* Makes sure that len bytes can be put without a failure. */
int session_reserve(struct vscard_session *, size_t len) MUST_CHECK;
/* Messages of ours; without memory the session fails. */
void session_put(struct vscard_session *, enum wire_type, uint32_t reader,
    const void *, size_t len);
void session_put_init(struct vscard_session *, uint32_t reader,
    uint32_t capabilities);
void session_put_error(struct vscard_session *, uint32_t reader,
    uint32_t code);
void session_put_done(struct vscard_session *, uint32_t reader,
    enum vscard_status, const void *atr, size_t atr_len);
void session_put_word(struct vscard_session *, enum wire_type, uint32_t reader,
    uint32_t word);
/* What it needs of the session's buffer, and the message. */
size_t session_apdu_room(const struct session_apdu *);
void session_put_apdu(struct vscard_session *, uint32_t reader,
    const struct session_apdu *);

/* --- session_host.c --------------------------------------------------- */

int host_init(struct vscard_session *) MUST_CHECK;
void host_clear(struct host *);
/* Accepts the reader that asks, if no answer was given. */
void host_settle(struct vscard_session *);
/* The column for a message; finds out which reader it means. */
enum reader_state host_state(struct vscard_session *, struct wire_message *);
int host_send_apdu(struct vscard_session *, unsigned reader,
    const struct session_apdu *) MUST_CHECK;

session_action host_greet;
session_action host_unknown;
session_action host_add;
session_action host_imply;
session_action host_insert;
session_action host_empty;
session_action host_remove;
session_action host_ack;
session_action host_name;
session_action host_origin;
session_action host_stray_name;
session_action host_answer;
session_action host_failure;
session_action host_late;
session_action host_stray;
session_action host_done;

/* --- session_client.c ------------------------------------------------- */

int session_client_init(struct vscard_session *) MUST_CHECK;
void session_client_clear(struct client *);
/* The reader that the host knows by this id, or NULL. */
struct client_reader *client_find(const struct client *, uint32_t id);
unsigned client_number(const struct client *, const struct client_reader *);
enum reader_state client_state(struct vscard_session *,
    struct wire_message *);
int client_send_apdu(struct vscard_session *, unsigned reader,
    const struct session_apdu *) MUST_CHECK;
/* Takes a VSCARD_EVENT_CANCEL that is due. */
bool client_next_cancel(struct vscard_session *, struct vscard_event *out);
/* Answers what is in flight, because the card is about to leave. */
void client_void(struct vscard_session *, struct client_reader *);

session_action client_greet;
session_action client_ignore;
session_action client_command;
session_action client_surplus;
session_action client_crossed;
session_action client_no_card;
session_action client_flush;
session_action client_ask;
session_action client_deny;

/* --- session_sync.c --------------------------------------------------- */

/* Sends the next control message, if it is time for one. */
void client_settle(struct vscard_session *);
session_action client_acked;

session_ack sync_nothing;
session_ack sync_added;
session_ack sync_not_added;
session_ack sync_removed;
session_ack sync_inserted;
session_ack sync_not_inserted;
session_ack sync_emptied;

#endif
