/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In place of ssh -W: stdin and stdout are the Unix socket that
 * VSCARD_TEST_TUNNEL names, until either side ends.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
dial(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return fd;
}

static bool
pass(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes)), sent = 0, k = 1;

	for (; k > 0 && sent < n; sent += k)
		k = write(to, bytes + sent, (size_t)(n - sent));
	return n > 0 && k > 0;
}

int
main(void)
{
	const char *path = getenv("VSCARD_TEST_TUNNEL");
	int fd = dial(path != NULL ? path : "");
	struct pollfd fds[2] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = fd, .events = POLLIN},
	};
	bool open = true;

	while (open && poll(fds, 2, -1) > 0)
		open = (fds[0].revents == 0 || pass(STDIN_FILENO, fd)) &&
		       (fds[1].revents == 0 || pass(fd, STDOUT_FILENO));
	return EXIT_SUCCESS;
}
