/* SPDX-License-Identifier: BSD-2-Clause */
/* Test vectors, as their standards print them. */
#ifndef TESTS_VECTOR_H
#define TESTS_VECTOR_H

#include <check.h>
#include <stdint.h>

#include "util/hex.h"

/* The bytes of a text of hex digits, exactly len of them. */
#define VECTOR(name, len, text) \
	uint8_t name[len];      \
	ck_assert_int_eq(hex_get(text, name, len), len)

#endif
