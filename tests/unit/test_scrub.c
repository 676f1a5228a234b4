/* SPDX-License-Identifier: BSD-2-Clause */
/* What is given back is empty: free itself is looked at. */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/scrub.h"

enum { SIZE = 4000 };

static const void *watched;
static bool was_clean;
static unsigned frees;

void __real_free(void *);
void __wrap_free(void *);
void
__wrap_free(void *block)
{
	const unsigned char *bytes = block;

	if (block != NULL && block == watched) {
		frees++;
		was_clean = true;
		for (size_t i = 0; i < SIZE; i++)
			was_clean = was_clean && bytes[i] == 0;
	}
	__real_free(block);
}

static void *
watch_new(void)
{
	void *block = scrub_malloc(SIZE);

	ck_assert_ptr_nonnull(block);
	ck_assert_uint_ge(scrub_size(block), SIZE);
	memset(block, 'x', SIZE);
	watched = block;
	frees = 0;
	was_clean = false;
	return block;
}

static void
check_clean(void)
{
	ck_assert_uint_eq(frees, 1);
	ck_assert(was_clean);
	watched = NULL;
}

START_TEST(freed_is_wiped)
{
	scrub_free(watch_new());
	check_clean();
	scrub_free(NULL);
}
END_TEST

START_TEST(grown_leaves_no_copy)
{
	char *block = scrub_realloc(watch_new(), 10 * SIZE);

	ck_assert_ptr_nonnull(block);
	check_clean();
	for (size_t i = 0; i < SIZE; i++)
		ck_assert_int_eq(block[i], 'x');
	scrub_free(block);
}
END_TEST

START_TEST(the_rest_is_as_realloc)
{
	void *block = watch_new();

	ck_assert_ptr_eq(scrub_realloc(block, 10), block);
	ck_assert_uint_eq(frees, 0);
	ck_assert_ptr_null(scrub_realloc(block, 0));
	check_clean();
	block = scrub_realloc(NULL, 10);
	ck_assert_ptr_nonnull(block);
	scrub_free(block);
}
END_TEST

UNIT_SUITE(
    "scrub", freed_is_wiped, grown_leaves_no_copy, the_rest_is_as_realloc)
