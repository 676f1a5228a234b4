/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's edge: what pcscd is told for an errno of ours. */
#ifndef VSCARD_IFD_STATUS_H
#define VSCARD_IFD_STATUS_H

#include <ifdhandler.h>

/* 0 or a count: IFD_SUCCESS; a negative errno: its row in the table. */
RESPONSECODE status_of(int rc);

#endif
