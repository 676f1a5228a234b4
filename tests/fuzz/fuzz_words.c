/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line in words, and the same words each in quotes; and a passphrase, which
 * is the first line.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "util/passphrase.h"
#include "vscclient/words.h"

/* A word in quotes is that word. */
static void
check_word(const char *word)
{
	size_t len = strlen(word), n = 0;
	char *quoted = malloc(2 * len + 3), *rest = quoted, *again;

	MUST(quoted != NULL);
	quoted[n++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '"' || word[i] == '\\')
			quoted[n++] = '\\';
		quoted[n++] = word[i];
	}
	quoted[n++] = '"';
	quoted[n] = '\0';
	MUST(words_next(&rest, &again) == 1 && strcmp(again, word) == 0);
	MUST(words_next(&rest, &again) == 0);
	free(quoted);
}

static void
check_words(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *word;
	const char *end;
	int rc;

	MUST(text != NULL);
	end = text + strlen(text);
	while ((rc = words_next(&rest, &word)) == 1) {
		MUST(word >= text && rest <= end && word <= rest);
		check_word(word);
	}
	MUST(rc == 0 || rc == -EINVAL);
	free(text);
}

static void
check_passphrase(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = end != NULL ? (size_t)(end - data) : size;
	int fd = memfd_create("fuzz", MFD_CLOEXEC), rc;
	struct passphrase p;
	struct buf out;

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	passphrase_init_fd(&p, fd, "fuzz");
	buf_init(&out, PASSPHRASE_MAX);
	rc = passphrase_get(&p, &out);
	if (len > PASSPHRASE_MAX)
		MUST(rc == -EMSGSIZE);
	else if (len == 0 || memchr(data, '\0', len) != NULL)
		MUST(rc == -EINVAL);
	else
		MUST(rc == 0 && buf_len(&out) == len &&
		     memcmp(buf_get(&out), data, len) == 0);
	buf_clear(&out);
	passphrase_clear(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_words(data, size);
	check_passphrase(data, size);
	return 0;
}
