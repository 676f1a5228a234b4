/* SPDX-License-Identifier: BSD-2-Clause */
/* The exit statuses of vscard-ctl; its manual lists them too. */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* the driver said no; doctor has found something */
	STATUS_USAGE = 2,  /* the command line is wrong, or no such reader */
	STATUS_NO_DRIVER = 3 /* none answers, or it lets us not in */
};

#endif
