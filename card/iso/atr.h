/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The card's answer to reset, ISO 7816-3 §8: T=1, and in its historical bytes
 * (ISO 7816-4 §8.1.1) command chaining and extended length. It ends in the
 * first bytes of the PIV AID, by which OpenSC knows PIV without a work-around;
 * T0 does not begin with F, or ykman would look for a USB device.
 */
#ifndef VSCARD_CARD_ISO_ATR_H
#define VSCARD_CARD_ISO_ATR_H

#include <stdint.h>

enum { ATR_LEN = 20 };

extern const uint8_t atr_neutral[ATR_LEN];

#endif
