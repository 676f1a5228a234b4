/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network process: it knows the host and no card. One card process a SPEC,
 * one connection, and the relay between them.
 */
#ifndef VSCCLIENT_NETPROC_H
#define VSCCLIENT_NETPROC_H

#include "vscclient/options.h"
#include "vscclient/status.h"

/* Returns the exit status. */
enum status netproc_run(const struct options *);

#endif
