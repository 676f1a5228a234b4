/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of vscard-key; each says what went wrong. */
#ifndef KEY_COMMANDS_H
#define KEY_COMMANDS_H

#include "key/options.h"
#include "key/status.h"

enum status command_create(const struct options *);
enum status command_info(const struct options *);
enum status command_reset(const struct options *);
enum status command_passphrase(const struct options *);
enum status command_export(const struct options *);
enum status command_backup(const struct options *);
enum status command_restore(const struct options *);

#endif
