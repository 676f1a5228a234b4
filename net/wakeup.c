/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/wakeup.h"

#include <sys/eventfd.h>

int
wakeup_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* A full counter is readable as well, so a failure changes nothing. */
void
wakeup_signal(int fd)
{
	(void)eventfd_write(fd, 1);
}

void
wakeup_take(int fd)
{
	eventfd_t count;

	(void)eventfd_read(fd, &count);
}
