/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/scrub.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *
scrub_malloc(size_t size)
{
	return malloc(size);
}

size_t
scrub_size(void *block)
{
	return malloc_usable_size(block);
}

void
scrub_free(void *block)
{
	if (block != NULL)
		explicit_bzero(block, scrub_size(block));
	free(block);
}

/* Not realloc, which moves a block and wipes nothing. */
void *
scrub_realloc(void *block, size_t size)
{
	size_t had = block != NULL ? scrub_size(block) : 0;
	void *larger;

	if (size > 0 && size <= had)
		return block;
	larger = size > 0 ? malloc(size) : NULL;
	if (size > 0 && larger == NULL)
		return NULL;
	if (had > 0 && larger != NULL)
		memcpy(larger, block, had);
	scrub_free(block);
	return larger;
}
