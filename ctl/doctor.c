/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/commands.h"
#include "ctl/status.h"

int
command_doctor(const struct options *opt)
{
	(void)opt;
	return STATUS_OK;
}
