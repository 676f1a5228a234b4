/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the driver tells of itself: pcscd's tags, PC/SC attributes, and the
 * control codes of PC/SC part 10.
 */
#ifndef VSCARD_IFD_FEATURES_H
#define VSCARD_IFD_FEATURES_H

#include <ifdhandler.h>

#include "ifd/slot.h"

/*
 * The value of a tag or attribute, at most cap bytes: its length, -ENOENT for
 * an unknown one, -ENOBUFS if it does not fit.
 */
int features_get(struct slot *, DWORD tag, void *out, size_t cap) MUST_CHECK;
/* A control code's answer: its length, -ENOTSUP, or -ENOBUFS. */
int features_control(struct slot *, DWORD code, void *out, size_t cap)
    MUST_CHECK;

#endif
