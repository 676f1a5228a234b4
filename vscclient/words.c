/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/words.h"

#include <string.h>

static const char blanks[] = " \t\n";

/* From behind a ' up to the next one. */
static int
take_single(const char **in, char **out)
{
	while (**in != '\'') {
		if (**in == '\0')
			return -EINVAL;
		*(*out)++ = *(*in)++;
	}
	(*in)++;
	return 0;
}

static int
take_double(const char **in, char **out)
{
	while (**in != '"') {
		if ((*in)[0] == '\\' && ((*in)[1] == '"' || (*in)[1] == '\\'))
			(*in)++;
		if (**in == '\0')
			return -EINVAL;
		*(*out)++ = *(*in)++;
	}
	(*in)++;
	return 0;
}

static int
take_plain(const char **in, char **out)
{
	if (**in == '\\' && *++*in == '\0')
		return -EINVAL;
	*(*out)++ = *(*in)++;
	return 0;
}

int
words_next(char **rest, char **out_word)
{
	char *word = *rest + strspn(*rest, blanks);
	const char *in = word;
	char *out = word;
	int rc = 0;

	if (*in == '\0')
		return 0;
	while (rc == 0 && *in != '\0' && strchr(blanks, *in) == NULL) {
		if (*in == '\'')
			rc = (in++, take_single(&in, &out));
		else if (*in == '"')
			rc = (in++, take_double(&in, &out));
		else
			rc = take_plain(&in, &out);
	}
	if (rc < 0)
		return rc;
	/* Behind the blank, for the word's own end may need its place. */
	*rest = word + (in - word) + (*in != '\0');
	*out = '\0';
	*out_word = word;
	return 1;
}
