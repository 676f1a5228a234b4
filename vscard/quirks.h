/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each foreign peer does differently, and how a session copes: all in
 * one place, so that the rest can be read as the protocol.
 */
#ifndef VSCARD_QUIRKS_H
#define VSCARD_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vscard/session.h"
#include "vscard/wire.h"

/* The Error code of a client, in whichever byte order it came. */
uint32_t quirk_error_code(uint32_t code);
/* The length of a reader's name without its terminator. */
size_t quirk_name_len(const uint8_t *name, size_t len);
/* The reader that an APDU or Error of a client is about. */
uint32_t quirk_answerer(const struct host *, uint32_t reader, bool stock);
/* The peer answers a command even after it has made it void. */
bool quirk_answers_late(uint32_t capabilities);
/* An ATR for this reader adds it. */
bool quirk_adds_itself(uint32_t reader);
/* A removal of this reader, never added, is a precaution. */
bool quirk_is_precaution(uint32_t reader);
/* The Init comes from a client, to a client. */
bool quirk_is_client(const struct wire_message *init, uint32_t capabilities);
/* The id belongs to another reader of the client already. */
bool quirk_is_shared(const struct client *, uint32_t id);

/* Answer to a command that crossed the removal of its card. */
extern const uint8_t quirk_crossed[2];

#endif
