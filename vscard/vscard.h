/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libvscard: the VSCard protocol (version 0.0.2) without I/O.
 *
 * VSCard joins a client, which owns smart cards, to a host, which uses them.
 * A session is one end of one connection. It never reads, writes, waits or
 * looks at a clock: the program moves the bytes.
 *
 *	in:   vscard_session_feed(), or _space() and _fed(), then
 *	      vscard_session_next() until it returns 0
 *	out:  vscard_session_pending() and vscard_session_sent()
 *
 * The same bytes in any chunks give the same events. A session is not locked:
 * one thread at a time, or a lock of the program's own around it.
 *
 * Unless stated otherwise functions return 0 on success and a negative errno
 * on failure, and a failed call changes nothing:
 *
 *	-EINVAL     an argument is out of range, or not for this role
 *	-ENOMEM     no memory
 *	-ENODEV     no such reader
 *	-ENOMEDIUM  no card in the reader
 *	-EBUSY      a request is in flight already (one a reader)
 *	-ENOENT     no request in flight that this could answer
 *	-EMSGSIZE   larger than the peer takes
 *	-ENOTSUP    the peer did not agree to the extension
 *	-EPROTO     the session has failed; see vscard_session_fault()
 */
#ifndef VSCARD_H
#define VSCARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VSCARD_API __attribute__((visibility("default")))
#define VSCARD_CHECKED __attribute__((warn_unused_result))

/* The port that everybody uses; nobody registered it. */
#define VSCARD_PORT 2001

/*
 * The PC/SC attribute (SCardGetAttrib) by which a host that is a driver tells
 * programs of its own machine its id, and the origin of the reader behind it.
 */
#define VSCARD_PCSC_ATTR_ORIGIN 0x00075643

/* Sizes in bytes. */
#define VSCARD_ATR_MIN 2
#define VSCARD_ATR_MAX 33         /* ISO 7816-3, and PC/SC */
#define VSCARD_APDU_MAX 65548     /* pcscd's largest command */
#define VSCARD_RESPONSE_MAX 65538 /* 65536 and the status word */
#define VSCARD_APDU_STOCK 270     /* towards a peer that said nothing */
#define VSCARD_NAME_MAX 255       /* reader name */
#define VSCARD_INSTANCE_LEN 16
#define VSCARD_ORIGIN_MAX 128 /* of 8 instance ids */
#define VSCARD_READERS_MAX 256 /* on one connection */
#define VSCARD_PAYLOAD_MAX 65560 /* a longer message ends the session */

enum vscard_role { VSCARD_ROLE_HOST, VSCARD_ROLE_CLIENT };

/*
 * Extensions, bits of the capability word of Init. The low half is left to
 * the protocol's own future. The client offers, the host answers with what it
 * shares, and nothing of an extension is sent unless both said its bit. See
 * PROTOCOL.vscard-ext.
 */
enum vscard_cap {
	VSCARD_CAP_POWER = 1 << 16,    /* reset and power, with the ATR */
	VSCARD_CAP_PROTOCOL = 1 << 17, /* choice of T=0 or T=1 */
	VSCARD_CAP_SIZE = 1 << 18,     /* largest APDU each way */
	VSCARD_CAP_NAME = 1 << 19,     /* reader names */
	VSCARD_CAP_BYE = 1 << 20,      /* session end, with its reason */
	VSCARD_CAP_INSTANCE = 1 << 21, /* instance ids, to find loops */
	VSCARD_CAP_ALL = 0x3f << 16
};

/* What the host asks of a card over VSCARD_CAP_POWER. */
enum vscard_power {
	VSCARD_POWER_DOWN = 0,
	VSCARD_POWER_UP = 1,   /* or cold reset, if it is up */
	VSCARD_POWER_RESET = 2 /* warm reset */
};

/* Outcome of a power or protocol request. */
enum vscard_status {
	VSCARD_STATUS_OK = 0,
	VSCARD_STATUS_FAILED = 1,
	VSCARD_STATUS_NO_CARD = 2,
	VSCARD_STATUS_UNSUPPORTED = 3
};

/* Codes of Error messages, as the host sends them. */
enum vscard_error {
	VSCARD_ERROR_SUCCESS = 0,
	VSCARD_ERROR_GENERAL = 1,
	VSCARD_ERROR_NO_MORE_READERS = 2
};

/* Codes of Error messages, as the client sends them instead of a response. */
enum vscard_card_error {
	VSCARD_CARD_ERROR_NO_CARD = 1,
	VSCARD_CARD_ERROR_FAILED = 2
};

/* Why a session ends, over VSCARD_CAP_BYE. */
enum vscard_bye {
	VSCARD_BYE_DONE = 0,    /* the sender is finished for good */
	VSCARD_BYE_RESTART = 1, /* it expects to be back */
	VSCARD_BYE_REFUSED = 2, /* it does not want this peer */
	VSCARD_BYE_LOOP = 3     /* its own readers came back to it */
};

/* The first fault of a session; it stays. */
enum vscard_fault {
	VSCARD_FAULT_NONE,
	VSCARD_FAULT_LENGTH,      /* header announces more than the ceiling */
	VSCARD_FAULT_INIT_MAGIC,  /* Init without "VSCD" */
	VSCARD_FAULT_INIT_LENGTH, /* Init too short or not whole words */
	VSCARD_FAULT_TRUNCATED,   /* the stream ended within a message */
	VSCARD_FAULT_EXTENSION,   /* malformed extension message */
	VSCARD_FAULT_ROLE,        /* the peer plays the same role */
	VSCARD_FAULT_MEMORY      /* none left, or the peer makes us owe it more
	                          * messages than a session keeps */
};

/* What was odd about a message that the session lived with. */
enum vscard_oddity {
	VSCARD_ODDITY_VERSION,       /* Init with another version */
	VSCARD_ODDITY_SECOND_INIT,   /* a second Init, ignored */
	VSCARD_ODDITY_NO_INIT,       /* other messages before Init */
	VSCARD_ODDITY_ATR,           /* ATR of a wrong length or first byte */
	VSCARD_ODDITY_READER,        /* message for an id never assigned */
	VSCARD_ODDITY_RESPONSE,      /* response or Error nobody waits for */
	VSCARD_ODDITY_STALE,         /* late response to a failed command */
	VSCARD_ODDITY_TYPE,          /* Flush, FlushComplete, unknown type */
	VSCARD_ODDITY_COMMAND        /* client: command while one is in flight */
};

enum vscard_event_type {
	/* Both. The Inits are exchanged; code: capabilities agreed. */
	VSCARD_EVENT_OPEN,
	/* Both. data: the peer's instance id (VSCARD_INSTANCE_LEN bytes). */
	VSCARD_EVENT_INSTANCE,
	/* Both. The peer is about to close; code: enum vscard_bye. */
	VSCARD_EVENT_BYE,
	/* Both. For the log; code: enum vscard_oddity. */
	VSCARD_EVENT_ODDITY,

	/*
	 * Host. A reader asks for a place; data: its name, often empty.
	 * It is accepted by the next call of vscard_session_next() or
	 * _pending(), unless vscard_session_refuse() comes before.
	 */
	VSCARD_EVENT_READER_ADD,
	/* Host. data: the name, sent after all (VSCARD_CAP_NAME). */
	VSCARD_EVENT_READER_NAME,
	/*
	 * Host. data: the instance ids of the hosts that this reader has come
	 * through already, the nearest first (VSCARD_CAP_INSTANCE).
	 */
	VSCARD_EVENT_READER_ORIGIN,
	/* Host. Reader and card are gone; a request in flight has failed. */
	VSCARD_EVENT_READER_REMOVE,
	/*
	 * Host. data: ATR. If a card was there already this is a swap (or the
	 * card's own reset), and a request in flight has failed.
	 */
	VSCARD_EVENT_CARD_INSERT,
	/* Host. A request in flight has failed. */
	VSCARD_EVENT_CARD_REMOVE,
	/* Host. code: enum vscard_status; data: ATR, if powered up. */
	VSCARD_EVENT_POWER_DONE,
	/* Host. code: enum vscard_status. */
	VSCARD_EVENT_PROTOCOL_DONE,
	/*
	 * Host. Instead of a response, or for one without a status word or
	 * larger than can be; code: enum vscard_card_error, if it is one.
	 */
	VSCARD_EVENT_APDU_FAILED,

	/* Host: data is a response. Client: data is a command. */
	VSCARD_EVENT_APDU,

	/* Client. code: enum vscard_power. Answer: _answer_power(). */
	VSCARD_EVENT_POWER,
	/* Client. code: 0 or 1, for T=0 or T=1. Answer: _answer_protocol(). */
	VSCARD_EVENT_PROTOCOL,
	/* Client. The host has given the reader a place; code: its id. */
	VSCARD_EVENT_READER_READY,
	/* Client. No place for it; it is forgotten. code as sent. */
	VSCARD_EVENT_READER_REFUSED,
	/* Client. The host has taken the ATR. */
	VSCARD_EVENT_CARD_READY,
	/* Client. The host did not take the ATR; no card is there now. */
	VSCARD_EVENT_CARD_REFUSED,
	/*
	 * Client. The request given to the program is void, because the card
	 * left or was announced anew, and the host has been told so; its
	 * answer would be refused (-ENOENT).
	 */
	VSCARD_EVENT_CANCEL,
	/* Client. After vscard_session_finish(): all is removed and acked. */
	VSCARD_EVENT_FINISHED
};

/*
 * reader: for a host the id on the wire, 0 … max_readers - 1; for a client
 * what vscard_session_add_reader() gave; of an oddity, the id in the message.
 * data is lent until the next call of _next, _feed, _space or _fed on the
 * session.
 */
struct vscard_event {
	enum vscard_event_type type;
	unsigned reader;
	uint32_t code;
	const uint8_t *data;
	size_t len;
};

struct vscard_limits {
	uint32_t capabilities; /* bits offered or shared */
	uint32_t max_apdu;     /* largest APDU this side takes, bytes:
	                        * VSCARD_APDU_STOCK … VSCARD_APDU_MAX */
	uint32_t max_readers;  /* 1 … VSCARD_READERS_MAX */
	/* Random, one a program run. Zeros: VSCARD_CAP_INSTANCE is left out. */
	uint8_t instance[VSCARD_INSTANCE_LEN];
};

struct vscard_session;

/* All extensions, the largest APDU, 16 readers, an instance id of zeros. */
VSCARD_API void vscard_limits_init(struct vscard_limits *);

/* A client's session has its Init pending at once. Free with _free. */
VSCARD_API int vscard_session_new(enum vscard_role, const struct vscard_limits *,
    struct vscard_session **out_session) VSCARD_CHECKED;
/* Wipes and frees *session and makes it NULL. *session may be NULL. */
VSCARD_API void vscard_session_free(struct vscard_session **session);

/* --- bytes in --------------------------------------------------------- */

/*
 * Lends room for the next bytes of the stream: *out_len is at least one byte,
 * and what is missing of a message begun. Say with _fed how many were put
 * there. -EPROTO after a fault, -ENOMEM ends the session, -EBUSY if it is full
 * of messages whose events were not taken.
 */
VSCARD_API int vscard_session_space(struct vscard_session *, void **out_room,
    size_t *out_len) VSCARD_CHECKED;
/* len: not more than was lent. */
VSCARD_API void vscard_session_fed(struct vscard_session *, size_t len);
/*
 * Copies bytes in. Returns how many it took, which may be fewer: take the
 * events with _next, then feed the rest.
 */
VSCARD_API long vscard_session_feed(struct vscard_session *, const void *,
    size_t len) VSCARD_CHECKED;
/* The stream has ended: a fault (TRUNCATED) if it was within a message. */
VSCARD_API int vscard_session_feed_end(struct vscard_session *) VSCARD_CHECKED;

/*
 * The next event: 1, 0 if more bytes are needed, or -EPROTO when the session
 * has failed: then close the connection, which ends all its readers. What is
 * pending at that moment may still be sent.
 */
VSCARD_API int vscard_session_next(struct vscard_session *,
    struct vscard_event *out_event) VSCARD_CHECKED;

/* --- bytes out -------------------------------------------------------- */

/*
 * Lends the bytes that wait to be sent, NULL if there are none; valid until
 * the next call that is not _pending.
 */
VSCARD_API const void *vscard_session_pending(struct vscard_session *,
    size_t *out_len);
/* The first len of them are on their way. */
VSCARD_API void vscard_session_sent(struct vscard_session *, size_t len);

/* --- what both can ask and say ---------------------------------------- */

VSCARD_API enum vscard_fault vscard_session_fault(
    const struct vscard_session *);
/* Capabilities agreed; 0 before VSCARD_EVENT_OPEN and for stock peers. */
VSCARD_API uint32_t vscard_session_capabilities(const struct vscard_session *);
/* The largest APDU that the peer takes. */
VSCARD_API size_t vscard_session_max_apdu(const struct vscard_session *);
/*
 * Host: a command to the card; the response is VSCARD_EVENT_APDU or
 * _APDU_FAILED. Client: the response to the command in flight. Copies.
 */
VSCARD_API int vscard_session_send_apdu(struct vscard_session *,
    unsigned reader, const void *apdu, size_t len) VSCARD_CHECKED;
/* Says that this side is about to close. Nothing to a peer without it. */
VSCARD_API int vscard_session_bye(struct vscard_session *, enum vscard_bye);

/* --- host ------------------------------------------------------------- */

/*
 * Refuses the reader of the VSCARD_EVENT_READER_ADD just returned; -ENOENT if
 * it was another event.
 */
VSCARD_API int vscard_session_refuse(struct vscard_session *);
/* Answered by VSCARD_EVENT_POWER_DONE. */
VSCARD_API int vscard_session_power(struct vscard_session *, unsigned reader,
    enum vscard_power) VSCARD_CHECKED;
/* protocol: 0 or 1. Answered by VSCARD_EVENT_PROTOCOL_DONE. */
VSCARD_API int vscard_session_protocol(struct vscard_session *,
    unsigned reader, unsigned protocol) VSCARD_CHECKED;

/* --- client ----------------------------------------------------------- */

/*
 * Readers and cards are said at any time, before the handshake too. The
 * session brings the host up to date, one acknowledged message at a time. A
 * card removed and inserted meanwhile is still seen as removed. name: UTF-8,
 * at most VSCARD_NAME_MAX bytes, or NULL. -ENOMEM if there are max_readers;
 * one removed counts until the host has acknowledged it.
 */
VSCARD_API int vscard_session_add_reader(struct vscard_session *,
    const char *name, unsigned *out_reader) VSCARD_CHECKED;
VSCARD_API int vscard_session_remove_reader(struct vscard_session *,
    unsigned reader);
/*
 * For a reader that is a host's own: the ids that the host was told to have
 * come before, with its own in front. Said before the host has acknowledged
 * the reader, or never. len: a multiple of VSCARD_INSTANCE_LEN, up to
 * VSCARD_ORIGIN_MAX.
 */
VSCARD_API int vscard_session_set_origin(struct vscard_session *,
    unsigned reader, const void *ids, size_t len) VSCARD_CHECKED;
/* -EINVAL for an ATR that no host would take. Replaces a card in place. */
VSCARD_API int vscard_session_insert_card(struct vscard_session *,
    unsigned reader, const void *atr, size_t len) VSCARD_CHECKED;
VSCARD_API int vscard_session_remove_card(struct vscard_session *,
    unsigned reader);
/* Instead of a response: the command could not be carried out. */
VSCARD_API int vscard_session_fail_apdu(struct vscard_session *,
    unsigned reader, enum vscard_card_error) VSCARD_CHECKED;
/* atr: the card's after a power-up or reset that went well, else NULL. */
VSCARD_API int vscard_session_answer_power(struct vscard_session *,
    unsigned reader, enum vscard_status, const void *atr, size_t len)
    VSCARD_CHECKED;
VSCARD_API int vscard_session_answer_protocol(struct vscard_session *,
    unsigned reader, enum vscard_status) VSCARD_CHECKED;
/*
 * Removes all cards and readers, each acknowledged, then says Bye; after
 * VSCARD_EVENT_FINISHED and the last pending byte the connection can go.
 */
VSCARD_API int vscard_session_finish(struct vscard_session *, enum vscard_bye);

/* --- names, never NULL ------------------------------------------------ */

VSCARD_API const char *vscard_role_name(enum vscard_role);
VSCARD_API const char *vscard_cap_name(enum vscard_cap);
VSCARD_API const char *vscard_power_name(enum vscard_power);
VSCARD_API const char *vscard_status_name(enum vscard_status);
VSCARD_API const char *vscard_bye_name(enum vscard_bye);
VSCARD_API const char *vscard_fault_name(enum vscard_fault);
VSCARD_API const char *vscard_oddity_name(enum vscard_oddity);
VSCARD_API const char *vscard_event_name(enum vscard_event_type);

#ifdef __cplusplus
}
#endif

#endif
