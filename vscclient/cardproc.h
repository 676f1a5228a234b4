/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The card process: it holds one SPEC's cards and has no network. It speaks
 * VSCard as a client on a descriptor that it inherited, and ends with it.
 */
#ifndef VSCCLIENT_CARDPROC_H
#define VSCCLIENT_CARDPROC_H

#include <stdbool.h>

#include "vscclient/cardspec.h"
#include "vscclient/status.h"

/*
 * Adopts fd; returns the exit status, or ends the process with it. sandbox: the
 * process gives up what it does not need.
 */
enum status cardproc_run(const struct cardspec *, int fd, bool sandbox);

#endif
