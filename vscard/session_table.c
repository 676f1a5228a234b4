/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which message does what, by the state of the reader that it is about. A
 * message of an extension that was not agreed stands in row 0.
 */
#include "vscard/session.h"

#define ROW(name) [WIRE_ROW(WIRE_##name)]
#define ALL(action)                                                            \
	{                                                                      \
		action, action, action, action, action, action                 \
	}

/* clang-format off */

#define UNKNOWN host_unknown
#define GREET   host_greet
#define ADD     host_add
#define IMPLY   host_imply
#define INSERT  host_insert
#define EMPTY   host_empty
#define REMOVE  host_remove
#define ACK     host_ack
#define NAME    host_name
#define NONAME  host_stray_name
#define ORIGIN  host_origin
#define ANSWER  host_answer
#define FAIL    host_failure
#define LATE    host_late
#define STRAY   host_stray
#define DONE    host_done
#define WRONG   session_malformed

session_action *const session_host_table[WIRE_ROWS][READER_STATES] = {
	/*                    none     empty    card     apdu     asked    late */
	[0]                = ALL(UNKNOWN),
	ROW(INIT)          = ALL(GREET),
	ROW(ERROR)         = {STRAY,   STRAY,   STRAY,   FAIL,    STRAY,   LATE},
	ROW(READER_ADD)    = ALL(ADD),
	ROW(READER_REMOVE) = {ACK,     REMOVE,  REMOVE,  REMOVE,  REMOVE,  STRAY},
	ROW(ATR)           = {IMPLY,   INSERT,  INSERT,  INSERT,  INSERT,  STRAY},
	ROW(CARD_REMOVE)   = {ACK,     ACK,     EMPTY,   EMPTY,   EMPTY,   STRAY},
	ROW(APDU)          = {STRAY,   STRAY,   STRAY,   ANSWER,  STRAY,   LATE},
	ROW(FLUSH)         = ALL(UNKNOWN),
	ROW(FLUSH_COMPLETE) = ALL(UNKNOWN),
	ROW(SIZE)          = ALL(session_size),
	ROW(INSTANCE)      = ALL(session_instance),
	ROW(NAME)          = {NONAME,  NAME,    NAME,    NAME,    NAME,    STRAY},
	ROW(POWER)         = ALL(UNKNOWN),
	ROW(PROTOCOL)      = ALL(UNKNOWN),
	ROW(DONE)          = {STRAY,   STRAY,   STRAY,   WRONG,   DONE,    STRAY},
	ROW(BYE)           = ALL(session_bye),
	ROW(ORIGIN)        = {NONAME,  ORIGIN,  ORIGIN,  ORIGIN,  ORIGIN,  STRAY},
};

#define IGNORE  client_ignore
#define NOCARD  client_no_card
#define COMMAND client_command
#define SURPLUS client_surplus
#define CROSSED client_crossed
#define ASK     client_ask
#define DENY    client_deny

session_action *const session_client_table[WIRE_ROWS][READER_STATES] = {
	/*                    none     empty    card     apdu     asked    leaving */
	[0]                = ALL(IGNORE),
	ROW(INIT)          = ALL(client_greet),
	ROW(ERROR)         = ALL(client_acked),
	ROW(READER_ADD)    = ALL(IGNORE),
	ROW(READER_REMOVE) = ALL(IGNORE),
	ROW(ATR)           = ALL(IGNORE),
	ROW(CARD_REMOVE)   = ALL(IGNORE),
	ROW(APDU)          = {NOCARD,  NOCARD,  COMMAND, SURPLUS, SURPLUS, CROSSED},
	ROW(FLUSH)         = ALL(client_flush),
	ROW(FLUSH_COMPLETE) = ALL(IGNORE),
	ROW(SIZE)          = ALL(session_size),
	ROW(INSTANCE)      = ALL(session_instance),
	ROW(NAME)          = ALL(IGNORE),
	ROW(POWER)         = {DENY,    DENY,    ASK,     WRONG,   WRONG,   DENY},
	ROW(PROTOCOL)      = {DENY,    DENY,    ASK,     WRONG,   WRONG,   DENY},
	ROW(DONE)          = ALL(IGNORE),
	ROW(BYE)           = ALL(session_bye),
	ROW(ORIGIN)        = ALL(IGNORE),
};

/* A client's control messages: what an Error with code 0, or another, does. */
const struct session_ack_row session_ack_table[CONTROLS] = {
	[CONTROL_NONE]        = {sync_nothing,  sync_nothing},
	[CONTROL_FIRST]       = {sync_nothing,  sync_nothing},
	[CONTROL_ADD]         = {sync_added,    sync_not_added},
	[CONTROL_REMOVE]      = {sync_removed,  sync_removed},
	[CONTROL_ATR]         = {sync_inserted, sync_not_inserted},
	[CONTROL_CARD_REMOVE] = {sync_emptied,  sync_emptied},
};
