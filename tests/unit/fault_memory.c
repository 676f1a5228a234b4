/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is short. To be linked with $(fault_memory_flags). */
#include "tests/unit/fault.h"

FAULT_MEMORY_CALL(malloc, (size_t size), (size))
FAULT_MEMORY_CALL(calloc, (size_t count, size_t size), (count, size))
FAULT_MEMORY_CALL(realloc, (void *p, size_t size), (p, size))
FAULT_MEMORY_CALL(strdup, (const char *text), (text))
