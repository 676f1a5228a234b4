/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/backend_exec.h"

#include <signal.h>
#include <unistd.h>

#include "net/spawn.h"
#include "util/log.h"

/*
 * Ctrl-C and the terminal's end reach the whole foreground group. As with our
 * own cards they are the network process's business, which closes the
 * descriptor when it has said good-bye.
 */
enum status
backend_exec_run(const struct cardspec_exec *exec, int fd)
{
	int rc;

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	rc = spawn_replace(exec->argv, fd);
	log_error("exec: cannot run %s: %s", exec->argv[0], err_text(rc));
	close(fd);
	return rc == -ENOMEM ? STATUS_FAILED : STATUS_CARD;
}
