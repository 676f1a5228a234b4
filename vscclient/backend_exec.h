/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card that is somebody else's program: the card process becomes it, with
 * the connection as descriptor 3.
 */
#ifndef VSCCLIENT_BACKEND_EXEC_H
#define VSCCLIENT_BACKEND_EXEC_H

#include "vscclient/cardspec.h"
#include "vscclient/status.h"

/* Adopts fd. Returns only if the program cannot be run; it has said why. */
enum status backend_exec_run(const struct cardspec_exec *, int fd);

#endif
