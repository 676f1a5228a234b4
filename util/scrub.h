/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An allocator for libraries that hold secrets: what is given back is wiped
 * first, and a block that grows leaves no copy behind. As malloc, realloc and
 * free; the blocks are malloc's.
 */
#ifndef VSCARD_UTIL_SCRUB_H
#define VSCARD_UTIL_SCRUB_H

#include <stddef.h>

void *scrub_malloc(size_t);
void *scrub_realloc(void *, size_t);
void scrub_free(void *);
/* At least what was asked for. */
size_t scrub_size(void *);

#endif
