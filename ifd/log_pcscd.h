/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSCARD_IFD_LOG_PCSCD_H
#define VSCARD_IFD_LOG_PCSCD_H

/* Sends the log to pcscd's; to stderr where there is no pcscd around us. */
void log_pcscd_init(void);
/*
 * What is worth a line: an enum log_level, or -1 if nobody has said so; then
 * pcscd is told everything, and chooses.
 */
void log_pcscd_set_level(int level);

#endif
