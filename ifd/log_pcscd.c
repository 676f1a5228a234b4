/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/log_pcscd.h"

#include <stddef.h>

#include "util/log.h"

/*
 * pcscd exports log_msg to its drivers. Weak, so that the module also loads
 * into something else, a test for one.
 */
void log_msg(const int priority, const char *fmt, ...)
    __attribute__((weak, format(printf, 2, 3), visibility("default")));

/*
 * pcscd knows no warning, and shows errors only unless told otherwise. A
 * warning is meant to be seen.
 */
static const int pcscd_priority[] = {
    [LOG_LEVEL_ERROR] = 2,
    [LOG_LEVEL_WARNING] = 2,
    [LOG_LEVEL_INFO] = 1,
    [LOG_LEVEL_DEBUG] = 0,
};

static void
log_pcscd(enum log_level level, const char *line)
{
	log_msg(pcscd_priority[level], "vscard: %s%s",
	    level == LOG_LEVEL_WARNING ? "warning: " : "", line);
}

void
log_pcscd_init(void)
{
	log_set_ration();
	if (log_msg == NULL)
		return;
	log_pcscd_set_level(-1);
	log_set_sink(log_pcscd);
}

void
log_pcscd_set_level(int level)
{
	if (level < 0)
		level = log_msg != NULL ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	log_set_level((enum log_level)level);
}
