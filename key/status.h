/* SPDX-License-Identifier: BSD-2-Clause */
/* The exit statuses of vscard-key; its manual lists them too. */
#ifndef KEY_STATUS_H
#define KEY_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* the system: no space, no permission, no memory */
	STATUS_USAGE = 2,  /* the command line, or nobody could be asked */
	STATUS_FILE = 3,   /* missing, damaged, not a key file, or there */
	STATUS_BUSY = 4,   /* another process has the file */
	STATUS_SECRET = 5, /* no passphrase, or a wrong one */
	STATUS_REFUSED = 6 /* the answer to a question was not yes */
};

#endif
