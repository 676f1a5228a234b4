/* SPDX-License-Identifier: BSD-2-Clause */
/* Who reads what this process writes to stderr. */
#ifndef VSCCLIENT_STDERR_H
#define VSCCLIENT_STDERR_H

#include "util/log.h"

enum log_style stderr_style(void);

#endif
