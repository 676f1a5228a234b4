/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all commands do: open the file, ask, and say what went wrong. Functions
 * that return a status other than STATUS_OK have said why.
 */
#ifndef KEY_OPEN_H
#define KEY_OPEN_H

#include "card/keyfile.h"
#include "key/options.h"
#include "key/status.h"
#include "util/buf.h"
#include "util/passphrase.h"

/* Says it in one line that begins with the file. */
enum status status_say(const char *file, int rc) MUST_CHECK;
/* The same for an error of which a store or a file layer has said why. */
enum status status_why(int rc, const struct store_why *) MUST_CHECK;

/* With what the user gave for its passphrase. */
enum status key_open(
    const char *file, const struct options *, struct keyfile **out) MUST_CHECK;

/* Fills the buffer with the passphrase and a NUL; file is what it is for. */
enum status secret_get(const struct options_source *, const char *file,
    bool is_new, struct buf *out) MUST_CHECK;

/* STATUS_OK: yes. Somebody has to be at the terminal, or --yes be given. */
enum status ask_yes(const struct options *, const char *question) MUST_CHECK;

#endif
