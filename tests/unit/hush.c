/* SPDX-License-Identifier: BSD-2-Clause */
/* A file by itself: programs without a log are not linked with it. */
#include "tests/unit/unit.h"

#include "util/log.h"

static void
hush(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
}

void
unit_hush(void)
{
	log_set_sink(hush);
}
