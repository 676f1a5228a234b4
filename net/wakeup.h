/* SPDX-License-Identifier: BSD-2-Clause */
/* A descriptor that another thread can make readable (eventfd). */
#ifndef VSCARD_NET_WAKEUP_H
#define VSCARD_NET_WAKEUP_H

#include "util/err.h"

/* A descriptor for poll, or a negative errno. Close it with close. */
int wakeup_new(void) MUST_CHECK;
/* Any thread, any number of times: readable until taken. */
void wakeup_signal(int fd);
/* Makes it unreadable again. */
void wakeup_take(int fd);

#endif
