/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/passphrase.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUESTION_MAX = 400 };

/* A pipe is for who has it open; a file is for all that its mode says. */
static int
check_rights(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) && (st.st_mode & (S_IWGRP | S_IRWXO)) != 0
		   ? -EPERM
		   : 0;
}

int
passphrase_init(
    struct passphrase *p, const char *path, const char *what, int host)
{
	int fd = -1;
	int rc = 0;

	if (path != NULL) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		rc = fd < 0 ? -errno : check_rights(fd);
	}
	if (rc < 0) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	passphrase_init_fd(p, fd, what);
	p->has_tty = fd < 0 && tty_init(&p->tty, host) == 0;
	return 0;
}

void
passphrase_init_fd(struct passphrase *p, int fd, const char *what)
{
	*p = (struct passphrase){.fd = fd, .what = what, .tty = {.fd = -1}};
}

void
passphrase_clear(struct passphrase *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	if (p->has_tty)
		tty_clear(&p->tty);
	p->has_tty = false;
}

bool
passphrase_is_none(const struct passphrase *p)
{
	return p->fd < 0 && !p->has_tty;
}

const char *
passphrase_why(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "the passphrase is empty, or not text";
	case -EMSGSIZE:
		return "the passphrase is too long";
	case -ENOTTY:
		return "there is no terminal to ask for the passphrase";
	case -EKEYREJECTED:
		return "the passphrases differ";
	case -EPERM:
		return "others can read or change it; `chmod 600` keeps them"
		       " out";
	case -ECANCELED:
		return "no passphrase was given";
	default:
		return err_text(rc);
	}
}

/* One more than the longest, and its end. */
static int
read_all(int fd, char *line, size_t cap, size_t *out_len)
{
	size_t len = 0;
	ssize_t n;

	while (len < cap && memchr(line, '\n', len) == NULL) {
		n = read(fd, line + len, cap - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	*out_len = len;
	return 0;
}

static int
check(const void *text, size_t len)
{
	if (len > PASSPHRASE_MAX)
		return -EMSGSIZE;
	return len == 0 || memchr(text, '\0', len) != NULL ? -EINVAL : 0;
}

static int
read_line(int fd, struct buf *out)
{
	char line[PASSPHRASE_MAX + 2];
	const char *end;
	size_t len = 0;
	int rc;

	rc = read_all(fd, line, sizeof(line), &len);
	end = memchr(line, '\n', len);
	if (end != NULL)
		len = (size_t)(end - line);
	if (rc == 0)
		rc = check(line, len);
	if (rc == 0)
		rc = buf_put(out, line, len);
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int
ask(struct passphrase *p, const char *prefix, struct buf *out)
{
	char question[QUESTION_MAX];
	struct buf answer;
	int rc;

	if (!p->has_tty)
		return -ENOTTY;
	snprintf(question, sizeof(question), "%s %s: ", prefix, p->what);
	buf_init(&answer, PASSPHRASE_MAX);
	rc = tty_ask_secret(&p->tty, question, &answer);
	if (rc == 0)
		rc = check(buf_get(&answer), buf_len(&answer));
	if (rc == 0)
		rc = buf_put(out, buf_get(&answer), buf_len(&answer));
	buf_clear(&answer);
	return rc;
}

int
passphrase_get(struct passphrase *p, struct buf *out)
{
	return p->fd >= 0 ? read_line(p->fd, out)
			  : ask(p, "Passphrase of", out);
}

int
passphrase_get_new(struct passphrase *p, struct buf *out)
{
	struct buf again;
	int rc;

	if (p->fd >= 0)
		return read_line(p->fd, out);
	rc = ask(p, "New passphrase of", out);
	if (rc < 0)
		return rc;
	buf_init(&again, PASSPHRASE_MAX);
	rc = ask(p, "The same again, of", &again);
	if (rc == 0 &&
	    (buf_len(&again) != buf_len(out) ||
		memcmp(buf_get(&again), buf_get(out), buf_len(out)) != 0))
		rc = -EKEYREJECTED;
	buf_clear(&again);
	return rc;
}
