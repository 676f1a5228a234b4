/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key file that somebody else wrote: it opens or is refused with a line, and
 * if it opens, all of its records can be read, one more can be written, and the
 * file opens again. The corpus has whole files; their passphrase is "sesame".
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card/store/store.h"
#include "tests/fuzz/fuzz.h"

enum { FILE_MAX = 64 << 10 };

static const struct place written = {STORE_NDEF, 255, 7};

static int
give(void *ctx, struct buf *out)
{
	(void)ctx;
	return buf_put(out, "sesame", 6);
}

static const struct store_options options = {.passphrase = give};

static struct store *
open_it(const char *path)
{
	struct store_why why = {""};
	struct store *s = NULL;
	int rc = store_open(path, &options, &s, &why);

	MUST(rc == 0 || rc == -EBADMSG || rc == -ENOTSUP || rc == -EACCES);
	MUST(rc == 0 || strncmp(why.text, path, strlen(path)) == 0);
	return s;
}

/* Every kind of every application, as far as there is anything. */
static void
read_all(struct store *s)
{
	struct buf b;

	buf_init(&b, STORE_RECORD_MAX);
	for (unsigned i = 1 << 8; i < 1 << 16; i++) {
		struct place at = {(uint8_t)(i >> 8), (uint8_t)i, 0};

		for (int rc = store_next(s, &at, true); rc != 0;
		     rc = store_next(s, &at, false)) {
			MUST(rc == 1);
			MUST(store_get(s, at, &b) == 0);
		}
	}
	buf_clear(&b);
}

static void
use(const char *path)
{
	struct store *s = open_it(path);
	struct buf b;

	if (s == NULL)
		return;
	read_all(s);
	/* A tree may be damaged where nothing is to be read. */
	if (store_put(s, written, "new", 3) == 0) {
		buf_init(&b, STORE_RECORD_MAX);
		MUST(store_get(s, written, &b) == 0);
		MUST(buf_len(&b) == 3 && memcmp(buf_get(&b), "new", 3) == 0);
		buf_clear(&b);
		store_free(s);
		s = open_it(path);
	}
	store_free(s);
}

/* In memory, if there is such a place. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bool in_memory = access("/dev/shm", W_OK) == 0;
	char path[64];
	int fd;

	if (len > FILE_MAX)
		return 0;
	snprintf(path, sizeof(path), "%s/fuzz_store.%ld",
	    in_memory ? "/dev/shm" : "/tmp", (long)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd >= 0);
	MUST(write(fd, data, len) == (ssize_t)len);
	close(fd);
	use(path);
	unlink(path);
	strcat(path, "-journal");
	unlink(path);
	return 0;
}
