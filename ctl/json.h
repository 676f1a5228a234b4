/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <jansson.h>

#include "util/err.h"

/*
 * Takes the value and prints it, with a newline; says on stderr if that does
 * not work. NULL is what jansson gives when it has no memory: -ENOMEM.
 */
int json_print(json_t *, size_t flags) MUST_CHECK;

#endif
