/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands, each in a file of its name; they return an enum status. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "ctl/options.h"

command_fn command_list;
command_fn command_eject;
command_fn command_insert;
command_fn command_watch;
command_fn command_doctor;

#endif
