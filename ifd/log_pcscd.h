/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSCARD_IFD_LOG_PCSCD_H
#define VSCARD_IFD_LOG_PCSCD_H

/* Sends the log to pcscd's; to stderr where there is no pcscd around us. */
void log_pcscd_init(void);

#endif
