/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every fuzz target is one file with this function. With --enable-fuzzing it
 * is linked with libFuzzer, otherwise with main.c, which replays files.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A promise; it is broken when the fuzzer stops here. */
#define MUST(what)                                                     \
	do {                                                           \
		if (!(what)) {                                         \
			fprintf(stderr, "%s:%d: not so: %s\n",         \
			    __FILE__, __LINE__, #what);                \
			abort();                                       \
		}                                                      \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
